"""The numbers of advisory locks, all in one place: two purposes with one number would wait for each other.

Locks on texts, such as an address that logs in, are taken on `hashtextextended` of a text that begins with its purpose; they
share the 64-bit space of these numbers and meet one only by chance.
"""

from __future__ import annotations

from enum import IntEnum, unique

from labelyard.storage.database import Writer


@unique
class AdvisoryLock(IntEnum):
    """What a number is held for."""

    MIGRATION = 7_205_230
    FIRST_START = 7_205_231
    TALLY_FOLD = 7_205_232
    EVENT_CHAIN = 7_205_233


async def take_transaction_lock(connection: Writer, lock: AdvisoryLock) -> None:
    """Wait for a lock and keep it until the transaction ends."""
    await connection.fetch("select pg_advisory_xact_lock(:lock)", {"lock": lock})
