"""Access to files: people read the files of the assets that they see; labelers, only files of answers that they see.

An export is read by the person who asked for it, unless they have become a labeler of its project since.
A file that nothing holds yet was just uploaded, and everybody of its organization may read it. What holds files is said in
`storage.file_holder`, and who sees an asset or a label in `storage.scope`.

Who reads a file may not take it elsewhere for that: what an asset of theirs holds they read for ever (`takeable_blobs`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from labelyard.domain.file_url import is_blob_id
from labelyard.storage.database import Connection
from labelyard.storage.file_holder import CODE_COLUMNS, DATASET_HOLDERS, EXPORT_COLUMNS, HOLDERS
from labelyard.storage.scope import (
    ITS_PROJECT,
    LABELER_LABEL,
    NOT_AS_LABELER,
    OF_LABELER_ASSET,
    OWN_DATASET,
    OWN_PROJECT,
)
from labelyard.storage.upload import COLUMNS, BlobRow, blob_of


def of_viewer(condition: str) -> str:
    """A condition of `storage.scope` about the viewer `v` of the statement instead of the caller: links are opened without a key."""
    return (
        condition.replace(":viewer", "v.id")
        .replace(":organization_id", "v.organization_id")
        .replace(":is_organization_admin", "v.is_admin")
        .replace(":admin_projects", "v.admin_projects")
        .replace(":member_projects", "v.member_projects")
        .replace(":labeler_projects", "v.labeler_projects")
    )


# The person of the second parameter as the viewer, with their projects; no row where they are not active.
VIEWER = """
person as materialized (
  select u.id, u.organization_id, u.organization_role = 'ADMIN' as is_admin
  from user_account u
  where u.id = :user_id and u.activated
), viewer as materialized (
  select u.*, roles.member_projects, roles.labeler_projects, roles.admin_projects, roles.naming_projects
  from person u cross join lateral (
    select coalesce(array_agg(m.project_id), '{}') as member_projects,
      coalesce(array_agg(m.project_id) filter (where m.role = 'LABELER'), '{}') as labeler_projects,
      coalesce(array_agg(m.project_id) filter (where m.role = 'ADMIN'), '{}') as admin_projects,
      coalesce(array_agg(m.project_id) filter (where m.role in ('ADMIN', 'TEAM_MANAGER')), '{}') as naming_projects
    from project_user m
    where not u.is_admin and m.user_id = u.id and m.deleted_at is null
  ) roles
)
"""

HELD = f"""
holder as materialized (
  {HOLDERS.format(ids=":ids::text[]")}
), dataset_holder as materialized (
  {DATASET_HOLDERS.format(ids=":ids::text[]")}
)
"""
IS_NO_CODE = (
    f"not exists (select 1 from plugin code where b.id in ({', '.join(f'code.{name}' for name in CODE_COLUMNS)}))"
)
IS_NO_EXPORT = " and ".join(
    f"not exists (select 1 from project_export e where e.{name} = b.id)" for name in EXPORT_COLUMNS
)
IS_HELD_BY_NO_ASSET = """
      not exists (select 1 from holder h where h.blob_id = b.id)
      and not exists (select 1 from dataset_holder h where h.blob_id = b.id)"""
IN_OWN_DATASET = f"""exists (
      select 1
      from dataset_holder h join dataset d on d.id = h.dataset_id
      where h.blob_id = b.id and {of_viewer(OWN_DATASET.format(r="d"))}
    )"""

READABLE = f"""
with {VIEWER}, {HELD}
select {", ".join(f"b.{name}" for name in COLUMNS)},
  exists (select 1 from asset a where a.json_content_blob_id = b.id) as is_json_content
from viewer v join blob b on b.organization_id = v.organization_id
where b.id = any(:ids::text[])
  and {IS_NO_CODE}
  and (
    ({IS_HELD_BY_NO_ASSET} and {IS_NO_EXPORT})
    or exists (
      select 1
      from project_export e join project p on p.id = e.project_id
      where e.blob_id = b.id
        and e.user_id = v.id
        and {of_viewer(OWN_PROJECT)}
        and (e.is_for_labeler or {of_viewer(NOT_AS_LABELER.format(r="e"))})
        and (not e.shows_names or v.is_admin or not p.is_anonymized or p.id = any(v.naming_projects))
    )
    or {IN_OWN_DATASET}
    or exists (
      select 1
      from holder h join project p on p.id = h.project_id
      where h.blob_id = b.id
        and {of_viewer(OWN_PROJECT)}
        and {of_viewer(OF_LABELER_ASSET.format(r="h", asset="h.asset_id"))}
        and (
          not h.is_beside
          or {of_viewer(NOT_AS_LABELER.format(r="h"))}
          or exists (select 1 from asset a where a.id = h.asset_id and strpos(a.json_content, h.blob_id) > 0)
          or exists (
            select 1
            from label l
            where l.asset_id = h.asset_id
              and strpos(l.json_response, h.blob_id) > 0
              and {of_viewer(LABELER_LABEL.format(r="l"))}
          )
        )
    )
  )
