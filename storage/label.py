"""Statements about labels that write operations need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.number import LARGEST_INT
from labelyard.domain.permission import Actor
from labelyard.storage.conversation import SPOKEN
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.label_append import LISTENED, StaleReadError
from labelyard.storage.project import count_removal
from labelyard.storage.scope import ITS_PROJECT, LABELER_LABEL, OWN_PROJECT, viewer_values
from labelyard.storage.workflow import LOCK

# The steps of a project `p` as `id:type:coverage:group`, in order.
STEPS = """array(
  select s.id || ':' || s.type || ':' || coalesce(s.step_coverage, 0) || ':' || coalesce(s.step_group_id, '')
  from project_step s
  where s.project_id = p.id
  order by s.step_order
)"""
# Of conversations: what their messages are called in labels, and how many are of users.
MESSAGES = """
select c.asset_id, array_agg(c.id) || array_agg(c.external_id) filter (where c.external_id is not null) as chat_items,
  (count(*) filter (where c.role = 'USER'))::int as rounds
from chat_item c
where c.asset_id = any(:ids)
group by c.asset_id
"""
# How many frames the film of an asset has, or the document that lists them.
PLAYBACK = """case when p.input_type in ('VIDEO', 'VIDEO_LEGACY') then (
    select b.playback
    from blob b
    where b.id = coalesce(a.json_content_blob_id, a.content_blob_id)
  ) end"""
# Says how fast a film is played.
PLAYED = """case when p.input_type in ('VIDEO', 'VIDEO_LEGACY') and a.json_content_blob_id is null
    and a.content_blob_id is not null then a.json_metadata end"""
# What a submission needs to know of assets and of their project's workflow. `row_version` is the version of the asset's row.
SUBMISSION = f"""
select a.id, a.external_id, a.project_id, a.content, a.page_resolutions, a.json_content, a.status, a.skipped,
  a.current_step_id, a.step_status, a.is_to_review, a.is_used_for_consensus, a.sent_back_at,
  a.sent_back_step_id, a.is_honeypot, a.xmin::text as row_version,
  array(select distinct f.label_type from label f where f.asset_id = a.id) as label_types, p.input_type,
  p.interface_version, p.archived_at, p.min_consensus_size, p.review_coverage, {STEPS} as steps,
  {PLAYBACK} as playback, {PLAYED} as json_metadata,
  exists (
    select 1
    from project_user pu
    where pu.project_id = p.id and pu.user_id = :viewer and pu.deleted_at is null
  ) as is_member
from asset a {ITS_PROJECT.format(row="a")}
where a.id = any(:ids) and {OWN_PROJECT}
"""
WORKFLOW = f"""
select p.interface_version, p.min_consensus_size, p.review_coverage, {STEPS} as steps
from project p
where p.id = :project_id
"""
STATES = """
select a.id, a.status, a.skipped, a.current_step_id, a.step_status, a.is_to_review, a.is_used_for_consensus,
  a.sent_back_at, a.sent_back_step_id
from asset a
where a.id = any(:ids)
order by a.id
for no key update
"""
LATEST = """
update label l set
  is_latest_label_for_user = f.latest, is_latest_default_label_for_user = f.latest_default,
  is_latest_review_label_for_user = f.latest_review, is_latest_prediction_label_for_user = f.latest_prediction,
  is_last_for_step = f.last_for_step, is_first_on_asset = f.first_on_asset
