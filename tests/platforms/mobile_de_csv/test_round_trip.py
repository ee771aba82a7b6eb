"""What we write we read back identically: the importer's own table of columns."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from portal.formats.mobile_de_csv import StockReader, StockRow
from portal.platforms.contract import Subject
from portal.vehicle_facts.data import Kind, VehicleData
from tests.platforms.file_rig import FileRig, file_rig
from tests.platforms.mobile_de.kinds import convertible, damaged, motor_home, used_petrol, van


def written(rig: FileRig, vehicles: list[VehicleData]) -> bytes:
    return rig.write(rig.writer.entry(Subject(vehicle, "HH")) for vehicle in vehicles)


def facts(row: StockRow) -> dict[str, Any]:
    equipment = row.facts.get("equipment")
    if not equipment:
        return row.facts
    return row.facts | {"equipment": equipment | {"features": sorted(equipment["features"])}}


def test_a_real_inventory_comes_back_as_it_went_out(shared_inventory: Path) -> None:
    """Import, export, import: every row that the importer takes, and no cell that it states is lost."""
    with shared_inventory.open("rb") as stream:
        rows = list(StockReader(stream))
    taken = [row for row in rows if row.vehicle]
    content = written(
        file_rig("mobile-de-csv", pictures="none"), [row.vehicle for row in taken if row.vehicle]
    )
    again = list(StockReader(io.BytesIO(content)))
    assert len(rows) == 1500
    assert len(taken) > 1300
    assert [facts(row) for row in again] == [facts(row) for row in taken]
    assert [row.vehicle for row in again] == [row.vehicle for row in taken]


def test_rows_that_the_importer_refuses_are_the_only_difference(shared_inventory: Path) -> None:
    """Checked by csv alone: the cells of the marketplace's columns are those of the original file."""
    with shared_inventory.open("rb") as stream:
        reader = StockReader(stream)
        taken = [row.vehicle for row in reader if row.vehicle]
    assert reader.charset == "Windows-1252", "whoever laid it out wrote € as Windows does"
    text = shared_inventory.read_text("cp1252")
    original = {row[1]: row for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")}
    ours = csv.reader(
        io.StringIO(
            written(file_rig("mobile-de-csv", pictures="none"), taken).decode("iso-8859-15"), newline=""
        ),
        delimiter=";",
    )
    differing = set()
    for row in ours:
        before = original[row[1]]
        differing |= {
            index for index, cell in enumerate(row) if index != 0 and cell.strip() != before[index].strip()
        }
    assert differing <= {29}, "the usual VAT rate is not repeated"


def test_a_second_export_says_the_same() -> None:
    rig = file_rig("mobile-de-csv", pictures="none")
    stock = [used_petrol(), damaged(), convertible(), van(), motor_home()]
    first = list(StockReader(io.BytesIO(written(rig, stock))))
    again = written(rig, [row.vehicle for row in first if row.vehicle])
    assert [facts(row) for row in StockReader(io.BytesIO(again))] == [facts(row) for row in first]


def test_a_kind_without_a_column_is_told() -> None:
    rig = file_rig("mobile-de-csv")
    entry = rig.entry(used_petrol(kind=Kind.ONE_DAY_REGISTRATION))
    assert "kind-unknown" in {hint.code for hint in entry.hints}
