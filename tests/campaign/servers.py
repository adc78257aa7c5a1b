"""Two servers on one database, and campaigns on them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from storage.database import Database
from tests.campaign.drive import Campaign, Report
from tests.common.client import Client
from tests.common.server import ServerProcess
from tests.common.world import new_organization

VERSIONS = ("V1", "V2", "V3")


class Ground:
    """Where campaigns take place: each has an organization of its own."""

    def __init__(self, database: Database, clients: list[Client]) -> None:
        self.database, self.clients = database, clients

    async def campaign(self, seed: int, version: str, *, steps: int, assets: int = 40) -> Report:
        """Run one campaign; raises `Difference` at the first thing that the server and the model see differently."""
        organization = await new_organization(self.database, self.clients[0])
        campaign = Campaign(seed, version, organization, self.clients, self.database)
        return await campaign.run(steps, assets=assets)


@asynccontextmanager
async def two_servers(database_url: str, folder: Path) -> AsyncIterator[Ground]:
    """Two server processes on one database and one data directory."""
    key = f"ly_test_{secrets.token_hex(16)}"
    servers: list[ServerProcess] = []
    database = await Database.open(database_url, size=4)
    clients: list[httpx.AsyncClient] = []
    try:
        # New projects of the first are of V1, those of the second of V2.
        for version in ("V1", "V2"):
            server = ServerProcess(database_url, folder, api_key=key, workflow_version=version)
            servers.append(server.start())
            clients.append(httpx.AsyncClient(base_url=server.url, timeout=60))
        yield Ground(database, [Client(http) for http in clients])
    finally:
        for http in clients:
            await http.aclose()
        await database.close()
        for server in servers:
            server.stop()
