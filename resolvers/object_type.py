"""Object types of the schema, each declared once: the Strawberry type and the reading plan come from the same class body.

    @object_type("label")
    class Label:
        id: strawberry.ID                                   # the column `id`
        createdAt: DateTime                                 # the column `created_at`
        skippedCompute: bool | None = column("skipped")     # a column of another name
        author: User = to_one("User", on="{r}.id = {t}.author_id")

A field without a value is the column of the same name in snake case. A relation leads to what the person may see of its target
(`storage.scope.SCOPES`), and to nothing else. Nothing here has a resolver: `docs/reading-plans.md` shows how a field is added.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, dataclass_transform

import strawberry

from labelyard.storage.plan import (
    LIST_SIZE,
    Bound,
    Column,
    Computed,
    Expression,
    Json,
    ObjectSource,
    Source,
    ToMany,
    ToOne,
)
from labelyard.storage.scope import SCOPES, Scope

T = TypeVar("T")


def column(name: str) -> Any:
    """A column under another name."""
    return Column(name)


def expression(sql: str, *, is_timestamp: bool = False, plain: str | None = None) -> Any:
    """A SQL expression over `{t}`; `plain` is the same for people who label nowhere."""
    return Expression(sql, is_timestamp, Expression(plain, is_timestamp) if plain is not None else None)


def json(sql: str) -> Any:
    """A SQL expression that yields JSON text, spliced into the answer."""
    return Json(sql)


def computed(function: Callable[..., Any], *needs: str, beside: tuple[str, Computed] | None = None) -> Any:
    """A Python function over SQL expressions, called with the reading context first.

    `beside` names another field of the object, and what is answered instead where that one is selected as well.
    """
    return Computed(function, needs, beside)


def bound(name: str) -> Any:
    """An expression given by the relation that leads here."""
    return Bound(name)


def to_one(
    target: str,
    *,
    on: str,
    bind: Mapping[str, str] | None = None,
    same: str | None = None,
    scope: Scope | None = None,
    unscoped: str | None = None,
) -> Any:
    """A to-one relation. `same` names the column by which both rows have one owner, instead of asking for the owner again."""
    visible, plain = _visible(target, same, scope, unscoped)
    return ToOne(target, f"({on}) and {visible}", bind or {}, ToOne(target, f"({on}) and {plain}", bind or {}))


def to_many(
    target: str,
    *,
    matches: str,
    key: str = "{t}.id",
    order: str = "{r}.position",
    where: str = "true",
    join: str = "",
    first: bool = False,
    size: int = LIST_SIZE,
    scope: Scope | None = None,
    unscoped: str | None = None,
) -> Any:
    """A to-many relation, or with `first` the first of it. `size` is how many objects the list is expected to have at most."""
    visible, plain = _visible(target, None, scope, unscoped)
    for_others = ToMany(target, key, matches, order, f"({where}) and {plain}", join, first, size)
    return ToMany(target, key, matches, order, f"({where}) and {visible}", join, first, size, for_others)


def _visible(target: str, same: str | None, scope: Scope | None, unscoped: str | None) -> tuple[str, str]:
    """The part of its target that a relation shows: the target's own scope, or another one, or for a reason all of it.

    The second condition is that for people who label nowhere.
    """
    if unscoped is not None:
        if scope is not None or same is not None or not unscoped.strip():
            raise TypeError(f"A relation to {target} is either scoped or says why it is not.")
        return "true", "true"
    known = scope or SCOPES.get(target)
    if known is None:
        raise TypeError(
            f"Nothing says who may see a {target}: add it to storage.scope.SCOPES, or say why the relation needs none (`unscoped`)."
        )
    scopes = (known, known.plain)
    first, second = (each.of_same(same) if same is not None else each.condition for each in scopes)
    return first, second


def constant(value: Any) -> Any:
    """A field whose value is the same for every object of a self-hosted server."""
    return Computed(lambda _context: value)


@dataclass_transform(kw_only_default=True)
def object_type(table: str | None) -> Callable[[type[T]], type[T]]:
    """Make a class both a GraphQL object type and a declaration for reading plans.

    `table` is None for parts that only exist inside the value of a `computed` field.
    """

    def declare(cls: type[T]) -> type[T]:
        fields: dict[str, Source] = {}
        for base in reversed(cls.__mro__):
            for name in inspect.get_annotations(base):
                value = cls.__dict__.get(name)
                fields[name] = value if isinstance(value, Source) else Column()
                if isinstance(value, Source):
                    delattr(cls, name)
        ObjectSource(cls.__name__, table, fields).register()
        return strawberry.type(cls, description=cls.__doc__)

    return declare
