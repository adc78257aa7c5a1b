"""E-mail addresses are unique in an organization, no longer on the server; bytes of files and upload URLs are counted"""

from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

COUNT = """
create function blob_tally_{event}() returns trigger language plpgsql as $$
begin
  insert into blob_tally (organization_id, bytes)
  select organization_id, {sign}sum(size) from {rows} group by organization_id having sum(size) <> 0;
  return null;
end $$
"""
EVENTS = (('insert', '', 'new'), ('delete', '-', 'old'))


def upgrade() -> None:
    op.create_unique_constraint('user_account_email_organization_id_key', 'user_account', ['email', 'organization_id'])
    op.drop_constraint('user_account_email_key', 'user_account', type_='unique')
    op.add_column('organization', sa.Column('has_kept_ids', sa.Boolean(), server_default='false', nullable=False))
    op.create_table(
        'blob_tally',
        sa.Column('organization_id', sa.Text(), nullable=False),
        sa.Column('part', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('is_new', sa.Boolean(), server_default='true', nullable=False),
        sa.Column('bytes', sa.Numeric(), server_default='0', nullable=False),
        sa.PrimaryKeyConstraint('organization_id', 'part'),
    )
    op.create_index('blob_tally_new', 'blob_tally', ['organization_id'], postgresql_where=sa.text('is_new'))
    op.create_table(
        'upload_count',
        sa.Column('organization_id', sa.Text(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('urls', sa.Integer(), server_default='0', nullable=False),
        sa.PrimaryKeyConstraint('organization_id', 'day'),
    )
    for event, sign, row in EVENTS:
        op.execute(COUNT.format(event=event, sign=sign, rows=f'{row}_rows'))
        op.execute(
            f'create trigger blob_tally_{event} after {event} on blob referencing {row} table as {row}_rows '
            f'for each statement execute function blob_tally_{event}()'
        )
    op.execute(
        'insert into blob_tally (organization_id, bytes) select organization_id, sum(size) from blob '
        'group by organization_id having sum(size) <> 0'
    )
    op.drop_index('blob_organization_id_size', table_name='blob')


def downgrade() -> None:
    op.create_index('blob_organization_id_size', 'blob', ['organization_id'], postgresql_include=['size'])
    for event, _, _ in EVENTS:
        op.execute(f'drop trigger blob_tally_{event} on blob')
        op.execute(f'drop function blob_tally_{event}()')
    op.drop_table('upload_count')
    op.drop_table('blob_tally')
    op.drop_column('organization', 'has_kept_ids')
    # Refused by the database while two organizations know the same address: one of them has to be changed first.
    op.create_unique_constraint('user_account_email_key', 'user_account', ['email'])
    op.drop_constraint('user_account_email_organization_id_key', 'user_account', type_='unique')
