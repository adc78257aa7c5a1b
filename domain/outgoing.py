"""Which addresses the server may call for its users: rules as plain functions.

A URL that a user gives must not lead into the network of the operator. Its name is resolved once, every address that it has is
checked, and the connection goes to one that was.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from labelyard.domain.text import parts_of

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_URL: Final = 2_048
USUAL_PORTS: Final = frozenset({80, 443})
# What the internet reaches: of IPv6 what has been given out so far (RFC 4291), of either what the registries of special addresses do
# not keep for something else. A rule of what is allowed, so that what nobody has thought of is not.
ALLOCATED: Final = ipaddress.IPv6Network("2000::/3")
SPECIAL: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # the host of virtual machines in Azure
        "169.254.0.0/16",  # link-local, and the metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments, Teredo among them: it leads to an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which leads to an IPv4 address
        "3fff::/20",  # documentation
    )
)
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""What translators reach IPv4 through. They have prefixes of their own as well, which nothing public has."""
NOT_PUBLIC: Final = "the host is not on the public internet, and its network is not one the operator allows"
# Whatever ends in a number is an IPv4 address to the functions of the system, in one of many forms.
NUMERIC = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?$")
CONTROL = re.compile(r"[\x00-\x20\x7f\\]")


class AddressRefused(Exception):
    """The server does not call this address; the reason says no more than the URL itself."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HostUnknown(AddressRefused):
    """A name without an address, which may have one later. The reason is that of private ones: it tells nobody which names exist."""

    def __init__(self) -> None:
        super().__init__(NOT_PUBLIC)


@dataclass(frozen=True, slots=True)
class OutgoingPolicy:
    """The policy of the operator: networks that are not public, plain HTTP, and further ports.

    Addresses in a network that is named are reached by HTTP and on every port, too.
    """

    networks: tuple[Network, ...] = ()
    has_http: bool = False
    ports: frozenset[int] = field(default=USUAL_PORTS)

    @classmethod
    def of(cls, networks: str, *, has_http: bool = False, ports: str = "") -> OutgoingPolicy:
        """A policy of settings: networks and ports with commas between; raises `ValueError`."""
        return cls(
            tuple(ipaddress.ip_network(part, strict=False) for part in parts_of(networks)),
            has_http,
            USUAL_PORTS | {_port(part) for part in parts_of(ports)},
        )

    def names(self, address: Address) -> bool:
        """Whether the operator has named a network that the address is in."""
        return any(form in network for form in (address, unwrapped(address)) for network in self.networks)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts, as it has been checked."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    def at(self, address: str) -> str:
        """The URL with an address in place of the name."""
        return f"{self.scheme}://{f'[{address}]' if ':' in address else address}:{self.port}{self.path}"


def target_of(url: str) -> Target:
    """The parts of a URL that may be called as far as can be said without resolving its name; else `AddressRefused`."""
    if len(url) > MAX_URL:
        raise AddressRefused(f"the URL has {len(url):,} characters, more than {MAX_URL:,}")
    if CONTROL.search(url):
        raise AddressRefused("the URL has spaces, line breaks or other characters that belong encoded")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise AddressRefused("this is no URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise AddressRefused("a URL begins with https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("the URL names a user; send credentials in a header")
    try:
        host = host if ":" in host else host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise AddressRefused("the host is no name") from None
    if NUMERIC.search(host) and ":" not in host and literal(host) is None:
        raise AddressRefused("the host is an address in an unusual form; write it as 192.0.2.1")
    if ":" in host and literal(host) is None:
        raise AddressRefused("the host is no address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(url, parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def literal(host: str) -> Address | None:
    """The address that a host is, written as one; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def check_addresses(target: Target, addresses: Sequence[Address], policy: OutgoingPolicy) -> None:
    """Refuse unless every address that a name has may be called."""
    if not addresses:
        raise HostUnknown
    named = [policy.names(address) for address in addresses]
    for address, is_named in zip(addresses, named, strict=True):
        if not is_named and not is_public(address):
            raise AddressRefused(NOT_PUBLIC)
    if all(named):
        return
    if target.scheme == "http" and not policy.has_http:
        raise AddressRefused("plain HTTP is not allowed; use https://")
    if target.port not in policy.ports:
        raise AddressRefused(f"port {target.port} is not one the operator allows")


def is_public(address: Address) -> bool:
    """Whether an address is one that the whole internet reaches."""
    plain = unwrapped(address)
    if plain.version == 6 and plain not in ALLOCATED:
        return False
    return not any(plain in network for network in SPECIAL)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that a mapped or translated IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise ValueError(f"{text!r} is no port")
    return int(text)
