"""An application that may call the loopback interface, and stores that listen there."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import obstore
import pytest
from obstore.store import S3Store

from labelyard.server.application import create_app
from labelyard.server.settings import Settings
from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.cluster import Cluster
from tests.common.server import UNLIMITED, ServerProcess
from tests.common.world import Organization, new_organization
from tests.stores.place import ROOT, Place
from tests.stores.server import free_port

PYTHON = ROOT / ".stores" / "bin" / "python"


@dataclass
class S3:
    """A running S3 server, and what a client sends to connect to its buckets."""

    endpoint: str

    def bucket(self, name: str) -> S3Store:
        return S3Store(
            name,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id="testing",
            secret_access_key="testing",
            client_options={"allow_http": True},
        )

    def create(self, name: str, keys: list[str] | None = None) -> S3Store:
        httpx.put(f"{self.endpoint}/{name}").raise_for_status()
        store = self.bucket(name)
        for key in keys or []:
            obstore.put(store, key, key.encode())
        return store

    def integration(self, bucket: str, **changes: Any) -> dict[str, Any]:
        return {
            "name": bucket,
            "organizationId": "",
            "platform": "CustomS3",
            "status": "CHECKING",
            "s3Endpoint": self.endpoint,
            "s3BucketName": bucket,
            "s3Region": "us-east-1",
            "s3AccessKey": "AKIA-the-access-key",
            "s3SecretKey": "a-secret-that-nobody-sees",
            **changes,
        }


def started_moto(**environment: str) -> tuple[subprocess.Popen[str], S3]:
    """A moto server, and how it is reached."""
    process = subprocess.Popen(
        [str(PYTHON), str(ROOT / "tests" / "stores" / "s3_process.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
        text=True,
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    if not port:
        pytest.skip("moto does not start in .stores: make stores-environment")
    return process, S3(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    if not PYTHON.exists():
        pytest.skip("moto is not installed: make stores-environment")
    process, server = started_moto()
    yield server
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
async def stores_database(cluster: Cluster) -> AsyncIterator[Database]:
    url = await cluster.new_database()
    database = await Database.open(url, size=10)
    yield database
    await database.close()
    await cluster.drop_database(url)


@pytest.fixture(scope="session")
def stores_settings(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    changes = {"data_dir": tmp_path_factory.mktemp("stores"), "outgoing_networks": "127.0.0.1/32"}
    return Settings.model_validate({**settings.model_dump(), **changes})


@asynccontextmanager
async def client_of(settings: Settings, database: Database) -> AsyncIterator[Client]:
    """A client of an application of these settings, whose jobs run meanwhile."""
    app = create_app(settings, database)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http:
            yield Client(http)


@pytest.fixture(scope="session")
async def stores_client(stores_settings: Settings, stores_database: Database) -> AsyncIterator[Client]:
    """A client of an application whose jobs run."""
    async with client_of(stores_settings, stores_database) as client:
        yield client


@pytest.fixture
async def stores_organization(stores_database: Database, stores_client: Client) -> Organization:
    return await new_organization(stores_database, stores_client)


CREATE = """
mutation CreateDataIntegration($data: DataIntegrationData!) {
  data: createDataIntegration(data: $data) { id name status platform allowedPaths }
}
"""
CONNECT = "mutation addDataConnection($data: DataConnectionInput!) { data: addDataConnection(data: $data) { id } }"
CONNECTION = """
query dataConnection($where: DataConnectionIdWhere!) {
  data: dataConnection(where: $where) {
    id projectId isChecking isApplyingDataDifferences numberOfAssets
    dataDifferencesSummary { added removed total }
  }
}
"""
COMPUTE = """
mutation computeDifferences($where: DataConnectionIdWhere!, $data: DataConnectionComputeDifferencesPayload) {
  data: computeDifferences(where: $where, data: $data) { id }
}
"""
VALIDATE = """
mutation validateDataDifferences($where: ValidateDataDifferencesWhere!, $processingParameters: String) {
  data: validateDataDifferences(where: $where, processingParameters: $processingParameters) { id }
}
"""


@dataclass
class Synced:
    """A connection as a client follows it."""

    client: Client
    id: str

    async def read(self) -> dict[str, Any]:
        return dict(await self.client.data(CONNECTION, {"where": {"id": self.id}}))

    async def settled(self, *, seconds: float = 20.0) -> dict[str, Any]:
        """The connection once nothing is going on."""
        return await settled(self.read, seconds=seconds)

    async def compare(self, **more: Any) -> tuple[int, int]:
        """How many objects are to be added and assets to be removed."""
        await self.client.data(COMPUTE, {"where": {"id": self.id}, **more})
        summary = (await self.settled())["dataDifferencesSummary"]
        assert summary["total"] == summary["added"] + summary["removed"]
        return summary["added"], summary["removed"]

    async def apply(self, difference: str, **more: Any) -> dict[str, Any]:
        await self.client.data(VALIDATE, {"where": {"connectionId": self.id, "type": difference}, **more})
        return await self.settled()


async def settled(read: Callable[[], Awaitable[dict[str, Any]]], *, seconds: float) -> dict[str, Any]:
    """A connection once nothing is going on; `read` gives it as it is now."""
    deadline = time.monotonic() + seconds
    while True:
        now = await read()
        if not now["isChecking"] and not now["isApplyingDataDifferences"]:
            return now
        assert time.monotonic() < deadline, now
        await asyncio.sleep(0.05)


async def connected(organization: Organization, integration: str, project_id: str, **filters: Any) -> Synced:
    data = {"projectId": project_id, "integrationId": integration, **filters}
    answer = await organization.admin.client.data(CONNECT, {"data": data})
    return Synced(organization.admin.client, answer["id"])


@pytest.fixture
async def place(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Place]:
    url = await cluster.new_database()
    settings = {"worker": "false", "outgoing_networks": "127.0.0.1", "port": str(free_port()), **UNLIMITED}
    server = ServerProcess(url, tmp_path / "data", api_key=f"ly_test_{secrets.token_hex(16)}", **settings)
    await asyncio.to_thread(server.start)
    database = await Database.open(url, size=4)
    client = Client(httpx.AsyncClient(base_url=server.url, timeout=60))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LABELYARD_")},
        "LABELYARD_DATABASE_URL": url,
        "LABELYARD_ALLOW_UNSAFE_DATABASE": "true",
        "LABELYARD_DATA_DIR": str(tmp_path / "data"),
        "LABELYARD_OUTGOING_NETWORKS": "127.0.0.1",
    }
    found = Place(server, await new_organization(database, client), environment)
    found.workers = [await asyncio.to_thread(found.start_worker) for _ in range(2)]
    yield found
    for worker in found.workers:
        worker.kill()
        worker.wait()
    server.kill()
    await client.http.aclose()
    await database.close()
    await cluster.drop_database(url)
