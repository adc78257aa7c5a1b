"""Groups of steps, as the release that knows them sees them."""

import secrets
from collections.abc import AsyncIterator

import pytest

from labelyard.services.workflow.step_group import create_group
from labelyard.storage.database import Database
from tests.common.server import ServerProcess

RELEASE = "26.2.4"


@pytest.fixture
async def live_server(cluster, tmp_path) -> AsyncIterator[ServerProcess]:
    """A server whose new projects have groups of steps."""
    url = await cluster.new_database()
    key = f"ly_test_{secrets.token_hex(16)}"
    server = ServerProcess(url, tmp_path / "data", api_key=key, workflow_version="V3").start()
    yield server
    server.stop()


async def test_a_project_of_two_groups(live_server, run):
    project_id = run(RELEASE, "groups", "begin")
    database = await Database.open(live_server.database_url, size=1)
    async with database.transaction() as connection:
        await create_group(connection, project_id, "Check", step_name="Default")
    await database.close()

    seen = run(RELEASE, "groups", "travel", project_id, "admin@localhost")

    assert seen == {
        "added": ["id", "name", "stepGroupId"],
        "labelers": ["admin@localhost"],
        "places": {
            "a": ["Check", "Review", "TO_DO"],
            "b": ["Check", "Look", "TO_DO"],
            "c": ["Default", "Default", "TO_DO"],
        },
        "in Check": ["a", "b"],
        "not in Check": ["c"],
        "to look at": ["b"],
        "to do in Default": ["c"],
        "labels": [
            ["DEFAULT", "Default", "Default"],
            ["DEFAULT", "Default", "Default"],
            ["DEFAULT", "Check", "Look"],
            ["REVIEW", "Check", "Review"],
        ],
        "status": "REVIEWED",
        "sent back": ["Check", "Look", "REWORK"],
        "copy": {
            "a": ["Check", "Look", "REWORK"],
            "b": ["Check", "Look", "TO_DO"],
            "c": ["Default", "Default", "TO_DO"],
        },
    }
