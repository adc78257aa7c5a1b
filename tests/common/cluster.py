"""One PostgreSQL cluster for a whole test run, and a migrated template in it that every test database is cloned from.

`LABELYARD_TEST_DATABASE_URL` names a server of your own instead; its user must be allowed to create databases. The processes of
a run (pytest-xdist's workers and their parent) share a folder, whose lock lets one of them start the cluster and build the
template while the others wait.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import fasteners

from labelyard.storage.cluster.embedded import EmbeddedPostgres
from labelyard.storage.cluster.processes import stop
from labelyard.storage.migration.run import migrate

FOLDER_VARIABLE = "LABELYARD_TEST_FOLDER"
OWN_SERVER_VARIABLE = "LABELYARD_TEST_DATABASE_URL"
# A cluster that is thrown away need not survive a power cut: nothing waits for a disk.
CLUSTER_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "max_wal_size": "4GB",
    "max_connections": "300",
    "autovacuum_naptime": "10s",
    "jit": "off",
}


def open_folder() -> None:
    """Make the folder of a run, which child processes find by their environment."""
    os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="labelyard-tests-")


def close_folder() -> None:
    """Stop the cluster, or drop the databases made on a server of one's own, and remove the folder."""
    folder = Path(os.environ.pop(FOLDER_VARIABLE))
    if (folder / "databases").exists() and os.environ.get(OWN_SERVER_VARIABLE):
        asyncio.run(_drop(os.environ[OWN_SERVER_VARIABLE], (folder / "databases").read_text().split()))
    stop(folder / "postgres", patience_seconds=10)
    shutil.rmtree(folder, ignore_errors=True)


class Cluster:
    """The server of a run, as one of its processes sees it."""

    def __init__(self) -> None:
        self._folder = Path(os.environ[FOLDER_VARIABLE])
        # Names of databases tell the run, for a server of one's own may be used by several.
        self._prefix = "test_" + re.sub(r"\W", "", self._folder.name.rpartition("-")[2].lower())
        self._url: str | None = None

    async def new_database(self, *, migrated: bool = True) -> str:
        """The URL of a new database: with the tables of today, or empty."""
        with self._locked():
            if self._url is None:
                self._url = os.environ.get(OWN_SERVER_VARIABLE) or self._start()
            template = f"{self._prefix}_template"
            if migrated and template not in self._made():
                await self._create(template)
                await migrate(self._url_of(template))
        name = f"{self._prefix}_{secrets.token_hex(6)}"
        await self._create(name, template=template if migrated else None)
        return self._url_of(name)

    async def drop_database(self, url: str) -> None:
        """Remove a database with whatever is connected to it."""
        assert self._url is not None
        await _drop(self._url, [urlsplit(url).path.strip("/")])

    async def _create(self, name: str, *, template: str | None = None) -> None:
        assert self._url is not None
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(f"create database {name}" + (f" template {template}" if template else ""))
        finally:
            await connection.close()
        with (self._folder / "databases").open("a") as made:
            made.write(f"{name}\n")

    def _start(self) -> str:
        return EmbeddedPostgres(self._folder / "postgres", settings=CLUSTER_SETTINGS).start()

    def _made(self) -> list[str]:
        made = self._folder / "databases"
        return made.read_text().split() if made.exists() else []

    def _url_of(self, name: str) -> str:
        return urlsplit(self._url or "")._replace(path=f"/{name}").geturl()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with fasteners.InterProcessLock(self._folder / "lock"):
            yield


async def _drop(server_url: str, names: list[str]) -> None:
    connection = await asyncpg.connect(server_url)
    try:
        for name in names:
            await connection.execute(f"drop database if exists {name} with (force)")
    finally:
        await connection.close()
