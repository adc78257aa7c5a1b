"""What every test may ask for: a database, the application on it, clients, people, and a server in a process of its own."""

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import numpy  # noqa: F401  # first: a thread that imports it later may meet it half imported
import pytest
from _pytest.nodeid import NodeId
from hypothesis import settings as search
from starlette.applications import Starlette

from labelyard.resolvers import operation
from labelyard.resolvers.schema import core_schema
from labelyard.server.application import create_app
from labelyard.server.settings import PluginMode, Settings
from labelyard.services.learning import process as learning
from labelyard.storage.database import Database
from tests.common import cluster as clusters
from tests.common.client import Client
from tests.common.cluster import Cluster
from tests.common.server import ServerProcess
from tests.common.statements import QueryRecorder
from tests.common.world import Organization, Project, new_organization

NewDatabase = Callable[..., Awaitable[str]]


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run makes its folder; nothing of an operator's settings reaches the tests."""
    for name in [
        name for name in os.environ if name.startswith("LABELYARD_") and not name.startswith("LABELYARD_TEST_")
    ]:
        del os.environ[name]
    operation.IS_STRICT = True
    # All cores are busy with tests: what gives way to them would take ten times as long.
    learning.NICENESS = 0
    # Everybody's run tries the same examples; LABELYARD_TEST_SEARCH=1 looks for new ones.
    search.register_profile("same", derandomize=True)
    search.load_profile("default" if os.environ.get("LABELYARD_TEST_SEARCH") else "same")
    if not hasattr(config, "workerinput"):
        clusters.open_folder()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name the group of a test in its id, where the scheduler reads it: pytest-xdist 3.8 writes to what pytest 9.2 reads no more."""
    if not config.getoption("loadgroup", False):
        return
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        if mark is not None and "@" not in item.nodeid.rpartition("::")[2].partition("[")[0]:
            item._id = NodeId.parse(f"{item.nodeid}@{mark.args[0]}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The first process of a run, which is the last one too, takes everything down."""
    if not hasattr(config, "workerinput") and clusters.FOLDER_VARIABLE in os.environ:
        clusters.close_folder()


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The PostgreSQL server of the run."""
    return Cluster()


@pytest.fixture(scope="session")
async def database_url(cluster: Cluster) -> str:
    """The database that the tests of this process share: each makes an organization of its own."""
    return await cluster.new_database()


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, size=10)
    yield database
    await database.close()


@pytest.fixture(scope="module")
async def database_pool(cluster: Cluster) -> AsyncIterator[asyncpg.Pool]:
    """A pool on a database that only this module's tests use: they may empty its tables."""
    url = await cluster.new_database()
    pool = await asyncpg.create_pool(url, min_size=1, max_size=8)
    yield pool
    await pool.close()
    await cluster.drop_database(url)


@pytest.fixture
async def empty_database_url(cluster: Cluster) -> AsyncIterator[str]:
    """A database of the test's own without any table."""
    url = await cluster.new_database(migrated=False)
    yield url
    await cluster.drop_database(url)


@pytest.fixture
async def own_database_url(cluster: Cluster) -> AsyncIterator[str]:
    """A database of the test's own with the tables of today."""
    url = await cluster.new_database()
    yield url
    await cluster.drop_database(url)


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the shared application, which thousands of tests ask from one address: its limits on load are out of their way."""
    return Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        database_url=database_url,
        public_url="http://label.example",
        plugins=PluginMode.PROCESS,
        plugins_network=False,
        anonymous_requests_per_minute=1_000_000,
        failed_keys_per_minute=1_000_000,
        requests_per_minute=1_000_000,
        request_burst=1_000_000,
        organization_requests_per_minute=1_000_000,
        cost_per_minute=1_000_000_000,
        organization_cost_per_minute=1_000_000_000,
    )


@pytest.fixture(scope="session")
async def app(settings: Settings, database: Database) -> AsyncIterator[Starlette]:
    """The application as `labelyard serve` builds it, with what it does in the background."""
    app = create_app(settings, database)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
async def client(app: Starlette) -> AsyncIterator[Client]:
    """A client without a key."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http:
        yield Client(http)


@pytest.fixture
async def app_with(settings: Settings, database: Database) -> AsyncIterator[Callable[..., Client]]:
    """Make a client of an application on the same database that runs with other settings."""
    opened: list[httpx.AsyncClient] = []

    def make(**changes: object) -> Client:
        changed = Settings.model_validate({**settings.model_dump(), **changes})
        transport = httpx.ASGITransport(create_app(changed, database))
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60))
        return Client(opened[-1])

    yield make
    for http in opened:
        await http.aclose()


@pytest.fixture
def statements(database: Database) -> QueryRecorder:
    """Tells which statements a block of the test runs."""
    return QueryRecorder(database)


@pytest.fixture
async def organization(database: Database, client: Client) -> Organization:
    """A new organization with an administrator."""
    return await new_organization(database, client)


@pytest.fixture
async def other_organization(database: Database, client: Client) -> Organization:
    """Strangers."""
    return await new_organization(database, client)


@pytest.fixture
async def project(organization: Organization) -> Project:
    """A project with the interface `WEATHER` and no assets."""
    return await organization.project()


@pytest.fixture(scope="session")
def schema_keys() -> Callable[[str], set[str]]:
    """The keys of an input type of the schema."""

    def keys(name: str) -> set[str]:
        return set(core_schema().type_map[name].fields)  # type: ignore[attr-defined]

    return keys


@pytest.fixture(scope="session")
async def live_server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server in a process of its own, on a database of its own."""
    url = await cluster.new_database()
    key = f"ly_test_{secrets.token_hex(16)}"
    data_dir: Path = tmp_path_factory.mktemp("live") / "data"
    server = ServerProcess(url, data_dir, api_key=key).start()
    yield server
    server.stop()
