"""What AutoScout24 refuses, by type of vehicle."""

from __future__ import annotations

from typing import Any

import pytest

from portal.sandbox.autoscout24.rules.fields import FORBIDDEN
from tests.sandbox.autoscout24.conftest import As24, codes, electric, golf

CONTACT = "attribute-contains-prohibited-content"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bodyType": None}, "mandatory-attribute-missing"),
        ({"firstRegistrationDate": None}, "mandatory-attribute-missing"),
        ({"mileage": None}, "mandatory-attribute-missing"),
        ({"publication": {"status": "Active"}}, "mandatory-attribute-missing"),
        ({"prices": {}}, "mandatory-attribute-missing"),
        ({"prices": {"public": {"price": 12_990.5, "currency": "EUR"}}}, "invalid-price-value"),
        ({"offerType": "O"}, "first-registration-date-too-modern"),
        ({"offerType": "J"}, "first-registration-date-too-old"),
        ({"offerType": "N"}, "invalid-mileage"),
        ({"grossVehicleWeight": 2000}, "forbidden-attribute-present"),
        ({"wheelbase": 2600}, "forbidden-attribute-present"),
        ({"vin": "WVWZZZ1KZAW"}, "invalid-field-length"),
        ({"modelVersion": "info@autohaus.de"}, CONTACT),
        ({"offerReferenceId": "www.autohaus.de"}, CONTACT),
        ({"highlights": ["eins", "zwei", "drei", "vier"]}, "too-many-highlights"),
        ({"equipment": [30, 241]}, "invalid-equipment"),
        ({"equipment": [152, 244]}, "invalid-equipment"),
        ({"equipment": [103]}, "invalid-equipment"),
        ({"alloyWheelSize": 18}, "invalid-equipment"),
        ({"bodyType": 101}, "invalid-body-type"),
        ({"description": "ä" * 5001}, "invalid-field-length"),
        ({"wltp": {"co2EmissionsCombined": 120}, "co2Emissions": 120}, "wltp-and-nedc-set-error"),
        ({"wltp": {"consumptionElectricCombined": 12}}, "wltp-attribute-forbidden-for-engine-type"),
        ({"wltp": {"co2EmissionsCombined": 0}}, "minimum-value-exceeded-emission-consumption"),
        ({"isPluginHybrid": True}, "invalid-fuel-type-or-category-for-plugin-hybrid"),
        ({"hasWarranty": False, "warranty": 12}, "invalid-has-warranty-type"),
        ({"nextInspectionDate": "2001-01"}, "invalid-next-inspection-date"),
        ({"marketing": {"mia": {"requestedTier": "T40"}}}, "invalid-requested-tier"),
        ({"marketing": {"mia": {"subtitle": ""}}}, "invalid-field-length"),
        ({"availability": {"availabilityType": 2}}, "invalid-availability"),
        ({"mileageUnit": "km"}, "invalid-listing-payload"),
    ],
)
def test_one_mistake_is_one_refusal(as24: As24, changes: dict[str, Any], code: str) -> None:
    answer = as24.create(golf(**changes))
    assert answer.status_code == 400, answer.text
    assert codes(answer) == [code]


def test_longest_text_of_umlauts_is_taken(as24: As24) -> None:
    assert as24.create(golf(description="ä" * 5000)).status_code == 201


@pytest.mark.parametrize("kind", "CBXNL")
def test_bans_hold_for_their_types(as24: As24, kind: str) -> None:
    banned = [name for name, types in FORBIDDEN.items() if kind in types]
    listing = {"vehicleType": kind, **dict.fromkeys(banned, 1)}
    answer = as24.create(golf(**listing))
    said = [error for error in answer.json()["errors"] if error["code"] == "forbidden-attribute-present"]
    assert len(said) >= len(banned)


def test_message_speaks_german_when_asked(as24: As24) -> None:
    answer = as24.create(golf(bodyType=None), params={"culture": "de-DE"})
    assert answer.json()["errors"][0]["message"] == "Das Attribut 'bodyType' fehlt, ist aber ein Pflichtfeld"


def test_consumption_of_fuel_is_forbidden_for_an_electric_car(as24: As24) -> None:
    wltp = {"co2Class": 10, "consumptionElectricCombined": 15.8, "consumptionCombined": 5}
    assert codes(as24.create(electric(wltp=wltp))) == ["wltp-attribute-forbidden-for-engine-type"]
