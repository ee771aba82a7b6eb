"""A file is looked at, fetched whole, and left alone while it changes."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from portal import delivery
from portal.delivery import DeliveryStep, EgressPolicy, Missing, RemoteFile, StepState, Undelivered
from tests.delivery.conftest import inventory, stream
from tests.marketplace import Marketplace
from tests.words import german

SERVERS = ("sftp", "ftps", "ftp")
CONTENT = inventory(*(f"A-{number}" for number in range(2_000)))


def there(marketplace: Marketplace, policy: EgressPolicy, content: bytes = CONTENT) -> None:
    put = delivery.deliver(marketplace.target("sftp"), io.BytesIO(content), policy)
    assert isinstance(put, delivery.Delivered), put


def found(marketplace: Marketplace, transport: str, policy: EgressPolicy) -> RemoteFile:
    seen = delivery.look(marketplace.target(transport), policy)
    assert isinstance(seen, RemoteFile), seen
    return seen


@pytest.mark.parametrize("transport", SERVERS)
def test_a_file_is_described_and_fetched_whole(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    there(marketplace, policy)
    seen, sink = found(marketplace, transport, policy), io.BytesIO()
    assert (seen.size, bool(seen.changed)) == (len(CONTENT), transport == "sftp" or bool(seen.changed))
    got = delivery.collect(marketplace.target(transport), seen, sink, len(CONTENT), policy)
    assert got == seen
    assert sink.getvalue() == CONTENT


@pytest.mark.parametrize("transport", SERVERS)
def test_what_is_not_there_is_missing(transport: str, marketplace: Marketplace, policy: EgressPolicy) -> None:
    target = marketplace.target(transport, file_name="nobodys.csv")
    assert delivery.look(target, policy) == Missing("nobodys.csv")
    assert delivery.collect(target, RemoteFile(1), io.BytesIO(), 100, policy) == Missing("nobodys.csv")


@pytest.mark.parametrize("transport", SERVERS)
def test_a_file_that_grew_since_it_was_looked_at_is_not_read(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    there(marketplace, policy, CONTENT[:1000])
    before, sink = found(marketplace, transport, policy), io.BytesIO()
    there(marketplace, policy)
    got = delivery.collect(marketplace.target(transport), before, sink, len(CONTENT), policy)
    assert isinstance(got, RemoteFile)
    assert got.size == len(CONTENT)
    assert sink.getvalue() == b""


@pytest.mark.parametrize("transport", SERVERS)
def test_a_file_beyond_the_limit_is_refused(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    there(marketplace, policy)
    sink, seen = io.BytesIO(), found(marketplace, transport, policy)
    got = delivery.collect(marketplace.target(transport), seen, sink, len(CONTENT) - 1, policy)
    assert isinstance(got, Undelivered)
    assert (got.step, got.retryable) == (DeliveryStep.READ, False)
    assert "größer als" in german(got.reason)
    assert sink.getvalue() == b""


def test_an_address_is_fetched_with_its_login(marketplace: Marketplace, policy: EgressPolicy) -> None:
    there(marketplace, policy)
    target = marketplace.target("https", url=f"{marketplace.url}/dateiportal/4711001/bestand.csv")
    seen, sink = delivery.look(target, policy), io.BytesIO()
    assert isinstance(seen, RemoteFile)
    assert delivery.collect(target, seen, sink, len(CONTENT), policy) == seen
    assert sink.getvalue() == CONTENT
    gone = replace(target, url=target.url.replace("bestand", "nobodys"))
    assert isinstance(delivery.look(gone, policy), Missing)
    too_much = delivery.collect(target, seen, io.BytesIO(), 100, policy)
    assert isinstance(too_much, Undelivered)
    stranger = delivery.look(replace(target, password="wrong"), policy)
    assert isinstance(stranger, Undelivered)
    assert stranger.step is DeliveryStep.LOGIN


def test_an_address_of_another_file_by_now_leaves_nothing(
    marketplace: Marketplace, policy: EgressPolicy
) -> None:
    there(marketplace, policy)
    target = marketplace.target("https", url=f"{marketplace.url}/dateiportal/4711001/bestand.csv")
    sink = io.BytesIO()
    got = delivery.collect(target, RemoteFile(3, "before"), sink, len(CONTENT), policy)
    assert isinstance(got, RemoteFile)
    assert sink.getvalue() == b""


def test_internal_networks_are_not_read_from(marketplace: Marketplace) -> None:
    for transport in (*SERVERS, "https"):
        seen = delivery.look(marketplace.target(transport), EgressPolicy())
        assert isinstance(seen, Undelivered)
        assert "internes Netz" in german(seen.reason)
        assert not seen.retryable


@pytest.mark.parametrize("transport", SERVERS)
def test_trying_out_writes_nothing_and_says_whether_the_file_is_there(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport)
    steps = delivery.test_reading(target, policy)
    assert all(step.state is StepState.OK for step in steps), steps
    assert "noch nicht da" in german(steps[-1].text)
    assert marketplace.requests("store") == []
    delivery.deliver(marketplace.target("sftp"), stream("A-1"), policy)
    assert "Die Datei ist da: 1 KB." in german(delivery.test_reading(target, policy)[-1].text)


def test_an_unknown_host_key_is_asked_for_before_the_login(
    marketplace: Marketplace, policy: EgressPolicy
) -> None:
    steps = delivery.test_reading(marketplace.target("sftp", host_key=""), policy)
    failed = next(step for step in steps if step.state is StepState.FAILED)
    assert failed.step is DeliveryStep.HOST_KEY
    assert failed.host_key is not None
    assert marketplace.requests("login") == []
