"""Financing and leasing, a price type without a price, and what only warns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Box, golf, keys, paths

FINANCING: dict[str, Any] = {
    "annualPercentageRate": "3.99",
    "nominalInterestRate": "3.92",
    "typeOfNominalInterestRate": "FIXED",
    "firstInstallment": 2000,
    "monthlyInstallment": 149,
    "finalInstallment": 5000,
    "paybackPeriod": 48,
    "netLoanAmount": "10990.00",
    "grossLoanAmount": "12152.00",
    "closingCosts": "0.00",
    "paymentProtectionInsurance": "0.00",
    "bank": "Muster Bank",
}
RATE: dict[str, Any] = {
    "type": "PRIVATE",
    "downPayment": 0,
    "termOfContract": 36,
    "annualMileage": 10_000,
    "totalAmount": "4284.00",
    "grossRate": "119.00",
}
LEASING: dict[str, Any] = {"lender": "Bank", "vatRate": "19.00", "rates": [RATE]}


def test_whole_examples_are_taken(sandbox: Box) -> None:
    assert sandbox.create(golf(financing=FINANCING, leasing=LEASING)).status_code == 201


@pytest.mark.parametrize(
    "name", [name for name in FINANCING if name not in ("firstInstallment", "finalInstallment")]
)
def test_what_financing_must_have_is_missed(sandbox: Box, name: str) -> None:
    answer = sandbox.create(golf(financing={key: value for key, value in FINANCING.items() if key != name}))
    assert (keys(answer), paths(answer)) == (["missing-field"], [f"ad.financing.{name}"])


@pytest.mark.parametrize(
    ("changes", "key", "path"),
    [
        ({"lender": ""}, "missing-field", "lender"),
        ({"rates": []}, "missing-field", "rates"),
        ({"rates": [{**RATE, "type": "BUSINESS"}]}, "invalid-format", "rates[0].type"),
        ({"rates": [{**RATE, "downPayment": "0.00"}]}, "invalid-format", "rates[0].downPayment"),
        ({"bank": "Bank"}, "invalid-format", "bank"),
    ],
)
def test_a_leasing_offer_of_another_shape_is_refused(
    sandbox: Box, changes: dict[str, Any], key: str, path: str
) -> None:
    answer = sandbox.create(golf(leasing=LEASING | changes))
    assert (keys(answer), paths(answer)) == ([key], [f"ad.leasing.{path}"])


def test_leasing_only_needs_a_leasing_offer_and_no_price(sandbox: Box) -> None:
    price = {"currency": "EUR", "type": "LEASING_ONLY"}
    assert paths(sandbox.create(golf(price=price))) == ["ad.leasing"]
    assert sandbox.create(golf(price=price, leasing=LEASING)).status_code == 201


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        ({"roadworthy": False}, "damage-contradicts"),
        ({"fourWheelDrive": True}, "field-ignored"),
    ],
)
def test_what_counts_for_nothing_or_contradicts_itself_only_warns(
    sandbox: Box, facts: dict[str, Any], key: str
) -> None:
    answer = sandbox.create(golf(**facts))
    assert answer.status_code == 201
    assert keys(answer, "warnings") == [key]
    [ad] = sandbox.online()
    assert "fourWheelDrive" not in ad


@pytest.mark.parametrize("leasing", [{**LEASING, "lender": "Portal"}, None])
def test_an_offer_made_in_the_dealer_area_cannot_be_changed(sandbox: Box, leasing: Any) -> None:
    ad_id = sandbox.created(golf(leasing=LEASING))
    theirs = {**LEASING, "lender": "Hausbank"}
    assert sandbox.http.put(f"/control/ads/{ad_id}", json={"leasing": theirs}).status_code == 204
    answer = sandbox.update(ad_id, golf() | {"leasing": leasing})
    assert (answer.status_code, keys(answer)) == (400, ["leasing_overwrite_protection"])
    assert sandbox.update(ad_id, golf()).status_code == 200
    assert sandbox.read(ad_id).json()["leasing"] == theirs
