"""What front doors keep of projects, assets and classes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def record() -> sa.Column[str]:
    return sa.Column("record", postgresql.JSONB(), server_default="{}", nullable=False)


def upgrade() -> None:
    op.create_table(
        "door_project",
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=True),
        record(),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("door", "project_id"),
    )
    op.create_index(
        "door_project_slug",
        "door_project",
        ["door", "organization_id", "slug"],
        unique=True,
        postgresql_where=sa.text("slug is not null"),
    )
    op.create_index("door_project_project", "door_project", ["project_id"])
    op.create_table(
        "door_asset",
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        record(),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("door", "asset_id"),
    )
    op.create_index(
        "door_asset_batch",
        "door_asset",
        ["project_id", "door", "batch", "place"],
        postgresql_where=sa.text("batch is not null"),
    )
    op.create_index(
        "door_asset_number", "door_asset", ["door", "batch"], postgresql_where=sa.text("batch is not null")
    )
    op.create_index("door_asset_asset", "door_asset", ["asset_id"])
    op.create_table(
        "door_class",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        record(),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project_id", "door", "job", "category"),
    )
    op.execute(
        """
        create function door_records_end() returns trigger language plpgsql as $$
        begin
          delete from door_project where project_id = new.id;
          delete from door_class where project_id = new.id;
          return null;
        end $$
        """.replace(":", r"\:")
    )
    op.execute(
        """
        create trigger door_records_end after update of deleted_at on project
        for each row when (old.deleted_at is null and new.deleted_at is not null)
        execute function door_records_end()
        """
    )


def downgrade() -> None:
    op.execute("drop trigger door_records_end on project")
    op.execute("drop function door_records_end()")
    op.drop_table("door_class")
    op.drop_index("door_asset_asset", table_name="door_asset")
    op.drop_index("door_asset_number", table_name="door_asset")
    op.drop_index("door_asset_batch", table_name="door_asset")
    op.drop_table("door_asset")
    op.drop_index("door_project_project", table_name="door_project")
    op.drop_index("door_project_slug", table_name="door_project")
    op.drop_table("door_project")
