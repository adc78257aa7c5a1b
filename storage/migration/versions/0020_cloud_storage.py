"""Cloud storage: integrations of organizations, connections of projects, and objects as assets"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)
POSITION = sa.BigInteger(), sa.Identity(always=True)


def moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, Timestamp, server_default=sa.text("now()"), nullable=False)


def optional(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=True) for name in names]


def optional_list(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.ARRAY(sa.Text()), nullable=True) for name in names]


def upgrade() -> None:
    op.create_table(
        "data_integration",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", *POSITION, nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="CONNECTED", nullable=False),
        *optional_list("allowed_paths", "allowed_projects"),
        *optional("aws_access_point_arn", "azure_connection_url", "azure_tenant_id", "gcp_bucket_name"),
        *optional("include_root_files", "internal_processing_authorized", "s3_bucket_name", "s3_endpoint", "s3_region"),
        sa.Column("secret_names", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary(), nullable=False),
        moment("created_at"),
        moment("updated_at"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("data_integration_page", "data_integration", ["organization_id", "position"])
    op.create_table(
        "data_connection",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", *POSITION, nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("integration_id", sa.Text(), nullable=False),
        *optional_list("selected_folders"),
        *optional("prefix"),
        *optional_list("include", "exclude"),
        sa.Column("is_json_processing_enabled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("last_checked", Timestamp, nullable=True),
        sa.Column("added", sa.Integer(), server_default="0", nullable=False),
        sa.Column("removed", sa.Integer(), server_default="0", nullable=False),
        moment("created_at"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["integration_id"], ["data_integration.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("data_connection_page", "data_connection", ["project_id", "position"])
    op.create_index("ix_data_connection_integration_id", "data_connection", ["integration_id"])
    for table, *columns in (("data_listing", "connection_id", "key"), ("data_difference", "connection_id", "type", "key")):
        op.create_table(
            table,
            *(sa.Column(column, sa.Text(), nullable=False) for column in columns),
            sa.ForeignKeyConstraint(["connection_id"], ["data_connection.id"], ondelete="CASCADE"),
            sa.PrimaryKeyConstraint(*columns),
        )
    op.add_column("asset", sa.Column("data_connection_id", sa.Text(), nullable=True))
    op.add_column("asset", sa.Column("object_key", sa.Text(), nullable=True))
    op.add_column("asset", sa.Column("is_object_json", sa.Boolean(), server_default="false", nullable=False))
    op.create_index(
        "asset_object",
        "asset",
        ["data_connection_id", "object_key"],
        unique=True,
        postgresql_where=sa.text("data_connection_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("asset_object", table_name="asset")
    op.drop_column("asset", "is_object_json")
    op.drop_column("asset", "object_key")
    op.drop_column("asset", "data_connection_id")
    op.drop_table("data_difference")
    op.drop_table("data_listing")
    op.drop_table("data_connection")
    op.drop_table("data_integration")
