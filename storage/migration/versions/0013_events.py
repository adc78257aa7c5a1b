"""Events, which triggers add, and the versions of labels"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)

FUNCTIONS = {
    # Who does it, from where: hexadecimal JSON that the transaction began with (storage/origin.py).
    "event_origin()": """
returns jsonb language sql stable parallel safe as $$
  select coalesce(
    convert_from(decode(nullif(current_setting('labelyard.origin', true), ''), 'hex'), 'UTF8')::jsonb, '{}'
  )
$$""",
    "event_origin_text()": """
returns text language sql stable as $$
  select nullif((event_origin() - 'user')::text, '{}')
$$""",
    "event_record(text, text, text, jsonb, text, text)": """
returns void language sql as $$
  insert into event (organization_id, project_id, event, payload, asset_id, label_id, user_id, origin)
  select $1, $2, $3, nullif($4, '{}')::text, $5, $6, event_origin() ->> 'user', event_origin_text()
  where $1 is not null -- what goes with its project is not told of
$$""",
    # The names of columns as clients know them.
    "event_name(text)": """
returns text language sql immutable as $$
  select string_agg(case when place = 1 then part else initcap(part) end, '' order by place)
  from unnest(string_to_array($1, '_')) with ordinality p(part, place)
$$""",
    # Which of some columns differ, and their values before and after, but for long and secret ones. Null when none does.
    "event_changes(jsonb, jsonb, text[], text[])": """
returns jsonb language sql immutable as $$
  select case when count(*) > 0 then jsonb_build_object(
    'fields', jsonb_agg(event_name(name) order by place),
    'before', coalesce(jsonb_object_agg(event_name(name), $1 -> name) filter (where name <> all($4)), '{}'),
    'after', coalesce(jsonb_object_agg(event_name(name), $2 -> name) filter (where name <> all($4)), '{}')
  ) end
  from unnest($3) with ordinality n(name, place)
  where $1 -> name is distinct from $2 -> name
$$""",
}

PROJECT_SETTINGS = (
    "title", "description", "instructions", "rules", "compliance_tags", "metadata_properties", "pixel_labeling",
    "max_worker_count", "min_agreement", "consensus_mark", "honeypot_mark", "can_navigate_between_assets", "can_skip_asset",
    "should_auto_assign", "seconds_to_label_before_auto_assign", "author_id",
)  # fmt: skip
PROJECT_WORKFLOW = (
    "workflow_version", "enforce_step_separation", "consensus_tot_coverage", "min_consensus_size", "review_coverage", "use_honeypot",
)  # fmt: skip
LONG = ("description", "instructions", "rules", "metadata_properties")
USER = ("email", "firstname", "lastname", "organization_role", "activated", "password_hash")
ORGANIZATION = ("name", "address", "city", "country", "zip_code")
STEP = ("name", "step_coverage", "use_honeypot", "send_back_step_id", "step_group_id")
ASSET = (
    "external_id", "content", "content_blob_id", "json_content", "json_content_blob_id", "json_metadata", "ocr_blob_id", "priority",
    "is_honeypot", "instructions", "is_instructions", "filename", "resolution",
)  # fmt: skip


def names(columns: tuple[str, ...]) -> str:
    return "array[" + ", ".join(f"'{column}'" for column in columns) + "]"


def differ(columns: tuple[str, ...]) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("old", "new"))
    return f"({old}) is distinct from ({new})"


OF_PROJECT = "(select organization_id from project where id = {row}.project_id)"

# By the trigger's name: its table, when it fires, for each row or statement, and what it does.
TRIGGERS = {
    "project_event": (
        "project",
        "after insert or update of " + ", ".join([*PROJECT_SETTINGS, *PROJECT_WORKFLOW, "json_interface", "input_type", "archived_at",
        "deleted_at"]),
        "for each row",
        f"""
