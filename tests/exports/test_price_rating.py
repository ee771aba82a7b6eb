"""A price is rated before it is published, and nothing is published by it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.exports.core.runtime import Runtime
from portal.exports.listing_figures import better_price, rate_price, rates_prices
from portal.models import Vehicle
from portal.models.exports import ActivationState
from portal.platforms import APPS
from portal.platforms.contract import PriceLabel, PriceRating
from portal.vehicle_facts.data import Kind, Prices
from portal.vehicles.images import add_image
from tests.builders import Build, golf
from tests.exports.autoscout24 import As24Books, As24Stage
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace
from tests.platforms.stores import a_jpeg
from tests.words import german


def rated(stage: Stage, vehicle: Vehicle) -> PriceRating:
    return rate_price(stage.runtime, stage.activation.id, vehicle.id)


def test_platform_says_the_label_and_the_way_to_the_next(stage: Stage, marketplace: Marketplace) -> None:
    dear = stage.build.vehicle(stage.dealer, golf(prices=Prices(selling=Decimal(12_990))))
    rating = rated(stage, dear)
    assert rating.label != PriceLabel.NONE
    assert rating.price == 12_990
    assert rating.market_price
    assert better_price(rating, None) == rating.next_better(Decimal(12_990))
    assert marketplace.online() == {}
    assert stage.transfers() == []


def test_no_picture_is_uploaded_for_a_question(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = stage.build.vehicle(stage.dealer)
    add_image(stage.session, vehicle, a_jpeg(640))
    stage.session.commit()
    assert rated(stage, vehicle).label != PriceLabel.NONE
    assert marketplace.requests("image") == []


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"kind": Kind.NEW, "first_registration": None, "country_version": "DE"}, ""),
        ({"make": ""}, "Marke"),
        ({"roadworthy": False}, "fahrtaugliche"),
    ],
)
def test_where_there_is_no_rating_it_says_why(
    stage: Stage, marketplace: Marketplace, facts: dict[str, object], word: str
) -> None:
    rating = rated(stage, stage.build.vehicle(stage.dealer, golf(**facts)))
    assert rating.label == PriceLabel.NONE
    assert german(rating.reason)
    assert word in german(rating.reason)
    assert marketplace.online() == {}


def test_platform_that_is_down_is_said_to_be(stage: Stage, marketplace: Marketplace) -> None:
    marketplace.fault("error", "rating", count=1)
    assert "antwortet zurzeit nicht" in german(rated(stage, stage.build.vehicle(stage.dealer)).reason)


def test_only_where_the_platform_rates_and_the_app_lives(stage: Stage) -> None:
    assert {slug for slug, app in APPS.items() if app.rates_prices} == {"mobile-de", "autoscout24"}
    assert rates_prices(stage.activation)
    stage.activation.state = ActivationState.STOPPED
    assert not rates_prices(stage.activation)


def test_autoscout24_rates_too_where_it_is_switched_on(
    build: Build, runtime: Runtime, marketplace: Marketplace
) -> None:
    stage, books = As24Stage(build, runtime), As24Books(marketplace)
    vehicle = stage.build.vehicle(stage.dealer, golf(prices=Prices(selling=Decimal(12_990))))
    rating = rated(stage, vehicle)
    assert rating.label != PriceLabel.NONE
    assert rating.price == 12_990
    books.tell(priceEvaluation=False)
    assert "eigens frei" in german(rated(stage, vehicle).reason)
    assert [row["status"] for row in books.requests("rating")] == [200, 403]
    assert books.requests("image") == []
    assert books.listings() == []
    books.close()
