import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START = """
import asyncio, sys
from pathlib import Path
import asyncpg
from storage.engine import EmbeddedPostgres

async def version(url):
    connection = await asyncpg.connect(url)
    print(await connection.fetchval("show server_version_num"))
    await connection.close()

asyncio.run(version(EmbeddedPostgres(Path(sys.argv[1])).start()))
"""


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A directory that the user of PostgreSQL may enter: pytest closes those it makes whenever it starts once more."""
    with tempfile.TemporaryDirectory(prefix="labelyard-embedded-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_whoever_came_first_on_a_machine_keeps_nobody_from_starting(open_path):
    """The temporary directory holds a lock of somebody else's that cannot be opened: ours lies beside the cluster."""
    (open_path / "temporary" / ".lockfile").mkdir(parents=True)
    kept = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}

    done = subprocess.run(
        [sys.executable, "-c", START, str(open_path / "postgres")],
        cwd=ROOT,
        env={**kept, "TMPDIR": str(open_path / "temporary")},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 180000
    assert (open_path / "postgres.lock").exists()
    assert not (open_path / "postgres" / "postmaster.pid").exists()
