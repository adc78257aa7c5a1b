"""The server secret, with which links to files are signed."""

from __future__ import annotations

import math
import os
import secrets
import stat
from collections import Counter
from itertools import pairwise
from pathlib import Path

from labelyard.domain.error import Misconfigured
from labelyard.server.settings import Settings

LEAST_BYTES = 32
# A random secret of 32 digits has about 100 bits by this measure, one of 32 hexadecimal digits 116, and one in 10,000,000
# of those less than 85. Four letters in turn have 64.
LEAST_BITS = 70
# What people copy from pages and templates.
PLACEHOLDERS = ("changeme", "change-me", "change_me", "example", "replace", "placeholder", "insecure", "at-least-32")
FILE_NAME = "secret"
REMEDY = "`openssl rand -hex 32` makes one"


def server_secret(settings: Settings) -> bytes:
    """The configured secret, or the one in the data directory, made there at the first start with mode 0600."""
    if settings.secret is not None:
        return _hard_to_guess(settings.secret.get_secret_value().encode(), "LABELYARD_SECRET")
    path = settings.data_dir / FILE_NAME
    try:
        if not os.path.lexists(path):
            _make(path)
        return _hard_to_guess(_read(path), str(path))
    except OSError as error:
        raise Misconfigured(
            f"The server secret {path} cannot be read ({error.strerror}); give it to the user that runs labelyard, with the mode "
            "0600, or move it away, and a new one is made."
        ) from error


def _read(path: Path) -> bytes:
    # A pipe would keep the opening waiting for somebody to write.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise Misconfigured(f"The server secret {path} is not a file; move it away, and a new one is made.")
        if found.st_mode & 0o077:
            raise Misconfigured(
                f"{path} can be read by other users of this machine; run `chmod 600 {path}` and start again."
            )
        return file.read()


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


def _hard_to_guess(secret: bytes, source: str) -> bytes:
    if len(secret) < LEAST_BYTES:
        raise Misconfigured(f"{source} holds {len(secret)} bytes, a secret has at least {LEAST_BYTES}; {REMEDY}.")
    core = secret.strip(b"\0 \r\n")
    if _bits(core) < LEAST_BITS or _period(core) <= len(core) // 2 or _is_a_sequence(core):
        raise Misconfigured(f"{source} holds a secret that is easy to guess, it repeats itself; {REMEDY}.")
    text = secret.decode("latin-1").lower()
    for word in PLACEHOLDERS:
        if word in text:
            raise Misconfigured(f"{source} holds an example of a secret ({word!r} stands in it); {REMEDY}.")
    return secret


def _bits(secret: bytes) -> float:
    """How much chance a text holds if each place was drawn alone from the bytes that occur in it."""
    counts = Counter(secret).values()
    total = sum(counts)
    return sum(-count * math.log2(count / total) for count in counts)


def _period(secret: bytes) -> int:
    """The length of the shortest piece that fills the text when it is repeated."""
    return next(length for length in range(1, len(secret) + 1) if secret[length:] == secret[:-length])


def _is_a_sequence(secret: bytes) -> bool:
    """Whether most places only count on from the one before, as in `abcdefgh` and `9876`."""
    steps = Counter(following - former for former, following in pairwise(secret))
    return 2 * max(steps[1], steps[-1]) > len(secret)
