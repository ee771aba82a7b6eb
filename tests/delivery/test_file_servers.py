"""SFTP, FTPS and FTP against the sandbox's file portal."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from portal import delivery
from portal.delivery import Delivered, DeliveryStep, EgressPolicy, Missing, Undelivered
from tests.delivery.conftest import inventory, stream
from tests.marketplace import Marketplace
from tests.words import german

TRANSPORTS = ("sftp", "ftps", "ftp")
every_transport = pytest.mark.parametrize("transport", TRANSPORTS)


@every_transport
def test_a_file_arrives_whole_under_its_name(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    content = inventory("A-1", "A-2")
    outcome = delivery.deliver(marketplace.target(transport), BytesIO(content), policy)
    assert outcome == Delivered("bestand.csv", len(content))
    assert marketplace.file("bestand.csv") == content
    assert set(marketplace.files()) == {"bestand.csv", "bestand.csv.report.csv"}
    assert set(marketplace.file_stock()) == {"A-1", "A-2"}
    assert [row["via"] for row in marketplace.file_generations()] == [transport.upper()]


@every_transport
def test_the_next_file_takes_the_place_of_the_old_one(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport)
    for numbers in (("A-1", "A-2"), ("A-2", "A-3")):
        assert isinstance(delivery.deliver(target, stream(*numbers), policy), Delivered)
    assert marketplace.file("bestand.csv") == inventory("A-2", "A-3")
    assert set(marketplace.file_stock()) == {"A-2", "A-3"}
    assert [row["deleted"] for row in marketplace.file_generations()] == [0, 1]


@every_transport
def test_a_file_of_the_disk_and_one_of_many_blocks_arrive(
    transport: str, marketplace: Marketplace, policy: EgressPolicy, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 4_000 + b"the end"
    (tmp_path / "big").write_bytes(content)
    outcome = delivery.deliver(marketplace.target(transport, file_name="big.bin"), tmp_path / "big", policy)
    assert outcome == Delivered("big.bin", len(content))
    assert marketplace.file("big.bin") == content


@every_transport
def test_an_empty_file_is_delivered_as_it_is(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport)
    delivery.deliver(target, stream("A-1"), policy)
    assert delivery.deliver(target, BytesIO(), policy) == Delivered("bestand.csv", 0)
    assert marketplace.file_stock() == {}


@every_transport
def test_a_stream_is_delivered_from_its_beginning(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    read = stream("A-1")
    read.read()
    assert isinstance(delivery.deliver(marketplace.target(transport), read, policy), Delivered)
    assert set(marketplace.file_stock()) == {"A-1"}


@every_transport
def test_a_file_goes_into_the_folder_that_was_named(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    marketplace.make_folder("börse/eingang")
    target = marketplace.target(transport, folder="börse/eingang")
    assert isinstance(delivery.deliver(target, stream("A-1"), policy), Delivered)
    assert set(marketplace.file_stock(folder="börse/eingang")) == {"A-1"}
    assert marketplace.files() == {}


@every_transport
def test_a_report_is_read_from_the_same_server(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport)
    delivery.deliver(target, stream("A-1"), policy)
    report = delivery.fetch(target, "bestand.csv.report.csv", 100_000, policy)
    assert isinstance(report, bytes)
    assert report == marketplace.file("bestand.csv.report.csv")
    assert delivery.fetch(target, "gestern.report.csv", 100_000, policy) == Missing("gestern.report.csv")


@every_transport
def test_a_report_that_is_too_large_is_not_read(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport)
    delivery.deliver(target, stream("A-1"), policy)
    size = marketplace.files()["bestand.csv"]["size"]
    assert isinstance(delivery.fetch(target, "bestand.csv", size, policy), bytes)
    refused = delivery.fetch(target, "bestand.csv", size - 1, policy)
    assert isinstance(refused, Undelivered)
    assert refused.step is DeliveryStep.READ
    assert "zu groß" in german(refused.reason)


@every_transport
def test_leftovers_of_deliveries_that_were_cut_off_are_removed(
    transport: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport)
    for name in ("bestand.csv.0123abcd.part", "bestand.csv.part", "anderes.csv.0123abcd.part"):
        delivery.deliver(replace(target, file_name=name), BytesIO(b"half"), policy)
    delivery.deliver(target, stream("A-1"), policy)
    left = {name for name in marketplace.files() if name.endswith(".part")}
    assert left == {"bestand.csv.part", "anderes.csv.0123abcd.part"}


@pytest.mark.parametrize(
    "name", ["", "..", "../bestand.csv", "a/b.csv", "a\\b.csv", "a\r\nDELE b.csv", "x" * 201]
)
def test_a_name_that_leads_elsewhere_is_refused(
    name: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    outcome = delivery.deliver(marketplace.target("sftp", file_name=name), stream("A-1"), policy)
    assert isinstance(outcome, Undelivered)
    assert outcome.step is DeliveryStep.NAME
    assert not outcome.retryable
    assert isinstance(delivery.fetch(marketplace.target("sftp"), name, 10, policy), Undelivered)


@every_transport
@pytest.mark.parametrize("member", ["host", "username", "password", "folder"])
def test_control_characters_never_reach_a_server(
    transport: str, member: str, marketplace: Marketplace, policy: EgressPolicy
) -> None:
    target = marketplace.target(transport, **{member: "a\r\nDELE bestand.csv"})
    outcome = delivery.deliver(target, stream("A-1"), policy)
    assert isinstance(outcome, Undelivered)
    assert "unzulässige Zeichen" in german(outcome.reason)
    assert marketplace.requests("connect", "login") == []
