"""Where a dealer may make the portal connect to, and whom it believes there.

A dealer names a host; without a check that is a way into the network the portal runs in. So a name is looked
up once, only public unicast addresses are taken, and the connection goes to exactly the address that was
looked at: a name server that changes its answer in between changes nothing.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from portal.delivery.contract import DeliveryFailure, DeliveryStep, EgressPolicy
from portal.messages import Wording, say

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA's special-purpose registries, written down here because what Python calls global differs by version.
NOT_PUBLIC: dict[Network, str] = {
    ip_network(network): kind
    for network, kind in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        # Within 2000::/3; everything outside of it is refused anyway (mapped, NAT64, local, multicast …).
        ("2001::/23", "Teredo and protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
    )
}
GLOBAL_UNICAST = IPv6Network("2000::/3")
PORTS: dict[str, tuple[int, ...]] = {
    "sftp": (22, 222, 2022, 2222, 22222),
    "ftps": (21, 2121, 990),
    "ftp": (21, 2121),
    "https": (443, 8443),
}
"""The usual one first. Networks that are allowed by name are reached on every port."""
MOST_ADDRESSES = 4
"""Of one name: each that does not answer costs the time to connect."""


@dataclass(frozen=True)
class Endpoint:
    """An address that was looked at. `host`, the name it was found under, is for certificates only."""

    host: str
    address: str
    port: int
    allowed_by_name: bool
    """It lies in one of the networks that the surroundings allow."""


def endpoints(transport: str, host: str, port: int, policy: EgressPolicy) -> tuple[Endpoint, ...]:
    """Where to connect, best first. Raises Failure when there is nothing that may be reached."""
    port = port or PORTS[transport][0]
    found = _look_up(host, policy)
    usable = tuple(Endpoint(host, str(address), port, _within(address, policy.allow)) for address in found)
    public = tuple(
        end for end, address in zip(usable, found, strict=True) if end.allowed_by_name or is_public(address)
    )
    if not public:
        raise DeliveryFailure(
            DeliveryStep.NAME,
            say(
                "„{host}“ führt in ein internes Netz. Der Server muss im Internet erreichbar sein.", host=host
            ),
        )
    return _on_allowed_port(transport, public)


def is_public(address: Address) -> bool:
    """A global unicast address, of no network with a purpose of its own."""
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return not _within(address, NOT_PUBLIC)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _on_allowed_port(transport: str, found: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    ports = PORTS[transport]
    usable = tuple(end for end in found if end.allowed_by_name or end.port in ports)
    if not usable:
        raise DeliveryFailure(
            DeliveryStep.CONNECT,
            say(
                "Port {port} ist für {transport} nicht zugelassen. Möglich sind: {ports}.",
                port=found[0].port,
                transport=transport.upper(),
                ports=tuple(ports),
            ),
        )
    return usable[:MOST_ADDRESSES]


def _look_up(host: str, policy: EgressPolicy) -> list[Address]:
    if not host.strip():
        raise DeliveryFailure(DeliveryStep.NAME, say("Der Server fehlt. Tragen Sie seinen Namen ein."))
    try:
        texts = (policy.look_up or ask_system)(host)
        addresses = [ip_address(text) for text in texts]
    except socket.gaierror as error:
        passes = error.errno == socket.EAI_AGAIN
        raise DeliveryFailure(DeliveryStep.NAME, _unknown(host), retryable=passes) from error
    except OSError as error:
        raise DeliveryFailure(DeliveryStep.NAME, _unknown(host), retryable=True) from error
    except ValueError as error:  # also UnicodeError, for names that cannot be one
        raise DeliveryFailure(DeliveryStep.NAME, _unknown(host)) from error
    if not addresses:
        raise DeliveryFailure(DeliveryStep.NAME, _unknown(host))
    return addresses


def _unknown(host: str) -> Wording:
    return say("Der Server „{host}“ ist nicht zu finden. Prüfen Sie die Schreibweise.", host=host)


def ask_system(host: str) -> list[str]:
    """Raises OSError for a name that nobody knows."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


# Whom to believe.


AUTHORITIES_UNREADABLE = say(
    "Das Portal findet die Liste der anerkannten Stellen nicht, nach der es Zertifikate prüft. "
    "Wenden Sie sich an seinen Betreiber."
)


def trust(policy: EgressPolicy) -> ssl.SSLContext:
    """Certificates are verified, names too: the system's authorities and those of the surroundings."""
    trust = ssl.create_default_context()
    if policy.authorities is not None:
        try:
            trust.load_verify_locations(policy.authorities)
        except OSError as error:
            raise DeliveryFailure(DeliveryStep.CERTIFICATE, AUTHORITIES_UNREADABLE, retryable=True) from error
    return trust
