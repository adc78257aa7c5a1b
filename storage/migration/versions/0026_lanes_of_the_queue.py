"""The queue as an index, with who an asset is assigned to"""

from alembic import op
import sqlalchemy as sa

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

IN_QUEUE = """(
  not skipped
  and case
    when current_step_id is null then status in ('TODO', 'ONGOING', 'TO_REVIEW')
    else step_status in ('TO_DO', 'REWORK', 'IN_PROGRESS', 'PARTIALLY_DONE')
  end
)"""
# One person, several ('*'), or null: of the assignees who count for labeling, and of those who count for review.
ONE = "case count(*) filter (where {counts}) when 0 then null when 1 then min(aa.user_id) filter (where {counts}) else '*' end"
COUNTED = f"""
select aa.asset_id,
  {ONE.format(counts="coalesce(au.role, '') <> 'REVIEWER'")} as labeling,
  {ONE.format(counts="coalesce(au.role, '') <> 'LABELER'")} as reviewing
from asset_assignee aa
join asset a on a.id = aa.asset_id
left join project_user au on au.user_id = aa.user_id and au.project_id = a.project_id
"""
# The row of the asset is locked first: a statement that had to wait for it would not see what the other has written. Roles are held
# meanwhile, so that a change of one comes before, or sees these assignees.
COUNT = f"""
create function asset_count_assignees(ids text[]) returns void language plpgsql as $$
begin
  perform from asset where id = any(ids) order by id for no key update;
  perform from project_user pu
  where (pu.project_id, pu.user_id) in (
    select a.project_id, aa.user_id from asset_assignee aa join asset a on a.id = aa.asset_id where aa.asset_id = any(ids)
  )
  for share;
  update asset a set labeling_assignee = c.labeling, reviewing_assignee = c.reviewing
  from unnest(ids) changed(asset_id)
  left join ({COUNTED} where aa.asset_id = any(ids) group by aa.asset_id) c on c.asset_id = changed.asset_id
  where a.id = changed.asset_id
    and (a.labeling_assignee, a.reviewing_assignee) is distinct from (c.labeling, c.reviewing);
end $$
"""
CHANGED = """
create function asset_assignee_{event}() returns trigger language plpgsql as $$
begin
  if exists (select from {rows}) then
    perform asset_count_assignees(array(select distinct asset_id from {rows}));
  end if;
  return null;
end $$
"""
ROLE = """
create function project_user_assignments() returns trigger language plpgsql as $$
begin
  perform asset_count_assignees(ids)
  from (
    select array_agg(aa.asset_id) as ids
    from asset_assignee aa join asset a on a.id = aa.asset_id
    where aa.user_id = new.user_id and a.project_id = new.project_id
  ) assigned
  where ids is not null;
  return null;
end $$
"""


def upgrade() -> None:
    op.add_column("asset", sa.Column("labeling_assignee", sa.Text(), nullable=True))
    op.add_column("asset", sa.Column("reviewing_assignee", sa.Text(), nullable=True))
    op.execute(
        "update asset a set labeling_assignee = c.labeling, reviewing_assignee = c.reviewing "
        f"from ({COUNTED} group by aa.asset_id) c where a.id = c.asset_id"
    )
    op.execute(COUNT)
    for event, rows in (("insert", "new_rows"), ("delete", "old_rows")):
        op.execute(CHANGED.format(event=event, rows=rows))
        op.execute(
            f"create trigger asset_assignee_{event} after {event} on asset_assignee "
            f"referencing {rows.removesuffix('_rows')} table as {rows} for each statement "
            f"execute function asset_assignee_{event}()"
        )
    op.execute(ROLE)
    op.execute(
        "create trigger project_user_role after update of role on project_user for each row "
        "when (old.role is distinct from new.role) execute function project_user_assignments()"
    )
    op.execute(
        "create trigger project_user_joined after insert on project_user for each row "
        "execute function project_user_assignments()"
    )
    op.execute(
        "create index asset_queue on asset (project_id, (coalesce(current_step_id, status)), "
        "((is_used_for_consensus and status = 'ONGOING')), is_honeypot, (coalesce(case when status = 'TO_REVIEW' then "
        f"reviewing_assignee else labeling_assignee end, '')), priority desc, position) where {IN_QUEUE}"
    )
    op.execute(f"create index asset_sent_back on asset (project_id) where sent_back_at is not null and {IN_QUEUE}")


def downgrade() -> None:
    op.drop_index("asset_sent_back", table_name="asset")
    op.drop_index("asset_queue", table_name="asset")
    for trigger, table in (
        ("project_user_joined", "project_user"),
        ("project_user_role", "project_user"),
        ("asset_assignee_insert", "asset_assignee"),
        ("asset_assignee_delete", "asset_assignee"),
    ):
        op.execute(f"drop trigger {trigger} on {table}")
    for function in (
        "project_user_assignments()",
        "asset_assignee_insert()",
        "asset_assignee_delete()",
        "asset_count_assignees(text[])",
    ):
        op.execute(f"drop function {function}")
    op.drop_column("asset", "reviewing_assignee")
    op.drop_column("asset", "labeling_assignee")
