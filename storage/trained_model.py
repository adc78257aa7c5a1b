"""Statements about models trained on labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from labelyard.domain.permission import Actor
from labelyard.storage.database import Autocommit, Connection, Database, Row, Writer
from labelyard.storage.scope import ITS_PROJECT, OWN_PROJECT, SCOPES, viewer_values

PIECE: Final = 100
IMAGES_AT_ONCE: Final = 2_000
IMAGE_COLUMNS: Final = ("model_id", "place", "asset_id", "in_validation", "truth", "scores_best", "scores_last")
VALIDATION_KEY: Final = "validation"
"""The key of the metadata of assets by which a person holds an image back for validation."""

# What an image is labeled with: the latest review, else the latest answer of a labeler; the categories of one job in their order.
SNAPSHOT = f"""
select a.id as asset_id, b.sha256 as content_hash, coalesce(a.metadata_search -> '{VALIDATION_KEY}' = 'true', false) as is_marked,
  array(
    select c.value ->> 'name'
    from jsonb_array_elements(
      case jsonb_typeof(l.answer -> 'categories') when 'array' then l.answer -> 'categories' else '[]' end
    ) with ordinality c(value, place)
    where c.value ->> 'name' is not null
    order by c.place
  ) as labels
from asset a
join blob b on b.id = a.content_blob_id
cross join lateral (
  select case when o.skipped then null else o.json_response::jsonb -> :job_name::text end as answer
  from label o
  where o.asset_id = a.id and o.label_type in ('REVIEW', 'DEFAULT')
  order by o.label_type = 'REVIEW' desc, o.position desc
  limit 1
) l
where a.project_id = :project_id and l.answer is not null
order by a.position
limit :limit
"""
LOCK_NAMES = "select pg_advisory_xact_lock(hashtextextended('trained models of ' || :project_id, 0))"
NAMES = "select name from trained_model where project_id = :project_id"
UNFINISHED = """
select count(*)::int
from trained_model m join job j on j.id = m.job_id
where m.project_id = :project_id and m.status in ('QUEUED', 'TRAINING') and j.status in ('QUEUED', 'RUNNING')
"""
HEADS = {"BEST": "head_best", "LAST": "head_last"}
SCORES = {"BEST": "scores_best", "LAST": "scores_last"}
COLUMNS = (
    "t.id, t.project_id, t.name, t.type, t.job_name, t.labels, t.parameters, t.status, t.job_id, t.assists, t.backbone, "
    "t.thresholds, t.curves, t.train_seconds, t.best_at_seconds, t.requested_by, greatest(t.finished_at, t.thresholds_at) as ready_at"
)
FIND = f"""
select {COLUMNS}, p.archived_at, p.input_type
from trained_model t {ITS_PROJECT.format(row="t")}
where t.id = :id and {OWN_PROJECT}
"""
FIND_BY_NAME = f"""
select {COLUMNS}, p.archived_at, p.input_type
from trained_model t {ITS_PROJECT.format(row="t")}
where t.project_id = :project_id and t.name = :name and {OWN_PROJECT}
"""
NEWEST = f"""
select {COLUMNS}, p.archived_at, p.input_type
from trained_model t {ITS_PROJECT.format(row="t")}
where t.project_id = :project_id and t.status = 'TRAINED' and {OWN_PROJECT}
order by t.position desc
limit 1
"""
READ = f"select {COLUMNS} from trained_model t where t.id = :id"
BEGIN = """
update trained_model
set status = 'TRAINING', started_at = now(), labels = :labels
where id = :id and status = 'QUEUED'
returning id
"""
# Never back: a number that has been seen stays until the next one is greater.
PROGRESS = "update trained_model set progress = greatest(progress, :progress) where id = :id and status = 'TRAINING'"
END = """
update trained_model
set status = :status, error = :error, finished_at = now()
where id = :id and status in ('QUEUED', 'TRAINING')
returning id
"""
FINISH = """
update trained_model t
set status = 'TRAINED', progress = 100, finished_at = now(), labels = :labels, backbone = :backbone, head_best = :head_best,
  head_last = :head_last, thresholds = :thresholds, curves = :curves, epochs = :epochs, best_epoch = :best_epoch,
  train_seconds = :train_seconds, best_at_seconds = :best_at_seconds
