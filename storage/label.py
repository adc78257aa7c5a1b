"""Statements about labels that write operations need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from domain.permission import Actor
from storage.database import Connection, Row, uncertain
from storage.mark import MAY_HAVE_MARKS
from storage.project import count_removal
from storage.scope import OWN_PROJECT, viewer_values

# What a submission needs to know of assets and of their project's workflow. `seen` is the version of the asset's row.
SUBMISSION = (
    "select a.id, a.external_id, a.project_id, a.content, a.page_resolutions, a.json_content, a.status, a.skipped, "
    "a.current_step_id, a.step_status, a.is_to_review, a.is_used_for_consensus, a.sent_back_at, a.xmin::text as seen, "
    f"{MAY_HAVE_MARKS} as may_have_marks, "
    "p.input_type, p.interface_version, p.archived_at, p.min_consensus_size, p.review_coverage, "
    "array(select s.id || ':' || s.type || ':' || coalesce(s.step_coverage, 0) from project_step s "
    "where s.project_id = p.id order by s.step_order) as steps, "
    "exists (select 1 from project_user pu where pu.project_id = p.id and pu.user_id = :viewer and pu.deleted_at is null) "
    "as is_member from asset a join project p on p.id = a.project_id "
    f"where a.id = any(:ids) and {OWN_PROJECT}"
)
# Locks are taken in one order, so that two batches with the same assets wait instead of dying.
LOCK = "select a.id from asset a where a.id = any(:ids) order by a.id for no key update"
WORKFLOW = (
    "select p.interface_version, p.min_consensus_size, p.review_coverage, "
    "array(select s.id || ':' || s.type || ':' || coalesce(s.step_coverage, 0) from project_step s "
    "where s.project_id = p.id order by s.step_order) as steps from project p where p.id = :project_id"
)
STATES = (
    "select a.id, a.status, a.skipped, a.current_step_id, a.step_status, a.is_to_review, a.is_used_for_consensus, "
    "a.sent_back_at from asset a where a.id = any(:ids) order by a.id for no key update"
)
HUMAN = ["DEFAULT", "REVIEW"]

# One statement for everything a batch of labels of one type changes: drafts and former latest labels of the same people
# give way, their locks end or are renewed, the labels are added, the assets move on, marks are asked for, listeners are told. It
# holds only if no asset has changed since it was read (`seen`) and the interface is still the one the labels were checked
# against: otherwise it divides by zero, on purpose, and nothing of it has happened.
APPEND = """
with fresh as (
  select * from unnest(:ids::text[], :asset_ids::text[], :author_ids::text[], :model_names::text[], :step_ids::text[],
    :responses::text[], :searches::jsonb[], :warnings::text[], :counts::int[], :seconds::float[], :versions::int[],
    :referenced::text[], :latest::bool[], :latest_of_model::bool[], :latest_of_step::bool[]) with ordinality
    f(id, asset_id, author_id, model_name, step_id, response, search, warning, annotations, seconds, client_version,
      referenced, is_latest, is_latest_of_model, is_latest_of_step, place)
), drafts as (
  delete from label d using (select distinct asset_id, author_id from fresh) f
  where d.asset_id = f.asset_id and d.author_id = f.author_id and d.label_type = 'AUTOSAVE' and :clears_drafts::bool
  returning d.id
), thinned as (
  update project set removals = removals + 1 where id = :project_id::text and exists (select 1 from drafts)
), closed as (
  delete from asset_lock k using (select distinct asset_id, author_id from fresh) f
  where k.asset_id = f.asset_id and k.user_id = f.author_id and :label_type::text in ('DEFAULT', 'REVIEW')
), opened as (
  insert into asset_lock (id, project_id, asset_id, user_id)
  select distinct on (f.asset_id, f.author_id) f.id, :project_id::text, f.asset_id, f.author_id
  from fresh f join asset a on a.id = f.asset_id
  where :label_type::text = 'AUTOSAVE' and (a.is_used_for_consensus or not exists (select 1 from asset_lock k
    where k.asset_id = f.asset_id and k.user_id <> f.author_id and k.renewed_at > now() - interval '30 minutes'))
  on conflict (asset_id, user_id) do update set renewed_at = now()
), superseded as (
  update label o set
    is_latest_label_for_user = false,
    is_latest_default_label_for_user = o.is_latest_default_label_for_user and :label_type::text <> 'DEFAULT',
    is_latest_review_label_for_user = o.is_latest_review_label_for_user and :label_type::text <> 'REVIEW',
    is_latest_prediction_label_for_user = o.is_latest_prediction_label_for_user and not exists (select 1 from fresh m
      where m.asset_id = o.asset_id and m.author_id = o.author_id and m.model_name is not distinct from o.model_name),
    is_last_for_step = o.is_last_for_step and not exists (select 1 from fresh m
      where m.asset_id = o.asset_id and m.author_id = o.author_id and m.step_id is not distinct from o.step_id)
  from (select distinct asset_id, author_id from fresh) f
  where o.asset_id = f.asset_id and o.author_id = f.author_id and o.label_type = any(:scope::text[])
    and (o.is_latest_label_for_user or o.is_latest_default_label_for_user or o.is_latest_review_label_for_user
      or o.is_latest_prediction_label_for_user or o.is_last_for_step)
), moved as (
  update asset a set status = m.status, skipped = m.skipped, current_step_id = m.step_id, step_status = m.step_status,
    is_to_review = m.is_to_review, skip_reason = case when m.skipped then a.skip_reason end, updated_at = now()
  from unnest(:moved_ids::text[], :moved_statuses::text[], :moved_skipped::bool[], :moved_steps::text[],
    :moved_step_statuses::text[], :moved_to_review::bool[], :moved_seen::text[])
    m(id, status, skipped, step_id, step_status, is_to_review, seen)
  where a.id = m.id and a.xmin::text = m.seen
  returning a.id
), requested as (
  insert into mark_request (asset_id) select * from unnest(:marked_ids::text[])
  on conflict (asset_id) do update set ticket = default, requested_at = now(), claimed_until = null
), added as (
  insert into label (id, project_id, asset_id, author_id, label_type, model_name, json_response, search, warnings,
    number_of_annotations, seconds_to_label, client_version, step_id, referenced_label_id, skipped, is_honeypot,
    is_latest_label_for_user, is_latest_default_label_for_user, is_latest_review_label_for_user,
    is_latest_prediction_label_for_user, is_last_for_step, is_first_on_asset)
  select f.id, :project_id::text, f.asset_id, f.author_id, :label_type::text, f.model_name, f.response, f.search, f.warning,
    f.annotations, f.seconds, f.client_version, f.step_id, f.referenced, :skipped::bool, :is_honeypot::bool,
    f.is_latest, f.is_latest and :label_type::text = 'DEFAULT', f.is_latest and :label_type::text = 'REVIEW',
    f.is_latest_of_model and :label_type::text = 'PREDICTION', f.is_latest_of_step and :label_type::text in ('DEFAULT', 'REVIEW'),
    :label_type::text in ('DEFAULT', 'REVIEW') and f.place = min(f.place) over (partition by f.asset_id) and not exists (
      select 1 from label e where e.asset_id = f.asset_id and e.label_type in ('DEFAULT', 'REVIEW'))
  from fresh f where f.is_latest or :label_type::text <> 'AUTOSAVE' order by f.place
  returning id
)
select
  case when (select count(*) from moved) = cardinality(:moved_ids::text[]) and exists (
    select 1 from project p where p.id = :project_id::text and p.interface_version = :interface_version::int)
  then 0 else 1 / (select count(*) - count(*) from moved) end as held,
  (select count(*) from (
    select pg_notify('labelyard_label', :project_id::text || ' ' || string_agg(added.id, ','))
    from (select added.id, row_number() over () / 200 as part from added) added
    where exists (
      select 1 from label_listener ll where ll.project_id = :project_id::text and ll.seen_at > now() - interval '2 minutes')
    group by added.part) told) as told