from (
  select id,
    row_number() over (partition by asset_id, author_id,
      case when label_type in ('DEFAULT', 'REVIEW') then 'HUMAN' else label_type end,
      case when label_type in ('PREDICTION', 'INFERENCE') then model_name end order by position desc) = 1 as latest,
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

# Of the labels `l` of an asset `a`, made in step `s`: `t` is the step that the asset was last sent back to. What was done in the
# groups before its group stays valid; everything in the groups behind it is to be done again.
SENT_BACK_STEPS = "left join project_step s on s.id = l.step_id left join project_step t on t.id = a.sent_back_step_id"
ELSEWHERE = "s.step_group_id is distinct from t.step_group_id"
SINCE = f"(a.sent_back_at is null or l.created_at > a.sent_back_at or (s.step_order < t.step_order and {ELSEWHERE}))"
# By asset and group of steps.
HISTORY = f"""
select a.id, s.step_group_id, a.sent_back_at is not null as was_sent_back, t.step_group_id as sent_back_group_id, a.sent_back_step_id,
  coalesce(array_agg(distinct coalesce(l.step_id, '')) filter (where l.label_type = 'REVIEW' and not l.is_honeypot
    and {SINCE}), '{{}}') as reviewed_since_send_back,
  coalesce(array_agg(distinct l.author_id) filter (where l.label_type = 'DEFAULT' and {SINCE}), '{{}}')
    as labelers_since_send_back,
  coalesce(bool_or(l.label_type in ('DEFAULT', 'REVIEW') and not l.is_honeypot
    and ({SINCE} or coalesce(not (s.step_order > t.step_order and {ELSEWHERE}), true))), false) as has_submitted,
  coalesce(bool_or(l.label_type = 'AUTOSAVE' and not l.is_honeypot), false) as has_draft,
  coalesce(bool_or(l.label_type = 'DEFAULT'), false) as has_default
from asset a left join label l on l.asset_id = a.id {SENT_BACK_STEPS}
where a.id = any(:asset_ids) group by a.id, s.step_group_id, t.step_group_id
"""


async def assets_for_submission(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, Row]:
    """What a submission needs to know of assets in the person's projects, by id; other ids are left out."""
    values = {
        "ids": list(set(ids)),
        "viewer": actor.user_id,
        "organization_id": actor.organization_id,
        "is_organization_admin": actor.is_organization_admin,
        "member_projects": list(actor.roles),
    }
    rows = {row["id"]: row for row in await connection.fetch(SUBMISSION, values)}
    spoken = [identifier for identifier, row in rows.items() if row["input_type"].startswith("LLM_")]
    return rows | await _with_messages(connection, rows, spoken) if spoken else rows


async def _with_messages(connection: Connection, rows: Mapping[str, Row], ids: Sequence[str]) -> dict[str, Row]:
    """The rows of conversations, with what labels may say of their messages: most projects have none, and ask for none."""
    found = {row["asset_id"]: row for row in await connection.fetch(MESSAGES, {"ids": list(ids)})}
    none = {"chat_items": None, "rounds": None}
    return {
        identifier: {**dict(rows[identifier]), **(dict(found[identifier]) if identifier in found else none)}
        for identifier in ids
    }


async def lock_assets(connection: Writer, ids: Sequence[str]) -> dict[str, Row]:
    """The state of assets, locked until the transaction ends."""
    return {row["id"]: row for row in await connection.fetch(STATES, {"ids": sorted(set(ids))})}


async def locked_for_submission(connection: Writer, ids: Sequence[str], actor: Actor) -> dict[str, Row]:
    """What a submission needs to know of assets, locked until the transaction ends.

    Two statements, because one that waits for a lock goes on with the snapshot from before the wait.
    """
    await connection.fetch(LOCK, {"ids": sorted(set(ids))})
    return await assets_for_submission(connection, ids, actor)


async def workflow_row(connection: Connection, project_id: str) -> Row | None:
    """The settings of a project that move assets."""
    return await connection.fetch_one(WORKFLOW, {"project_id": project_id})


async def step_ids_by_name(connection: Connection, project_id: str, name: str) -> list[str]:
    """The steps of a project with a name, in order."""
    rows = await connection.fetch(
        "select id from project_step where project_id = :project_id and name = :name order by step_order",
        {"project_id": project_id, "name": name},
    )
    return [row["id"] for row in rows]


async def labelers_since_send_back(connection: Connection, asset_ids: Sequence[str]) -> dict[str, set[str]]:
    """The people with a DEFAULT label in the first group of steps since the last send-back, by asset."""
    rows = await connection.fetch(
        f"""
        select l.asset_id, array_agg(distinct l.author_id) as authors
        from label l join asset a on a.id = l.asset_id {SENT_BACK_STEPS}
        where l.asset_id = any(:ids)
          and l.label_type = 'DEFAULT'
          and {SINCE}
          and not exists (select 1 from step_group g where g.id = s.step_group_id and g.group_order > 0)
        group by l.asset_id
        """,
        {"ids": list(asset_ids)},
    )
    return {row["asset_id"]: set(row["authors"]) for row in rows}


async def clear_send_back(connection: Writer, asset_ids: Sequence[str]) -> None:
    """No label of the assets is flagged as sent back any more."""
    await connection.fetch(
        "update label l set is_sent_back_to_queue = false where l.is_sent_back_to_queue and l.asset_id = any(:asset_ids)",
        {"asset_ids": list(asset_ids)},
    )


async def delete_of_model(
    connection: Writer, *, asset_ids: Sequence[str], model_names: Sequence[str | None], label_type: str
) -> None:
    """Remove the labels that models made on assets, pairwise."""
    rows = await connection.fetch(
        """
        delete from label l
        using unnest(:asset_ids::text[], :model_names::text[]) o(asset_id, model_name)
        where l.asset_id = o.asset_id
          and l.model_name is not distinct from o.model_name
          and l.label_type = :label_type
        returning l.project_id
        """,
        {"asset_ids": list(asset_ids), "model_names": list(model_names), "label_type": label_type},
    )
    await count_removal(connection, {row["project_id"] for row in rows})


async def assets_of_labels(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, str]:
    """The assets of the labels that the person sees, by the ids of the labels; other ids are left out."""
    rows = await connection.fetch(
        f"""
        select l.id, l.asset_id
        from label l {ITS_PROJECT.format(row="l")}
        where l.id = any(:ids) and {OWN_PROJECT} and {LABELER_LABEL.format(r="l")}
        """,
        {"ids": list(ids), **viewer_values(actor)},
    )
    return {row["id"]: row["asset_id"] for row in rows}


async def labels_by_id(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, Row]:
    """Labels that the person sees, with what an edit or a deletion needs to know."""
    rows = await connection.fetch(
        f"""
        select l.id, l.asset_id, l.project_id, l.author_id, l.label_type, l.json_response, l.version,
          p.archived_at, p.interface_version
        from label l {ITS_PROJECT.format(row="l")}
        where l.id = any(:ids) and {OWN_PROJECT} and {LABELER_LABEL.format(r="l")}
        """,
        {"ids": list(ids), **viewer_values(actor)},
    )
    return {row["id"]: row for row in rows}


# A draft that is thrown away was nobody else's business.
DELETE = """
with gone as (
  delete from label where id = any(:ids) returning id, project_id, asset_id, label_type, author_id
), happened as (
  insert into event (organization_id, project_id, user_id, event, asset_id, label_id, payload, origin)
  select p.organization_id, g.project_id, event_origin() ->> 'user', 'label.deleted', g.asset_id, g.id,
    json_build_object('labelType', g.label_type, 'authorId', g.author_id)::text, event_origin_text()
  from gone g join project p on p.id = g.project_id where g.label_type <> 'AUTOSAVE'
)
select id, project_id from gone
"""


async def delete_labels(connection: Writer, ids: Sequence[str]) -> list[str]:
    """Remove labels and answer those that were there."""
    rows = await connection.fetch(DELETE, {"ids": list(ids)})
    await count_removal(connection, {row["project_id"] for row in rows})
    return [row["id"] for row in rows]


async def refresh_latest(connection: Writer, asset_ids: Sequence[str]) -> None:
    """Compute the flags of latest and first labels anew for all labels of assets."""
    await connection.fetch(LATEST, {"asset_ids": list(asset_ids)})


async def label_histories(connection: Connection, asset_ids: Sequence[str]) -> list[Row]:
    """What the labels on assets say about their state: a row for each asset and each group of steps it has labels of."""
    return await connection.fetch(HISTORY, {"asset_ids": list(asset_ids)})


async def move_assets(connection: Writer, values: Mapping[str, Any]) -> None:
    """Write new states of assets."""
    await connection.fetch(
        """
        update asset a
        set status = m.status, skipped = m.skipped, current_step_id = m.step_id, step_status = m.step_status,
          is_to_review = m.is_to_review, skip_reason = case when m.skipped then a.skip_reason end,
          updated_at = now()
        from unnest(
          :moved_ids::text[], :moved_statuses::text[], :moved_skipped::bool[], :moved_steps::text[],
          :moved_step_statuses::text[], :moved_to_review::bool[]
        ) m(id, status, skipped, step_id, step_status, is_to_review)
        where a.id = m.id
        """,
        values,
    )


async def lock_label(connection: Writer, label_id: str) -> None:
    """Lock a label and its asset until the transaction ends; nothing happens where there is no such label."""
    await connection.fetch(
        "select a.id from asset a where a.id = (select l.asset_id from label l where l.id = :id) for no key update",
        {"id": label_id},
    )
    await connection.fetch("select l.id from label l where l.id = :id for no key update", {"id": label_id})


async def update_label(
    connection: Writer, label_id: str, values: Mapping[str, Any], *, version: int, interface_version: int
) -> None:
    """Edit a label in place and tell its listeners; a null value leaves what is there.

    Raises `StaleReadError` when the label, the interface it was checked against or what the project takes has changed meanwhile.
    """
    edited = await connection.fetch(
        """
        update label l
        set json_response = coalesce(:json_response, json_response), search = coalesce(:search::jsonb, search),
          warnings = case when :json_response::text is null then warnings else :warnings end,
          number_of_annotations = coalesce(:number_of_annotations::int, number_of_annotations),
          model_name = coalesce(:model_name, model_name),
          seconds_to_label = coalesce(:seconds_to_label::float, seconds_to_label),
          is_sent_back_to_queue = coalesce(:is_sent_back_to_queue::bool, is_sent_back_to_queue),
          version = version + 1, updated_at = now()
        where l.id = :id
          and l.version = :version
          and exists (
            select 1
            from project p
            where p.id = l.project_id
              and p.interface_version = :interface_version
              and p.archived_at is null
              and p.deleted_at is null
          )
        returning l.id
        """,
        {"id": label_id, "version": version, "interface_version": interface_version, **values},
    )
    if not edited:
        raise StaleReadError
    await tell_listeners(connection, label_id)


async def tell_listeners(connection: Writer, label_id: str) -> None:
    """Have a label delivered to those who listen to its project, once the transaction is committed."""
    await connection.fetch(
        f"""
        select pg_notify('labelyard_label', l.project_id || ' ' || l.id)
        from label l
        where l.id = :id and {LISTENED.format(project_id="l.project_id")}
        """,
        {"id": label_id},
    )


async def label_for_annotations(connection: Connection, where: str, values: Mapping[str, Any]) -> Row | None:
    """The first label that a filter leaves, with the interface it is read by and the messages it speaks of."""
    return await connection.fetch_one(
        f"""
        select chosen.id, chosen.json_response, read.retired_names, read.json_interface, read.input_type,
          case when starts_with(read.input_type, 'LLM_') then {SPOKEN.format(t="chosen")} end as chat_items
        from (select t.* from label t where {where} limit 1) chosen
        join project read on read.id = chosen.project_id
        """,
        values,
    )


async def total_annotations(connection: Connection, where: str, values: Mapping[str, Any]) -> int:
    """The sum of annotations in the labels that the person sees of the assets that a filter leaves."""
    return int(
        await connection.fetch_value(
            f"""
            select least(coalesce(sum(l.number_of_annotations), 0), {LARGEST_INT})::int
            from label l
            where {LABELER_LABEL.format(r="l")} and l.asset_id in (select t.id from asset t where {where})
            """,
            values,
        )
    )


async def existing_labels(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of the ids that labels have."""
    rows = await connection.fetch("select l.id from label l where l.id = any(:ids)", {"ids": list(ids)})
    return {row["id"] for row in rows}
