"""Where a dealer may send the portal, and where not."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address, ip_network
from secrets import token_urlsafe

import pytest
from cryptography.fernet import Fernet

from config import load_settings
from portal import delivery
from portal.delivery import Delivered, DeliveryStep, EgressPolicy, Target, Undelivered
from portal.delivery.contract import DeliveryFailure
from portal.delivery.egress import PORTS, endpoints, is_public
from tests.delivery.conftest import stream
from tests.marketplace import Marketplace
from tests.words import german

PUBLIC = (
    "1.1.1.1",
    "93.184.215.14",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.0.1",
    "223.255.255.1",
)
PUBLIC_V6 = ("2001:4860:4860::8888", "2606:4700::1111", "2a00:1450:4001:80b::200e", "2003::1")
INSIDE = (
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
)
INSIDE_V6 = (
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:1.1.1.1",
    "64:ff9b::7f00:1",
    "64:ff9b::101:101",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378::1",
    "2001:2::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:101:101::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
)


def answering(*addresses: str) -> Callable[[str], list[str]]:
    return lambda _host: list(addresses)


@pytest.mark.parametrize("address", [*PUBLIC, *PUBLIC_V6])
def test_public_addresses_are_reached(address: str) -> None:
    assert is_public(ip_address(address))
    (found,) = endpoints("sftp", "example.org", 0, EgressPolicy(look_up=answering(address)))
    assert (found.address, found.port, found.host) == (address, 22, "example.org")


@pytest.mark.parametrize("address", [*INSIDE, *INSIDE_V6])
@pytest.mark.parametrize("transport", PORTS)
def test_everything_else_is_refused_before_anything_is_sent(address: str, transport: str) -> None:
    assert not is_public(ip_address(address))
    target = Target(
        transport,
        host="intern.example.org",
        file_name="a.csv",
        url="https://intern.example.org/upload",
        host_key="ssh-ed25519 SHA256:x",
    )
    outcome = delivery.deliver(target, stream("A-1"), EgressPolicy(look_up=answering(address)))
    assert isinstance(outcome, Undelivered)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.NAME, False)
    assert "internes Netz" in german(outcome.reason)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "localhost", "[::1]", "::1"]
)
def test_no_way_to_write_it_leads_inside(host: str) -> None:
    with pytest.raises(DeliveryFailure) as refused:
        endpoints("sftp", host, 22, EgressPolicy())
    assert refused.value.step is DeliveryStep.NAME


@pytest.mark.parametrize("host", ["a" * 300, "a..b", "\N{SNOWMAN}" * 80, "a b", "", "-", "a\x00b"])
def test_what_is_no_name_is_said_to_be_unknown(host: str) -> None:
    def nobody(name: str) -> list[str]:
        if name.isascii() and len(name) < 64 and ".." not in name:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [str(name.encode("idna"))]  # what the system does with it first

    with pytest.raises(DeliveryFailure) as refused:
        endpoints("sftp", host, 22, EgressPolicy(look_up=nobody))
    assert (refused.value.step, refused.value.retryable) == (DeliveryStep.NAME, False)


def test_a_name_server_that_is_down_is_asked_again_later() -> None:
    def silent(_host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with pytest.raises(DeliveryFailure) as refused:
        endpoints("sftp", "example.org", 22, EgressPolicy(look_up=silent))
    assert refused.value.retryable


def test_of_several_addresses_only_the_public_ones_are_used() -> None:
    found = endpoints(
        "sftp", "x.example.org", 22, EgressPolicy(look_up=answering("10.0.0.1", "1.1.1.1", "::1"))
    )
    assert [end.address for end in found] == ["1.1.1.1"]


@pytest.mark.parametrize(("transport", "port"), [("sftp", 25), ("ftp", 22), ("ftps", 6379), ("https", 8080)])
def test_other_ports_are_refused(transport: str, port: int) -> None:
    with pytest.raises(DeliveryFailure, match=f"Port {port}") as refused:
        endpoints(transport, "example.org", port, EgressPolicy(look_up=answering("1.1.1.1")))
    assert refused.value.step is DeliveryStep.CONNECT


def test_networks_that_are_allowed_by_name_are_reached_on_every_port() -> None:
    policy = EgressPolicy(allow=(ip_network("10.1.0.0/16"),), look_up=answering("10.1.2.3"))
    (found,) = endpoints("sftp", "nas", 8022, policy)
    assert (found.address, found.port) == ("10.1.2.3", 8022)
    with pytest.raises(DeliveryFailure):
        endpoints("sftp", "nas", 8022, replace(policy, look_up=answering("10.2.0.1")))
    with pytest.raises(DeliveryFailure):
        endpoints("sftp", "nas", 8022, replace(policy, look_up=answering("::ffff:10.1.2.3")))


class Rebinding:
    """A name server whose first answer is harmless; every later one leads inside."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, _host: str) -> list[str]:
        self.asked += 1
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]]