"""

TAKEABLE = f"""
with {VIEWER}, {HELD}
select {", ".join(f"b.{name}" for name in COLUMNS)}
from viewer v join blob b on b.organization_id = v.organization_id
where b.id = any(:ids::text[])
  and {IS_NO_CODE}
  and {IS_NO_EXPORT}
  and (
    ({IS_HELD_BY_NO_ASSET})
    or {IN_OWN_DATASET}
    or exists (
      select 1
      from holder h join project p on p.id = h.project_id
      where h.blob_id = b.id and {of_viewer(OWN_PROJECT)} and (v.is_admin or p.id = any(v.admin_projects))
    )
  )
"""
# Files with the dataset that is to hold each of them, and their parts: those that anything else holds already.
HELD_ELSEWHERE = f"""
with named as materialized (
  select *
  from unnest(:blobs::text[], :datasets::text[]) n (blob_id, dataset_id)
), asked as materialized (
  select blob_id, dataset_id
  from named
  union
  select d.part_id, n.dataset_id
  from named n join blob_part d on d.document_id = n.blob_id
), holder as materialized (
  {HOLDERS.format(ids="array(select blob_id from asked)")}
), dataset_holder as materialized (
  {DATASET_HOLDERS.format(ids="array(select blob_id from asked)")}
)
select a.blob_id
from asked a
where not exists (select 1 from dataset_holder h where h.blob_id = a.blob_id and h.dataset_id = a.dataset_id)
  and (
    exists (select 1 from holder h where h.blob_id = a.blob_id)
    or exists (select 1 from dataset_holder h where h.blob_id = a.blob_id)
  )
order by a.blob_id
"""

READABLE_ANSWER = f"""
with {VIEWER}
select l.json_response, p.retired_names
from viewer v cross join label l {ITS_PROJECT.format(row="l")}
where l.id = :label_id and {of_viewer(OWN_PROJECT)} and {of_viewer(LABELER_LABEL.format(r="l"))}
"""


class ReadableBlob(NamedTuple):
    """A file that a person may read; `is_json_content` says that its URLs are renewed when it is."""

    blob: BlobRow
    is_json_content: bool


async def readable_blobs(connection: Connection, ids: Collection[str], user_id: str) -> dict[str, ReadableBlob]:
    """Those of the files that a person may read, by id; all others are left out alike."""
    values = {"ids": [blob_id for blob_id in ids if is_blob_id(blob_id)], "user_id": user_id}
    rows = await connection.fetch(READABLE, values)
    return {row["id"]: ReadableBlob(blob_of(row), row["is_json_content"]) for row in rows}


async def takeable_blobs(connection: Connection, ids: Collection[str], user_id: str) -> dict[str, BlobRow]:
    """Those of the files that a person may make part of an asset, by id: what was just uploaded, what a dataset of theirs holds,
    and what is in a project whose assets they may change.
    """
    values = {"ids": [blob_id for blob_id in ids if is_blob_id(blob_id)], "user_id": user_id}
    return {row["id"]: blob_of(row) for row in await connection.fetch(TAKEABLE, values)}


async def held_elsewhere(connection: Connection, pairs: Collection[tuple[str, str]]) -> list[str]:
    """Those of the files which a dataset is to hold, given as (file, dataset), and of their parts, that a project or another dataset
    holds.
    """
    values = {"blobs": [blob_id for blob_id, _ in pairs], "datasets": [dataset_id for _, dataset_id in pairs]}
    rows = await connection.fetch(HELD_ELSEWHERE, values)
    return [row["blob_id"] for row in rows]


class ReadableAnswer(NamedTuple):
    """The stored answer of a label that a person may read, and the names that the interface no longer has."""

    json_response: str
    retired_names: str | None


async def readable_answer(connection: Connection, label_id: str, user_id: str) -> ReadableAnswer | None:
    """The answer of a label, if a person may read it: they see the label in lists."""
    row = await connection.fetch_one(READABLE_ANSWER, {"label_id": label_id, "user_id": user_id})
    return None if row is None else ReadableAnswer(row["json_response"], row["retired_names"])
