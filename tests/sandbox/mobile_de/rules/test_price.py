from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Box, golf, keys, paths


def price(**changes: Any) -> dict[str, Any]:
    whole = {"consumerPriceGross": "12990.00", "currency": "EUR", "type": "FIXED"} | changes
    return {name: value for name, value in whole.items() if value is not None}


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_a_price_that_is_not_above_zero_is_refused(sandbox: Box, amount: str) -> None:
    answer = sandbox.create(golf(price=price(consumerPriceGross=amount)))
    assert keys(answer) == ["consumer-price-not-in-range"]
    assert paths(answer) == ["ad.price.consumerPriceGross"]


@pytest.mark.parametrize("amount", [12990, 12990.5, "12990", "12990.5", "12.990,00", "12990.000", "", "x"])
@pytest.mark.parametrize("name", ["consumerPriceGross", "dealerPriceGross"])
def test_an_amount_that_is_no_decimal_string_with_two_places_is_refused(
    sandbox: Box, name: str, amount: Any
) -> None:
    answer = sandbox.create(golf(price=price(**{name: amount})))
    assert answer.status_code == 400
    assert keys(answer) == ["invalid-format"]


@pytest.mark.parametrize(
    "change",
    [{"currency": "USD"}, {"currency": None}, {"type": "CHEAP"}, {"vatRate": "16.00"}, {"vatRate": []}],
)
def test_an_unknown_currency_kind_or_tax_rate_is_refused(sandbox: Box, change: dict[str, Any]) -> None:
    assert keys(sandbox.create(golf(price=price(**change)))) == ["invalid-reference-data-value"]


@pytest.mark.parametrize("rate", ["19.00", "0.00", "OTHER", None])
def test_the_tax_rate_is_taken_by_its_key_and_never_required(sandbox: Box, rate: str | None) -> None:
    assert sandbox.create(golf(price=price(vatRate=rate))).status_code == 201


def test_only_a_price_on_request_needs_no_amount(sandbox: Box) -> None:
    assert keys(sandbox.create(golf(price=price(consumerPriceGross=None)))) == ["missing-field"]
    on_request = price(consumerPriceGross=None, type="ON_REQUEST")
    assert sandbox.create(golf(price=on_request)).status_code == 201
