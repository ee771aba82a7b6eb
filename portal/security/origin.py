"""Where somebody comes from, as far as attempts are counted."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

NETWORK = 64
"""Bits: whoever has one IPv6 address has all of its network."""


def origin_of(address: str) -> str:
    """The network of an IPv6 address, any other address itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found.packed, NETWORK), strict=False))