@pytest.mark.parametrize("transport", PORTS)
def test_a_name_is_asked_for_once_and_the_answer_is_where_it_goes(
    transport: str, marketplace: Marketplace
) -> None:
    """The first answer is the file portal; nobody listens at the second."""
    names = Rebinding("127.0.0.1", "127.9.9.9")
    url = marketplace.url.replace("127.0.0.1", "localhost") + "/dateiportal/4711001/upload"
    target = marketplace.target(transport, url=url)
    outcome = delivery.deliver(target, stream("A-1"), marketplace.egress_policy(look_up=names))
    assert isinstance(outcome, Delivered)
    assert names.asked == 1
    assert set(marketplace.file_stock()) == {"A-1"}


@pytest.mark.parametrize("transport", ["sftp", "ftp"])
def test_the_name_is_not_looked_up_again_to_connect(transport: str, marketplace: Marketplace) -> None:
    """The system does not know this name, only the look-up whose answer was checked."""
    policy = marketplace.egress_policy(look_up=answering("127.0.0.1"))
    outcome = delivery.deliver(marketplace.target(transport, host="nobody.invalid"), stream("A-1"), policy)
    assert isinstance(outcome, Delivered)


@pytest.mark.parametrize("transport", PORTS)
def test_a_second_answer_cannot_lead_inside(transport: str, marketplace: Marketplace) -> None:
    """Checked public first, then loopback, where the file portal would take the file."""
    names = Rebinding("192.0.1.1", "127.0.0.1")
    url = marketplace.url.replace("127.0.0.1", "localhost") + "/dateiportal/4711001/upload"
    policy = EgressPolicy(look_up=names, authorities=marketplace.egress_policy().authorities)
    outcome = delivery.deliver(marketplace.target(transport, url=url), stream("A-1"), policy)
    assert isinstance(outcome, Undelivered)
    assert names.asked == 1
    assert marketplace.file_stock() == {}
    assert marketplace.requests("login", "store") == []


def test_the_next_address_is_tried_when_the_first_does_not_answer(marketplace: Marketplace) -> None:
    for transport in PORTS:
        policy = marketplace.egress_policy(look_up=answering("::1", "127.0.0.1"))
        outcome = delivery.deliver(marketplace.target(transport), stream("A-1"), policy)
        assert isinstance(outcome, Delivered), transport


SECRETS = {
    "SECRET_KEY": token_urlsafe(48),
    "SECRETS_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql+psycopg://db",
    "REDIS_URL": "redis://queue",
    "PORTAL_URL": "https://portal.example.org",
    "MAIL_FROM": "portal@portal.example.org",
}


def test_in_production_this_machine_is_closed_unless_it_is_allowed(marketplace: Marketplace) -> None:
    settings = load_settings({"PORTAL_ENV": "production", **SECRETS})
    assert settings.delivery_allow_private == ()
    allow = tuple(ip_network(network) for network in settings.delivery_allow_private)
    outcome = delivery.deliver(
        marketplace.target("sftp"), stream("A-1"), marketplace.egress_policy(allow=allow)
    )
    assert isinstance(outcome, Undelivered)
    assert outcome.step is DeliveryStep.NAME


def test_in_development_the_sandbox_is_reached(marketplace: Marketplace) -> None:
    settings = load_settings({})
    allow = tuple(ip_network(network) for network in settings.delivery_allow_private)
    outcome = delivery.deliver(
        marketplace.target("sftp"), stream("A-1"), marketplace.egress_policy(allow=allow)
    )
    assert isinstance(outcome, Delivered)


def test_networks_are_read_from_the_environment_and_checked() -> None:
    given = {"PORTAL_ENV": "production", **SECRETS, "DELIVERY_ALLOW_PRIVATE": "10.1.0.0/16, fd00::/8"}
    assert load_settings(given).delivery_allow_private == ("10.1.0.0/16", "fd00::/8")
    assert load_settings({"DELIVERY_ALLOW_PRIVATE": ""}).delivery_allow_private == ()
    for wrong in ("10.1.0.1/16", "intern", "10.0.0.0/33"):
        with pytest.raises(ValueError, match="DELIVERY_ALLOW_PRIVATE"):
            load_settings({"DELIVERY_ALLOW_PRIVATE": wrong})


@pytest.mark.parametrize(
    ("transport", "members"),
    [
        ("sftp", {"host": "ftp.autohaus-müller.de", "host_key": "ssh-ed25519 SHA256:x"}),
        ("ftps", {"host": "FTP.Autohaus-Müller.de"}),
        ("https", {"url": "https://ftp.autohaus-müller.de/bestand/größe"}),
    ],
)
def test_an_umlaut_domain_is_looked_up_by_its_ascii_name(transport: str, members: dict[str, str]) -> None:
    asked: list[str] = []

    def look_up(host: str) -> list[str]:
        asked.append(host)
        raise OSError("nobody knows")

    target = Target(transport, username="a", password="b", file_name="bestand.csv", **members)
    outcome = delivery.deliver(target, stream("A-1"), EgressPolicy(look_up=look_up))
    assert isinstance(outcome, Undelivered)
    assert asked == ["ftp.xn--autohaus-mller-psb.de"]
