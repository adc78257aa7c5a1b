"""From a selection to SQL and a generated function from rows to dicts.

A plan is one statement for the object and everything that is at most one step away on a to-one path, and one plan more for
each to-many field in it. Running it costs as many statements as there are plans, whatever the number of rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from labelyard.storage.plan.budget import MOST_COLUMNS, MOST_ROWS
from labelyard.storage.plan.generated import compiled_function
from labelyard.storage.plan.source import (
    Bound,
    Column,
    Computed,
    Expression,
    Json,
    ObjectSource,
    ToMany,
    ToOne,
    source_of,
)
from labelyard.storage.plan.tree import TYPENAME, Selection, shape

# Columns that may hold much: their length is asked of the database, and counted before the values are used.
LONG_COLUMNS = (
    "json_response|content|json_content|json_metadata|json_interface|metadata_properties|page_resolutions|instructions|rules|"
    "description|text|message|url"
)
LONG = re.compile(rf"\b\w+\.(?:{LONG_COLUMNS})\b")
# The id of an asset as its client chose it, without what `domain.identifier.kept_id` adds.
CHOSEN_ID = "replace({column}, '.' || :organization_id::text, '')"
# What a value takes in an answer beside its name, as long as it is not long.
VALUE_BYTES = 16
CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")
Rows = Sequence[Any]
Lists = Sequence[Mapping[Any, Any]]


def snake_case(name: str) -> str:
    """`externalId` → `external_id`."""
    return CAPITAL.sub(lambda match: "_" + match.group(1).lower(), name)


def milliseconds(timestamp: datetime) -> str:
    """ISO 8601 in UTC with exactly three digits of fraction and a `Z`, the only form every client parses."""
    if timestamp.microsecond:  # orjson leaves out a fraction of zero, and takes half the time of `isoformat`
        return orjson.dumps(timestamp)[1:24].decode() + "Z"
    return timestamp.isoformat(timespec="milliseconds")[:23] + "Z"


@dataclass(slots=True)
class Child:
    """A to-many field: the plan of its items and the column of the parent row that they hang on."""

    plan: Plan
    key_column: int
    first: bool


@dataclass(slots=True)
class Plan:
    """Compiled reading of one object type.

    `columns`, `joins` make the statement's body around the alias `t`; `build` turns rows into finished dicts.
    `order` and `where` are those of the to-many field that leads here, if any. `object_bytes` is what one object takes in an
    answer without its long values and lists. `lengths` is the SQL of the length of the long values of a row, if there are any:
    then the columns have names, and the length of a row stands behind them.
    """

    source: ObjectSource
    columns: list[str]
    column_list: str
    joins: list[str]
    children: list[Child]
    build: Callable[..., Any]
    many: ToMany | None = None
    is_identity: bool = False
    object_bytes: int = 0
    lengths: str = ""

    @property
    def length_column(self) -> int:
        """The position of the length of a row's long values, behind its columns."""
        return len(self.columns) + (self.many is not None)

    @property
    def body(self) -> str:
        """The object's table as `t`, with the joins."""
        return f"{self.source.table_name} t {self.join_list}"

    @property
    def join_list(self) -> str:
        """The joins, one a line."""
        return "\n".join(self.joins)

    @property
    def statements(self) -> int:
        """How many statements one run takes."""
        return 1 + sum(child.plan.statements for child in self.children)

    def child_text(self) -> str:
        """The statement for all items of a set of parents, whose keys are `:keys`; the first column is the parent's key."""
        many = self.many
        if many is None:
            raise LookupError("only a to-many field has a statement of its own")
        matches, where, order = (part.format(r="t") for part in (many.matches, many.where, many.order))
        join = many.join.format(r="t")
        distinct = f"distinct on ({matches}) " if many.first else ""
        return f"""
        select {distinct}{matches} as parent_key, {self.column_list}
        from {self.body} {join}
        where {matches} = any(:keys) and ({where})
        order by {matches + ", " if many.first else ""}{order}
        limit {MOST_ROWS[min(len(self.columns), MOST_COLUMNS)]}
        """