where t.id = :id
  and t.status = 'TRAINING'
  and exists (select from project p where p.id = t.project_id and p.deleted_at is null)
returning t.id
"""
SETS = """
select in_validation, string_agg(truth, '' order by place) as truth, string_agg({scores}, '' order by place) as scores
from trained_model_image
where model_id = :id and in_validation = any(:sets)
group by in_validation
"""
IMAGES = """
select i.asset_id, a.external_id, i.truth, i.{scores} as scores
from trained_model_image i join asset a on a.id = i.asset_id
where i.model_id = :id and i.in_validation = :in_validation and a.project_id = :project_id and i.place > :after
order by i.place
limit :limit
"""
# Assets that nobody has labeled and that the model has not predicted since it has been as it is.
TO_PREDICT = """
from asset a join blob b on b.id = a.content_blob_id
where a.project_id = :project_id
  and not (:only_unlabeled and exists (
    select from label l where l.asset_id = a.id and l.label_type in ('DEFAULT', 'REVIEW')
  ))
  and not exists (
    select
    from label l
    where l.asset_id = a.id and l.label_type = 'PREDICTION' and l.model_name = :model_name and l.created_at >= :ready_at
  )
"""
TO_ASSIST = f"""
select a.id, a.position, b.sha256 as content_hash, b.id as blob_id, b.size {TO_PREDICT}
  and a.position > :after
order by a.position
limit :limit
"""
PRIORITIES = """
update asset a
set priority = n.priority, updated_at = now()
from unnest(:ids::text[], :priorities::int[]) n(id, priority)
where a.id = n.id and a.priority <> n.priority and a.status in ('TODO', 'ONGOING')
"""
CONTENTS = f"""
select a.id, a.external_id, a.project_id, b.sha256 as content_hash, b.id as blob_id, b.size, b.media_type
from asset a join blob b on b.id = a.content_blob_id
where a.id = any(:ids) and {SCOPES["Asset"].condition.format(r="a")}
"""
SHOWN = f"""
select b.sha256 as content_hash, a.id, a.external_id
from asset a join blob b on b.id = a.content_blob_id
where a.project_id = :project_id and b.sha256 = any(:hashes) and {SCOPES["Asset"].condition.format(r="a")}
order by a.position
limit :limit
"""
OF_DELETED = """
delete from trained_model
where id in (
  select m.id
  from trained_model m join project p on p.id = m.project_id
  where p.deleted_at is not null
  limit :piece
)
returning id
"""
SET_LOOP = """
insert into learning_loop (project_id, model_id, every_labels, user_id)
values (:project_id, :model_id, :every_labels, :user_id)
on conflict (project_id) do update
set model_id = excluded.model_id, every_labels = excluded.every_labels, user_id = excluded.user_id, reason = null
"""
LOOP = "select every_labels, model_id, reason from learning_loop where project_id = :project_id"
END_LOOP = "delete from learning_loop where project_id = :project_id returning project_id"
# Labels of people since the newest model of the loop was asked for; counted no further than needed.
DUE = """
select lo.project_id, lo.model_id, lo.every_labels, lo.user_id
from learning_loop lo
join project p on p.id = lo.project_id and p.deleted_at is null and p.archived_at is null
join trained_model m on m.id = lo.model_id and m.status in ('TRAINED', 'FAILED', 'CANCELLED')
where lo.reason is null and (
  select count(*)
  from (
    select
    from label l
    where l.project_id = lo.project_id and l.label_type in ('DEFAULT', 'REVIEW') and l.created_at > m.created_at
    limit lo.every_labels
  ) fresh
) >= lo.every_labels
limit :limit
for update of lo skip locked
"""
FOLLOW = "update learning_loop set model_id = :model_id where project_id = :project_id"
PAUSE = "update learning_loop set reason = :reason where project_id = :project_id"


async def read_snapshot(connection: Connection, project_id: str, job_name: str, *, limit: int) -> list[Row]:
    """The images of a project that people have labeled, with their labels in one job."""
    return await connection.fetch(SNAPSHOT, {"project_id": project_id, "job_name": job_name, "limit": limit})


async def lock_model_names(connection: Writer, project_id: str) -> set[str]:
    """The names of a project's models, of which there are no more until the transaction ends."""
    await connection.fetch(LOCK_NAMES, {"project_id": project_id})
    return {row["name"] for row in await connection.fetch(NAMES, {"project_id": project_id})}


