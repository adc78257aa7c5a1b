"""What one door writes, the SDK and the other doors read, and the other way round."""

import secrets

import pytest

from tests.common.server import ServerProcess


@pytest.fixture(scope="module")
async def live_server(cluster, tmp_path_factory):
    """A server with its doors open, which the journeys of this file go to."""
    server = ServerProcess(
        await cluster.new_database(),
        tmp_path_factory.mktemp("doors") / "data",
        api_key=f"ly_test_{secrets.token_hex(16)}",
        doors="fastlabel,dataapi",
    ).start()
    yield server
    server.stop()


def read(status, answers):
    """What the doors say of the task."""
    return {
        "fastlabel": [status, answers],
        "data tasks": ["first.png", "done", answers],
        "results": [answers],
    }


def test_the_sdk_and_the_doors_read_one_store(run, live_server):
    assert run("26.2.4", "doors", live_server.url) == {
        "by fastlabel": {
            "assets": [[True, "first.png", "LABELED"]],
            "labels": [[True, "DEFAULT", {"kind": {"categories": [{"name": "cat"}]}, "note": {"text": "asleep"}}]],
            "by me": [True],
            "read": read("completed", {"kind": "cat", "note": "asleep"}),
        },
        "labeled": read("completed", {"kind": "dog", "note": "awake"}),
        "reviewed": read("approved", {"kind": "cat"}),
        "corners": [[0.1, 0.3], [0.1, 0.1], [0.3, 0.1], [0.3, 0.3]],
        "moved": [["moved", "car", [50, 20, 75, 40]]],
    }
