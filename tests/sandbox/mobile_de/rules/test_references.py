from __future__ import annotations

from typing import Any

import pytest

from portal.sandbox.mobile_de.rules.references import SEVERAL, SINGLE
from tests.sandbox.conftest import Box, golf, keys, paths


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "GOLF"),
        ("model", "A4"),
        ("make", "Volkswagen"),
        ("make", "vw"),
        ("category", "limousine"),
        ("category", "Scooter"),
        ("vehicleClass", "car"),
        ("mobileFeatures", ["BLICKFAENGER"]),
        *((field, "nonsense") for field in SINGLE),
        *((field, ["nonsense"]) for field in SEVERAL if field != "plugTypes"),
    ],
)
def test_a_value_that_is_not_in_its_list_is_refused(sandbox: Box, field: str, value: Any) -> None:
    answer = sandbox.create(golf(**{field: value}))
    assert answer.status_code == 400
    assert "invalid-reference-data-value" in keys(answer)
    assert any(path.endswith(f".{field}") for path in paths(answer))


def test_the_refused_value_is_named(sandbox: Box) -> None:
    error = sandbox.create(golf(gearbox="X")).json()["errors"][0]
    assert error["key"] == "invalid-reference-data-value"
    assert error["message"]
    assert error["args"] == [
        {"key": "path", "value": "ad.vehicle.gearbox"},
        {"key": "value", "value": "X"},
    ]


def test_each_make_has_a_model_for_all_others(sandbox: Box) -> None:
    makes = sandbox.http.get("/refdata/classes/Car/makes").json()["values"]
    for make in makes[:10]:
        assert sandbox.create(golf(make=make["name"], model="OTHER")).status_code == 201


def test_all_bookable_features_are_taken_and_told(sandbox: Box) -> None:
    codes = ["EYE_CATCHER", "TOP_OF_PAGE", "PAGE_ONE_AD", "RED_PENCIL", "EBAY_EXPORT"]
    answer = sandbox.create(golf(mobileFeatures=codes))
    assert answer.json()["mobileFeatures"] == codes
    assert sandbox.read(answer.json()["mobileAdId"]).json()["mobileFeatures"] == codes
