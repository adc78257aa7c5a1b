"""The archive in which the code of a plugin comes: checked as a whole, then unpacked.

Whoever may upload one may run code, within the limits of plugins. Unpacking happens outside of those: nothing in an archive may write
beside the folder it is unpacked to, or take more room than a plugin has.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from labelyard.domain.error import BadUserInput

MAX_MEMBERS: Final = 1_000
MAX_UNPACKED_BYTES: Final = 32 * 1024**2
MAX_RATIO: Final = 100
RATIO_FROM_BYTES: Final = 1024**2
MAX_REQUIREMENTS: Final = 100
MAX_LINE: Final = 500
PIECE_BYTES: Final = 256 * 1024
MAIN: Final = "main.py"
REQUIREMENTS: Final = "requirements.txt"


def unpack(archive: bytes, folder: Path) -> None:
    """Write the files of an archive into an empty folder; raises `BadUserInput` for one that is not fit."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            members = _members(opened)
            left = MAX_UNPACKED_BYTES
            for path, member in members.items():
                left -= _write(opened, member, folder / path, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        if isinstance(error, OSError):
            raise
        raise BadUserInput(
            f"The archive cannot be read: {_short(error)}. Upload a zip file that is not encrypted."
        ) from error


def requirements_in(folder: Path) -> list[str]:
    """What an unpacked plugin needs, each a name with versions, extras and markers, without comments.

    Options, links, paths and files are refused: they would read from, or build on, the machine that the server runs on.
    """
    file = folder / REQUIREMENTS
    if not file.is_file():
        return []
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadUserInput(f"{REQUIREMENTS} is not UTF-8 text.") from error
    found = []
    for number, line in enumerate(lines, 1):
        text = line.split(" #")[0].strip()
        if text and not text.startswith("#"):
            found.append(_requirement(text, number))
    if len(found) > MAX_REQUIREMENTS:
        raise BadUserInput(f"{REQUIREMENTS} names {len(found):,} packages; a plugin has at most {MAX_REQUIREMENTS}.")
    return found


def _requirement(text: str, number: int) -> str:
    try:
        requirement = Requirement(text[:MAX_LINE])
    except InvalidRequirement as error:
        raise BadUserInput(
            f"Line {number} of {REQUIREMENTS} is not the name of a package with its versions, such as numpy>=2: {text[:100]!r}. "
            "Options, links and paths are not taken."
        ) from error
    if requirement.url is not None:
        raise BadUserInput(
            f"Line {number} of {REQUIREMENTS} is a link; name a package of the index instead: {text[:100]!r}."
        )
    return str(requirement)


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of an archive by their paths, once all of them are known to be fit."""
    listed = archive.infolist()
    if len(listed) > MAX_MEMBERS:
        raise BadUserInput(f"The archive has {len(listed):,} files; a plugin has at most {MAX_MEMBERS:,}.")
    found: dict[str, zipfile.ZipInfo] = {}
    for member in listed:
        name = member.filename
        path = PurePosixPath(name)
        is_fit = not path.is_absolute() and "\\" not in name and ":" not in name and "\0" not in name
        if (
            not is_fit
            or not path.parts
            or any(part in ("..", ".") or len(part) > 200 for part in name.rstrip("/").split("/"))
        ):
            raise BadUserInput(f"The archive has a file outside of its folder: {name[:200]!r}.")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise BadUserInput(
                f"{name[:200]!r} in the archive is a link or a device; only files and folders are taken."
            )
        if member.file_size > RATIO_FROM_BYTES and member.file_size > MAX_RATIO * max(1, member.compress_size):
            raise BadUserInput(f"{name[:200]!r} in the archive unpacks to more than {MAX_RATIO} times its size.")
        if member.is_dir():
            continue
        if str(path) in found:
            raise BadUserInput(f"The archive has {name[:200]!r} twice.")
        found[str(path)] = member
    if sum(member.file_size for member in found.values()) > MAX_UNPACKED_BYTES:
        raise BadUserInput(f"The archive unpacks to more than the {MAX_UNPACKED_BYTES:,} bytes that a plugin may have.")
    if MAIN not in found:
        raise BadUserInput(f"The archive has no {MAIN}; it belongs at the top, not into a folder.")
    return found


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Write one file, of `left` bytes at most whatever its header says; answers how many they were."""
    size = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, path.open("xb") as target:
            while piece := source.read(PIECE_BYTES):
                size += len(piece)
                if size > left:
                    raise BadUserInput(
                        f"The archive unpacks to more than the {MAX_UNPACKED_BYTES:,} bytes that a plugin may have."
                    )
                target.write(piece)
    except (FileExistsError, NotADirectoryError) as error:
        raise BadUserInput(f"{member.filename[:200]!r} in the archive is both a file and a folder.") from error
    return size


def _short(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
