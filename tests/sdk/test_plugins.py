"""Plugins, from their upload to their end, with the releases that know them and a server that runs them."""

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.common.cluster import Cluster
from tests.common.server import ServerProcess

PACKAGES = next(iter((Path(__file__).parents[2] / ".sdk" / "26.2.4" / "lib").glob("python*")), Path()) / "site-packages"
# How long the client waits between two looks at a build; `make test-plugins` lets it wait as long as it likes.
PATIENCE = os.environ.get("LABELYARD_TEST_PLUGINS_PATIENCE", "0.5")
# Plugins came with 2.125.2. Calls of them take seconds, each with a client of its own: make test drives the newest release only.
RELEASES = ["26.2.4"] if PATIENCE == "0.5" else ["26.2.4", "2.160.0", "2.147.0"]
SEEN = {
    "uploaded": "Plugin created successfully",
    "listed": [False],
    "again": True,
    "status": "ACTIVE",
    "active": [True],
    "active again": True,
    "issue": "It never rains here",
    "sunny": "LABELED",
    "levels": [
        ["INFO", "call 1, ['assetId', 'authorId']"],
        ["INFO", "nothing to say"],
        ["WARNING", "It never rains here"],
    ],
    "about": True,
    "updated": "Plugin updated successfully",
    "broken": "PluginCreationError",
    "why": True,
    "inactive": [False],
    "deleted": [],
}


@pytest.fixture(scope="module")
async def live_server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """A server that runs plugins, which see the packages of one release and fetch none."""
    server = ServerProcess(
        await cluster.new_database(),
        tmp_path_factory.mktemp("plugins") / "data",
        api_key=f"ly_test_{secrets.token_hex(16)}",
        plugins="process",
        plugins_network="off",
        plugins_packages=str(PACKAGES),
    ).start()
    yield server
    server.stop()


@pytest.mark.parametrize("release", RELEASES)
def test_a_plugin_lives_from_its_upload_to_its_end(run, release):
    assert run(release, "plugin_workflow", PATIENCE) == SEEN


def test_the_plugin_of_the_recipe_for_documents_checks_a_label(run):
    assert run("26.2.4", "recipe_of_documents", PATIENCE) == {
        "assets": ["bill.png", "invoice.png"],
        "issues": [["Currencies are euros and dollars", "total"], ["French accounts begin with FR", "account"]],
        "asset": ["TO_REVIEW", {"accuracy": 50.0}],
        "logged": ["2 of 4 boxes"],
    }


def test_a_plugin_receives_typed_events(run):
    assert run("26.2.4", "plugin_events", PATIENCE) == {
        "uploaded": "Plugin created successfully",
        "patterns": ["asset.skipped", "label.workflow.*"],
        "logged": ["label: label.workflow.created.default", "skipped a"],
    }
