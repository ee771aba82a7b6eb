"""What the audit log says of a change of facts."""

from __future__ import annotations

from decimal import Decimal

from portal.vehicle_facts.data import ConsumptionByPhase, Energy, Prices
from portal.web.audit import facts_changed
from tests.builders import golf


def test_a_number_that_is_only_written_in_another_way_is_no_change() -> None:
    before = golf(energy=Energy(fuel=ConsumptionByPhase(combined=Decimal("5.0")), co2=Decimal("119.0")))
    after = before.model_copy(
        update={
            "energy": Energy(fuel=ConsumptionByPhase(combined=Decimal(5)), co2=Decimal(119)),
            "prices": Prices(selling=Decimal("12990.00")),
        }
    )
    assert facts_changed(before, after) == {}


def test_each_change_is_told_with_old_and_new() -> None:
    before = golf(energy=Energy(fuel=ConsumptionByPhase(combined=Decimal("5.0"))), hsn="0603")
    after = before.model_copy(
        update={"energy": Energy(fuel=ConsumptionByPhase(combined=Decimal("5.5"))), "hsn": "603"}
    )
    assert facts_changed(before, after) == {"energy.fuel.combined": ["5", "5.5"], "hsn": ["0603", "603"]}