declare changes jsonb;
begin
  if tg_op = 'INSERT' then
    perform event_record(new.organization_id, new.id, 'project.created',
      jsonb_build_object('title', new.title, 'inputType', new.input_type), null, null);
    return null;
  end if;
  if old.deleted_at is null and new.deleted_at is not null then
    perform event_record(new.organization_id, new.id, 'project.deleted', jsonb_build_object('title', new.title), null, null);
    return null;
  end if;
  if old.archived_at is null and new.archived_at is not null then
    perform event_record(new.organization_id, new.id, 'project.archived', '{{}}', null, null);
  elsif old.archived_at is not null and new.archived_at is null then
    perform event_record(new.organization_id, new.id, 'project.settings.updated',
      '{{"fields": ["archived"], "before": {{"archived": true}}, "after": {{"archived": false}}}}', null, null);
  end if;
  if {differ(("json_interface", "input_type"))} then
    perform event_record(new.organization_id, new.id, 'project.interface.updated',
      jsonb_build_object('fields', jsonb_build_array('jsonInterface'), 'version', new.interface_version), null, null);
  end if;
  changes := event_changes(to_jsonb(old), to_jsonb(new), {names(PROJECT_WORKFLOW)}, '{{}}');
  if changes is not null then
    perform event_record(new.organization_id, new.id, 'project.workflow.settings.updated', changes, null, null);
  end if;
  changes := event_changes(to_jsonb(old), to_jsonb(new), {names(PROJECT_SETTINGS)}, {names(LONG)});
  if changes is not null then
    perform event_record(new.organization_id, new.id, 'project.settings.updated', changes, null, null);
  end if;
  return null;
end""",
    ),
    "project_user_event": (
        "project_user",
        "after insert or update of role, deleted_at",
        "for each row",
        f"""
declare subject text; payload jsonb := jsonb_build_object('userId', new.user_id, 'role', new.role);
begin
  if tg_op = 'INSERT' or (old.deleted_at is not null and new.deleted_at is null) then
    subject := 'project.member.created';
  elsif old.deleted_at is null and new.deleted_at is not null then
    subject := 'project.member.deleted';
  elsif old.role is distinct from new.role then
    subject := 'project.member.updated';
    payload := payload || event_changes(to_jsonb(old), to_jsonb(new), array['role'], '{{}}');
  else
    return null;
  end if;
  perform event_record({OF_PROJECT.format(row="new")}, new.project_id, subject, payload, null, null);
  return null;
end""",
    ),
    "user_account_event": (
        "user_account",
        f"after insert or update of {', '.join(USER)}",
        "for each row",
        f"""
declare changes jsonb;
begin
  if tg_op = 'INSERT' then
    perform event_record(new.organization_id, null, 'user.created',
      jsonb_build_object('userId', new.id, 'email', new.email, 'organizationRole', new.organization_role), null, null);
    return null;
  end if;
  changes := event_changes(to_jsonb(old), to_jsonb(new), {names(USER)}, array['password_hash']);
  if changes is not null then
    perform event_record(new.organization_id, null, 'user.updated', jsonb_build_object('userId', new.id) || changes, null, null);
  end if;
  return null;
end""",
    ),
    "api_key_event": (
        "api_key",
        "after insert or update of revoked_at",
        "for each row",
        """
begin
  if tg_op = 'INSERT' or (old.revoked_at is null and new.revoked_at is not null) then
    perform event_record((select organization_id from user_account where id = new.user_id), null,
      case tg_op when 'INSERT' then 'apiKey.created' else 'apiKey.revoked' end,
      jsonb_build_object('apiKeyId', new.id, 'userId', new.user_id, 'name', new.name), null, null);
  end if;
  return null;
end""",
    ),
    "login_session_event": (
        "login_session",
        "after insert",
        "for each row",
        """
begin
  perform event_record((select organization_id from user_account where id = new.user_id), null, 'user.loggedIn',
    jsonb_build_object('userId', new.user_id), null, null);
  return null;
end""",
    ),
    "organization_event": (
        "organization",
        f"after insert or update of {', '.join(ORGANIZATION)}",
        "for each row",
        f"""
declare changes jsonb;
begin
  if tg_op = 'INSERT' then
    perform event_record(new.id, null, 'organization.created', jsonb_build_object('name', new.name), null, null);
    return null;
  end if;
  changes := event_changes(to_jsonb(old), to_jsonb(new), {names(ORGANIZATION)}, '{{}}');
  if changes is not null then
    perform event_record(new.id, null, 'organization.updated', changes, null, null);
  end if;
  return null;
end""",
    ),
    "project_step_event": (
        "project_step",
        f"after insert or delete or update of {', '.join(STEP)}",
        "for each row",
        f"""
