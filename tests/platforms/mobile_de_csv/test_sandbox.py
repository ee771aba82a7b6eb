"""Our file as the sandbox's file portal takes it, and its report as we read it."""

from __future__ import annotations

import io
from pathlib import Path

from portal.formats.mobile_de_csv import StockReader
from portal.platforms.contract import Subject
from portal.platforms.mobile_de_csv.report import read_report
from portal.sandbox.files.reading import read
from portal.sandbox.files.report import received
from portal.sandbox.files.rows import check
from tests.builders import golf
from tests.platforms.file_rig import FileRig, file_rig
from tests.platforms.mobile_de.kinds import (
    damaged,
    electric,
    financed,
    motorbike,
    new_diesel,
    used_petrol,
    van,
)

CUSTOMER = "4711001"


def reported(rig: FileRig, content: bytes) -> dict[str, str]:
    """Results by number."""
    inventory = read(rig.writer.file_name, content)
    rows = check(inventory.lines, CUSTOMER, inventory.pictures)
    report = read_report(received(rig.writer.file_name, "sha", rows, "all"))
    return {verdict.number: verdict.result for verdict in report.verdicts}


def test_every_kind_of_vehicle_is_accepted() -> None:
    rig = file_rig("mobile-de-csv")
    stock = [
        used_petrol(),
        new_diesel(),
        electric(),
        damaged(),
        van(),
        motorbike(),
        financed(offer_number="F 1/ä"),
    ]
    found = reported(rig, rig.file(*stock))
    assert len(found) == 7
    assert set(found.values()) == {"accepted"}


def test_a_picture_that_is_missing_there_is_told() -> None:
    rig = file_rig("mobile-de-csv")
    found = reported(rig, rig.write([rig.entry(golf(offer_number="A1"))], lambda _sha256: None))
    assert found == {"A1": "hinted"}


def test_a_real_inventory_is_taken(shared_inventory: Path) -> None:
    rig = file_rig("mobile-de-csv", pictures="none")
    with shared_inventory.open("rb") as stream:
        vehicles = [row.vehicle for row in StockReader(stream) if row.vehicle]
    entries = [rig.writer.entry(Subject(vehicle, "HH")) for vehicle in vehicles]
    found = reported(rig, rig.write(entry for entry in entries if not entry.problems))
    ancient = {it.offer_number for it in vehicles if it.first_registration and it.first_registration < "1900"}
    assert {number for number, result in found.items() if result == "rejected"} == ancient
    assert len(found) > 1300


def test_an_empty_file_is_one_without_rows() -> None:
    rig = file_rig("mobile-de-csv", pictures="none")
    assert rig.write([]) == b""
    assert read("a.csv", io.BytesIO(rig.write([])).read()).lines == []


def test_a_header_row_is_no_vehicle_there_and_none_where_we_read_the_file() -> None:
    rig = file_rig("mobile-de-csv", pictures="none", header=True)
    content = rig.file(golf(offer_number="A1"), pictures=0)
    assert reported(rig, content) == {"A1": "accepted"}
    reader = StockReader(io.BytesIO(content))
    assert [row.vehicle.offer_number for row in reader if row.vehicle] == ["A1"]
    assert reader.header_line == 1
    without = file_rig("mobile-de-csv", pictures="none").file(golf(offer_number="A1"), pictures=0)
    assert content.endswith(without)
