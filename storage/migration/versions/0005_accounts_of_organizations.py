"""E-mail addresses are unique in an organization, no longer on the server"""

from alembic import op


revision = '0005'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_unique_constraint('user_account_email_organization_id_key', 'user_account', ['email', 'organization_id'])
    op.drop_constraint('user_account_email_key', 'user_account', type_='unique')


def downgrade() -> None:
    # Refused by the database while two organizations know the same address: one of them has to be changed first.
    op.create_unique_constraint('user_account_email_key', 'user_account', ['email'])
    op.drop_constraint('user_account_email_organization_id_key', 'user_account', type_='unique')