"""

LATEST = """
update label l set
  is_latest_label_for_user = f.latest, is_latest_default_label_for_user = f.latest_default,
  is_latest_review_label_for_user = f.latest_review, is_latest_prediction_label_for_user = f.latest_prediction,
  is_last_for_step = f.last_for_step, is_first_on_asset = f.first_on_asset
from (
  select id,
    row_number() over (partition by asset_id, author_id,
      case when label_type in ('DEFAULT', 'REVIEW') then 'HUMAN' else label_type end order by position desc) = 1 as latest,
    label_type = 'DEFAULT' and row_number() over (
      partition by asset_id, author_id, label_type order by position desc) = 1 as latest_default,
    label_type = 'REVIEW' and row_number() over (
      partition by asset_id, author_id, label_type order by position desc) = 1 as latest_review,
    label_type = 'PREDICTION' and row_number() over (
      partition by asset_id, author_id, label_type, model_name order by position desc) = 1 as latest_prediction,
    label_type in ('DEFAULT', 'REVIEW') and row_number() over (partition by asset_id, author_id, step_id,
      label_type in ('DEFAULT', 'REVIEW') order by position desc) = 1 as last_for_step,
    label_type in ('DEFAULT', 'REVIEW') and row_number() over (partition by asset_id,
      label_type in ('DEFAULT', 'REVIEW') order by position) = 1 as first_on_asset
  from label where asset_id = any(:asset_ids)
) f
where l.id = f.id and (l.is_latest_label_for_user, l.is_latest_default_label_for_user, l.is_latest_review_label_for_user,
  l.is_latest_prediction_label_for_user, l.is_last_for_step, l.is_first_on_asset)
  is distinct from (f.latest, f.latest_default, f.latest_review, f.latest_prediction, f.last_for_step, f.first_on_asset)