class Compiler:
    """Collects columns, joins and code for one statement."""

    def __init__(self, key_offset: int, *, for_labeler: bool, has_kept_ids: bool) -> None:
        self.for_labeler = for_labeler
        self.has_kept_ids = has_kept_ids
        self.columns: list[str] = []
        self.joins: list[str] = []
        self.children: list[Child] = []
        self.calls: dict[tuple[Any, ...], str] = {}
        self.constants: dict[str, Any] = {"iso": milliseconds, "Fragment": orjson.Fragment, "shape": shape, "EMPTY": []}
        self.offset = key_offset
        self.aliases = 0
        self.object_bytes = 0

    def column(self, sql: str) -> int:
        """The position of an expression among the selected columns, adding it once."""
        if sql not in self.columns:
            self.columns.append(sql)
        return self.columns.index(sql) + self.offset

    def constant(self, value: Any) -> str:
        """A name under which generated code finds a value."""
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def object(
        self, source: ObjectSource, alias: str, selection: Selection, parent: str, bind: Mapping[str, str]
    ) -> str:
        """The code of a dict display for one object, one field a line."""
        parts = []
        chosen = [selected for selected in selection if selected.on is None or source.name in selected.on]
        names = {selected.name for selected in chosen}
        for selected in chosen:
            self.object_bytes += len(selected.key) + VALUE_BYTES
            code = self.field(source, alias, selected, parent, bind, names)
            parts.append(f"{selected.key!r}: {code}")
        return "{\n" + ",\n".join(parts) + "\n}"

    def field(
        self, source: ObjectSource, alias: str, selected: Any, parent: str, bind: Mapping[str, str], names: set[str]
    ) -> str:
        """The code of one field's value; `names` are all fields that are selected of the object."""
        if selected.name == TYPENAME:
            return repr(source.name)
        origin = source.fields[selected.name]
        if isinstance(origin, Computed) and origin.beside is not None and origin.beside[0] in names:
            origin = origin.beside[1]
        if not self.for_labeler and isinstance(origin, Expression | ToOne | ToMany) and origin.plain is not None:
            origin = origin.plain
        match origin:
            case Column():
                name = origin.name or snake_case(selected.name)
                stored = f"{alias}.{name}"
                is_cut = self.has_kept_ids and source.column_is_asset_id(name)
                position = self.column(CHOSEN_ID.format(column=stored) if is_cut else stored)
                if source.column_is_timestamp(name):
                    return f"(iso(r[{position}]) if r[{position}] is not None else None)"
                return f"r[{position}]"
            case Expression():
                position = self.column(origin.sql.format(t=alias, p=parent))
                return (
                    f"(iso(r[{position}]) if r[{position}] is not None else None)"
                    if origin.is_timestamp
                    else f"r[{position}]"
                )
            case Bound():
                return f"r[{self.column(bind[origin.name].format(t=parent))}]"
            case Json():
                position = self.column(origin.sql.format(t=alias, p=parent))
                return f"(Fragment(r[{position}]) if r[{position}] is not None else None)"
            case Computed():
                call = self.computed(origin, [self.column(need.format(t=alias, p=parent)) for need in origin.needs])
                if selected.children is None:
                    return call
                return f"shape({call}, {self.constant(selected.children)}, {selected.type_name!r})"
            case ToOne():
                return self.to_one(origin, alias, selected.children or ())
            case ToMany():
                return self.to_many(origin, alias, selected.children or ())

    def computed(self, origin: Computed, positions: Sequence[int]) -> str:
        """The code of a call, which is made once for a row under however many names it is selected.

        The same positions mean the same joined row, which is there for all of the names or for none.
        """
        if not positions:
            return f"{self.constant(origin.function)}(c)"
        known = self.calls.get((origin.function, *positions))
        if known is not None:
            return known
        name = self.calls[origin.function, *positions] = f"d{len(self.calls)}"
        return f"({name} := {self.constant(origin.function)}({', '.join(['c', *(f'r[{position}]' for position in positions)])}))"

    def to_one(self, relation: ToOne, alias: str, selection: Selection) -> str:
        """The code of a to-one field, whose row is joined."""
        target = source_of(relation.target)
        on = relation.on.format(t=alias, r="{r}")
        joined = next((name for name, text in self._joined if text == (target.table_name, on)), None)
        if joined is None:
            self.aliases += 1
            joined = f"j{self.aliases}"
            self._joined.append((joined, (target.table_name, on)))
            self.joins.append(f"left join {target.table_name} {joined} on {on.format(r=joined)}")
        present = self.column(f"{joined}.id")
        return f"({self.object(target, joined, selection, alias, relation.bind)} if r[{present}] is not None else None)"

    @property
    def _joined(self) -> list[tuple[str, tuple[str, str]]]:
        return self.constants.setdefault("joined", [])  # type: ignore[no-any-return]

    def to_many(self, relation: ToMany, alias: str, selection: Selection) -> str:
        """The code of a to-many field, which looks its items up by the parent's key."""
        position = self.column(relation.key.format(t=alias))
        plan = compile_plan(
            source_of(relation.target),
            selection,
            many=relation,
            for_labeler=self.for_labeler,
            has_kept_ids=self.has_kept_ids,
        )
        self.children.append(Child(plan, position, relation.first))
        index = len(self.children) - 1
        default = "None" if relation.first else "EMPTY"
        return f"m[{index}].get(r[{position}], {default})"


