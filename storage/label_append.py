"""The statement that writes labels."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from itertools import product
from typing import Any, NamedTuple

import asyncpg

from labelyard.storage.database import Autocommit, Writer
from labelyard.storage.mark_request import ON_CONFLICT_REQUEUE
from labelyard.storage.scope import VALID_LOCK
from labelyard.storage.sqlstate import is_stale_read

HUMAN = ["DEFAULT", "REVIEW"]
# Ids in one notification, which is limited to 8,000 bytes.
NOTIFIED_IDS = 200


class Shape(NamedTuple):
    """What a batch needs of the statement.

    `author_group` is HUMAN, AUTOSAVE or MODEL and decides about locks; `has_drafts` says that some of its assets have drafts
    to be deleted, `follows` that some have labels of that group, `is_marked` that marks are requested, `is_large` that the
    batch does not fit into one notification.
    """

    author_group: str
    has_drafts: bool
    follows: bool
    is_marked: bool
    is_large: bool


# One statement for everything that a batch of labels of one type changes: it deletes drafts of the same people and clears the
# flags of their former latest labels, ends or renews their locks, adds the labels, moves the assets on, requests marks and
# notifies listeners. Unless no asset has changed since it was read (`row_version`), the project takes labels, and the interface
# is the one that the labels were checked against, it raises STALE_READ and changes nothing. Each new label changes the row of its
# asset, so `row_version` also covers which labels the asset has. Starting a part costs as much as running it on one row, so
# the parts that a batch does not need are left out.
FRESH = """
fresh as (
  select * from unnest(:ids::text[], :asset_ids::text[], :author_ids::text[], :model_names::text[], :step_ids::text[],
    :responses::text[], :searches::jsonb[], :warnings::text[], :counts::int[], :seconds::float[], :versions::int[],
    :referenced::text[], :latest::bool[], :latest_of_step::bool[], :first::bool[],
    :actor_ids::text[], :origins::text[]) with ordinality
    f(id, asset_id, author_id, model_name, step_id, response, search, warning, annotations, seconds, client_version,
      referenced, is_latest, is_latest_of_step, is_first, actor_id, origin, ordinal)
)"""
# Authors are not compared with `=`, so that labels are found by asset: one person may have a million of them.
DRAFTS = """
drafts as (
  delete from label d using (select distinct asset_id, author_id from fresh) f
  where d.asset_id = f.asset_id and d.author_id is not distinct from f.author_id and d.label_type = 'AUTOSAVE'
  returning d.id
), thinned as (
  update project set removals = removals + 1 where id = :project_id::text and exists (select 1 from drafts)
)"""
SUPERSEDED = """
superseded as (
  update label o set
    is_latest_label_for_user = false,
    is_latest_default_label_for_user = o.is_latest_default_label_for_user and :label_type::text <> 'DEFAULT',
    is_latest_review_label_for_user = o.is_latest_review_label_for_user and :label_type::text <> 'REVIEW',
    is_last_for_step = o.is_last_for_step and not exists (select 1 from fresh m
      where m.asset_id = o.asset_id and m.author_id = o.author_id and m.step_id is not distinct from o.step_id)
  from (select distinct asset_id, author_id from fresh) f
  where o.asset_id = f.asset_id and o.author_id is not distinct from f.author_id and o.label_type = any(:scope::text[])
    and (o.is_latest_label_for_user or o.is_latest_default_label_for_user or o.is_latest_review_label_for_user
      or o.is_last_for_step)
)"""
SUPERSEDED_OF_MODEL = """
superseded as (
  update label o set is_latest_label_for_user = false, is_latest_prediction_label_for_user = false
  from (select distinct asset_id, author_id, model_name from fresh) f
  where o.asset_id = f.asset_id and o.author_id is not distinct from f.author_id
    and o.model_name is not distinct from f.model_name and o.label_type = any(:scope::text[]) and o.is_latest_label_for_user
)"""
CLOSED = """
closed as (
  delete from asset_lock k using fresh f where k.asset_id = f.asset_id and k.user_id = f.author_id
)"""
OPENED = f"""
opened as (
  insert into asset_lock (id, project_id, asset_id, user_id)
  select distinct on (f.asset_id, f.author_id) f.id, :project_id::text, f.asset_id, f.author_id
  from fresh f join asset a on a.id = f.asset_id
  where a.is_used_for_consensus or not exists (select 1 from asset_lock al
    where al.asset_id = f.asset_id and al.user_id <> f.author_id and {VALID_LOCK})
  on conflict (asset_id, user_id) do update set renewed_at = now()
)"""
MOVED = """
moved as (
  update asset a set status = m.status, skipped = m.skipped, current_step_id = m.step_id, step_status = m.step_status,
    is_to_review = m.is_to_review, skip_reason = case when m.skipped then a.skip_reason end, updated_at = now()
  from unnest(:moved_ids::text[], :moved_statuses::text[], :moved_skipped::bool[], :moved_steps::text[],
    :moved_step_statuses::text[], :moved_to_review::bool[], :moved_row_versions::text[])
    m(id, status, skipped, step_id, step_status, is_to_review, row_version)
  where a.id = m.id and a.xmin::text = m.row_version
  returning a.id
)"""
REQUESTED = f"""
requested as (
  insert into mark_request (asset_id) select * from unnest(:marked_ids::text[]) {ON_CONFLICT_REQUEUE}
)"""
ADDED = """
added as (
  insert into label (id, project_id, asset_id, author_id, label_type, model_name, json_response, search, warnings,
    number_of_annotations, seconds_to_label, client_version, step_id, referenced_label_id, skipped, is_honeypot,
    is_latest_label_for_user, is_latest_default_label_for_user, is_latest_review_label_for_user,
    is_latest_prediction_label_for_user, is_last_for_step, is_first_on_asset)
  select f.id, :project_id::text, f.asset_id, f.author_id, :label_type::text, f.model_name, f.response, f.search, f.warning,
    f.annotations, f.seconds, f.client_version, f.step_id, f.referenced, :skipped::bool, :is_honeypot::bool,
    f.is_latest, f.is_latest and :label_type::text = 'DEFAULT', f.is_latest and :label_type::text = 'REVIEW',
    f.is_latest and :label_type::text = 'PREDICTION', f.is_latest_of_step and :label_type::text in ('DEFAULT', 'REVIEW'),
    f.is_first
  from fresh f where f.is_latest or :label_type::text <> 'AUTOSAVE' order by f.ordinal
  returning id
)"""
# Drafts are nobody else's business.
HAPPENED = """
happened as (
  insert into event (organization_id, project_id, user_id, event, asset_id, label_id, origin)
  select :organization_id::text, :project_id::text, f.actor_id, :event::text, f.asset_id, f.id, f.origin
  from fresh f order by f.ordinal
)"""
STILL_HOLDS = """
select
  case when (select count(*) from moved) = cardinality(:moved_ids::text[]) and exists (
    select 1 from project p where p.id = :project_id::text and p.interface_version = :interface_version::int
      and p.archived_at is null and p.deleted_at is null)
  then 0 else labelyard_stale_read() end as held,"""
# Whether somebody listens to the labels of a project.
LISTENED = """exists (
  select 1
  from label_listener ll
  where ll.project_id = {project_id} and ll.seen_at > now() - interval '2 minutes'
)"""
LISTENED_HERE = LISTENED.format(project_id=":project_id::text")
NOTIFIED_AT_ONCE = f"""
  case when {LISTENED_HERE} then pg_notify('labelyard_label', :project_id::text || ' ' || (select string_agg(id, ',') from added))
  end as told"""
NOTIFIED_IN_PARTS = f"""
  (select count(*) from (
    select pg_notify('labelyard_label', :project_id::text || ' ' || string_agg(added.id, ','))
    from (select added.id, row_number() over () / {NOTIFIED_IDS} as part from added) added where {LISTENED_HERE}
    group by added.part) told) as told"""


AUTHOR_GROUPS = {
    "DEFAULT": "HUMAN",
    "REVIEW": "HUMAN",
    "AUTOSAVE": "AUTOSAVE",
    "PREDICTION": "MODEL",
    "INFERENCE": "MODEL",
}
LOCKS = {"HUMAN": [CLOSED], "AUTOSAVE": [OPENED], "MODEL": []}


def _parts(shape: Shape) -> list[str]:
    return [
        FRESH,
        *([DRAFTS] if shape.has_drafts else []),
        *([SUPERSEDED_OF_MODEL if shape.author_group == "MODEL" else SUPERSEDED] if shape.follows else []),
        *LOCKS[shape.author_group],
        MOVED,
        *([REQUESTED] if shape.is_marked else []),
        ADDED,
        *([HAPPENED] if shape.author_group != "AUTOSAVE" else []),
    ]


APPEND = {
    shape: "with " + ",".join(_parts(shape)) + STILL_HOLDS + (NOTIFIED_IN_PARTS if shape.is_large else NOTIFIED_AT_ONCE)
    for shape in (Shape(author_group, *flags) for author_group in LOCKS for flags in product((False, True), repeat=4))
}


class StaleReadError(Exception):
    """An asset or the interface changed between the reading and the writing; nothing was written."""


async def append(
    connection: Writer | Autocommit, values: Mapping[str, Any], *, present_types: AbstractSet[str]
) -> None:
    """Write a batch of labels of one type and one project, and all that follows from it.

    `present_types` are the types of the labels that its assets have already.
    """
    author_group = AUTHOR_GROUPS[values["label_type"]]
    shape = Shape(
        author_group,
        has_drafts=author_group != "MODEL" and "AUTOSAVE" in present_types,
        follows=not present_types.isdisjoint(values["scope"]),
        is_marked=bool(values["marked_ids"]),
        is_large=len(values["ids"]) > NOTIFIED_IDS,
    )
    try:
        await connection.write(APPEND[shape], values)
    except asyncpg.PostgresError as error:
        if is_stale_read(error):
            raise StaleReadError from error
        raise
