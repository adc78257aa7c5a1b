"""Starting a server: check the settings, open the database, bring it up to date, make the first administrator."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from labelyard.domain.error import Misconfigured, Unavailable
from labelyard.server.settings import Settings
from labelyard.services.first_start import first_start
from labelyard.storage.cluster.embedded import EmbeddedPostgres
from labelyard.storage.database import CONNECTION_LOST, Database
from labelyard.storage.durability import unsafe_settings
from labelyard.storage.migration import HEAD, schema_revision


def prepare_data_dir(settings: Settings) -> Path:
    """Make the data directory, or say in one line why it cannot be used."""
    path = settings.data_dir
    try:
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
        probe = path / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Misconfigured(
            f"LABELYARD_DATA_DIR: {path} cannot be written ({error.strerror}); set a directory that can be"
        ) from error
    return path


def bind(settings: Settings) -> socket.socket:
    """Take the port before anything else is started, or say who has it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by every connection. Without it, an answer written in two pieces waits 40 ms for the client's acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
            raise Misconfigured(f"LABELYARD_HOST: {settings.host} is no address of this machine") from error
        raise Misconfigured(
            f"LABELYARD_PORT: {settings.url_host}:{settings.port} cannot be listened on ({error.strerror}); set a free port"
        ) from error
    return listening


def embedded_postgres(settings: Settings) -> EmbeddedPostgres | None:
    """The PostgreSQL in the data directory, unless the operator has a server of their own."""
    if settings.database_url is not None:
        return None

    def report(line: str) -> None:
        print(f"labelyard: {line}", file=sys.stderr, flush=True)

    return EmbeddedPostgres(settings.data_dir / "postgres", user=settings.postgres_user, report=report)


def database_url(settings: Settings, postgres: EmbeddedPostgres | None = None) -> str:
    """The URL of the operator's own server, or that of the embedded one, which is started."""
    postgres = postgres or embedded_postgres(settings)
    if postgres is not None:
        return postgres.start()
    url = (settings.database_url or "").replace("postgresql+asyncpg://", "postgresql://", 1)
    try:
        parts = urlsplit(url)
        is_complete = parts.scheme in ("postgresql", "postgres") and bool(parts.path.strip("/"))
        _ = parts.port
    except ValueError:
        is_complete = False
    if not is_complete:
        raise Misconfigured(
            "LABELYARD_DATABASE_URL is not a PostgreSQL URL; write postgresql://user:password@host:5432/database"
        )
    return url


@asynccontextmanager
async def open_database(settings: Settings, url: str, *, size: int) -> AsyncIterator[Database]:
    """A pool on a database whose schema is current; migrations are applied first.

    A PostgreSQL of the operator's own that may lose what it has committed is refused before anything is written to it, unless the
    settings allow it.
    """
    try:
        database = await Database.open(url, size=size)
    except (*CONNECTION_LOST, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError) as error:
        host = urlsplit(url).hostname
        if host is None:
            raise Unavailable(
                f"The embedded PostgreSQL does not accept connections: {_reason(error)}. Its log is postgres/log in its directory."
            ) from error
        raise Unavailable(
            f"PostgreSQL at {host} cannot be reached: {_reason(error)}. Check LABELYARD_DATABASE_URL and that the server runs."
        ) from error
    try:
        if settings.database_url is not None and not settings.allow_unsafe_database:
            await require_durable(database)
        await bring_up_to_date(database, url)
        yield database
    finally:
        await database.close()


async def require_durable(database: Database) -> None:
    """Refuse a PostgreSQL that acknowledges commits which a power cut takes back."""
    async with database.reader() as connection:
        unsafe = await unsafe_settings(connection)
    if unsafe:
        raise Misconfigured(
            f"PostgreSQL runs with {' and '.join(f'{name} = off' for name in unsafe)}, so it may lose or damage labels that were "
            "acknowledged; switch on what is off, or set LABELYARD_ALLOW_UNSAFE_DATABASE=true for data that may be lost."
        )


async def bring_up_to_date(database: Database, url: str) -> None:
    """Apply what is missing; Alembic is only loaded when something is."""
    async with database.reader() as connection:
        revision = await schema_revision(connection)
    if revision != HEAD:
        from labelyard.storage.migration.run import migrate

        await migrate(url)


async def make_first_administrator(database: Database, settings: Settings) -> str | None:
    """The key of the first administrator, when this is the first start."""
    key = settings.bootstrap_api_key.get_secret_value() if settings.bootstrap_api_key else None
    async with database.transaction() as connection:
        return await first_start(
            connection,
            email=settings.bootstrap_email,
            organization=settings.bootstrap_organization,
            key=key,
            now=datetime.now(UTC),
        )


def _reason(error: BaseException) -> str:
    if isinstance(error, asyncio.TimeoutError):
        return "no answer within 5 seconds"
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__
