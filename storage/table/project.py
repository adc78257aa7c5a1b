"""Projects and the steps of their workflow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import (
    big_number,
    created,
    flag,
    identifier,
    number,
    optional_reference,
    optional_text,
    position,
    reference,
    text,
    texts,
    timestamp,
)


class Project(SQLModel, table=True):
    """One interface, one asset type, members with roles, workflow settings.

    `json_interface` is text, so that the order of its keys survives; `interface_version` grows with each change of it;
    `retired_names` are the jobs and categories it had before, as a JSON list of pairs, null for none.
    `removals` grows whenever assets or labels go, which is what remembered places in lists hang on (`storage.plan.page_bookmark`).
    `last_issue_number` is the highest that an issue or question ever had.
    `public_token` is a name that others may call it by, and no key. Who labels or reviews where it `is_anonymized` learns no names.
    `consensus_mark` and `honeypot_mark` are the targets that were set, null when none was.
    """

    __table_args__ = (
        Index("project_page", "organization_id", "position", postgresql_where=sql("deleted_at is null")),
        Index("project_retired", "id", postgresql_where=sql("retired_names is not null")),
    )

    id: str = identifier()
    position: int = position()
    organization_id: str = reference("organization.id")
    author_id: str | None = optional_reference("user_account.id")
    title: str = text()
    description: str = text("")
    input_type: str = text()
    json_interface: str = text('{"jobs":{}}')
    interface_version: int = number(1)
    retired_names: str | None = optional_text()
    interface_category: str = text("IV2")
    ml_tasks: list[str] = texts()
    instructions: str | None = optional_text()
    rules: str | None = optional_text()
    compliance_tags: list[str] = texts()
    metadata_properties: str = text("{}")
    pixel_labeling: bool = flag()
    is_anonymized: bool = flag()
    public_token: str | None = optional_text()
    workflow_version: str = text("V2")
    enforce_step_separation: bool = flag()
    consensus_tot_coverage: int = number(0)
    min_consensus_size: int = number(1)
    review_coverage: int = number(0)
    use_honeypot: bool = flag()
    max_worker_count: int | None = None
    min_agreement: int | None = None
    consensus_mark: float | None = None
    honeypot_mark: float | None = None
    can_navigate_between_assets: bool = flag(True)
    can_skip_asset: bool = flag(True)
    should_auto_assign: bool = flag()
    seconds_to_label_before_auto_assign: int | None = None
    should_relaunch_kpi_computation: bool = flag()
    removals: int = big_number()
    last_issue_number: int = number(0)
    created_at: datetime = created()
    updated_at: datetime = created()
    archived_at: datetime | None = timestamp()
    deleted_at: datetime | None = timestamp()


class StepGroup(SQLModel, table=True):
    """A group of steps of a V3 project; the groups stand in `group_order`, from 0 without gaps."""

    __tablename__ = "step_group"
    __table_args__ = (
        Index("step_group_order", "project_id", "group_order", unique=True),
        Index("step_group_name", "project_id", "name", unique=True),
    )

    id: str = identifier()
    project_id: str = reference("project.id")
    group_order: int = number(0)
    name: str = text()


class ProjectStep(SQLModel, table=True):
    """One stage of a project's workflow, in `step_order`. Coverages are percents.

    Consensus and honeypots of the first labeling step are settings of the project; `use_honeypot` is that of the other steps.
    Steps of V3 projects have a group each, and their order is that of the groups first.
    """

    __tablename__ = "project_step"
    __table_args__ = (Index("project_step_order", "project_id", "step_order", unique=True),)

    id: str = identifier()
    project_id: str = reference("project.id")
    step_order: int = number(0)
    name: str = text()
    type: str = text()
    step_coverage: int | None = None
    use_honeypot: bool = flag()
    send_back_step_id: str | None = optional_reference("project_step.id")
    step_group_id: str | None = optional_reference("step_group.id")


class StepAssignee(SQLModel, table=True):
    """A person who may work on a step; a step without rows is open to every member whose role allows it."""

    __tablename__ = "step_assignee"

    step_id: str = Field(foreign_key="project_step.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    user_id: str = Field(foreign_key="user_account.id", primary_key=True, index=True, ondelete="CASCADE", sa_type=Text)
