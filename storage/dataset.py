"""Statements about datasets and their assets that write operations need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from labelyard.domain.error import Conflict
from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.filter.condition import Filter
from labelyard.storage.scope import SCOPES, viewer_values
from labelyard.storage.upload import forget_blobs

OWN_DATASET = SCOPES["Dataset"].condition.format(r="d")
OWN_ASSET = SCOPES["DatasetAsset"].condition.format(r="t")
CHANGED = (
    "external_id",
    "content",
    "content_blob_id",
    "json_content",
    "json_content_blob_id",
    "json_metadata",
)
INSERTED = ("id", "dataset_id", *CHANGED)
FILES = ("content_blob_id", "json_content_blob_id")


async def own_dataset(connection: Connection, dataset_id: str, actor: Actor) -> Row | None:
    """A dataset that the person sees."""
    return await connection.fetch_one(
        f"select d.id, d.type from dataset d where d.id = :id and {OWN_DATASET}",
        {"id": dataset_id, **viewer_values(actor)},
    )


async def hold_dataset(connection: Writer, dataset_id: str, actor: Actor) -> Row | None:
    """A dataset that the person sees, locked against changes by others until the transaction ends."""
    return await connection.fetch_one(
        f"""
        select d.id, d.type, d.owner_id, exists (select 1 from dataset_asset a where a.dataset_id = d.id) as has_assets
        from dataset d
        where d.id = :id and {OWN_DATASET}
        for no key update
        """,
        {"id": dataset_id, **viewer_values(actor)},
    )


async def insert_dataset(connection: Writer, values: Mapping[str, Any]) -> None:
    """Add a dataset, which its owner uses."""
    await connection.fetch(
        """
        insert into dataset (id, organization_id, owner_id, name, type)
        values (:id, :organization_id, :owner_id, :name, :type)
        """,
        values,
    )
    await insert_dataset_user(connection, values["id"], values["owner_id"])


async def update_dataset(connection: Writer, dataset_id: str, *, name: str | None, type: str | None) -> None:
    """Change a dataset; what is None stays."""
    await connection.fetch(
        """
        update dataset
        set name = coalesce(:name::text, name), type = coalesce(:type::text, type), updated_at = now()
        where id = :id
        """,
        {"id": dataset_id, "name": name, "type": type},
    )


async def insert_dataset_user(connection: Writer, dataset_id: str, user_id: str) -> None:
    """Let a person see and change a dataset; they may be able to already."""
    await connection.fetch(
        "insert into dataset_user (dataset_id, user_id) values (:dataset_id, :user_id) on conflict do nothing",
        {"dataset_id": dataset_id, "user_id": user_id},
    )


async def delete_dataset_user(connection: Writer, dataset_id: str, user_id: str) -> bool:
    """Take a dataset from a person, and its ownership if it is theirs; answers whether they were a user of it."""
    rows = await connection.fetch(
        """
        with left_alone as (
          update dataset set owner_id = null where id = :dataset_id and owner_id = :user_id
        )
        delete from dataset_user
        where dataset_id = :dataset_id and user_id = :user_id
        returning user_id
        """,
        {"dataset_id": dataset_id, "user_id": user_id},
    )
    return bool(rows)


async def remove_dataset(connection: Writer, dataset_id: str) -> None:
    """Remove a dataset with its assets, and forget the files that nothing else holds."""
    rows = await connection.fetch(
        f"delete from dataset_asset where dataset_id = :id returning {', '.join(FILES)}", {"id": dataset_id}
    )
    await connection.fetch("delete from dataset where id = :id", {"id": dataset_id})
    await forget_blobs(connection, _blobs(rows))


async def insert_dataset_assets(connection: Writer, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add assets to a dataset, in this order; each row has the columns of `INSERTED`."""
    try:
        await connection.copy("dataset_asset", INSERTED, rows)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(
            "[externalIdTaken] One of these external ids exists in the dataset already; nothing was added. Leave it out, or "
            "give another external id.",
        ) from error


async def dataset_asset_ids(connection: Connection, chosen: Filter, actor: Actor) -> list[str]:
    """The ids of the assets of datasets that a filter leaves."""
    rows = await connection.fetch(
        f"select t.id from dataset_asset t where {chosen.where} order by t.position",
        {**chosen.values, **viewer_values(actor)},
    )
    return [row["id"] for row in rows]


async def remove_dataset_assets(connection: Writer, ids: Sequence[str]) -> None:
    """Remove assets of datasets; assets that projects have made of them stay."""
    rows = await connection.fetch(
        f"delete from dataset_asset where id = any(:ids) returning {', '.join(FILES)}", {"ids": list(ids)}
    )
    await forget_blobs(connection, _blobs(rows))


