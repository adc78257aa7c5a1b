"""`docs/adding-an-operation.md`, carried out in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from labelyard.storage.migration import HEAD

ROOT = Path(__file__).parents[1]
COPIED = ("labelyard", "domain", "storage", "services", "resolvers", "server", "tests", "docs", "changes", "docker")
FILES = ("pyproject.toml", "schema.graphql", "README.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "Makefile")
BLOCK = re.compile(
    r"^`(?P<path>[^`\n]+)`, (?P<place>new|after `[^`\n]+`[^`\n]*):\n\n```\w+\n(?P<text>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
# The table's head and the line below it are followed by the rows.
TABLE_HEAD = "| Field | What it does | Who | Worth knowing |"


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which every block of the page stands where the page says."""
    copy = tmp_path_factory.mktemp("repository")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    following = f"{int(HEAD) + 1:04}"
    page = (ROOT / "docs" / "adding-an-operation.md").read_text("utf-8")
    blocks = list(BLOCK.finditer(page))
    assert len(blocks) == page.count("```python") + page.count("```toml") + page.count("```markdown")
    for block in blocks:
        path = copy / block["path"].replace("NNNN", following if "migration" in block["path"] else "9999")
        text = block["text"].replace("NNNN", following).replace('"HEAD"', f'"{HEAD}"')
        if block["place"] == "new":
            path.parent.mkdir(parents=True, exist_ok=True)
            assert not path.exists(), path
            path.write_text(text)
            continue
        quoted = re.findall(r"after `(.+?)`(?:,|$)", block["place"])[0]
        lines = path.read_text("utf-8").splitlines(keepends=True)
        places = [number for number, line in enumerate(lines) if line.rstrip("\n") == quoted]
        assert places, (path, quoted)
        at = places[0] + (2 if quoted == TABLE_HEAD else 1)
        path.write_text("".join([*lines[:at], text, *lines[at:]]))
    newest = copy / "storage" / "migration" / "__init__.py"
    newest.write_text(newest.read_text("utf-8").replace(f'HEAD = "{HEAD}"', f'HEAD = "{following}"'))
    written = run(
        copy, [sys.executable, "-c", "from labelyard.resolvers.schema import schema_text; print(schema_text(), end='')"]
    )
    assert written.returncode == 0, written.stderr[-3000:]
    (copy / "schema.graphql").write_text(written.stdout)
    return copy


def run(copy: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run something with the copy's modules before the installed ones."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "LABELYARD_"))}
    return subprocess.run(
        command,
        cwd=copy,
        env={**environment, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


@pytest.mark.parametrize(
    "tests",
    [
        ["tests/resolvers/project/test_set_project_motto.py"],
        ["tests/resolvers/test_permissions.py", "-k", "setProjectMotto"],
        ["tests/storage/test_migration.py", "-k", "not start"],
        ["tests/schema", "-k", "not client"],
        ["tests/test_layers.py", "tests/test_docs.py"],
    ],
    ids=["the operation", "its permissions", "its migration", "the schema", "layers and pages"],
)
@pytest.mark.xdist_group("adding an operation")
def test_what_the_page_says_works(changed: Path, tests: list[str]) -> None:
    done = run(changed, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests])
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"\d+ passed|100%", done.stdout), done.stdout[-500:]
