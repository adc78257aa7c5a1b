"""Plugins and webhooks, the projects they are active on, and deliveries"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)


def time(name: str, default: str = "now()") -> sa.Column[Any]:
    return sa.Column(name, Timestamp, server_default=sa.text(default), nullable=False)


def of_plugin() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["plugin_id"], ["plugin.id"], ondelete="CASCADE")


TRIGGERS = {
    "plugin_event": (
        "plugin",
        "after insert or delete or update of name, handler_types, event_matcher, version, updated_at",
        """
declare plugin plugin;
begin
  if tg_op = 'DELETE' then
    plugin := old;
  else
    plugin := new;
  end if;
  perform event_record(plugin.organization_id, null,
    'plugin.' || case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end,
    jsonb_build_object('pluginId', plugin.id, 'name', plugin.name), null, null);
  return null;
end""",
    ),
    "plugin_project_event": (
        "plugin_project",
        "after insert or delete",
        """
declare active plugin_project;
begin
  if tg_op = 'DELETE' then
    active := old;
  else
    active := new;
  end if;
  perform event_record(p.organization_id, p.id, case tg_op when 'INSERT' then 'plugin.activated' else 'plugin.deactivated' end,
    jsonb_build_object('pluginId', active.plugin_id), null, null)
  from project p where p.id = active.project_id;
  return null;
end""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "plugin",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("handler_types", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("event_matcher", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), server_default="FAILED", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blob_id", sa.Text(), nullable=True),
        sa.Column("upload_id", sa.Text(), nullable=True),
        sa.Column("build_job_id", sa.Text(), nullable=True),
        time("created_at"),
        time("updated_at"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "name"),
    )
    op.create_table(
        "plugin_project",
        sa.Column("plugin_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        time("created_at"),
        of_plugin(),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("plugin_id", "project_id"),
    )
    op.create_index(op.f("ix_plugin_project_project_id"), "plugin_project", ["project_id"])
    op.create_table(
        "webhook",
        sa.Column("plugin_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paused_until", Timestamp, nullable=True),
        of_plugin(),
        sa.PrimaryKeyConstraint("plugin_id"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("plugin_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("event_position", sa.BigInteger(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), server_default="0", nullable=False),
        time("created_at", "clock_timestamp()"),
        of_plugin(),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("webhook_delivery_order", "webhook_delivery", ["plugin_id", "position"])
    op.create_index("webhook_delivery_age", "webhook_delivery", ["created_at"], postgresql_using="brin")
    op.create_table(
        "event_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.execute(
        "insert into event_cursor (name, sequence) "
        "select 'dispatch', coalesce(max(sequence), 0) from event where sequence is not null"
    )
    for name, (table, event, body) in TRIGGERS.items():
        op.execute(f"create function {name}() returns trigger language plpgsql as $${body} $$".replace(":", r"\:"))
        op.execute(f"create trigger {name} {event} on {table} for each row execute function {name}()")


def downgrade() -> None:
    for name, (table, *_) in TRIGGERS.items():
        op.execute(f"drop trigger {name} on {table}")
        op.execute(f"drop function {name}()")
    for table in ("event_cursor", "webhook_delivery", "webhook", "plugin_project", "plugin"):
        op.drop_table(table)
