"""Which URLs the server may call for its users."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.outgoing import AddressRefused, HostUnknown, OutgoingPolicy, check_addresses, is_public, target_of

OPEN = OutgoingPolicy()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.org/", "begins with https://"),
        ("example.org", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://user:secret@example.org/", "names a user"),
        ("https://user@example.org/", "names a user"),
        ("https://example.org/" + "a" * 2_100, "characters, more than 2,048"),
        ("https://example.org/a b", "belong encoded"),
        ("https://example.org/\r\nX: y", "belong encoded"),
        ("https://example.org\\@evil.example/", "belong encoded"),
        ("https://example.org:99999/", "no URL"),
        ("https://2130706433/", "unusual form"),
        ("https://0x7f000001/", "unusual form"),
        ("https://0x7f.1/", "unusual form"),
        ("https://127.1/", "unusual form"),
        ("https://0177.0.0.1/", "unusual form"),
        ("https://127.0.0.01/", "unusual form"),
        ("https://example.0x1/", "unusual form"),
        ("https://[::1/", "no URL"),
    ],
)
def test_what_is_no_plain_url_is_refused(url, reason):
    with pytest.raises(AddressRefused, match=reason):
        target_of(url)


def test_a_url_in_its_parts():
    target = target_of("https://Exämple.org:8443/a/b?c=d#e")
    assert (target.scheme, target.host, target.port, target.path) == ("https", "xn--exmple-cua.org", 8443, "/a/b?c=d")
    assert target.host_header == "xn--exmple-cua.org:8443"
    assert target.at("192.0.2.1") == "https://192.0.2.1:8443/a/b?c=d"
    assert target.at("2001:db8::1") == "https://[2001:db8::1]:8443/a/b?c=d"
    assert target_of("http://example.org").host_header == "example.org"


PRIVATE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1",
    "2002:7f00:1::", "2002:a00:1::", "::127.0.0.1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "0.1.2.3", "100.127.255.255", "192.0.0.9", "192.0.0.192", "192.88.99.1", "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "255.0.0.1",
    "168.63.129.16", "::ffff:168.63.129.16", "64:ff9b::a83f:8110", "64:ff9b::6440:1", "64:ff9b::c612:1",
    # Prefixes that translators have of their own, where a public address stands for whatever is inside.
    "64:ff9b:1::5db8:d70e", "64:ff9b:1:a00:1::", "fec0::1", "feff::1", "100::1", "5f00::1", "3fff::1", "4000::1", "::1.1.1.1",
    # 6to4 and Teredo, whatever they lead to; a relay would decide.
    "2002:101:101::", "2001:0:101:101:0:ffff:fefe:fefe", "2001:2::1", "2001:10::1", "2001:20::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused_in_every_form(address):
    target = target_of("https://example.org/")
    with pytest.raises(AddressRefused, match="not on the public internet"):
        check_addresses(target, [ipaddress.ip_address(address)], OPEN)
    # Not even beside a public one: a name with both may lead to either.
    with pytest.raises(AddressRefused, match="not on the public internet"):
        check_addresses(target, [ipaddress.ip_address("93.184.215.14"), ipaddress.ip_address(address)], OPEN)


@pytest.mark.parametrize("address", [
        "93.184.215.14", "1.1.1.1", "::ffff:1.1.1.1", "64:ff9b::101:101", "100.63.255.255", "100.128.0.0", "168.63.129.15",
        "168.63.129.17",
        "192.0.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:2800:220:1::1", "2001:200::1", "2001:4860:4860::8888",
        "2a00::1", "3ffe::1",
    ],
)  # fmt: skip
def test_what_is_public_may_be_called(address):
    check_addresses(target_of("https://example.org/"), [ipaddress.ip_address(address)], OPEN)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address):
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    translated = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | int(address))
    assert is_public(mapped) == is_public(address) == is_public(translated)


def test_schemes_and_ports_of_public_addresses():
    public = [ipaddress.ip_address("1.1.1.1")]
    with pytest.raises(AddressRefused, match="plain HTTP"):
        check_addresses(target_of("http://example.org/"), public, OPEN)
    with pytest.raises(AddressRefused, match="port 8443"):
        check_addresses(target_of("https://example.org:8443/"), public, OPEN)
    check_addresses(target_of("http://example.org/"), public, OutgoingPolicy.of("", has_http=True))
    check_addresses(target_of("https://example.org:8443/"), public, OutgoingPolicy.of("", ports="8443, 9000"))


def test_networks_that_the_operator_names():
    policy = OutgoingPolicy.of("10.1.0.0/16, 127.0.0.1, fd00::/8, 64:ff9b:1::/48")
    for address in ("10.1.2.3", "127.0.0.1", "::ffff:10.1.2.3", "fd00::1", "64:ff9b:1::1"):
        check_addresses(target_of("http://inside.example:8080/"), [ipaddress.ip_address(address)], policy)
    for address in ("10.2.0.1", "127.0.0.2", "fe80::1"):
        with pytest.raises(AddressRefused):
            check_addresses(target_of("https://inside.example/"), [ipaddress.ip_address(address)], policy)


def test_a_host_without_addresses_is_refused():
    with pytest.raises(HostUnknown, match="the host is not on the public internet"):
        check_addresses(target_of("https://example.org/"), [], OPEN)


@pytest.mark.parametrize(("networks", "ports"), [("banana", ""), ("10.0.0.0/99", ""), ("", "0"), ("", "x")])
def test_a_policy_that_cannot_be_is_refused(networks, ports):
    with pytest.raises(ValueError, match=r"."):
        OutgoingPolicy.of(networks, ports=ports)
