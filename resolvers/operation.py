"""Root fields: how they are declared, what they get, and what they may answer.

A root field is an async function decorated with `query` or `mutation` and the action it needs. Its first parameter is the
`Call`; the others are the GraphQL arguments, which arrive as plain values: input objects as dicts, enums as texts, and nothing
where the client sent null or nothing (`Input[X]` says so to the reader and X to the schema).

A mutation opens one transaction (`call.transaction()`), after everything that can be checked without one; what it answers is
read after the commit, through the same plans as every list. Behind a commit there is only the answer or `UnknownOutcome`:
`Operation.resolve` sees to it for every field, however it writes.
"""

import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

import strawberry
import structlog
from graphql import FieldNode, GraphQLResolveInfo, get_argument_values, get_named_type
from strawberry.types.field import StrawberryField

from labelyard.domain.error import BadUserInput, ClientError, Forbidden, Unauthenticated, Unavailable, UnknownOutcome
from labelyard.domain.number import check_number
from labelyard.domain.permission import ANY_PERSON, ORGANIZATION_ADMINS, ROLES_ALLOWED, Action, Actor, ProjectRole
from labelyard.resolvers.kept_id import as_chosen, as_chosen_in, as_chosen_text, with_kept_ids
from labelyard.resolvers.selection import selection_of
from labelyard.services.app_services import AppServices
from labelyard.services.guard import authorize, recorded_checks
from labelyard.services.label.queue import LabelQueue
from labelyard.storage.database import Connection, Database, Reader, Writer
from labelyard.storage.filter.condition import Filter
from labelyard.storage.filter.label import label_filter
from labelyard.storage.label import total_annotations
from labelyard.storage.origin import Origin, originating
from labelyard.storage.outcome import Writes, current_writes, recorded
from labelyard.storage.plan import ObjectSource, Plan, Selected, Selection, compile_plan, source_of
from labelyard.storage.plan.budget import ReadBudget
from labelyard.storage.plan.run import Page, count, read_by_ids, read_page
from labelyard.storage.plan.tree import shape
from labelyard.storage.scope import labeler_projects, viewer_values

T = TypeVar("T")
log = structlog.get_logger("labelyard.operation")


PlanCache = dict[tuple[int, tuple[Any, ...]], tuple[FieldNode, Plan]]


class Input(Mapping[str, Any], Generic[T]):
    """An input object as a root field gets it: only what the client gave, by the names of the schema."""


@dataclass(slots=True)
class CompletedValue:
    """A value that needs no completion: the executor hands it on as it is."""

    value: Any


@dataclass
class RequestContext:
    """What one request carries: who asks, where data lives, and the plans of its document."""

    actor: Actor | None
    database: Database
    services: AppServices
    label_queue: LabelQueue
    plans: PlanCache
    request_id: str
    address: str = ""  # where the request comes from, as far as the server can tell
    warnings: list[dict[str, Any]] = field(default_factory=list)
    budget: ReadBudget = field(default_factory=ReadBudget)

    @property
    def require_actor(self) -> Actor:
        """The person, or the refusal of a request without a valid key."""
        if self.actor is None:
            raise Unauthenticated("This needs an API key: send the header `Authorization: X-API-Key <key>`.")
        return self.actor


