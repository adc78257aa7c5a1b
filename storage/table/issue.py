"""Issues, questions and what is said about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from labelyard.storage.table.column import created, identifier, number, optional_text, position, reference, text


class Issue(SQLModel, table=True):
    """Something that is wrong with a label (`ISSUE`), or unclear about an asset (`QUESTION`).

    `issue_number` counts from 1 in the project, over both types. Only the asset is a foreign key: the issue goes with its asset,
    but stays when its label goes, and then still says which label it was.
    """

    __table_args__ = (
        UniqueConstraint("project_id", "issue_number"),
        Index("issue_page", "project_id", "position", postgresql_include=["id"]),
        Index("issue_asset", "asset_id", "position"),
        Index("issue_label", "label_id"),
    )

    id: str = identifier()
    position: int = position()
    project_id: str = text()
    asset_id: str = reference("asset.id")
    label_id: str | None = optional_text()
    author_id: str = text()
    assignee_id: str | None = optional_text()
    issue_number: int = number(0)
    type: str = text()
    status: str = text("OPEN")
    object_mid: str | None = optional_text()
    created_at: datetime = created()
    updated_at: datetime = created()


class IssueComment(SQLModel, table=True):
    """A text about an issue or question."""

    __tablename__ = "issue_comment"
    __table_args__ = (Index("issue_comment_order", "issue_id", "position"),)

    id: str = identifier()
    position: int = position()
    issue_id: str = reference("issue.id")
    author_id: str = text()
    text: str = text()
    created_at: datetime = created()
    updated_at: datetime = created()
