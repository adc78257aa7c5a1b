"""Refuse documents that are cheap to send and dear to answer, in one pass before validation.

Written here because the limiters at hand walk a fragment again at every spread: two dozen fragments that each spread
the next one twice take them minutes. Here a fragment is measured once and its facts are added wherever it is spread, so
the pass is linear in the document whatever it expands to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from graphql import GraphQLSyntaxError, parse
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
)

from labelyard.domain.error import BadRequest, ClientError, ErrorCode, ParseFailed, QueryTooComplex
from labelyard.server.edge.document_cost import CostPlan, ListSizeOf, cost_of, plan_cost
from labelyard.server.edge.document_shape import Shapes

# Counts stop here: twice as much is as refused as once, and the numbers stay small.
SATURATED = 10**12
MAX_SHOWN_CHARACTERS = 300
# The fields of the introspection types that lead from a type to many others.
INTROSPECTION_LISTS = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})
# Those that answer much, for the whole schema when they stand below the list of all types.
INTROSPECTED_LISTS = INTROSPECTION_LISTS | {"types", "enumValues"}
_TOKENS_PASSED = "Syntax Error: Document contains more than "


class DocumentInvalid(ClientError):
    """The document is GraphQL but cannot be executed."""

    code = ErrorCode.GRAPHQL_VALIDATION_FAILED


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """What a document may ask for. Counts are after expansion of fragments, and each limit is named in the error."""

    max_tokens: int = 1_000
    # A field at the root has depth 1. Introspection fields and what is below them are not counted.
    max_depth: int = 12
    max_aliases: int = 30
    max_fields: int = 1_000
    max_root_fields: int = 10
    max_directives: int = 30
    max_directives_per_field: int = 5
    max_fragments: int = 50
    max_operations: int = 5
    max_cost: int = 20_000
    max_introspection_depth: int = 20
    max_introspection_lists: int = 2
    # How often one of the INTROSPECTED_LISTS may be asked for; the list of all types once.
    max_introspection_repeats: int = 3
    # Levels of any kind, inline fragments and spreads included: what comes after works recursively.
    max_nesting: int = 64


DEFAULT_LIMITS = DocumentLimits()


@dataclass(slots=True)
class SelectionFacts:
    """What a selection set amounts to with its fragments expanded.

    `depth` leaves introspection out, `full_depth` counts every field, `introspection_depth` is the deepest subtree that
    starts with an introspection field. `lists` counts nested INTROSPECTION_LISTS, `introspection_lists` those below an
    introspection field.
    """

    fields: int = 0
    own_fields: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    full_depth: int = 0
    introspection_depth: int = 0
    lists: int = 0
    introspection_lists: int = 0
    nesting: int = 0
    repeats: dict[str, int] = field(default_factory=dict)
    introspection_repeats: dict[str, int] = field(default_factory=dict)

    def add_field(self, name: str, inner: SelectionFacts, *, is_aliased: bool) -> None:
        """Count one field with the facts of what is selected below it."""
        self.own_fields += 1
        self.fields += 1 + inner.fields
        self.aliases += is_aliased + inner.aliases
        self.directives += inner.directives
        self.full_depth = max(self.full_depth, 1 + inner.full_depth)
        self.lists = max(self.lists, inner.lists + (name in INTROSPECTION_LISTS))
        self.nesting = max(self.nesting, 1 + inner.nesting)
        _add(self.repeats, inner.repeats)
        if name in INTROSPECTED_LISTS:
            self.repeats[name] = self.repeats.get(name, 0) + 1
        _add(self.introspection_repeats, inner.repeats if name.startswith("__") else inner.introspection_repeats)
        if name.startswith("__"):
            self.introspection_depth = max(self.introspection_depth, 1 + inner.full_depth)
            self.introspection_lists = max(self.introspection_lists, inner.lists)
        else:
            self.depth = max(self.depth, 1 + inner.depth)
            self.introspection_depth = max(self.introspection_depth, inner.introspection_depth)
            self.introspection_lists = max(self.introspection_lists, inner.introspection_lists)

    def add_fragment(self, inner: SelectionFacts) -> None:
        """Count an inline fragment or a spread: its fields are fields of this set."""
        self.own_fields += inner.own_fields
        self.fields += inner.fields
        self.aliases += inner.aliases
        self.directives += inner.directives
        self.depth = max(self.depth, inner.depth)
        self.full_depth = max(self.full_depth, inner.full_depth)
        self.introspection_depth = max(self.introspection_depth, inner.introspection_depth)
        self.lists = max(self.lists, inner.lists)
        self.introspection_lists = max(self.introspection_lists, inner.introspection_lists)
        _add(self.repeats, inner.repeats)
        _add(self.introspection_repeats, inner.introspection_repeats)
        self.nesting = max(self.nesting, 1 + inner.nesting)

    def saturate(self) -> None:
        """Keep the sums from growing without end where fragments double them at every level."""
        self.fields = min(self.fields, SATURATED)
        self.own_fields = min(self.own_fields, SATURATED)
        self.aliases = min(self.aliases, SATURATED)
        self.directives = min(self.directives, SATURATED)


def _add(counts: dict[str, int], more: dict[str, int]) -> None:
    """Add counts of fields by name, saturating like all sums."""
    for name, count in more.items():
        counts[name] = min(counts.get(name, 0) + count, SATURATED)


_NOTHING = SelectionFacts()


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What is known of a document whose limits hold: its operations by name, with the plan of what each costs.

    `root_fields` are those of the operation that has most.
    """

    plans: Mapping[str | None, CostPlan]
    limits: DocumentLimits
    root_fields: int = 1

    def cost(self, variables: Mapping[str, Any] | None, operation_name: str | None = None) -> int:
        """The cost of the operation that will be executed; refuses one that is too dear, or not to be told."""
        cost = cost_of(self._plan(operation_name), variables or {})
        if cost > self.limits.max_cost:
            raise _passed("max_cost", self.limits.max_cost, cost, "costs {found}", "Ask for fewer items per page.")
        return cost

    def _plan(self, operation_name: str | None) -> CostPlan:
        plans = self.plans
        if operation_name is None or operation_name == "":
            if len(plans) > 1:
                names = ", ".join(sorted(name or "(no name)" for name in plans))
                raise BadRequest(
                    f"The document has {len(plans)} operations ({names}). Name one in 'operationName'.",
                    field="operationName",
                    found=len(plans),
                )
            return next(iter(plans.values()))
        plan = plans.get(operation_name)
        if plan is None:
            raise BadRequest(
                f"The document has no operation named {operation_name[:MAX_SHOWN_CHARACTERS]!r}.", field="operationName"
            )
        return plan