class Call:
    """One root field being resolved. `writes` says whether it may have committed something."""

    __slots__ = ("action", "actor", "context", "info", "writes")

    def __init__(self, context: RequestContext, info: GraphQLResolveInfo[Any], action: Action, actor: Actor) -> None:
        self.context = context
        self.info = info
        self.action = action
        self.actor = actor
        self.writes: Writes = current_writes()

    @property
    def services(self) -> AppServices:
        """What operations share beside the database: file links, settings, caches."""
        return self.context.services

    async def authorize(self, project_id: str, *, in_archive: bool = False) -> None:
        """Refuse unless the actor may do the field's action in a project, which is not archived unless the field minds that."""
        await authorize(self.context.database, self.actor, self.action, project_id, in_archive=in_archive)

    def warn(self, problems: Sequence[Mapping[str, Any]]) -> None:
        """Add to `extensions.warnings` of the answer."""
        self.context.warnings.extend(dict(problem) for problem in problems)

    def transaction(self) -> AbstractAsyncContextManager[Writer]:
        """The one transaction of a mutation."""
        return self.context.database.transaction()

    def reader(self) -> AbstractAsyncContextManager[Reader]:
        """A connection for reading."""
        return self.context.database.reader()

    def reader_for(self, chosen: Filter) -> AbstractAsyncContextManager[Connection]:
        """A connection for what a filter leaves, which waits for others of its kind when it has to look at many rows."""
        if not chosen.is_heavy:
            return self.reader()
        return self.context.database.heavy_reader(self.actor.organization_id)

    async def read_answer(self, read: Callable[[Connection], Awaitable[T]]) -> T:
        """Read what a field answers. Behind a commit, a connection that is lost is replaced: reading may be repeated."""
        for _ in range(READING_ATTEMPTS if self.writes.may_have_happened else 0):
            with suppress(Unavailable):
                async with self.reader() as connection:
                    return await read(connection)
        async with self.reader() as connection:
            return await read(connection)

    def plan(self) -> Plan:
        """The reading plan of this field's selection, compiled once per document and set of included fields."""
        node = self.info.field_nodes[0]
        known = self.context.plans.get((id(node), self.included))
        if known is None:
            source = source_of(get_named_type(self.info.return_type).name)
            # The node is kept with its plan: as long as it lives, nothing else can have its identity.
            known = (node, self._compiled(source, selection_of(self.info)))
            self.context.plans[(id(node), self.included)] = known
        return known[1]

    def _compiled(self, source: ObjectSource, selection: Selection) -> Plan:
        return compile_plan(source, selection, for_labeler=self.labels_somewhere, has_kept_ids=self.actor.has_kept_ids)

    @property
    def viewer_values(self) -> dict[str, Any]:
        """The parameters that plans, filters and scopes may name."""
        return viewer_values(self.actor)

    @property
    def labels_somewhere(self) -> bool:
        """Whether the actor is a labeler in any project, from whom plans hide more."""
        return bool(labeler_projects(self.actor))

    @property
    def included(self) -> tuple[Any, ...]:
        """What besides the first node of the field decides about its plan: whether the actor is a labeler, whether the organization
        keeps ids in another form, all boolean variables, each by its name, and the other nodes of the field, of which each
        operation of a document may have its own.
        """
        values = self.info.variable_values.coerced
        booleans = tuple((name, value) for name, value in values.items() if isinstance(value, bool))
        return (
            self.labels_somewhere,
            self.actor.has_kept_ids,
            *booleans,
            *(id(node) for node in self.info.field_nodes[1:]),
        )

    def with_nulls(self, argument: str) -> Any:
        """An argument as the client gave it, for the few keys where null says something of its own: it clears."""
        field = self.info.parent_type.fields[self.info.field_name]
        return get_argument_values(field, self.info.field_nodes[0], self.info.variable_values)[argument]

    # What follows answers `CompletedValue` values, which stand for objects of the field's type: hence `Any`.

    def answer(self, value: Any) -> Any:
        """A value that is not stored, cut down to this field's selection, with ids of assets as clients chose them."""
        if self.actor.has_kept_ids:
            value = as_chosen(value, self.actor)
        return CompletedValue(shape(value, selection_of(self.info), get_named_type(self.info.return_type).name))

    async def page(self, chosen: Filter, *, first: int, skip: int) -> Any:
        """A page of the objects that a filter leaves, in creation order."""
        check_skip(skip)
        values = {**self.viewer_values, **chosen.values}
        async with self.reader_for(chosen) as connection:
            page = Page(first, skip, chosen.list_key)
            return CompletedValue(
                await read_page(
                    connection,
                    self.plan(),
                    page,
                    where=chosen.where,
                    values=values,
                    context=self,
                    budget=self.context.budget,
                )
            )

    async def first_of(self, chosen: Filter) -> Any:
        """The first object that a filter leaves, or null."""
        found: list[Any] = (await self.page(chosen, first=1, skip=0)).value
        return CompletedValue(found[0]) if found else None

    async def all_of(self, chosen: Filter, *, most: int, instead: str) -> Any:
        """Everything that a filter leaves; a list longer than `most` is refused with what to call `instead`, never cut."""
        found = await self.page(chosen, first=most + 1, skip=0)
        if len(found.value) > most:
            raise BadUserInput(
                f"[tooManyItems] {self.info.field_name} has no pages and answers at most {most:,} objects; "
                f"call {instead} with `first` and `skip`.",
                limit=most,
            )
        return found

    async def count(self, table: str, chosen: Filter) -> int:
        """How many objects a filter leaves."""
        values = {**self.viewer_values, **chosen.values}
        async with self.reader_for(chosen) as connection:
            return await count(connection, table, where=chosen.where, values=values)

    async def total_annotations(self, chosen: Filter) -> int:
        """How many annotations the labels of the assets that a filter leaves hold."""
        async with self.reader_for(chosen) as connection:
            return await total_annotations(connection, chosen.where, {**self.viewer_values, **chosen.values})

    async def by_ids(self, ids: Sequence[str]) -> Any:
        """Objects that the caller is known to see, in the order of their ids."""
        plan = self.plan()
        if plan.is_identity:
            return CompletedValue(plan.build([(identifier,) for identifier in ids], (), self))
        return CompletedValue(await self._read_by_ids(plan, ids))

    async def _read_by_ids(self, plan: Plan, ids: Sequence[str]) -> list[Any]:
        values, budget = self.viewer_values, self.context.budget
        return await self.read_answer(
            lambda connection: read_by_ids(connection, plan, ids, values=values, context=self, budget=budget)
        )

    def as_(self, actor: Actor) -> "Call":
        """The same field, resolved for another person: whoever has just logged in."""
        return Call(self.context, self.info, self.action, actor)

    def with_project(self, project_id: str) -> "Call":
        """The same field, for the actor as the administrator of a project that they have just made."""
        roles = {**self.actor.roles, project_id: ProjectRole.ADMIN}
        return self.as_(replace(self.actor, roles=roles))

    def keeps_ids(self) -> None:
        """Take notice, for the rest of the request, that it has given an asset an id in another form."""
        self.actor = self.context.actor = replace(self.actor, has_kept_ids=True)

    async def object_below(self, field: Selected, identifier: str) -> Any:
        """A stored object that a field of a value which is not stored leads to."""
        plan = self._compiled(source_of(field.type_name), field.children or ())
        found = await self._read_by_ids(plan, [identifier])
        return found[0]

    async def visible_labels(self, ids: Sequence[str]) -> list[Any]:
        """Those of the labels with these ids that the caller may see, for this field's selection."""
        self.context.budget = ReadBudget(self.context.budget.max_answer_bytes)  # each message is an answer of its own
        chosen = label_filter({"idIn": list(ids)}, self.actor)
        found: list[Any] = (await self.page(chosen, first=len(ids), skip=0)).value
        return found

    async def by_id(self, identifier: str | None) -> Any:
        """One object, or null."""
        if identifier is None:
            return None
        found: list[Any] = (await self.by_ids([identifier])).value
        return CompletedValue(found[0]) if found else None


