"""The server secret, with which links to files are signed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from domain.error import Unavailable
from server.settings import Settings

LEAST_BYTES = 32
FILE_NAME = "secret"


def server_secret(settings: Settings) -> bytes:
    """The configured secret, or the one in the data directory, made there at the first start with mode 0600."""
    if settings.secret is not None:
        return _long_enough(settings.secret.get_secret_value().encode(), "LABELYARD_SECRET")
    path = settings.data_dir / FILE_NAME
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise Unavailable(f"{path} can be read by other users of this machine; run `chmod 600 {path}` and start again.")
    return _long_enough(path.read_bytes(), str(path))


def _make(path: Path) -> None:
    """Write a new secret. Of several processes that start at once, one makes the file and the others read it."""
    temporary = path.with_name(f"{FILE_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(LEAST_BYTES).encode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _long_enough(secret: bytes, source: str) -> bytes:
    if len(secret) < LEAST_BYTES:
        raise Unavailable(f"{source} holds {len(secret)} bytes, a secret has at least {LEAST_BYTES}; use a longer one.")
    return secret
