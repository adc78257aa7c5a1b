"""Cloud storage of organizations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import (
    created,
    identifier,
    optional_text,
    optional_texts,
    position,
    reference,
    text,
    texts,
)


class DataIntegration(SQLModel, table=True):
    """A store that projects of an organization may take assets from. The credentials are sealed (`services.credential`), as JSON;
    `secret_names` are those that are among them.
    """

    __tablename__ = "data_integration"
    __table_args__ = (Index("data_integration_page", "organization_id", "position"),)

    id: str = identifier()
    position: int = position()
    organization_id: str = reference("organization.id")
    name: str = text()
    platform: str = text()
    status: str = text("CONNECTED")
    allowed_paths: list[str] | None = optional_texts()
    allowed_projects: list[str] | None = optional_texts()
    aws_access_point_arn: str | None = optional_text()
    azure_connection_url: str | None = optional_text()
    azure_tenant_id: str | None = optional_text()
    gcp_bucket_name: str | None = optional_text()
    include_root_files: str | None = optional_text()
    internal_processing_authorized: str | None = optional_text()
    s3_bucket_name: str | None = optional_text()
    s3_endpoint: str | None = optional_text()
    s3_region: str | None = optional_text()
    secret_names: list[str] = texts()
    sealed_secrets: bytes = Field(sa_type=LargeBinary, nullable=False)
    created_at: datetime = created()
    updated_at: datetime = created()