declare step project_step; changes jsonb := '{{}}'; subject text := 'project.workflow.step.created';
begin
  if tg_op = 'DELETE' then
    step := old;
    subject := 'project.workflow.step.deleted';
  else
    step := new;
  end if;
  if tg_op = 'UPDATE' then
    subject := 'project.workflow.step.updated';
    changes := event_changes(to_jsonb(old), to_jsonb(new), {names(STEP)}, '{{}}');
  end if;
  if changes is not null then
    perform event_record({OF_PROJECT.format(row="step")}, step.project_id, subject,
      jsonb_build_object('stepId', step.id, 'stepName', step.name, 'stepGroupId', coalesce(step.step_group_id, '')) || changes, null, null);
  end if;
  return null;
end""",
    ),
    "step_group_event": (
        "step_group",
        "after insert or delete or update of name",
        "for each row",
        f"""
declare step_group step_group; changes jsonb := '{{}}'; subject text := 'project.workflow.stepGroup.created';
begin
  if tg_op = 'DELETE' then
    step_group := old;
    subject := 'project.workflow.stepGroup.deleted';
  else
    step_group := new;
  end if;
  if tg_op = 'UPDATE' then
    subject := 'project.workflow.stepGroup.updated';
    changes := event_changes(to_jsonb(old), to_jsonb(new), array['name'], '{{}}');
  end if;
  if changes is not null then
    perform event_record({OF_PROJECT.format(row="step_group")}, step_group.project_id, subject,
      jsonb_build_object('stepGroupId', step_group.id, 'stepGroupName', step_group.name, 'stepGroupAllowedJobNames', '[]'::jsonb)
        || changes, null, null);
  end if;
  return null;
end""",
    ),
    "issue_event": (
        "issue",
        "after insert or update of status",
        "for each row",
        f"""
begin
  if tg_op = 'INSERT' or old.status is distinct from new.status then
    perform event_record({OF_PROJECT.format(row="new")}, new.project_id,
      'asset.' || lower(new.type) || '.' || case new.status
        when 'SOLVED' then 'resolved' when 'CANCELLED' then 'cancelled' else 'created' end,
      jsonb_build_object(case new.type when 'ISSUE' then 'issueId' else 'questionId' end, new.id, 'status', new.status), new.asset_id, new.label_id);
  end if;
  return null;
end""",
    ),
    "asset_event_insert": (
        "asset",
        "after insert",
        "referencing new table as new_rows for each statement",
        """
begin
  insert into event (organization_id, project_id, event, asset_id, payload, user_id, origin)
  select p.organization_id, n.project_id, 'asset.created', n.id, json_build_object('externalId', n.external_id)::text, o.user_id, o.origin
  from new_rows n join project p on p.id = n.project_id,
    (select event_origin() ->> 'user' as user_id, event_origin_text() as origin) o
  order by n.position;
  return null;
end""",
    ),
    "asset_event_delete": (
        "asset",
        "after delete",
        "referencing old table as old_rows for each statement",
        # What is removed with its project was taken away by that.
        """
begin
  insert into event (organization_id, project_id, event, asset_id, payload, user_id, origin)
  select p.organization_id, r.project_id, 'asset.deleted', r.id, json_build_object('externalId', r.external_id)::text, o.user_id, o.origin
  from old_rows r join project p on p.id = r.project_id and p.deleted_at is null,
    (select event_origin() ->> 'user' as user_id, event_origin_text() as origin) o
  order by r.position;
  return null;
end""",
    ),
    "asset_event_update": (
        "asset",
        f"after update of {', '.join(ASSET)}",
        f"for each row when ({differ(ASSET)})",
        f"""
begin
  perform event_record({OF_PROJECT.format(row="new")}, new.project_id, 'asset.updated',
    jsonb_build_object('externalId', new.external_id, 'fields',
      event_changes(to_jsonb(old), to_jsonb(new), {names(ASSET)}, '{{}}') -> 'fields'), new.id, null);
  return null;
end""",
    ),
    "asset_event_skip": (
        "asset",
        "after update of skipped",
        "for each row when (old.skipped is distinct from new.skipped)",
        f"""
begin
  perform event_record({OF_PROJECT.format(row="new")}, new.project_id,
    case when new.skipped then 'asset.skipped' else 'asset.unskipped' end,
    jsonb_build_object('externalId', new.external_id, 'skipped', new.skipped, 'status', new.status), new.id, null);
  return null;
end""",
    ),
    "asset_event_consensus": (
        "asset",
        "after update of is_used_for_consensus",
        "for each row when (old.is_used_for_consensus is distinct from new.is_used_for_consensus)",
        f"""
