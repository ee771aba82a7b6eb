from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.platforms.contract import Rules, Subject
from portal.vehicle_facts.data import Prices, Taxation
from tests.builders import golf
from tests.platforms.mobile_de.conftest import Rig


def price(rig: Rig, prices: Prices, rules: Rules | None = None, platform_price: str | None = None) -> Any:
    subject = Subject(golf(prices=prices), "HH", platform_price=platform_price)
    return rig.mapper(rules)(subject).payload.get("price")


FULL = Prices(selling=Decimal(10_000), promo=Decimal(9_500))


def test_platform_price_comes_before_promo_before_selling(rig: Rig) -> None:
    assert price(rig, FULL, platform_price="9300")["consumerPriceGross"] == "9300.00"
    assert price(rig, FULL)["consumerPriceGross"] == "9500.00"
    assert price(rig, Prices(selling=Decimal(10_000)))["consumerPriceGross"] == "10000.00"


def test_platform_price_counts_only_when_the_dealer_allows_it(rig: Rig) -> None:
    rules = Rules(platform_prices=False)
    assert price(rig, FULL, rules, platform_price="9300")["consumerPriceGross"] == "9500.00"


def test_price_on_request_carries_no_amounts(rig: Rig) -> None:
    prices = Prices(selling=Decimal(10_000), dealer=Decimal(9_000), on_request=True)
    assert price(rig, prices, platform_price="1") == {"type": "ON_REQUEST", "currency": "EUR"}


@pytest.mark.parametrize(
    ("taxation", "rate", "sent"),
    [
        (Taxation.VAT_DEDUCTIBLE, "19", "19.00"),
        (Taxation.VAT_DEDUCTIBLE, "0", None),
        (Taxation.VAT_DEDUCTIBLE, "7", None),
        (Taxation.MARGIN_SCHEME, "19", None),
        (None, "19", None),
    ],
)
def test_vat_rate_marks_reclaimable_vat_only(
    rig: Rig, taxation: Taxation | None, rate: str, sent: str | None
) -> None:
    prices = Prices(selling=Decimal(10_000), taxation=taxation, vat_rate=Decimal(rate))
    assert price(rig, prices).get("vatRate") == sent


def test_vat_rate_is_found_however_the_list_spells_it(rig: Rig) -> None:
    rig.peer.refdata("sites/GERMANY/vatrates", ("19", "19 %"), ("OTHER", "Andere"))
    prices = Prices(selling=Decimal(10_000), taxation=Taxation.VAT_DEDUCTIBLE)
    assert price(rig, prices)["vatRate"] == "19"


def test_no_price_is_no_field(rig: Rig) -> None:
    assert price(rig, Prices()) is None