async def unfinished_models(connection: Connection, project_id: str) -> int:
    """How many models of a project wait to be trained or are being trained."""
    return int(await connection.fetch_value(UNFINISHED, {"project_id": project_id}))


async def own_model(connection: Connection, model_id: str, actor: Actor) -> Row | None:
    """A model of a project of the person."""
    return await connection.fetch_one(FIND, {"id": model_id, **viewer_values(actor)})


async def own_model_named(connection: Connection, project_id: str, name: str, actor: Actor) -> Row | None:
    """The model of a name in a project of the person."""
    return await connection.fetch_one(FIND_BY_NAME, {"project_id": project_id, "name": name, **viewer_values(actor)})


async def newest_trained(connection: Connection, project_id: str, actor: Actor) -> Row | None:
    """The model of a project of the person that was asked for last, of those that have learned."""
    return await connection.fetch_one(NEWEST, {"project_id": project_id, **viewer_values(actor)})


async def read_model(connection: Connection, model_id: str) -> Row | None:
    """A model, for its job."""
    return await connection.fetch_one(READ, {"id": model_id})


async def read_head(connection: Connection, model_id: str, checkpoint: str) -> bytes | None:
    """The head of a model; None before it is trained."""
    head: bytes | None = await connection.fetch_value(
        f"select {HEADS[checkpoint]} from trained_model where id = :id", {"id": model_id}
    )
    return head


async def begin_model(connection: Writer, model_id: str, labels: Sequence[str]) -> bool:
    """Say that a training has begun; False for one that had begun before, or that has ended."""
    return await connection.fetch_value(BEGIN, {"id": model_id, "labels": list(labels)}) is not None


async def report_model(connection: Autocommit, model_id: str, progress: int) -> None:
    """Say how far a training is, in percent."""
    await connection.write(PROGRESS, {"id": model_id, "progress": progress})


async def end_model(connection: Writer | Autocommit, model_id: str, *, status: str, error: str | None) -> bool:
    """End a training that is to have no outcome; False when it had ended already."""
    return bool(await connection.write(END, {"id": model_id, "status": status, "error": error}))


async def finish_model(connection: Writer, values: Mapping[str, Any]) -> bool:
    """Keep the outcome of a training; False when nobody waits for it any more."""
    return await connection.fetch_value(FINISH, values) is not None


async def insert_images(connection: Writer, rows: Sequence[tuple[str, int, str, bool, bytes, bytes, bytes]]) -> None:
    """Keep what a model has learned from, as rows in the order of `IMAGE_COLUMNS`."""
    for start in range(0, len(rows), IMAGES_AT_ONCE):
        await connection.copy("trained_model_image", IMAGE_COLUMNS, rows[start : start + IMAGES_AT_ONCE])


async def delete_model(connection: Writer, model_id: str) -> None:
    """Delete a model with what it has learned from."""
    await connection.fetch("delete from trained_model where id = :id", {"id": model_id})


async def set_thresholds(connection: Writer, model_id: str, thresholds: str) -> None:
    """Set the thresholds of a model, a JSON list."""
    await connection.fetch(
        "update trained_model set thresholds = :thresholds, thresholds_at = now() where id = :id",
        {"id": model_id, "thresholds": thresholds},
    )


async def read_sets(connection: Connection, model_id: str, checkpoint: str, sets: Sequence[bool]) -> list[Row]:
    """Truth and scores of the images of a training, in one piece each, for the images that validate (True) or do not."""
    return await connection.fetch(SETS.format(scores=SCORES[checkpoint]), {"id": model_id, "sets": list(sets)})


