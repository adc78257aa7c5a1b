import os
import subprocess
import sys
from pathlib import Path

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


def test_whoever_came_first_on_a_machine_keeps_nobody_from_starting(tmp_path):
    """The temporary directory holds a lock of somebody else's that cannot be opened: ours lies beside the cluster."""
    (tmp_path / "temporary" / ".lockfile").mkdir(parents=True)
    kept = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}

    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path / "postgres")],
        cwd=ROOT,
        env={**kept, "TMPDIR": str(tmp_path / "temporary")},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 180000
    assert (tmp_path / "postgres.lock").exists()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
