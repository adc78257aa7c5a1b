"""The account that PostgreSQL runs as. It refuses to run as root, so a server that runs as root drops to another one."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from labelyard.domain.error import Misconfigured

FALLBACK = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the system without privileges."""

    uid: int
    gid: int


def account_for(directory: Path, name: str | None) -> Account | None:
    """The account for the cluster in `directory`, or None where PostgreSQL runs as this process does.

    Only root has a choice: the account that is named, else the owner of the cluster, else that of the directory it lies in,
    else `nobody`. No account is made.
    """
    if os.geteuid() != 0:
        if name is not None and name != name_of(os.geteuid()):
            raise Misconfigured(
                f"LABELYARD_POSTGRES_USER is {name}, but only root can run PostgreSQL as somebody else; leave it out."
            )
        return None
    if name is not None:
        return _named(name, "LABELYARD_POSTGRES_USER names an account")
    for folder in (directory, directory.parent):
        if folder.exists() and (status := folder.stat()).st_uid != 0:
            return Account(status.st_uid, _group_of(status.st_uid, status.st_gid))
    return _named(FALLBACK, "PostgreSQL does not run as root but as nobody, an account")


def name_of(uid: int) -> str | None:
    """The name of an account, if it has one."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _named(name: str, what: str) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise Misconfigured(
            f"{what} that this system does not have ({name}); set LABELYARD_POSTGRES_USER to one that it has."
        ) from None
    if entry.pw_uid == 0:
        raise Misconfigured(
            f"LABELYARD_POSTGRES_USER is {name}, but PostgreSQL does not run as root; set it to an account without privileges."
        )
    return Account(entry.pw_uid, entry.pw_gid)


def _group_of(uid: int, gid: int) -> int:
    """The primary group of an account; an account without a name keeps the group of its files, unless it is root's."""
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return gid or uid
