"""By which of its addresses the server was asked: links in the answer begin with it.

What a request says (`Host`) only ever chooses among addresses that are the server's anyway: those that the operator names, or without
them the names of the client's own machine and the address on which the connection arrived.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope

from labelyard.domain.text import parts_of

MOST_KNOWN: Final = 1_000
_OWN_MACHINE: Final = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?")


def address_of(value: str) -> str:
    """An address of the server, without a slash at its end; ValueError for what is none."""
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{value!r} is no address of the server; write it like https://label.example.org")
    return value.rstrip("/")


def addresses_in(value: str) -> tuple[str, ...]:
    """The addresses of the server in a text with commas between."""
    return tuple(address_of(part) for part in parts_of(value))


class AskedAddresses:
    """The addresses of one server. `named` are those that the operator has named, the first of which is the usual one."""

    def __init__(self, named: Iterable[str]) -> None:
        self._named = {urlsplit(address).netloc.lower(): address for address in reversed(list(named))}
        self._known: dict[tuple[bytes, object], str | None] = {}

    def of(self, scope: Scope) -> str | None:
        """The address to begin links with, without a slash at its end; None for the usual one."""
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        asked = host, scope.get("server")
        if asked not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[asked] = self._chosen(host.decode("latin-1").lower(), scope)
        return self._known[asked]

    def _chosen(self, host: str, scope: Scope) -> str | None:
        if self._named:
            return self._named.get(host)
        if _OWN_MACHINE.fullmatch(host):
            return f"http://{host}"
        return _arrived_at(scope)


def _arrived_at(scope: Scope) -> str | None:
    """The address of this machine on which a connection arrived; None where it is not known, or none that a client can open."""
    name, port = scope.get("server") or (None, None)
    try:
        address = ipaddress.ip_address(name or "")
    except ValueError:
        return None
    plain = getattr(address, "ipv4_mapped", None) or address
    if port is None or plain.is_unspecified or plain.is_link_local:
        return None
    return f"http://[{plain}]:{port}" if plain.version == 6 else f"http://{plain}:{port}"
