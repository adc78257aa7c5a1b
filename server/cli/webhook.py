"""The command `labelyard webhook`: where events are delivered to, how that went, and delivering them again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.server.app_services import app_services_of
from labelyard.server.cli.database import DataDir, existing_settings, opened_database, print_table
from labelyard.services.event_dispatch import DELIVERY, delivery_job
from labelyard.services.webhook.registry import secret_purpose
from labelyard.storage.database import Connection, Row
from labelyard.storage.job import insert_jobs
from labelyard.storage.webhook import list_deliveries, list_webhooks, read_delivery, undelivered

webhook_app = typer.Typer(name="webhook", help="List webhooks and deliveries, and deliver again.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="WEBHOOK", help="The webhook's name or id.")]
OfOrganization = Annotated[
    str | None, typer.Option("--organization", help="Name or id of the organization, when several have the name.")
]


@webhook_app.command("list")
def show_webhooks(data_dir: DataDir = None) -> None:
    """List webhooks, with the projects they are active on and their failures in a row."""
    settings = existing_settings(data_dir)

    async def run() -> list[Row]:
        async with opened_database(settings) as database, database.reader() as connection:
            return await list_webhooks(connection)

    print_table(
        ("ID", "NAME", "ORGANIZATION", "PROJECTS", "FAILURES", "URL"),
        [
            (row["id"], row["name"], row["organization"], str(row["projects"]), str(row["failures"]), row["url"])
            for row in asyncio.run(run())
        ],
    )


@webhook_app.command("secret")
def show_secret(webhook: Name, organization: OfOrganization = None, data_dir: DataDir = None) -> None:
    """Print the secret that deliveries to a webhook are signed with."""
    settings = existing_settings(data_dir)

    async def run() -> Row:
        async with opened_database(settings) as database, database.reader() as connection:
            return await _named(connection, webhook, organization)

    row = asyncio.run(run())
    print(app_services_of(settings).credentials.unseal(row["secret"], secret_purpose(row["id"])))


@webhook_app.command("deliveries")
def show_deliveries(
    webhook: Name,
    failed: Annotated[bool, typer.Option("--failed", help="Only attempts that failed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """List attempts to deliver to a webhook, the newest first. They are kept for 30 days."""
    settings = existing_settings(data_dir)

    async def run() -> list[Row]:
        async with opened_database(settings) as database, database.reader() as connection:
            found = await _named(connection, webhook, organization)
            return await list_deliveries(connection, found["id"], only_failed=failed, limit=limit)

    print_table(
        ("DELIVERY", "TIME", "EVENT", "ATTEMPT", "MS", "ANSWER", "NAME"),
        [
            (
                str(row["position"]),
                row["created_at"].strftime("%Y-%m-%d %H:%M:%S"),
                str(row["event_position"]),
                str(row["attempt"]),
                str(row["milliseconds"]),
                str(row["status"]) if row["status"] is not None else row["reason"] or "",
                row["event"] or "",
            )
            for row in asyncio.run(run())
        ],
    )


@webhook_app.command("redeliver")
def redeliver(
    delivery: Annotated[
        int | None,
        typer.Argument(metavar="[DELIVERY]", help="The number of an attempt, whose event is delivered again."),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(help="Name or id of a webhook: everything that it has not taken is delivered again.")
    ] = None,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Deliver an event again, or all that failed."""
    if (delivery is None) == (webhook is None):
        raise BadUserInput("Name a delivery, or a webhook with --webhook.")
    settings = existing_settings(data_dir)

    async def run() -> int:
        async with opened_database(settings) as database, database.transaction() as connection:
            found: Sequence[Row]
            if webhook is not None:
                found = await undelivered(connection, (await _named(connection, webhook, organization))["id"])
            else:
                row = await read_delivery(connection, delivery or 0)
                if row is None:
                    raise NotFound(f"There is no delivery {delivery}; `labelyard webhook deliveries` lists them.")
                found = [row]
            jobs = [
                delivery_job(
                    kind=DELIVERY,
                    organization_id=row["organization_id"],
                    project_id=row["project_id"],
                    plugin_id=row["plugin_id"],
                    asset_id=row["asset_id"],
                    payload={
                        "plugin": row["plugin_id"],
                        "event": row["event_position"],
                        "type": row["handler"],
                        "again": True,
                    },
                )
                for row in found
            ]
            if jobs:
                await insert_jobs(connection, jobs)
            return len(jobs)

    count = asyncio.run(run())
    print(f"{count} {'event is' if count == 1 else 'events are'} delivered again.")


async def _named(connection: Connection, webhook: str, organization: str | None) -> Row:
    found = await list_webhooks(connection, webhook, organization=organization)
    if not found:
        raise NotFound(f"There is no webhook {webhook!r}; `labelyard webhook list` shows them.")
    if len(found) > 1:
        names = ", ".join(f"{row['organization']} ({row['organization_id']})" for row in found)
        raise Conflict(f"Several organizations have a webhook {webhook!r}, name one with --organization: {names}.")
    return found[0]
