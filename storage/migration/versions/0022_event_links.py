"""The chain of events in a table of its own, and cheaper events of imports"""

from alembic import op
import sqlalchemy as sa

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# A transaction has its number before it gets a position.
NEXT_POSITION = "case when pg_current_xact_id() is not null then nextval('event_position_seq') end"
KEPT = """
create function {table}_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'events are never changed nor removed';
end $$
"""
KEPT_BY_ROW = """
create function event_is_kept() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.sequence is null and new.sequence is not null
    and to_jsonb(old) - 'sequence' - 'hash' = to_jsonb(new) - 'sequence' - 'hash' then
    return new;
  end if;
  raise exception 'events are never changed nor removed';
end $$
"""
# What is the same in all rows is computed once.
ASSETS_CREATED = r"""
create or replace function asset_event_insert() returns trigger language plpgsql as $$
declare
  by_user text \:= event_origin() ->> 'user';
  by_origin text \:= event_origin_text();
  at_time timestamptz \:= clock_timestamp();
begin
  insert into event (created_at, organization_id, project_id, event, asset_id, payload, user_id, origin)
  select at_time, p.organization_id, n.project_id, 'asset.created', n.id,
    json_build_object('externalId', n.external_id)\:\:text, by_user, by_origin
  from new_rows n join project p on p.id = n.project_id
  order by n.position;
  return null;
end $$
"""
ASSETS_CREATED_BEFORE = r"""
create or replace function asset_event_insert() returns trigger language plpgsql as $$
begin
  insert into event (organization_id, project_id, event, asset_id, payload, user_id, origin)
  select p.organization_id, n.project_id, 'asset.created', n.id, json_build_object('externalId', n.external_id)\:\:text, o.user_id, o.origin
  from new_rows n join project p on p.id = n.project_id,
    (select event_origin() ->> 'user' as user_id, event_origin_text() as origin) o
  order by n.position;
  return null;
end $$
"""


def upgrade() -> None:
    op.create_table(
        "event_link",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("position"),
    )
    op.create_table(
        "event_walk",
        sa.Column("id", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_transaction", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "insert into event_walk (id, position) select true, coalesce("
        "(select min(position) - 1 from event where sequence is null), (select max(position) from event), 0)"
    )
    op.execute(
        "insert into event_link (sequence, position, hash) "
        "select sequence, position, hash from event where sequence is not null order by sequence"
    )
    op.execute("drop trigger event_is_kept on event")
    op.execute("drop function event_is_kept()")
    op.drop_column("event", "sequence")  # with its indexes
    op.drop_column("event", "hash")
    op.drop_column("event", "transaction_id")
    op.execute("alter table event alter position drop identity")
    op.execute("create sequence event_position_seq owned by event.position")
    op.execute("select setval('event_position_seq', greatest(1, (select max(position) from event)), exists (select from event))")
    op.alter_column("event", "position", server_default=sa.text(NEXT_POSITION))
    for table in ("event", "event_link"):
        op.execute(KEPT.format(table=table))
        op.execute(
            f"create trigger {table}_is_kept before update or delete on {table} for each statement execute function {table}_is_kept()"
        )
    op.execute(ASSETS_CREATED)


def downgrade() -> None:
    op.execute(ASSETS_CREATED_BEFORE)
    for table in ("event", "event_link"):
        op.execute(f"drop trigger {table}_is_kept on {table}")
        op.execute(f"drop function {table}_is_kept()")
    op.alter_column("event", "position", server_default=None)
    op.execute("drop sequence event_position_seq")
    op.execute("alter table event alter position add generated always as identity")
    op.execute("select setval('event_position_seq', greatest(1, (select max(position) from event)), exists (select from event))")
    op.add_column(
        "event",
        sa.Column(
            "transaction_id", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
    )
    op.add_column("event", sa.Column("sequence", sa.BigInteger(), nullable=True))
    op.add_column("event", sa.Column("hash", sa.LargeBinary(), nullable=True))
    op.execute("update event e set sequence = l.sequence, hash = l.hash from event_link l where l.position = e.position")
    op.create_index("event_unsealed", "event", ["position"], postgresql_where=sa.text("sequence is null"))
    op.create_index(
        "event_sequence", "event", ["sequence"], unique=True, postgresql_where=sa.text("sequence is not null")
    )
    op.execute(KEPT_BY_ROW)
    op.execute(
        "create trigger event_is_kept before update or delete on event for each row execute function event_is_kept()"
    )
    op.drop_table("event_walk")
    op.drop_table("event_link")
