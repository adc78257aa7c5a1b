"""The command `labelyard job`: what happens after commits, for operators."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from labelyard.domain.error import Conflict, NotFound
from labelyard.server.cli.database import DataDir, existing_settings, opened_database, print_table
from labelyard.services.job.queue import JobStatus
from labelyard.storage.database import Row
from labelyard.storage.job import cancel_job, list_jobs, read_job, retry_job

job_app = typer.Typer(name="job", help="List, show, retry and cancel jobs.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id, from `labelyard job list`.")]


@job_app.command("list")
def show_jobs(
    status: Annotated[JobStatus | None, typer.Option(help="Only jobs of this status.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only jobs of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    data_dir: DataDir = None,
) -> None:
    """List jobs, the newest first. Those that have ended are kept for a week."""
    settings = existing_settings(data_dir)

    async def run() -> list[Row]:
        async with opened_database(settings) as database, database.reader() as connection:
            return await list_jobs(connection, status=status, kind=kind, limit=limit)

    print_table(
        ("ID", "KIND", "STATUS", "PROGRESS", "FAILURES", "CREATED", "REASON"),
        [
            (
                row["id"],
                row["kind"],
                row["status"],
                _progress(row),
                str(row["failures"]),
                _time(row["created_at"]),
                row["reason"] or "",
            )
            for row in asyncio.run(run())
        ],
    )


@job_app.command("show")
def show_job(job_id: JobId, data_dir: DataDir = None) -> None:
    """Show all that is known of a job."""
    settings = existing_settings(data_dir)

    async def run() -> Row | None:
        async with opened_database(settings) as database, database.reader() as connection:
            return await read_job(connection, job_id)

    row = asyncio.run(run())
    if row is None:
        raise _unknown(job_id)
    shown = {
        "id": row["id"],
        "kind": row["kind"],
        "status": row["status"],
        "progress": _progress(row),
        "failures": str(row["failures"]),
        "reason": row["reason"],
        "organization": row["organization_id"],
        "project": row["project_id"],
        "user": row["created_by"],
        "key": row["key"],
        "created": _time(row["created_at"]),
        "due": _time(row["run_at"]) if row["status"] == JobStatus.QUEUED else None,
        "started": _time(row["started_at"]),
        "lease until": _time(row["lease_until"]),
        "finished": _time(row["finished_at"]),
        "payload": row["payload"],
        "state": row["state"],
        "result": row["result"],
    }
    print_table(("FIELD", "VALUE"), [(name, value) for name, value in shown.items() if value])


@job_app.command("retry")
def retry(job_id: JobId, data_dir: DataDir = None) -> None:
    """Queue a parked or cancelled job again, as if it had never failed."""
    settings = existing_settings(data_dir)

    async def run() -> Row | None:
        async with opened_database(settings) as database, database.transaction() as connection:
            return (
                None if await retry_job(connection, job_id) else _existing(await read_job(connection, job_id), job_id)
            )

    row = asyncio.run(run())
    if row is not None:
        raise Conflict(f"The job {job_id} is {row['status']}; only parked and cancelled jobs can be retried.")
    print(f"The job {job_id} is queued again.")


@job_app.command("cancel")
def cancel(job_id: JobId, data_dir: DataDir = None) -> None:
    """Cancel a job: a queued one at once, a running one as soon as its worker notices."""
    settings = existing_settings(data_dir)

    async def run() -> tuple[str | None, Row | None]:
        async with opened_database(settings) as database, database.transaction() as connection:
            return await cancel_job(connection, job_id), await read_job(connection, job_id)

    status, row = asyncio.run(run())
    if row is None:
        raise _unknown(job_id)
    if status is None:
        raise Conflict(f"The job {job_id} is {row['status']}; only queued and running jobs can be cancelled.")
    print(f"The job {job_id} is cancelled." if status == JobStatus.CANCELLED else f"The job {job_id} is asked to end.")


def _existing(row: Row | None, job_id: str) -> Row:
    if row is None:
        raise _unknown(job_id)
    return row


def _progress(row: Row) -> str:
    if row["total"] is None:
        return str(row["done"]) if row["done"] else ""
    return f"{row['done']}/{row['total']}"


def _time(value: datetime | None) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S") if value is not None else ""


def _unknown(job_id: str) -> NotFound:
    return NotFound(f"There is no job {job_id!r}; `labelyard job list` shows them.")
