"""Groups of steps, and the step that an asset was sent back to"""

from alembic import op
import sqlalchemy as sa


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('step_group',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('group_order', sa.Integer(), server_default='0', nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('step_group_order', 'step_group', ['project_id', 'group_order'], unique=True)
    op.create_index('step_group_name', 'step_group', ['project_id', 'name'], unique=True)
    op.add_column('project_step', sa.Column('step_group_id', sa.Text(), nullable=True))
    op.create_foreign_key(
        'project_step_step_group_id_fkey', 'project_step', 'step_group', ['step_group_id'], ['id'], ondelete='SET NULL'
    )
    op.add_column('asset', sa.Column('sent_back_step_id', sa.Text(), nullable=True))


def downgrade() -> None:
    # What only groups can say is lost: the steps of all groups become one line of steps, as V2 has it.
    op.execute("update project set workflow_version = 'V2' where workflow_version = 'V3'")
    op.drop_column('asset', 'sent_back_step_id')
    op.drop_constraint('project_step_step_group_id_fkey', 'project_step', type_='foreignkey')
    op.drop_column('project_step', 'step_group_id')
    op.drop_index('step_group_name', table_name='step_group')
    op.drop_index('step_group_order', table_name='step_group')
    op.drop_table('step_group')
