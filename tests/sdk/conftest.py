"""Runs a journey under a release of the SDK, as a user's own process would."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

ROOT = Path(__file__).parents[2]
JOURNEYS = Path(__file__).parent / "journey"


class Server(Protocol):
    """What the tests know of the server: where it is, and an administrator's key."""

    endpoint: str
    api_key: str


class Start(Protocol):
    def __call__(self, release: str, journey: str, *arguments: str) -> subprocess.Popen[str]: ...


@pytest.fixture
def start(live_server: Server, tmp_path: Path) -> Start:
    """Start a journey and leave it running; its home is new, so no schema of another server is found there."""

    def start_journey(release: str, journey: str, *arguments: str) -> subprocess.Popen[str]:
        python = ROOT / ".sdk" / release / "bin" / "python"
        if not python.exists():
            pytest.fail(f"kili {release} is not set up at {python}: run `make sdk-environments`")
        home = tmp_path / f"home-{journey}-{len(list(tmp_path.iterdir()))}"
        home.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KILI_", "PYTHON"))}
        environment = {
            **kept,
            "HOME": str(home),
            "KILI_API_ENDPOINT": live_server.endpoint,
            "KILI_API_KEY": live_server.api_key,
            "NO_PROXY": "127.0.0.1",
        }
        return subprocess.Popen(
            [str(python), str(JOURNEYS / f"{journey}.py"), *arguments],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start_journey


@pytest.fixture
def run(start: Start) -> Callable[..., Any]:
    """Run a journey to its end and give what it saw."""

    def run_journey(release: str, journey: str, *arguments: str) -> Any:
        return answer_of(start(release, journey, *arguments))

    return run_journey


@pytest.fixture
def finish() -> Callable[..., Any]:
    """Wait for a journey that was started and give what it saw."""
    return answer_of


def answer_of(process: subprocess.Popen[str], *, timeout_seconds: float = 150) -> Any:
    try:
        output, complaints = process.communicate(timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        output, complaints = process.communicate()
        pytest.fail(f"{process.args} did not end within {timeout_seconds} s; it said:\n{complaints[-4000:]}")
    if process.returncode:
        pytest.fail(f"{process.args} ended with {process.returncode}:\n{complaints[-6000:]}")
    return json.loads(output)