READING_ATTEMPTS = 2
"""How often a connection is replaced under the answer of a write."""

IS_STRICT = sys.flags.dev_mode
"""Whether a write without any check of rights fails (tests, `python -X dev`) or is only logged."""

MAX_SKIP = 1_000_000
MAX_FIRST = 1_000


def check_skip(skip: int) -> None:
    """Refuse pages that no list has."""
    if not 0 <= skip <= MAX_SKIP:
        raise BadUserInput(f"`skip` is 0 to {MAX_SKIP:,}, not {skip}; narrow the filter to reach further.", skip=skip)


def page_size(first: int | None) -> int:
    """The page size of the first clients, who send an `Int`; 100 when they send none."""
    if first is None:
        return 100
    if not 0 <= first <= MAX_FIRST:
        raise BadUserInput(f"`first` is 0 to {MAX_FIRST:,}, not {first}; read further pages with `skip`.", first=first)
    return first


@dataclass(frozen=True, slots=True)
class Operation:
    """A declared root field."""

    kind: str
    name: str
    action: Action
    function: Callable[..., Awaitable[Any]]
    is_public: bool

    async def resolve(self, _source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """Authenticate, check what needs no object, and run the function."""
        context: RequestContext = info.context
        actor = NOBODY if self.is_public else context.require_actor
        if self.action in ORGANIZATION_ADMINS and not actor.is_organization_admin:
            raise Forbidden(
                "[noOrganizationRights] You cannot use this function because it seems that you do not have access to this "
                f"organization: only its administrators may {self.action.value}. | trace : false"
            )
        origin = Origin(actor.user_id, actor.key_id, context.address, self.name)
        with recorded() as writes, recorded_checks() as checks, originating(origin):
            try:
                answer = await self._answer(Call(context, info, self.action, actor), given(arguments))
                if writes.may_have_happened and not checks and self.action in ROLES_ALLOWED:
                    self._report_unchecked(context)
            except UnknownOutcome:
                raise
            except Exception as error:
                if not writes.may_have_happened:
                    raise
                log_error = log.warning if isinstance(error, ClientError) else log.error
                log_error("written and not answered", field=self.name, request_id=context.request_id, exc_info=error)
                raise UnknownOutcome.after_commit() from error
        return answer

    async def _answer(self, call: Call, arguments: Mapping[str, Any]) -> Any:
        """What the function answers. Ids in arguments are looked up, and ids in what is said beside the answer are cut."""
        context = call.context
        if call.actor.has_kept_ids:
            arguments = await with_kept_ids(context.database, call.actor, call.info, arguments)
        try:
            return await self.function(call, **arguments)
        except ClientError as refusal:
            if call.actor.has_kept_ids:
                as_chosen_in(refusal, call.actor)
            raise
        finally:
            if call.actor.has_kept_ids:
                context.warnings[:] = as_chosen_text(context.warnings, call.actor)

    def _report_unchecked(self, context: RequestContext) -> None:
        """A function that writes to projects has checked no rights in any: a defect."""
        log.error("written without a check of rights", field=self.name, request_id=context.request_id)
        if IS_STRICT:
            raise AssertionError(f"{self.name} writes without a check of rights in any project")


NUMBERS = (int, float)
NOBODY = Actor("", "", "", is_organization_admin=False, roles={})
OPERATIONS: dict[tuple[str, str], Operation] = {}
FIELDS: dict[str, list[StrawberryField]] = {"query": [], "mutation": []}


def given(value: Any, name: str = "") -> Any:
    """Drop nulls at every depth, and check the range of every number: in this API, null is the same as absent."""
    if isinstance(value, dict):
        return {key: given(item, key) for key, item in value.items() if item is not None}
    if isinstance(value, list) and value and (isinstance(value[0], dict) or value[0].__class__ in NUMBERS):
        return [given(item, name) for item in value]
    if value.__class__ in NUMBERS:
        check_number(value, name)
    return value


def _schema_type(annotation: Any) -> Any:
    """`Input[X]` as X, inside lists and optionals too."""
    origin = get_origin(annotation)
    if origin is Input:
        return get_args(annotation)[0]
    if origin is None or origin is Annotated:
        return annotation
    inner = tuple(_schema_type(part) for part in get_args(annotation))
    if origin is list:
        return list[inner[0]]  # type: ignore[valid-type]
    joined = inner[0]
    for part in inner[1:]:
        joined = joined | part
    return joined


def _declare(
    kind: str, action: Action, function: Callable[..., Awaitable[Any]], *, is_public: bool, deprecated: str | None
) -> None:
    """Register a root field and make its Strawberry field."""
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(
            annotation=_schema_type(parameter.annotation),
            default=strawberry.UNSET if parameter.default is None else parameter.default,
        )
        for parameter in list(signature.parameters.values())[1:]
    ]

    def resolver(**_arguments: Any) -> Any:
        raise LookupError("root fields are resolved by their Operation")

    resolver.__name__ = function.__name__
    resolver.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    resolver.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    resolver.__annotations__["return"] = signature.return_annotation
    name = function.__name__
    OPERATIONS[(kind, name)] = Operation(kind, name, action, function, is_public)
    made = strawberry.field(
        resolver=resolver, description=inspect.cleandoc(function.__doc__ or ""), deprecation_reason=deprecated
    )
    made.python_name = name
    FIELDS[kind].append(made)


F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


def query(action: Action, *, deprecated: str | None = None) -> Callable[[F], F]:
    """Declare a query field that needs an action."""

    def declare(function: F) -> F:
        _declare("query", action, function, is_public=False, deprecated=deprecated)
        return function

    return declare


def mutation(action: Action, *, is_public: bool = False, deprecated: str | None = None) -> Callable[[F], F]:
    """Declare a mutation field that needs an action; only log-in is public."""

    def declare(function: F) -> F:
        _declare("mutation", action, function, is_public=is_public, deprecated=deprecated)
        return function

    return declare


__all__ = [
    "ANY_PERSON",
    "FIELDS",
    "OPERATIONS",
    "Call",
    "CompletedValue",
    "Input",
    "RequestContext",
    "mutation",
    "query",
]