def parse_document(source: str, limits: DocumentLimits = DEFAULT_LIMITS) -> DocumentNode:
    """The parsed document; raises ParseFailed with line and column, or QueryTooComplex when it has too many tokens."""
    try:
        return _without_circles(parse(source, max_tokens=limits.max_tokens, allow_empty_selection_sets=False))
    except GraphQLSyntaxError as error:
        if error.message.startswith(_TOKENS_PASSED):
            raise QueryTooComplex(
                f"The document has more than {limits.max_tokens} tokens (max_tokens). Select fewer fields.",
                limit="max_tokens",
                value=limits.max_tokens,
                found=limits.max_tokens + 1,
            ) from None
        # The library quotes the offending token, which may be a string of 64 KiB.
        message = error.message[:MAX_SHOWN_CHARACTERS]
        location = error.locations[0] if error.locations else None
        if location is None:
            raise ParseFailed(message) from None
        raise ParseFailed(
            f"{message} (line {location.line}, column {location.column})", line=location.line, column=location.column
        ) from None


def _without_circles(document: DocumentNode) -> DocumentNode:
    """The document whose tokens know the next one only, so that it is freed without the garbage collector, which comes rarely."""
    token = document.loc.start_token if document.loc is not None else None
    while token is not None:
        token.prev = None
        token = token.next
    return document


def measure_document(
    document: DocumentNode,
    *,
    limits: DocumentLimits = DEFAULT_LIMITS,
    list_size_of: ListSizeOf | None = None,
    shapes: Shapes | None = None,
) -> DocumentFacts:
    """What of a document does not depend on variables; raises QueryTooComplex, or DocumentInvalid.

    Fragments that nobody spreads are held to the limits too: validation walks them all the same. `list_size_of` tells,
    for a root field without `first`, how many objects it answers; `shapes` tells it of all other fields.
    """
    operations: dict[str | None, OperationDefinitionNode] = {}
    fragments: dict[str, FragmentDefinitionNode] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            name = definition.name.value if definition.name else None
            if name in operations:
                raise DocumentInvalid(f"There are two operations named {name!r}. Rename one.")
            operations[name] = definition
        elif isinstance(definition, FragmentDefinitionNode):
            if definition.name.value in fragments:
                raise DocumentInvalid(f"There are two fragments named {definition.name.value!r}. Rename one.")
            fragments[definition.name.value] = definition
        else:
            raise DocumentInvalid("The document defines types or a schema. Only operations and fragments are executed.")
    _limit("max_operations", limits.max_operations, len(operations), "holds {found} operations", "Send fewer.")
    _limit("max_fragments", limits.max_fragments, len(fragments), "has {found} fragments", "Use fewer.")
    if not operations:
        raise DocumentInvalid("The document has no operation to execute.")

    measuring = _Measuring(fragments, limits)
    root_fields = 0
    for name in fragments:
        # How deep it is counts where it is spread: below an introspection field other limits hold.
        measuring.limit_counts(measuring.fragment(name, 0))
    for operation in operations.values():
        facts = measuring.selections(operation.selection_set, 1)
        facts.directives += measuring.directives_of_operation(operation)
        measuring.limit_counts(facts)
        measuring.limit_depths(facts)
        _limit(
            "max_root_fields",
            limits.max_root_fields,
            facts.own_fields,
            "asks for {found} fields at the root",
            "Send several requests.",
        )
        root_fields = max(root_fields, facts.own_fields)
    # Only now, when no operation expands to more than `max_fields`, may the plans be made by expanding.
    plans = {name: plan_cost(operation, fragments, list_size_of, shapes) for name, operation in operations.items()}
    return DocumentFacts(plans, limits, root_fields)


