"""Work that happens after a commit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import created, flag, identifier, number, optional_text, position, text, timestamp


class Job(SQLModel, table=True):
    """One piece of work, added by the transaction that makes it necessary and done by a worker at least once.

    `kind` names its handler. Jobs of one `key` run one at a time, in the order of `position`. A RUNNING job belongs to the worker
    of `worker_id` until `lease_until`, which its heartbeat moves on; `claims` counts how often it was taken, so that a worker that
    lost it cannot write to it. `failures` are those in a row, at most `max_failures`. `payload`, `state` and `result` are JSON.
    There are no foreign keys: writers would meet at the rows of organizations, and handlers look up what they are about anyway.
    """

    __table_args__ = (
        Index("job_queue", "organization_id", "run_at", "position", postgresql_where=sql("status = 'QUEUED'")),
        Index(
            "job_key",
            "key",
            "position",
            postgresql_where=sql("key is not null and status in ('QUEUED', 'RUNNING')"),
        ),
        # Of two jobs of one key that two workers take at the same moment, one is refused.
        Index("job_running_key", "key", unique=True, postgresql_where=sql("status = 'RUNNING'")),
        Index("job_lease", "lease_until", postgresql_where=sql("status = 'RUNNING'")),
        Index("job_finished", "finished_at", postgresql_where=sql("finished_at is not null")),
        Index("job_order", "position"),
        Index("job_project", "project_id", "kind", "position", postgresql_where=sql("project_id is not null")),
    )

    id: str = identifier()
    kind: str = text()
    organization_id: str = text()
    project_id: str | None = optional_text()
    created_by: str | None = optional_text()
    payload: str = text("{}")
    key: str | None = optional_text()
    status: str = text("QUEUED")
    position: int = position()
    created_at: datetime = created()
    run_at: datetime = created()
    started_at: datetime | None = timestamp()
    finished_at: datetime | None = timestamp()
    worker_id: str | None = optional_text()
    lease_until: datetime | None = timestamp()
    claims: int = number()
    failures: int = number()
    max_failures: int = number()
    is_cancel_requested: bool = flag()
    done: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"}, nullable=False)
    total: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    state: str | None = Field(default=None, sa_type=Text, nullable=True)
    result: str | None = Field(default=None, sa_type=Text, nullable=True)
    reason: str | None = optional_text()
