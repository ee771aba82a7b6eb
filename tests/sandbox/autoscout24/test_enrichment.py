"""A listing with missing values is stored inactive and goes on by itself."""

from __future__ import annotations

import pytest

from tests.sandbox.autoscout24.conftest import MUSTER, As24, codes, electric

VIN = "WVWZZZ1KZAW000001"


def waiting(as24: As24, enrichment: str = "by-vin", seconds: float = 0) -> str:
    as24.control("PUT", f"/customers/{MUSTER}", {"enrichment": enrichment, "enrichmentSeconds": seconds})
    answer = as24.create(electric(wltp=None, vin=VIN))
    assert answer.status_code == 202
    return str(answer.json()["id"])


def test_missing_values_without_a_vin_are_refused(as24: As24) -> None:
    answer = as24.create(electric(wltp=None))
    assert answer.status_code == 400
    assert set(codes(answer)) == {"mandatory-attribute-missing"}
    assert "wltp.co2Class" in answer.text


def test_complete_electric_car_is_taken(as24: As24) -> None:
    assert as24.create(electric()).status_code == 201
    stated = {"co2Class": 10, "consumptionElectricCombined": 15.8, "co2EmissionsCombined": 1}
    assert as24.create(electric(wltp=stated)).status_code == 201


def test_it_is_processing_at_first(as24: As24) -> None:
    listing_id = waiting(as24, seconds=60)
    assert as24.read(listing_id).json()["publication"]["status"] == "Inactive"
    assert as24.listed()[0]["vinEnrichmentStatus"] == "Processing"
    assert len(as24.listed(params={"vinStatus": "Processing"})) == 1
    assert as24.listed(params={"vinStatus": "Fail"}) == []


def test_success_makes_it_active(as24: As24) -> None:
    listing_id = waiting(as24)
    assert as24.listed()[0]["vinEnrichmentStatus"] == "Success"
    assert as24.read(listing_id).json()["publication"]["status"] == "Active"


def test_failure_names_the_fields_and_leaves_it_inactive(as24: As24) -> None:
    listing_id = waiting(as24, "fail")
    (shown,) = as24.listed()
    assert shown["vinEnrichmentStatus"] == "Fail"
    assert "wltp.co2Class" in shown["vinEnrichmentMissingFields"]
    assert as24.read(listing_id).json()["publication"]["status"] == "Inactive"


def test_silent_one_never_ends(as24: As24) -> None:
    waiting(as24, "silent")
    assert as24.listed()[0]["vinEnrichmentStatus"] == "Processing"


@pytest.mark.parametrize("enrichment", ["success", "fail"])
def test_customer_can_be_told_to_have_everything_wait(as24: As24, enrichment: str) -> None:
    as24.control("PUT", f"/customers/{MUSTER}", {"enrichment": enrichment})
    assert as24.create(electric()).status_code == 202
