"""Hashing passwords, off the event loop and a few at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from labelyard.domain.error import TooManyRequests
from labelyard.domain.password import MOST_CHARACTERS

MEMORY_KIB = 19 * 1024
ROUNDS = 2
AT_ONCE = 4
# Behind the few at work, whoever waits longer than the queue is better told to come again.
WAITING = 100


class Passwords:
    """Argon2id with 19 MiB and two rounds: about 30 ms of one core for each hash."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1)
        self._workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
        self._waiting = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._slot():
            return await asyncio.get_running_loop().run_in_executor(self._workers, self._hasher.hash, password)

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one that was kept. Without a kept one the answer is no, after the same work."""
        with self._slot():
            return await asyncio.get_running_loop().run_in_executor(self._workers, self._verify, kept, password)

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str | None, password: str) -> bool:
        if self._nobody is None:
            self._nobody = self._hasher.hash(secrets.token_hex())
        is_possible = kept is not None and len(password) <= MOST_CHARACTERS
        try:
            self._hasher.verify(kept or self._nobody, password[:MOST_CHARACTERS])
        except (VerificationError, InvalidHashError):
            return False
        return is_possible

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if self._waiting >= AT_ONCE + WAITING:
            raise TooManyRequests("Too many people log in just now; try again in a moment.", retryAfterSeconds=5)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