begin
  perform event_record({OF_PROJECT.format(row="new")}, new.project_id,
    'asset.workflow.step.consensus.' || case when new.is_used_for_consensus then 'activated' else 'deactivated' end,
    jsonb_build_object('externalId', new.external_id, 'stepId', new.current_step_id), new.id, null);
  return null;
end""",
    ),
    "asset_event_send_back": (
        "asset",
        "after update of sent_back_at",
        "for each row when (new.sent_back_at is not null and old.sent_back_at is distinct from new.sent_back_at)",
        f"""
begin
  perform event_record({OF_PROJECT.format(row="new")}, new.project_id, 'label.workflow.rejected',
    jsonb_build_object('externalId', new.external_id, 'newStepId', new.sent_back_step_id, 'previousStepId',
      coalesce((select s.id from project_step s join project_step t on t.id = new.sent_back_step_id
        where s.project_id = new.project_id and s.step_order > t.step_order order by s.step_order limit 1), new.sent_back_step_id)), new.id,
    (select l.id from label l where l.asset_id = new.id and l.label_type in ('DEFAULT', 'REVIEW')
      order by l.position desc limit 1));
  return null;
end""",
    ),
    "asset_assignee_event": (
        "asset_assignee",
        "after insert",
        "referencing new table as new_rows for each statement",
        """
begin
  insert into event (organization_id, project_id, event, asset_id, payload, user_id, origin)
  select p.organization_id, a.project_id, 'asset.workflow.assigned', a.id,
    json_build_object('externalId', a.external_id, 'userIds', n.users)::text, o.user_id, o.origin
  from (select asset_id, json_agg(user_id order by user_id) as users from new_rows group by asset_id) n
    join asset a on a.id = n.asset_id join project p on p.id = a.project_id,
    (select event_origin() ->> 'user' as user_id, event_origin_text() as origin) o;
  return null;
end""",
    ),
    "label_event_edit": (
        "label",
        "after update of json_response",
        "for each row when (old.json_response is distinct from new.json_response)",
        f"""
begin
  insert into label_version (label_id, number, json_response, author_id, created_at)
  values (old.id, 1, old.json_response, old.author_id, old.created_at) on conflict do nothing;
  insert into label_version (label_id, number, json_response, author_id)
  select new.id, max(number) + 1, new.json_response, event_origin() ->> 'user' from label_version where label_id = new.id;
  perform event_record({OF_PROJECT.format(row="new")}, new.project_id, 'label.workflow.edited',
    jsonb_build_object('labelType', new.label_type, 'stepId', new.step_id), new.asset_id, new.id);
  return null;
end""",
    ),
    # Nobody changes what is recorded, nor takes it away; only the chain is added.
    "event_is_kept": (
        "event",
        "before update or delete",
        "for each row",
        """
begin
  if tg_op = 'UPDATE' and old.sequence is null and new.sequence is not null
    and to_jsonb(old) - 'sequence' - 'hash' = to_jsonb(new) - 'sequence' - 'hash' then
    return new;
  end if;
  raise exception 'events are never changed nor removed';
end""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "transaction_id", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
        sa.Column("created_at", Timestamp, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=True),
        sa.Column("label_id", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index(
        "event_project", "event", ["project_id", "position"], postgresql_where=sa.text("project_id is not null")
    )
    op.create_index("event_organization", "event", ["organization_id", "position"])
    op.create_index("event_unsealed", "event", ["position"], postgresql_where=sa.text("sequence is null"))
    op.create_index(
        "event_sequence", "event", ["sequence"], unique=True, postgresql_where=sa.text("sequence is not null")
    )
    op.create_table(
        "label_version",
        sa.Column("label_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("json_response", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=True),
        sa.Column("created_at", Timestamp, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["label.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("label_id", "number"),
    )
    for name, definition in FUNCTIONS.items():
        op.execute(f"create function {name} {definition}".replace(":", r"\:"))
    for name, (table, event, each, body) in TRIGGERS.items():
        op.execute(f"create function {name}() returns trigger language plpgsql as $${body} $$".replace(":", r"\:"))
        op.execute(f"create trigger {name} {event} on {table} {each} execute function {name}()")


def downgrade() -> None:
    for name, (table, *_) in reversed(TRIGGERS.items()):
        op.execute(f"drop trigger {name} on {table}")
        op.execute(f"drop function {name}()")
    for name in reversed(FUNCTIONS):
        op.execute(f"drop function {name}")
    op.drop_table("label_version")
    op.drop_table("event")
