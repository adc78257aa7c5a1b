"""The libraries of the page: `python -m tests.page.libraries` fetches them from npm and writes files and hashes anew."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "server/page/static/vendor"
LIST = VENDOR / "README.md"
_ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \| (?P<package>\S+) \| (?P<version>\S+) \| `(?P<path>[^`]+)` "
    r"\| \[(?P<licence>[^\]]+)\]\((?P<licence_file>[^)]+)\) \| `(?P<sha512>[0-9a-f]{128})` \|$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Library:
    file: str
    package: str
    version: str
    path: str
    licence: str
    licence_file: str
    sha512: str


def libraries() -> list[Library]:
    return [Library(**row.groupdict()) for row in _ROW.finditer(LIST.read_text())]


def renew() -> None:
    """Write each file as the package of its row holds it: change a version there first."""
    text = LIST.read_text()
    for library in libraries():
        with tempfile.TemporaryDirectory() as folder:
            wanted = f"{library.package}@{library.version}"
            packed = subprocess.run(
                ["npm", "pack", "--silent", wanted], cwd=folder, check=True, capture_output=True, text=True
            )
            with tarfile.open(Path(folder) / packed.stdout.strip()) as archive:
                content = archive.extractfile(f"package/{library.path}")
                licence = archive.extractfile("package/LICENSE")
                assert content is not None
                assert licence is not None
                (VENDOR / library.file).write_bytes(found := content.read())
                (VENDOR / library.licence_file).write_bytes(licence.read())
        text = text.replace(library.sha512, hashlib.sha512(found).hexdigest())
    LIST.write_text(text)


if __name__ == "__main__":
    renew()
