"""The code of a plugin and the packages it needs, in a folder of its own on this machine: made by the first job that needs it."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from labelyard.services.plugin.archive import requirements_in, unpack
from labelyard.services.plugin.call import environment_of
from labelyard.services.plugin.settings import PluginSettings
from labelyard.storage.blob import Blobs

# The package that `kili.plugins` is in.
CLIENT: Final = "kili"
MAX_MESSAGE: Final = 6_000


class BuildFailed(Exception):
    """The environment of a plugin cannot be made; the text says why, to whoever wrote the plugin."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plugin that can be called: its Python and the folder of its code."""

    python: Path
    code: Path


def _prepared(folder: Path) -> Prepared:
    return Prepared(folder / "environment" / "bin" / "python", folder / "code")


async def prepare(settings: PluginSettings, blobs: Blobs, *, plugin_id: str, version: int, blob_id: str) -> Prepared:
    """A version of a plugin on this machine, made now unless it is there. Raises `BadUserInput` or `BuildFailed`."""
    folder = settings.directory / plugin_id / str(version)
    if await asyncio.to_thread(folder.is_dir):
        return _prepared(folder)
    # Two jobs that make the same at once do it apart, and one of them is first.
    unfinished = settings.directory / plugin_id / f".{version}-{secrets.token_hex(8)}"
    try:
        await asyncio.to_thread((unfinished / "code").mkdir, 0o700, True)
        archive = b"".join([piece async for piece in blobs.stream(blob_id)])
        await asyncio.to_thread(unpack, archive, unfinished / "code")
        await _make_environment(settings, unfinished)
        with suppress(OSError):
            await asyncio.to_thread(os.rename, unfinished, folder)
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True))
    return _prepared(folder)


async def remove_other_versions(settings: PluginSettings, plugin_id: str, *, kept: int | None) -> None:
    """Remove what is kept of a plugin on this machine, but for one version."""
    await asyncio.to_thread(_remove_others, settings.directory / plugin_id, "" if kept is None else str(kept))


def _remove_others(folder: Path, kept: str) -> None:
    with suppress(FileNotFoundError):
        for version in list(folder.iterdir()):
            if version.name != kept and not version.name.startswith("."):
                shutil.rmtree(version, ignore_errors=True)
    if not kept:
        shutil.rmtree(folder, ignore_errors=True)


async def _make_environment(settings: PluginSettings, folder: Path) -> None:
    """Make the environment and fetch what the plugin names; nothing that is fetched is run here, so no source is built."""
    requirements = await asyncio.to_thread(requirements_in, folder / "code")
    environment = folder / "environment"
    await _uv(settings, folder, "venv", "--no-project", "--relocatable", "--python", sys.executable, str(environment))
    if settings.packages is not None:
        await asyncio.to_thread(_see_packages, environment, settings.packages)
    else:
        requirements = [*requirements, CLIENT]
    if not requirements:
        return
    if not settings.may_fetch:
        raise BuildFailed(
            f"This server fetches no packages (LABELYARD_PLUGINS_NETWORK=off), and the plugin needs {', '.join(requirements)}. Leave "
            "requirements.txt out, or have the operator provide the packages with LABELYARD_PLUGINS_PACKAGES."
        )
    python = str(environment / "bin" / "python")
    await _uv(settings, folder, "pip", "install", "--python", python, "--only-binary", ":all:", "--", *requirements)


def _see_packages(environment: Path, packages: Path) -> None:
    """Let an environment see the packages of a directory, behind its own."""
    for own in environment.glob("lib/python*/site-packages"):
        (own / "server_packages.pth").write_text(f"{packages}\n", encoding="utf-8")


async def _uv(settings: PluginSettings, folder: Path, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        find_uv_bin(),
        *arguments,
        "--no-config",
        "--no-progress",
        "--color=never",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env={
            **environment_of(folder),
            "UV_CACHE_DIR": str(settings.directory / "cache"),
            "UV_LINK_MODE": "copy",
            "UV_PYTHON_DOWNLOADS": "never",
            **settings.fetch_environment,
        },
    )
    try:
        async with asyncio.timeout(settings.build_seconds):
            _, said = await process.communicate()
    except TimeoutError:
        raise BuildFailed(f"The packages were not there within {settings.build_seconds:g} seconds.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    if process.returncode:
        raise BuildFailed(said.decode(errors="replace")[-MAX_MESSAGE:].strip() or "uv ended without a word")
