"""Every public method of nine released clients, called once and judged by a separate read: `make test-clients`.

`make test` does not collect this file. A method that no row of the tables names fails `test_the_tables_name_every_method`.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.server import UNLIMITED, ServerProcess
from tests.common.world import new_organization
from tests.sdk.every_method.client import SDK, Refusal, ReleasedClient
from tests.sdk.every_method.outside import Outside
from tests.sdk.every_method.row import ANYTHING, RELEASES, Row, filled
from tests.sdk.every_method.table import ROWS, methods
from tests.sdk.every_method.world import World

# What plugins see of the SDK.
PACKAGES = next(iter((SDK / "26.2.4-all" / "lib").glob("python*")), Path()) / "site-packages"

# All calls of a release go to one process, where its client lives.
CALLS = [
    pytest.param(release, row, method, id=f"{release}-{number}-{method}", marks=pytest.mark.xdist_group(release))
    for release in reversed(RELEASES)
    for number, row in enumerate(ROWS)
    for method in row.calls(release)
]


@pytest.fixture(scope="session")
async def server(cluster, tmp_path_factory) -> AsyncIterator[ServerProcess]:
    """A server that runs plugins and may call the loopback address."""
    server = ServerProcess(
        await cluster.new_database(),
        tmp_path_factory.mktemp("clients") / "data",
        api_key=f"ly_test_{secrets.token_hex(16)}",
        outgoing_networks="127.0.0.0/8",
        plugins="process",
        plugins_network="off",
        plugins_packages=str(PACKAGES),
        **UNLIMITED,
    ).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def outside() -> Iterator[Outside]:
    outside = Outside()
    yield outside
    outside.stop()


@pytest.fixture(scope="session")
async def worlds(server) -> AsyncIterator[dict[str, World]]:
    """The world of each release that was asked for."""
    made: dict[str, World] = {}
    yield made
    for world in made.values():
        await world.client.stop()
        await world.organization.http.http.aclose()
        await world.organization.database.close()


@pytest.fixture
async def world(request, server, outside, worlds, tmp_path_factory) -> World:
    release = request.getfixturevalue("release")
    if release not in worlds:
        http = httpx.AsyncClient(base_url=server.url, timeout=60)
        database = await Database.open(server.database_url, size=2)
        client = ReleasedClient(release, server.endpoint, tmp_path_factory.mktemp(f"home-{release}"))
        worlds[release] = World(await new_organization(database, Client(http)), client, server, outside)
    return worlds[release]


@pytest.mark.parametrize("release", [pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in RELEASES])
async def test_the_tables_name_every_method(world: World, release: str):
    found = set(await world.client.methods(world.organization.admin.key))

    assert (found - methods(release), methods(release) - found) == (set(), set())


@pytest.mark.parametrize(("release", "row", "method"), CALLS)
async def test_the_method_does_what_a_separate_read_sees(world: World, release: str, row: Row, method: str):
    admin = world.organization.admin
    made = {
        "organization": world.organization.id,
        "admin": admin.id,
        "admin_email": admin.email,
        "key": admin.key,
        "home": str(world.home),
        **await row.given(world),
    }
    if row.read is not None and row.before is not ANYTHING:
        assert await world.read(row.read, made) == filled(row.before, made)

    answered = await world.client.call(made["key"], method, filled(row.arguments, made), version=row.version)

    if row.refused is not None:
        assert isinstance(answered, Refusal), answered
        assert filled(row.refused, made) in answered.text
    else:
        assert not isinstance(answered, Refusal), f"{answered.kind}: {answered.text}"
        assert (row.of(answered) if row.of else answered) == filled(row.answer, made)
    if row.read is not None:
        made["answer"] = answered
        expected = filled(row.before if row.after is ANYTHING else row.after, made)
        assert await world.read(row.read, made) == expected
