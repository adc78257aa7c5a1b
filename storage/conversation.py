"""Statements about conversations and what is said in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.scope import ITS_PROJECT, MAY_LABEL, NOT_AS_LABELER, OWN_PROJECT, viewer_values
from labelyard.storage.workflow import LOCK

# The label whose messages a label `{t}` speaks of: itself, or the one that the conversation of its asset began with, null where
# the conversation was imported.
SPEAKER = """
select first.label_id
from chat_item first
where first.asset_id = {t}.asset_id
order by coalesce(first.label_id = {t}.id, false) desc, first.position
limit 1"""
# The messages that a label `{t}` speaks of, as JSON: id, external id and role of each, in order.
SPOKEN = f"""(
  select json_agg(json_build_array(c.id, c.external_id, c.role) order by c.position)::text
  from chat_item c
  where c.asset_id = {{t}}.asset_id
    and c.project_id = {{t}}.project_id
    and c.label_id is not distinct from ({SPEAKER})
)"""
CONVERSATION = f"""
select a.id, a.project_id, p.input_type, p.archived_at, c.label_id
from asset a {ITS_PROJECT.format(row="a")}
left join conversation c on c.asset_id = a.id
where a.id = :id
  and {OWN_PROJECT}
  and ({NOT_AS_LABELER.format(r="a")} or {MAY_LABEL.format(r="a")})
"""
INSERT_CHAT_ITEMS = """
insert into chat_item (id, project_id, asset_id, label_id, parent_id, external_id, role, content, model_id, model_name)
select f.id, :project_id::text, f.asset_id, :label_id::text, f.parent_id, f.external_id, f.role, f.content, f.model_id, f.model_name
from unnest(:ids::text[], :asset_ids::text[], :parent_ids::text[], :external_ids::text[], :roles::text[], :contents::text[],
    :model_ids::text[], :model_names::text[])
  with ordinality f(id, asset_id, parent_id, external_id, role, content, model_id, model_name, ordinal)
order by f.ordinal
"""
INSERT_ASSET_MODELS = """
insert into asset_project_model (id, project_id, asset_id, project_model_id, model_id, name, configuration)
select f.id, :project_id::text, :asset_id::text, f.project_model_id, f.model_id, f.name, f.configuration
from unnest(:ids::text[], :project_model_ids::text[], :model_ids::text[], :names::text[], :configurations::text[])
  with ordinality f(id, project_model_id, model_id, name, configuration, ordinal)
order by f.ordinal
"""
CHAT_ITEM_COLUMNS = (
    "ids",
    "asset_ids",
    "parent_ids",
    "external_ids",
    "roles",
    "contents",
    "model_ids",
    "model_names",
)


async def conversation_for_chat(connection: Connection, asset_id: str, actor: Actor) -> Row | None:
    """What a new message needs to know of an asset that the person sees or may label; None for any other."""
    return await connection.fetch_one(CONVERSATION, {"id": asset_id, **viewer_values(actor)})


async def insert_conversation(connection: Writer, *, asset_id: str, project_id: str, label_id: str) -> None:
    """Make an asset a conversation that began with a label."""
    await connection.fetch(
        """
        insert into conversation (asset_id, project_id, label_id)
        values (:asset_id, :project_id, :label_id)
        """,
        {"asset_id": asset_id, "project_id": project_id, "label_id": label_id},
    )


async def chat_items_of(connection: Connection, asset_id: str, label_id: str) -> list[Row]:
    """The messages of a label on an asset, in order."""
    return await connection.fetch(
        """
        select c.id, c.parent_id, c.role, c.content
        from chat_item c
        where c.asset_id = :asset_id and c.label_id = :label_id
        order by c.position
        """,
        {"asset_id": asset_id, "label_id": label_id},
    )


async def lock_conversation(connection: Writer, asset_id: str, label_id: str) -> Row | None:
    """How many messages an asset has, and when its project was archived, with the asset locked until the transaction ends.

    None when asset, label or project are not there any more.
    """
    await connection.fetch(LOCK, {"ids": [asset_id]})
    return await connection.fetch_one(
        """
        select p.archived_at,
          (select count(*) from chat_item c where c.asset_id = a.id) as chat_items,
          (select count(*) from asset_project_model m where m.asset_id = a.id) as models
        from asset a
        join project p on p.id = a.project_id and p.deleted_at is null
        join label l on l.id = :label_id and l.asset_id = a.id
        where a.id = :asset_id
        """,
        {"asset_id": asset_id, "label_id": label_id},
    )


async def insert_chat_items(
    connection: Writer, rows: Sequence[tuple[Any, ...]], *, project_id: str, label_id: str | None
) -> None:
    """Add messages, in this order; each row has the columns of `CHAT_ITEM_COLUMNS`, one value of each."""
    columns = zip(*rows, strict=True)
    values: dict[str, Any] = dict(zip(CHAT_ITEM_COLUMNS, map(list, columns), strict=True))
    await connection.fetch(INSERT_CHAT_ITEMS, {**values, "project_id": project_id, "label_id": label_id})


async def models_of_asset(connection: Connection, asset_id: str) -> list[Row]:
    """The models that answer in a conversation, in order."""
    return await connection.fetch(
        """
        select m.id, m.project_model_id, m.model_id, m.name, m.configuration
        from asset_project_model m
        where m.asset_id = :asset_id
        order by m.position
        """,
        {"asset_id": asset_id},
    )


async def insert_asset_models(
    connection: Writer, rows: Sequence[tuple[str, str, str, str, str]], *, project_id: str, asset_id: str
) -> None:
    """Have models answer in a conversation: rows of id, id in the project, id of the model, name and configuration."""
    ids, project_models, models, names, configurations = (list(column) for column in zip(*rows, strict=True))
    await connection.fetch(
        INSERT_ASSET_MODELS,
        {
            "project_id": project_id,
            "asset_id": asset_id,
            "ids": ids,
            "project_model_ids": project_models,
            "model_ids": models,
            "names": names,
            "configurations": configurations,
        },
    )
