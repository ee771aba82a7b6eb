"""Our feeds, read by the rules of their operators: nothing that we let pass is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from portal.demo.inventory import inventory
from portal.formats.mobile_de_csv import StockReader
from portal.sandbox.catalogues import CATALOGUES
from portal.sandbox.catalogues.catalogue import JudgedRow, judge
from portal.sandbox.catalogues.reading import rows_of
from portal.vehicle_facts.data import Kind, VehicleData
from tests.platforms.file_rig import file_rig, golf
from tests.platforms.mobile_de import kinds

KINDS = (
    kinds.used_petrol(),
    kinds.new_diesel(),
    kinds.electric(),
    kinds.plug_in(),
    kinds.demonstrator(),
    kinds.damaged(),
    kinds.convertible(),
    kinds.van(),
    kinds.motorbike(),
    kinds.motor_home(),
    kinds.financed(),
    golf(kind=Kind.CLASSIC, first_registration="1968-05", vin="118123456", model_description="Käfer 1300"),
    golf(model_description="Ü" * 200, description="", colour_name="Uranograu Perleffekt " * 3),
)


def demo() -> Iterator[VehicleData]:
    for vehicle in inventory(200, "D", "Autohaus Muster", date(2026, 11, 24), "catalogues"):
        yield vehicle.facts


def judged(slug: str, *vehicles: VehicleData) -> list[JudgedRow]:
    numbered = (
        vehicle.model_copy(update={"offer_number": f"N-{place}"}) for place, vehicle in enumerate(vehicles)
    )
    content = file_rig(slug).file(*numbered)
    return judge(CATALOGUES[slug], rows_of(CATALOGUES[slug], content))


def refused(rows: list[JudgedRow]) -> list[tuple[int, list[str]]]:
    return [(row.line, [finding.text for finding in row.findings]) for row in rows if row.findings]


@pytest.mark.parametrize("slug", CATALOGUES)
def test_no_vehicle_of_ours_is_refused(slug: str) -> None:
    rows = judged(slug, *KINDS, *demo())
    assert len(rows) > 100
    assert refused(rows) == []


@pytest.mark.parametrize("slug", CATALOGUES)
def test_no_vehicle_of_a_real_inventory_is_refused(slug: str, shared_inventory: Path) -> None:
    with shared_inventory.open("rb") as stream:
        vehicles = [row.vehicle for row in StockReader(stream) if row.vehicle]
    assert refused(judged(slug, *vehicles)) == []
