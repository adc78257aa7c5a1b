"""Network addresses of clients."""

from __future__ import annotations

from ipaddress import ip_address, ip_network


def client_network(address: str) -> str:
    """What requests from an address are counted under: the address, or with IPv6 the network that one customer gets."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
