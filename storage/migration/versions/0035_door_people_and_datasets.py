"""What front doors keep of people and datasets"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def record() -> "sa.Column[object]":
    return sa.Column("record", postgresql.JSONB(), server_default="{}", nullable=False)


def upgrade() -> None:
    op.create_table(
        "door_user",
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        record(),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("door", "user_id"),
    )
    op.create_table(
        "door_dataset",
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("dataset_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        record(),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("door", "dataset_id"),
    )
    op.create_index(
        "door_dataset_name",
        "door_dataset",
        ["door", "organization_id", "name"],
        unique=True,
        postgresql_where=sa.text("name is not null"),
    )
    op.create_index("door_dataset_dataset", "door_dataset", ["dataset_id"])
    op.create_table(
        "door_dataset_asset",
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("dataset_asset_id", sa.Text(), nullable=False),
        sa.Column("from_revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("to_revision", sa.Integer(), nullable=True),
        record(),
        sa.ForeignKeyConstraint(["dataset_asset_id"], ["dataset_asset.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("door", "dataset_asset_id", "from_revision"),
    )
    op.create_index(
        "door_dataset_asset_newest",
        "door_dataset_asset",
        ["door", "dataset_asset_id"],
        unique=True,
        postgresql_where=sa.text("to_revision is null"),
    )
    op.create_index("door_dataset_asset_asset", "door_dataset_asset", ["dataset_asset_id"])


def downgrade() -> None:
    op.drop_table("door_dataset_asset")
    op.drop_table("door_dataset")
    op.drop_table("door_user")
