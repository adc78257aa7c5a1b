"""Routes that say whether the process lives and whether it can serve."""

from __future__ import annotations

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labelyard.domain.error import ClientError
from labelyard.server.edge.error import json_response
from labelyard.server.loop.runner import LoopRunner
from labelyard.storage.blob import Blobs
from labelyard.storage.database import CONNECTION_LOST, Database
from labelyard.storage.migration import has_current_schema


def health_routes(database: Database, blobs: Blobs, loops: LoopRunner) -> list[Route]:
    """`/health/live` and `/health/ready`, also as `/health`; the latter names the check that fails, without details."""

    async def live(_request: Request) -> Response:
        return json_response({"status": "live"})

    async def ready(_request: Request) -> Response:
        failing = [name for name, is_fine in (await _checks(database, blobs)).items() if not is_fine]
        failing += [f"loop {name}" for name in loops.late()]
        if failing:
            return json_response({"status": "not ready", "failing": failing}, status=503)
        return json_response({"status": "ready"})

    return [
        Route("/health", ready, methods=["GET"]),
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", ready, methods=["GET"]),
    ]


async def _checks(database: Database, blobs: Blobs) -> dict[str, bool]:
    checks = {"database": False, "schema": False, "storage": await blobs.is_ready()}
    try:
        async with database.reader() as connection:
            checks["database"] = await connection.fetch_value("select true")
            checks["schema"] = await has_current_schema(connection)
    except (ClientError, asyncpg.PostgresError, asyncpg.InterfaceError, *CONNECTION_LOST):
        return checks
    return checks