async def dataset_assets_for_update(connection: Writer, ids: Sequence[str], actor: Actor) -> dict[str, dict[str, Any]]:
    """Dataset and columns of `CHANGED` of assets of datasets that the person sees, by id, locked until the transaction ends."""
    rows = await connection.fetch(
        f"""
        select t.id, t.dataset_id, {", ".join(f"t.{name}" for name in CHANGED)}
        from dataset_asset t
        where t.id = any(:ids) and {OWN_ASSET}
        order by t.id
        for no key update of t
        """,
        {"ids": list(ids), **viewer_values(actor)},
    )
    return {row["id"]: {name: row[name] for name in ("id", "dataset_id", *CHANGED)} for row in rows}


async def update_dataset_assets(
    connection: Writer, before: Sequence[Mapping[str, Any]], changed: Sequence[Mapping[str, Any]]
) -> None:
    """Write all columns of `CHANGED` of assets of datasets, and forget the files that they no longer hold."""
    arrays = ", ".join(f":{name}::text[]" for name in ("id", *CHANGED))
    values = {name: [row[name] for row in changed] for name in ("id", *CHANGED)}
    try:
        await connection.fetch(
            f"""
            update dataset_asset t
            set {", ".join(f"{name} = n.{name}" for name in CHANGED)}, updated_at = now()
            from unnest({arrays}) n (id, {", ".join(CHANGED)})
            where t.id = n.id
            """,
            values,
        )
    except asyncpg.UniqueViolationError as error:
        raise Conflict(
            "[externalIdTaken] One of these external ids exists in the dataset already; nothing was changed.",
        ) from error
    await forget_blobs(connection, _blobs(before) - _blobs(changed))


async def dataset_assets_to_append(
    connection: Connection, actor: Actor, *, dataset_ids: Sequence[str], asset_ids: Sequence[str], limit: int
) -> list[Row]:
    """Assets of datasets that the person sees: those that are named, and of the datasets of which none is named, all."""
    return await connection.fetch(
        f"""
        select t.*, d.type
        from dataset_asset t join dataset d on d.id = t.dataset_id
        where {OWN_ASSET}
          and (
            t.id = any(:asset_ids)
            or (
              t.dataset_id = any(:dataset_ids)
              and not exists (
                select 1
                from dataset_asset named
                where named.id = any(:asset_ids) and named.dataset_id = t.dataset_id
              )
            )
          )
        order by t.position
        limit :limit
        """,
        {"dataset_ids": list(dataset_ids), "asset_ids": list(asset_ids), "limit": limit, **viewer_values(actor)},
    )


async def visible_datasets(connection: Connection, ids: Sequence[str], actor: Actor) -> set[str]:
    """Those of the datasets that the person sees."""
    rows = await connection.fetch(
        f"select d.id from dataset d where d.id = any(:ids) and {OWN_DATASET}",
        {"ids": list(ids), **viewer_values(actor)},
    )
    return {row["id"] for row in rows}


async def hold_dataset_assets(connection: Writer, ids: Sequence[str]) -> dict[str, Any]:
    """When assets of datasets were last changed, by id; they are held against changes until the transaction ends."""
    rows = await connection.fetch(
        "select id, updated_at from dataset_asset where id = any(:ids) order by id for share", {"ids": list(ids)}
    )
    return {row["id"]: row["updated_at"] for row in rows}


async def appended_already(connection: Connection, project_id: str, ids: Sequence[str]) -> set[str]:
    """Those of the assets of datasets of which a project has an asset."""
    rows = await connection.fetch(
        """
        select l.dataset_asset_id as id
        from dataset_link l join asset a on a.id = l.asset_id
        where l.dataset_asset_id = any(:ids) and a.project_id = :project_id
        """,
        {"ids": list(ids), "project_id": project_id},
    )
    return {row["id"] for row in rows}


async def link_to_datasets(connection: Writer, asset_ids: Sequence[str], dataset_asset_ids: Sequence[str]) -> None:
    """Remember which assets of a project were made of which assets of datasets."""
    await connection.fetch(
        """
        insert into dataset_link (asset_id, dataset_asset_id)
        select *
        from unnest(:assets::text[], :sources::text[])
        """,
        {"assets": list(asset_ids), "sources": list(dataset_asset_ids)},
    )


def _blobs(rows: Sequence[Mapping[str, Any]] | Sequence[Row]) -> set[str]:
    return {row[name] for row in rows for name in FILES} - {None}
