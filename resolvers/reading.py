"""Reading a fixed selection for something other than a GraphQL client: a webhook, an export, a door.

The selection is written as a client would write it, and read through the plan that a client's would get: with the scopes of the
person it is read for, in one statement for the page and one for each list in it.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    NameNode,
    NoUnusedFragmentsRule,
    parse,
    specified_rules,
    validate,
)

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Actor
from labelyard.resolvers.object_reader import ObjectReader
from labelyard.resolvers.schema import core_schema
from labelyard.resolvers.selection import SelectionReader
from labelyard.services.app_services import AppServices
from labelyard.storage.database import Database
from labelyard.storage.filter.condition import Filter
from labelyard.storage.plan import Plan, Selection, compile_plan, source_of
from labelyard.storage.plan.budget import ReadBudget

MOST_OBJECTS: Final = 1_000
"""As many objects as a page of a client has."""

RULES: Final = tuple(rule for rule in specified_rules if rule is not NoUnusedFragmentsRule)


async def read_selection(
    database: Database,
    services: AppServices,
    actor: Actor,
    type_name: str,
    selection: str,
    filters: Filter,
    *,
    first: int = MOST_OBJECTS,
    skip: int = 0,
    budget: ReadBudget | None = None,
) -> list[dict[str, Any]]:
    """The objects of a type that a filter leaves and the person may see, in creation order, as a selection asks for them.

    `filters` comes from `storage.filter` and belongs to the type. A selection that the schema does not know raises `ValueError`:
    it is part of the program. Lists and answers are bounded as those of clients are, by a budget of their own or by that of the
    answer which they are part of.
    """
    if not 0 <= first <= MOST_OBJECTS:
        raise BadUserInput(f"Read 0 to {MOST_OBJECTS:,} objects at once, not {first}; read further ones with `skip`.")
    reader = ObjectReader(database, services, actor, budget or ReadBudget())
    return await reader.read_list(_plan(reader, type_name, selection), filters, first=first, skip=skip)


async def read_selection_by_ids(
    database: Database,
    services: AppServices,
    actor: Actor,
    type_name: str,
    selection: str,
    ids: Sequence[str],
    *,
    budget: ReadBudget | None = None,
) -> list[dict[str, Any]]:
    """Objects that the person is known to see, in the order of their ids, as a selection asks for them."""
    reader = ObjectReader(database, services, actor, budget or ReadBudget())
    return await reader.read_objects(_plan(reader, type_name, selection), ids)


async def count_selection(database: Database, services: AppServices, actor: Actor, table: str, filters: Filter) -> int:
    """How many rows of a table a filter leaves."""
    return await ObjectReader(database, services, actor, ReadBudget()).count(table, filters)


def _plan(reader: ObjectReader, type_name: str, text: str) -> Plan:
    """The plan of a selection, kept for everybody who reads it in the same way."""
    return _kept_plan(type_name, text, reader.sees_less, reader.actor.has_kept_ids)


@lru_cache(maxsize=256)
def _kept_plan(type_name: str, text: str, for_labeler: bool, has_kept_ids: bool) -> Plan:
    selection = selection_of_text(type_name, text)
    return compile_plan(source_of(type_name), selection, for_labeler=for_labeler, has_kept_ids=has_kept_ids)


def selection_of_text(type_name: str, text: str) -> Selection:
    """The selection of a text such as `{ id author { email } }` on a type, checked against the schema."""
    schema = core_schema()
    document = parse(f"fragment Selected on {type_name} {text}")
    if errors := validate(schema, document, RULES):
        raise ValueError(f"{type_name} cannot be read as {text}: {errors[0].message}")
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    selected = fragments["Selected"].selection_set
    field = FieldNode(name=NameNode(value="selected"), selection_set=selected)
    return SelectionReader(schema, fragments, {}).read([field], type_name)
