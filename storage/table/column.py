"""The few column kinds that every table shares."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Identity, Text, func
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlmodel import Field

# Milliseconds, because that is what clients read and send back in `createdAtLte`: a finer clock would make
# a row later than the very time it shows.
Timestamp = TIMESTAMP(timezone=True, precision=3)


def identifier() -> Any:
    """The primary key: an opaque text, `c` and 24 lower-case letters or digits when the server chooses it."""
    return Field(primary_key=True, sa_type=Text)


def reference(target: str, *, index: bool = False) -> Any:
    """A foreign key that must be given; the row goes with its target."""
    return Field(foreign_key=target, index=index, sa_type=Text, ondelete="CASCADE")


def optional_reference(target: str, *, index: bool = False) -> Any:
    """A foreign key that may be absent and is emptied when its target goes."""
    return Field(default=None, foreign_key=target, index=index, sa_type=Text, ondelete="SET NULL", nullable=True)


def blob_reference() -> Any:
    """A file that must stay as long as the row refers to it."""
    return Field(default=None, foreign_key="blob.id", sa_type=Text, nullable=True)


def text(default: str | None = None) -> Any:
    """A text that is never null."""
    if default is None:
        return Field(sa_type=Text)
    return Field(default=default, sa_type=Text, sa_column_kwargs={"server_default": default})


def optional_text() -> Any:
    """A text that may be null."""
    return Field(default=None, sa_type=Text, nullable=True)


def texts() -> Any:
    """A list of texts, empty by default."""
    return Field(default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs={"server_default": "{}"})


def optional_texts() -> Any:
    """A list of texts that may be null."""
    return Field(default=None, sa_type=ARRAY(Text), nullable=True)


def flag(default: bool = False) -> Any:
    """A boolean that is never null."""
    return Field(default=default, sa_column_kwargs={"server_default": "true" if default else "false"})


def number(default: int = 0) -> Any:
    """A 32-bit integer that is never null."""
    return Field(default=default, sa_column_kwargs={"server_default": str(default)})


def big_number() -> Any:
    """A 64-bit counter that starts at zero."""
    return Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


def created() -> Any:
    """The time of the writing transaction."""
    return Field(default=None, sa_type=Timestamp, sa_column_kwargs={"server_default": func.now()}, nullable=False)


def inserted() -> Any:
    """The time at which the row was added, which no statement sets: unlike `created`, not the beginning of the transaction."""
    return Field(
        default=None, sa_type=Timestamp, sa_column_kwargs={"server_default": func.clock_timestamp()}, nullable=False
    )


def timestamp() -> Any:
    """A time that may be null."""
    return Field(default=None, sa_type=Timestamp, nullable=True)


def position() -> Any:
    """The place in creation order: total, and independent of the clock."""
    return Field(default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], nullable=False)