async def read_images(
    connection: Connection, model: Row, checkpoint: str, *, in_validation: bool, after: int, limit: int
) -> list[Row]:
    """Images of a training whose assets are still there, behind a place."""
    text = IMAGES.replace("select i.asset_id", "select i.place, i.asset_id").format(scores=SCORES[checkpoint])
    return await connection.fetch(
        text,
        {
            "id": model["id"],
            "project_id": model["project_id"],
            "in_validation": in_validation,
            "after": after,
            "limit": limit,
        },
    )


async def assets_to_assist(
    connection: Connection, model: Row, *, only_unlabeled: bool, after: int, limit: int
) -> list[Row]:
    """Assets that a model is to predict, behind a place in their order."""
    values = {**_to_predict(model, only_unlabeled=only_unlabeled), "after": after, "limit": limit}
    return await connection.fetch(TO_ASSIST, values)


async def count_to_assist(connection: Connection, model: Row, *, only_unlabeled: bool) -> int:
    """How many assets a model is to predict in all."""
    values = _to_predict(model, only_unlabeled=only_unlabeled)
    return int(await connection.fetch_value(f"select count(*) {TO_PREDICT}", values))


def _to_predict(model: Row, *, only_unlabeled: bool) -> dict[str, Any]:
    return {
        "project_id": model["project_id"],
        "model_name": model["name"],
        "ready_at": model["ready_at"],
        "only_unlabeled": only_unlabeled,
    }


async def set_priorities(connection: Writer, priorities: Mapping[str, int]) -> None:
    """Give assets that wait to be labeled their place in the queue."""
    await connection.fetch(PRIORITIES, {"ids": list(priorities), "priorities": list(priorities.values())})


async def visible_contents(connection: Connection, asset_ids: Sequence[str], actor: Actor) -> list[Row]:
    """Assets that a person sees, with the files that they are; those without a file are not there."""
    return await connection.fetch(CONTENTS, {"ids": list(asset_ids), **viewer_values(actor)})


async def assets_showing(
    connection: Connection, project_id: str, hashes: Sequence[str], actor: Actor, *, limit: int
) -> list[Row]:
    """The assets of a project that a person sees and that are one of some contents, in the order of the project."""
    values = {"project_id": project_id, "hashes": list(hashes), "limit": limit, **viewer_values(actor)}
    return await connection.fetch(SHOWN, values)


async def remove_models_of_deleted(database: Database) -> int:
    """Remove the models of deleted projects; answers how many."""
    count = 0
    while True:
        async with database.transaction() as connection:
            removed = await connection.fetch(OF_DELETED, {"piece": PIECE})
        count += len(removed)
        if len(removed) < PIECE:
            return count


async def read_loop(connection: Connection, project_id: str) -> Row | None:
    """How often a project's model is trained again; None for one that is not."""
    return await connection.fetch_one(LOOP, {"project_id": project_id})


async def set_loop(connection: Writer, values: Mapping[str, Any]) -> None:
    """Have a project's model trained again as labels come."""
    await connection.fetch(SET_LOOP, values)


async def end_loop(connection: Writer, project_id: str) -> bool:
    """End that; False when it was not so."""
    return await connection.fetch_value(END_LOOP, {"project_id": project_id}) is not None


async def due_loops(connection: Writer, *, limit: int) -> list[Row]:
    """Projects with enough new labels, held until the transaction ends."""
    return await connection.fetch(DUE, {"limit": limit})


async def follow_loop(connection: Writer, project_id: str, model_id: str) -> None:
    """Make a model the newest of its loop."""
    await connection.fetch(FOLLOW, {"project_id": project_id, "model_id": model_id})


async def pause_loop(connection: Writer, project_id: str, reason: str) -> None:
    """Say why a project's model is not trained again, until somebody sets it anew."""
    await connection.fetch(PAUSE, {"project_id": project_id, "reason": reason})
