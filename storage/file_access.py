"""Who may read which file: whoever may see an asset that holds it, and of a labeler's answers only those that they see.

A file that nothing holds yet was just uploaded, and everybody of its organization may read it. The columns that hold files are
those of `storage.upload.orphans`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from labelyard.domain.file_url import is_blob_id
from labelyard.storage.scope import LABELER_LABEL, NOT_AS_LABELER, VALID_LOCK
from labelyard.storage.upload import COLUMNS, BlobRow, Connection

# Labels that a labeler of the project sees.
SHOWN_LABEL = LABELER_LABEL.format(r="l").replace(NOT_AS_LABELER.format(r="l"), "false").replace(":viewer", "v.id")
# Rules as in `storage.scope`, for a person known by their id alone: links are opened without a key.
READABLE = f"""
with viewer as materialized (
  select u.id, u.organization_id, u.organization_role = 'ADMIN' as is_admin
  from user_account u
  where u.id = $2 and u.activated
), holder as materialized (
  select a.content_blob_id as blob_id, a.id as asset_id, a.project_id, false as is_beside
  from asset a
  where a.content_blob_id = any($1::text[])
  union all
  select a.json_content_blob_id, a.id, a.project_id, false
  from asset a
  where a.json_content_blob_id = any($1::text[])
  union all
  select a.ocr_blob_id, a.id, a.project_id, false
  from asset a
  where a.ocr_blob_id = any($1::text[])
  union all
  select f.blob_id, a.id, a.project_id, true
  from asset_file f join asset a on a.id = f.asset_id
  where f.blob_id = any($1::text[])
  union all
  select d.part_id, a.id, a.project_id, false
  from blob_part d join asset a on a.json_content_blob_id = d.document_id
  where d.part_id = any($1::text[])
  union all
  select d.part_id, a.id, a.project_id, false
  from blob_part d join asset a on a.content_blob_id = d.document_id
  where d.part_id = any($1::text[])
)
select {", ".join(f"b.{name}" for name in COLUMNS)},
  exists (select 1 from asset a where a.json_content_blob_id = b.id) as is_json_content
from viewer v join blob b on b.organization_id = v.organization_id
where b.id = any($1::text[])
  and (
    not exists (select 1 from holder h where h.blob_id = b.id)
    or exists (
      select 1
      from holder h join project p on p.id = h.project_id
      where h.blob_id = b.id
        and p.deleted_at is null
        and p.organization_id = v.organization_id
        and (
          v.is_admin
          or exists (
            select 1
            from project_user m
            where m.project_id = p.id
              and m.user_id = v.id
              and m.deleted_at is null
              and (
                m.role <> 'LABELER'
                or (
                  exists (select 1 from asset_assignee aa where aa.asset_id = h.asset_id and aa.user_id = v.id)
                  or exists (select 1 from label l where l.asset_id = h.asset_id and l.author_id = v.id)
                  or exists (
                    select 1 from asset_lock al where al.asset_id = h.asset_id and al.user_id = v.id and {VALID_LOCK}
                  )
                )
                and (
                  not h.is_beside
                  or exists (select 1 from asset a where a.id = h.asset_id and strpos(a.json_content, h.blob_id) > 0)
                  or exists (
                    select 1
                    from label l
                    where l.asset_id = h.asset_id and strpos(l.json_response, h.blob_id) > 0 and {SHOWN_LABEL}
                  )
                )
              )
          )
        )
    )
  )
"""


class ReadableBlob(NamedTuple):
    """A file that a person may read; `is_json_content` says that its URLs are renewed when it is."""

    blob: BlobRow
    is_json_content: bool


async def readable_blobs(connection: Connection, ids: Collection[str], user_id: str) -> dict[str, ReadableBlob]:
    """Those of the files that a person may read, by id; all others are left out alike."""
    rows = await connection.fetch(READABLE, [blob_id for blob_id in ids if is_blob_id(blob_id)], user_id)
    return {row["id"]: ReadableBlob(BlobRow(*row[:-1]), row["is_json_content"]) for row in rows}
