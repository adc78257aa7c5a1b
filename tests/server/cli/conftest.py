"""What tests of commands share that work on projects."""

import httpx
import pytest

from labelyard.server.application import create_app
from labelyard.server.settings import Settings
from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.world import new_organization


@pytest.fixture
async def own_organization(own_database_url, tmp_path):
    """An organization of a server on the database and the data directory of the commands."""
    (tmp_path / "data").mkdir()
    database = await Database.open(own_database_url, size=4)
    settings = Settings(data_dir=tmp_path / "data", database_url=own_database_url, public_url="http://label.example")
    transport = httpx.ASGITransport(create_app(settings, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http:
        yield await new_organization(database, Client(http))
    await database.close()