def compile_plan(
    source: ObjectSource,
    selection: Selection,
    *,
    many: ToMany | None = None,
    for_labeler: bool = True,
    has_kept_ids: bool = False,
) -> Plan:
    """Compile a selection on an object type. The rows of a to-many plan start with the parent's key.

    A plan that is not for labelers leaves out what is hidden from them only, and is never run for a person who labels anywhere.
    One for an organization that `has_kept_ids` answers ids of assets as clients chose them.
    """
    compiler = Compiler(key_offset=1 if many is not None else 0, for_labeler=for_labeler, has_kept_ids=has_kept_ids)
    code = compiler.object(source, "t", selection, "t", {})
    if not compiler.columns:
        compiler.columns.append("t.id")
    lengths = [long_value(column) for column in compiler.columns if LONG.search(column)]
    if many is None:
        text = f"def build(rows, m, c):\n    return [{code} for r in rows]"
    elif many.first:
        text = f"def build(rows, m, c, lists):\n    for r in rows:\n        lists[r[0]] = {code}"
    else:
        text = f"def build(rows, m, c, lists):\n    for r in rows:\n        lists.setdefault(r[0], []).append({code})"
    # The text is made of numbers and of `repr`s of GraphQL names only.
    build = compiled_function(text, name="build", label=f"plan {source.name}", scope=compiler.constants)
    is_identity = compiler.columns == ["t.id"] and not compiler.children and not compiler.joins
    return Plan(
        source,
        compiler.columns,
        column_list_of(compiler.columns, lengths),
        compiler.joins,
        compiler.children,
        build,
        many,
        is_identity,
        compiler.object_bytes,
        " + ".join(lengths),
    )


def column_list_of(columns: Sequence[str], lengths: Sequence[str]) -> str:
    """The selected expressions, and behind them the length of a row's long values."""
    if not lengths:
        return ", ".join(columns)
    return (
        ", ".join([f"{column} as c{position}" for position, column in enumerate(columns)])
        + f", {' + '.join(lengths)} as length"
    )


def long_value(column: str) -> str:
    """The length in bytes of a value that may be long, which PostgreSQL knows without reading it."""
    return f"coalesce(octet_length(({column})::text), 0)"
