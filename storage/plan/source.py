"""Where the fields of an object come from.

SQL in these declarations speaks of `{t}`, the object's own row, `{p}`, the row of the object it hangs on, and `{r}`, the row a
relation leads to. `:viewer` and the other names of `storage.scope.Viewer.values` may be used anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

registry: dict[str, ObjectSource] = {}
LIST_SIZE = 5


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the object's table; without a name, the field's name in snake case."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """A SQL expression over the object's row; `is_timestamp` when it yields a time.

    `plain`, here and in relations, is the same for people who label nowhere, where that is less to compute.
    """

    sql: str
    is_timestamp: bool = False
    plain: Expression | None = None


@dataclass(frozen=True, slots=True)
class Json:
    """A SQL expression that yields JSON text, spliced into the answer undecoded."""

    sql: str


@dataclass(frozen=True, slots=True)
class Computed:
    """A Python function over SQL expressions; it gets the reading context first, then one value per expression.

    What it answers is a leaf, or dicts and lists that are cut down to the selection. `beside` is what takes the field's part where
    the field of that name is selected of the same object, too.
    """

    function: Callable[..., Any]
    needs: tuple[str, ...] = ()
    beside: tuple[str, Computed] | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """An expression that the relation leading here supplies, by name (`ToOne.bind`)."""

    name: str


@dataclass(frozen=True, slots=True)
class ToOne:
    """At most one object: a left join of the target on a condition over `{t}` (here) and `{r}` (there)."""

    target: str
    on: str
    bind: Mapping[str, str] = field(default_factory=dict)
    plain: ToOne | None = None


@dataclass(frozen=True, slots=True)
class ToMany:
    """A list: one more statement for all parents, by `{r}` key = parent value, in `order`.

    `key` is an expression over `{t}`, `matches` one over `{r}`. `where` narrows the list, `join` adds tables that `matches`,
    `where` or `order` speak of. `first` keeps the first row of each parent and answers an object, not a list. `size` is how many
    objects a list counts as before it has been read.
    """

    target: str
    key: str
    matches: str
    order: str = "{r}.position"
    where: str = "true"
    join: str = ""
    first: bool = False
    size: int = LIST_SIZE
    plain: ToMany | None = None


# How columns of times are named: plans are made without the declarations of tables, whose library takes half the time of a start.
TIME_ENDINGS = ("_at", "_until")
OTHER_TIMES = frozenset({"last_checked"})

Source = Column | Expression | Json | Computed | Bound | ToOne | ToMany


@dataclass(frozen=True, slots=True)
class ObjectSource:
    """An object type: its table, its key and the source of each field."""

    name: str
    table: str | None
    fields: dict[str, Source]

    @property
    def table_name(self) -> str:
        """The table's name as SQL writes it."""
        if self.table is None:
            raise LookupError(f"{self.name} has no table")
        return self.table

    def column_is_timestamp(self, name: str) -> bool:
        """Whether a column holds a time, which is answered in milliseconds; its name says so."""
        return self.table is not None and (name.endswith(TIME_ENDINGS) or name in OTHER_TIMES)

    def column_is_asset_id(self, name: str) -> bool:
        """Whether a column holds the id of an asset, which an organization may keep in another form than clients chose."""
        return self.table is not None and (name == "asset_id" or (self.table, name) == ("asset", "id"))

    def register(self) -> None:
        """Make the object known to the plans by its name."""
        registry[self.name] = self


def source_of(name: str) -> ObjectSource:
    """The declaration of an object type."""
    return registry[name]
