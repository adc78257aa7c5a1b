"""The commands on the page about operating, run as they stand there."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.common.yard import Yard

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"


def commands(heading: str) -> list[str]:
    """The blocks of shell commands under a heading."""
    section = PAGE.read_text("utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def shell(text: str, directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LABELYARD_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"umask 022\n{text}"],
        cwd=directory,
        env={**kept, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done
    return done


@pytest.mark.parametrize("place", ["yard", "my yard/" + "long/" * 30], ids=["a short path", "a long path with a space"])
def test_what_is_backed_up_beside_a_server_is_restored_into_an_empty_directory(tmp_path, place):
    here, there = tmp_path / place, tmp_path / "there"
    here.mkdir(parents=True)
    there.mkdir()
    backup, restore = commands("Backup")
    yard, restored = Yard(here / ".labelyard"), Yard(there / ".labelyard")
    try:
        yard.tell("user", "create", "ada@example.org", "--role", "ADMIN")
        (key,) = yard.tell("key", "create", "ada@example.org")
        server = yard.serve().ready()
        (here / ".labelyard" / "files" / "kept").write_bytes(b"a file")
        shell(backup, here)
        assert server.end() == 0

        assert stat.S_IMODE((here / "backup").stat().st_mode) == 0o700
        assert stat.S_IMODE((here / "backup" / "database.dump").stat().st_mode) == 0o600
        (here / "backup").rename(there / "backup")
        shell(restore, there)

        for name in ("files/kept", "secret"):
            assert (there / ".labelyard" / name).read_bytes() == (here / ".labelyard" / name).read_bytes()
        assert stat.S_IMODE((there / ".labelyard" / "secret").stat().st_mode) == 0o600
        server = restored.serve().ready()
        assert server.ask(key).json() == {"data": {"viewer": {"email": "ada@example.org"}}}
        assert server.end() == 0
    finally:
        yard.clear()
        restored.clear()


def test_its_tools_are_run_as_the_page_says(tmp_path):
    shell("labelyard migrate", tmp_path)

    (block,) = commands("The embedded PostgreSQL")

    assert "(1 row)" in shell(block, tmp_path).stdout
