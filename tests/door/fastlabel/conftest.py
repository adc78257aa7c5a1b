"""A server with the door open, and for each release a client with an organization of its own."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.server import UNLIMITED, ServerProcess
from tests.common.world import Organization, Person, new_organization
from tests.door.fastlabel.client import ReleasedClient

LABELS = """query ($id: ID!) { data: labels(where: {asset: {id: $id}}, first: 50, skip: 0) {
  labelType modelName jsonResponse author { email } } }"""
ASSET = """query ($id: ID!) { data: assets(where: {id: $id}, first: 1, skip: 0) {
  externalId status priority skipped jsonMetadata toBeLabeledBy { email } } }"""


@dataclass
class World:
    """One release, its organization, and what is read beside it."""

    client: ReleasedClient
    organization: Organization
    number: int = 0

    @property
    def release(self) -> str:
        return self.client.release

    @property
    def is_new(self) -> bool:
        """Whether it is the newer of the two."""
        return self.release == "0.26.0"

    @property
    def home(self) -> Path:
        return self.client.home

    async def call(self, method: str, /, **arguments: Any) -> Any:
        return await self.client.call(method, **arguments)

    def name(self, word: str) -> str:
        """A name that nothing else has."""
        self.number += 1
        return f"{word}-{self.number}"

    def file(self, name: str, content: bytes) -> str:
        """A file for the client to send."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)

    async def project(self, kind: str, *classes: dict[str, Any], **more: Any) -> str:
        """A project with classes; answers its slug."""
        slug = self.name("project")
        await self.call("create_project", type=kind, name=slug, slug=slug, **more)
        for one in classes:
            await self.call("create_annotation", project=slug, **one)
        return slug

    async def data(self, document: str, **variables: Any) -> Any:
        """A separate read, through GraphQL."""
        return await self.organization.admin.client.data(document, variables)

    async def asset(self, task: str) -> dict[str, Any]:
        (found,) = await self.data(ASSET, id=task)
        return {**found, "jsonMetadata": orjson.loads(found["jsonMetadata"])}

    async def labels(self, task: str) -> list[dict[str, Any]]:
        """The labels of a task, as GraphQL has them."""
        return [{**one, "jsonResponse": orjson.loads(one["jsonResponse"])} for one in await self.data(LABELS, id=task)]


@pytest.fixture(scope="session")
async def server(cluster, tmp_path_factory) -> AsyncIterator[ServerProcess]:
    server = ServerProcess(
        await cluster.new_database(),
        tmp_path_factory.mktemp("doors") / "data",
        api_key=f"ly_test_{secrets.token_hex(16)}",
        doors="fastlabel",
        **UNLIMITED,
    ).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def worlds(server) -> AsyncIterator[dict[str, World]]:
    made: dict[str, World] = {}
    yield made
    for world in made.values():
        await world.client.stop()
        await world.organization.http.http.aclose()
        await world.organization.database.close()


@pytest.fixture
async def world(request, server, worlds, tmp_path_factory) -> World:
    """The world of the release that the test is about."""
    release = request.getfixturevalue("release")
    if release not in worlds:
        http = httpx.AsyncClient(base_url=server.url, timeout=60)
        database = await Database.open(server.database_url, size=2)
        organization = await new_organization(database, Client(http))
        home = tmp_path_factory.mktemp(f"home-{release}")
        worlds[release] = World(ReleasedClient(release, server.url, home, bare(organization.admin)), organization)
    return worlds[release]


def bare(person: Person) -> str:
    """The key of a person, as a token."""
    return person.key.removeprefix("X-API-Key: ")
