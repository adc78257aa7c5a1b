"""Events of models, datasets, tags, exports and anonymization; exports that show names"""

from alembic import op
import sqlalchemy as sa

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def lifecycle(table: str, subject: str, *, owner: str, payload: str, changing: tuple[str, ...], hidden: tuple[str, ...] = ()) -> str:
    """The body of a trigger for rows `r` that come, change and go.

    `owner` are the organization and the project of a row; the values of hidden columns are left out. Without the owner the row has
    gone with it, and nothing is told (`event_record`).
    """
    names = ", ".join(f"'{column}'" for column in changing)
    secret = ", ".join(f"'{column}'" for column in hidden)
    return f"""
declare r {table}; changes jsonb := '{{}}'; did text := 'created';
begin
  if tg_op = 'DELETE' then
    r := old;
    did := 'deleted';
  else
    r := new;
  end if;
  if tg_op = 'UPDATE' then
    did := 'updated';
    changes := event_changes(to_jsonb(old), to_jsonb(new), array[{names}]::text[], array[{secret}]::text[]);
  end if;
  if changes is not null then
    perform event_record({owner}, '{subject}.' || did, jsonb_build_object({payload}) || changes, null, null);
  end if;
  return null;
end"""


def membership(table: str, *, added: str, removed: str, owner: str, payload: str) -> str:
    """The body of a trigger for rows `r` that are there or not."""
    return f"""
declare r {table};
begin
  if tg_op = 'DELETE' then
    r := old;
  else
    r := new;
  end if;
  perform event_record({owner}, case tg_op when 'DELETE' then '{removed}' else '{added}' end,
    jsonb_build_object({payload}), null, null);
  return null;
end"""


OF_PROJECT = "(select p.organization_id from project p where p.id = r.project_id and p.deleted_at is null), r.project_id"
OF_DATASET = "(select d.organization_id from dataset d where d.id = r.dataset_id), null"
# Assets of datasets come and go in thousands: one event tells how many.
DATASET_ASSETS = """
begin
  insert into event (organization_id, event, payload, user_id, origin)
  select d.organization_id, '{event}', json_build_object('datasetId', d.id, 'numberOfAssets', n.assets)::text,
    event_origin() ->> 'user', event_origin_text()
  from (select dataset_id, count(*) as assets from changed_rows group by dataset_id) n
    join dataset d on d.id = n.dataset_id
  order by d.id;
  return null;
end"""

# By the trigger's name: its table, when it fires, for each row or statement, and what it does.
TRIGGERS = {
    "model_event": (
        "model",
        "after insert or delete or update of name, endpoint, deployment_id, sealed_key",
        "for each row",
        lifecycle(
            "model",
            "model",
            owner="r.organization_id, null",
            payload="'modelId', r.id, 'name', r.name, 'type', r.type",
            changing=("name", "endpoint", "deployment_id", "sealed_key"),
            hidden=("endpoint", "deployment_id", "sealed_key"),
        ),
    ),
    "project_model_event": (
        "project_model",
        "after insert or delete or update of configuration",
        "for each row",
        lifecycle(
            "project_model",
            "project.model",
            owner=OF_PROJECT,
            payload="'projectModelId', r.id, 'modelId', r.model_id",
            changing=("configuration",),
            hidden=("configuration",),
        ),
    ),
    "dataset_event": (
        "dataset",
        "after insert or delete or update of name, type, owner_id",
        "for each row",
        lifecycle(
            "dataset",
            "dataset",
            owner="r.organization_id, null",
            payload="'datasetId', r.id, 'name', r.name",
            changing=("name", "type", "owner_id"),
        ),
    ),
    "dataset_user_event": (
        "dataset_user",
        "after insert or delete",
        "for each row",
        membership(
            "dataset_user",
            added="dataset.user.created",
            removed="dataset.user.deleted",
            owner=OF_DATASET,
            payload="'datasetId', r.dataset_id, 'userId', r.user_id",
        ),
    ),
    "dataset_asset_event_insert": (
        "dataset_asset",
        "after insert",
        "referencing new table as changed_rows for each statement",
        DATASET_ASSETS.format(event="dataset.assets.created"),
    ),
    "dataset_asset_event_update": (
        "dataset_asset",
        "after update",
        "referencing new table as changed_rows for each statement",
        DATASET_ASSETS.format(event="dataset.assets.updated"),
    ),
    "dataset_asset_event_delete": (
        "dataset_asset",
        "after delete",
        "referencing old table as changed_rows for each statement",
        DATASET_ASSETS.format(event="dataset.assets.deleted"),
    ),
    "tag_event": (
        "tag",
        "after insert or delete or update of label, color",
        "for each row",
        lifecycle(
            "tag",
            "tag",
            owner="r.organization_id, null",
            payload="'tagId', r.id, 'label', r.label",
            changing=("label", "color"),
        ),
    ),
    "project_tag_event": (
        "project_tag",
        "after insert or delete",
        "for each row",
        membership(
            "project_tag",
            added="project.tag.added",
            removed="project.tag.removed",
            owner=OF_PROJECT,
            payload="'tagId', r.tag_id",
        ),
    ),
    "project_version_event": (
        "project_version",
        "after update of name, content",
        "for each row",
        lifecycle(
            "project_version",
            "project.version",
            owner=OF_PROJECT,
            payload="'projectVersionId', r.id",
            changing=("name", "content"),
            hidden=("content",),
        ),
    ),
    "project_export_event": (
        "project_export",
        "after insert",
        "for each row",
        membership(
            "project_export",
            added="project.exported",
            removed="",
            owner=OF_PROJECT,
            payload="'exportId', r.id, 'format', r.format",
        ),
    ),
    "organization_event_delete": (
        "organization",
        "after update of deleted_at",
        "for each row when (old.deleted_at is null and new.deleted_at is not null)",
        """
begin
  perform event_record(new.id, null, 'organization.deleted', jsonb_build_object('name', new.name), null, null);
  return null;
end""",
    ),
    "project_anonymization_event": (
        "project",
        "after update of is_anonymized",
        "for each row when (old.is_anonymized is distinct from new.is_anonymized)",
        """
begin
  perform event_record(new.organization_id, new.id, 'project.settings.updated',
    event_changes(to_jsonb(old), to_jsonb(new), array['is_anonymized'], '{}'), null, null);
  return null;
end""",
    ),
}


def upgrade() -> None:
    op.add_column("project_export", sa.Column("shows_names", sa.Boolean(), server_default="true", nullable=False))
    for name, (table, event, each, body) in TRIGGERS.items():
        op.execute(f"create function {name}() returns trigger language plpgsql as $${body} $$".replace(":", r"\:"))
        op.execute(f"create trigger {name} {event} on {table} {each} execute function {name}()")


def downgrade() -> None:
    for name, (table, *_) in reversed(TRIGGERS.items()):
        op.execute(f"drop trigger {name} on {table}")
        op.execute(f"drop function {name}()")
    op.drop_column("project_export", "shows_names")
