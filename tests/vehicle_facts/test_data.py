"""A vehicle's facts are written in one way, whatever process writes them."""

from __future__ import annotations

from portal.vehicle_facts.data import Equipment
from portal.vehicle_facts.equipment import BY_CODE


def test_search_criteria_are_written_in_one_order() -> None:
    written = Equipment(features=frozenset(BY_CODE)).model_dump(mode="json")
    assert written["features"] == sorted(BY_CODE)