"""

HISTORY = """
select a.id, a.sent_back_at is not null as was_sent_back,
  coalesce(bool_or(l.label_type = 'REVIEW' and not l.is_honeypot
    and (a.sent_back_at is null or l.created_at > a.sent_back_at)), false) as has_review_since_send_back,
  count(distinct l.author_id) filter (where l.label_type = 'DEFAULT'
    and (a.sent_back_at is null or l.created_at > a.sent_back_at))::int as labelers_since_send_back,
  coalesce(bool_or(l.label_type in ('DEFAULT', 'REVIEW', 'AUTOSAVE') and not l.is_honeypot), false) as has_submitted_or_draft,
  coalesce(bool_or(l.label_type = 'DEFAULT'), false) as has_default
from asset a left join label l on l.asset_id = a.id where a.id = any(:asset_ids) group by a.id
"""


async def assets_for_submission(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, Row]:
    """What a submission needs to know of assets in the person's projects, by id; other ids are left out."""
    values = {"ids": list(set(ids)), **viewer_values(actor)}
    return {row["id"]: row for row in await connection.fetch(SUBMISSION, values)}


async def lock_assets(connection: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """The state of assets, locked until the transaction ends."""
    return {row["id"]: row for row in await connection.fetch(STATES, {"ids": sorted(set(ids))})}


async def locked_for_submission(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, Row]:
    """What a submission needs to know of assets, locked until the transaction ends.

    Two statements, because one that waits for a lock goes on with the snapshot from before the wait.
    """
    await connection.fetch(LOCK, {"ids": sorted(set(ids))})
    return await assets_for_submission(connection, ids, actor)


async def workflow_row(connection: Connection, project_id: str) -> Row | None:
    """The settings of a project that move assets."""
    return await connection.fetch_one(WORKFLOW, {"project_id": project_id})


async def step_id_by_name(connection: Connection, project_id: str, name: str) -> str | None:
    """The first step of a project with a name."""
    step_id = await connection.fetch_value(
        "select id from project_step where project_id = :project_id and name = :name order by step_order limit 1",
        {"project_id": project_id, "name": name},
    )
    return None if step_id is None else str(step_id)


async def labelers_since_send_back(connection: Connection, asset_ids: Sequence[str]) -> dict[str, set[str]]:
    """The people with a DEFAULT label since the last send-back, by asset."""
    rows = await connection.fetch(
        "select l.asset_id, array_agg(distinct l.author_id) as authors from label l join asset a on a.id = l.asset_id "
        "where l.asset_id = any(:ids) and l.label_type = 'DEFAULT' "
        "and (a.sent_back_at is null or l.created_at > a.sent_back_at) group by l.asset_id",
        {"ids": list(asset_ids)},
    )
    return {row["asset_id"]: set(row["authors"]) for row in rows}


class Overtaken(Exception):
    """An asset or the interface changed between the reading and the writing; nothing was written."""


async def append(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write a batch of labels of one type and one project, and all that follows from it."""
    try:
        async with uncertain():
            await connection.fetch(APPEND, values)
    except asyncpg.DivisionByZeroError as error:
        raise Overtaken from error


async def clear_send_back(connection: Connection, asset_ids: Sequence[str]) -> None:
    """A new answer ends the send-back of an asset."""
    await connection.fetch(
        "update label set is_sent_back_to_queue = false where asset_id = any(:ids) and is_sent_back_to_queue",
        {"ids": list(asset_ids)},
    )


async def delete_of_model(
    connection: Connection, *, asset_ids: Sequence[str], model_names: Sequence[str | None], label_type: str
) -> None:
    """Remove the labels that models made on assets, pairwise."""
    rows = await connection.fetch(
        "delete from label l using unnest(:asset_ids::text[], :model_names::text[]) o(asset_id, model_name) "
        "where l.asset_id = o.asset_id and l.model_name is not distinct from o.model_name and l.label_type = :label_type "
        "returning l.project_id",
        {"asset_ids": list(asset_ids), "model_names": list(model_names), "label_type": label_type},
    )
    await count_removal(connection, {row["project_id"] for row in rows})


async def labels_by_id(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, Row]:
    """Labels in the person's projects, with what an edit or a deletion needs to know."""
    rows = await connection.fetch(
        "select l.id, l.asset_id, l.project_id, l.author_id, l.label_type, l.json_response, p.archived_at, "
        "p.interface_version from label l join project p on p.id = l.project_id "
        f"where l.id = any(:ids) and {OWN_PROJECT}",
        {"ids": list(ids), **viewer_values(actor)},
    )
    return {row["id"]: row for row in rows}


async def delete_labels(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Remove labels and answer those that were there."""
    rows = await connection.fetch("delete from label where id = any(:ids) returning id, project_id", {"ids": list(ids)})
    await count_removal(connection, {row["project_id"] for row in rows})
    return [row["id"] for row in rows]


async def refresh_latest(connection: Connection, asset_ids: Sequence[str]) -> None:
    """Compute the flags of latest and first labels anew for all labels of assets."""
    await connection.fetch(LATEST, {"asset_ids": list(asset_ids)})


async def label_histories(connection: Connection, asset_ids: Sequence[str]) -> dict[str, Row]:
    """What the labels on assets say about their state."""
    return {row["id"]: row for row in await connection.fetch(HISTORY, {"asset_ids": list(asset_ids)})}


async def move_assets(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write new states of assets."""
    await connection.fetch(
        "update asset a set status = m.status, skipped = m.skipped, current_step_id = m.step_id, "
        "step_status = m.step_status, is_to_review = m.is_to_review, "
        "skip_reason = case when m.skipped then a.skip_reason end, updated_at = now() "
        "from unnest(:moved_ids::text[], :moved_statuses::text[], :moved_skipped::bool[], :moved_steps::text[], "
        ":moved_step_statuses::text[], :moved_to_review::bool[]) m(id, status, skipped, step_id, step_status, is_to_review) "
        "where a.id = m.id",
        values,
    )


async def update_label(connection: Connection, label_id: str, values: Mapping[str, Any]) -> None:
    """Edit a label in place and tell its listeners; a null value leaves what is there."""
    await connection.fetch(
        "update label set json_response = coalesce(:json_response, json_response), "
        "search = coalesce(:search::jsonb, search), warnings = case when :json_response::text is null then warnings "
        "else :warnings end, number_of_annotations = coalesce(:number_of_annotations::int, number_of_annotations), "
        "model_name = coalesce(:model_name, model_name), seconds_to_label = coalesce(:seconds_to_label::float, seconds_to_label), "
        "is_sent_back_to_queue = coalesce(:is_sent_back_to_queue::bool, is_sent_back_to_queue), version = version + 1, "
        "updated_at = now() where id = :id",
        {"id": label_id, **values},
    )
    await connection.fetch(
        "select pg_notify('labelyard_label', l.project_id || ' ' || l.id) from label l where l.id = :id and exists (select 1 "
        "from label_listener ll where ll.project_id = l.project_id and ll.seen_at > now() - interval '2 minutes')",
        {"id": label_id},
    )


async def label_for_annotations(connection: Connection, where: str, values: Mapping[str, Any]) -> Row | None:
    """The first label that a filter leaves, with the interface it is read by."""
    return await connection.fetch_one(
        "select chosen.id, chosen.json_response, read.json_interface, read.input_type from "
        f"(select t.* from label t where {where} limit 1) chosen join project read on read.id = chosen.project_id",
        values,
    )


async def total_annotations(connection: Connection, where: str, values: Mapping[str, Any]) -> int:
    """The sum of annotations in the labels of the assets that a filter leaves."""
    return int(
        await connection.fetch_value(
            "select coalesce(sum(l.number_of_annotations), 0)::int from label l where l.asset_id in "
            f"(select t.id from asset t where {where})",
            values,
        )
    )