class _Measuring:
    """One pass over one document. Recursion is bounded by `max_nesting`."""

    _IN_PROGRESS: ClassVar[SelectionFacts] = SelectionFacts()

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], limits: DocumentLimits) -> None:
        self._fragments = fragments
        self._limits = limits
        self._measured: dict[str, SelectionFacts] = {}

    def fragment(self, name: str, level: int) -> SelectionFacts:
        """The facts of a fragment, measured at its first use."""
        known = self._measured.get(name)
        if known is self._IN_PROGRESS:
            raise QueryTooComplex(
                f"Fragment {name!r} spreads itself, directly or through others. Remove the circle.",
                limit="fragment_circle",
                fragment=name,
            )
        if known is not None:
            return known
        definition = self._fragments.get(name)
        if definition is None:
            return _NOTHING  # validation says so, with its place
        self._measured[name] = self._IN_PROGRESS
        facts = self.selections(definition.selection_set, level + 1)
        facts.directives += self._directives(definition)
        self._measured[name] = facts
        return facts

    def selections(self, selection_set: SelectionSetNode | None, level: int) -> SelectionFacts:
        """The facts of one selection set at this level of nesting."""
        if selection_set is None:
            return _NOTHING
        if level > self._limits.max_nesting:
            raise self._too_nested(level)
        facts = SelectionFacts()
        for selection in selection_set.selections:
            if selection.directives:
                facts.directives += self._directives(selection)
            if isinstance(selection, FieldNode):
                inner = self.selections(selection.selection_set, level + 1)
                facts.add_field(selection.name.value, inner, is_aliased=selection.alias is not None)
            elif isinstance(selection, FragmentSpreadNode):
                facts.add_fragment(self.fragment(selection.name.value, level))
            elif isinstance(selection, InlineFragmentNode):
                facts.add_fragment(self.selections(selection.selection_set, level + 1))
        facts.saturate()
        return facts

    def directives_of_operation(self, operation: OperationDefinitionNode) -> int:
        """Those of the operation itself and of its variables."""
        return self._directives(operation) + sum(
            self._directives(variable) for variable in operation.variable_definitions or ()
        )

    def limit_counts(self, facts: SelectionFacts) -> None:
        """Refuse what expands to too much."""
        limits = self._limits
        if facts.nesting > limits.max_nesting:
            raise self._too_nested(facts.nesting)
        _limit("max_fields", limits.max_fields, facts.fields, "asks for {found} fields", "Select fewer fields.")
        _limit("max_aliases", limits.max_aliases, facts.aliases, "uses {found} aliases", "Send several requests.")
        _limit("max_directives", limits.max_directives, facts.directives, "uses {found} directives", "Use fewer.")

    def limit_depths(self, facts: SelectionFacts) -> None:
        """Refuse what is too deep for an operation."""
        limits = self._limits
        _limit("max_depth", limits.max_depth, facts.depth, "is {found} levels deep", "Ask for less at once.")
        _limit(
            "max_introspection_depth",
            limits.max_introspection_depth,
            facts.introspection_depth,
            "introspects {found} levels deep",
            "Use the standard introspection document.",
        )
        for name, count in facts.introspection_repeats.items():
            _limit(
                "max_introspection_repeats",
                1 if name == "types" else limits.max_introspection_repeats,
                count,
                f"introspects `{name}` {{found}} times",
                "Ask for the schema once, with the standard introspection document.",
            )
        _limit(
            "max_introspection_lists",
            limits.max_introspection_lists,
            facts.introspection_lists,
            f"nests {{found}} of {', '.join(sorted(INTROSPECTION_LISTS))} in introspection",
            "Use the standard introspection document.",
        )

    def _directives(self, node: Node) -> int:
        found = len(getattr(node, "directives", None) or ())
        limit = self._limits.max_directives_per_field
        _limit("max_directives_per_field", limit, found, "puts {found} directives in one place", "Use fewer.")
        return found

    def _too_nested(self, found: int) -> QueryTooComplex:
        return _passed(
            "max_nesting", self._limits.max_nesting, found, "nests selections {found} levels deep", "Use fewer levels."
        )


def _limit(limit: str, value: int, found: int, what: str, remedy: str) -> None:
    if found > value:
        raise _passed(limit, value, found, what, remedy)


def _passed(limit: str, value: int, found: int, what: str, remedy: str) -> QueryTooComplex:
    """The refusal that names the limit, its value and what was found."""
    shown = what.format(found=found if found < SATURATED else f"more than {SATURATED}")
    return QueryTooComplex(
        f"The document {shown}; at most {value} are served ({limit}). {remedy}", limit=limit, value=value, found=found
    )
