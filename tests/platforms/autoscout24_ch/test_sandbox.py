"""The whole platform side against the sandbox marketplace, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from portal.platforms.contract import (
    Accepted,
    Gone,
    ProcessTokens,
    Rejected,
    Retry,
    Stop,
    StopCause,
    Stores,
)
from tests.builders import golf
from tests.platforms.autoscout24_ch.conftest import SELLER, Market
from tests.platforms.mobile_de import kinds
from tests.platforms.stores import a_jpeg, memory_stores

ALL = {
    "used_petrol": kinds.used_petrol(),
    "new_diesel": kinds.new_diesel(),
    "electric": kinds.electric(),
    "plug_in": kinds.plug_in(),
    "demonstrator": kinds.demonstrator(),
    "damaged": kinds.damaged(),
    "convertible": kinds.convertible(),
    "van": kinds.van(),
    "motorbike": kinds.motorbike(),
    "motor_home": kinds.motor_home(),
    "financed": kinds.financed(),
}
TOP: dict[str, Any] = {"bookings": frozenset({"TOP-LIST"}), "settings": {"bookings": "vehicle"}}


def test_sellers_are_told_apart(market: Market) -> None:
    numbers = ("4601", " 46 01 ", "4604", "99", "keine")
    told = [market.platform.check_customer(number).status for number in numbers]
    assert told == ["ok", "ok", "not_linked", "unknown", "unknown"]
    account = market.platform.check_customer("4601").account
    assert account is not None
    assert (account.company_name, account.postal_code) == ("Garage Muster AG", "8004")
    assert market.platform.find_account("4601") == account


@pytest.mark.parametrize("name", ALL)
def test_every_kind_is_taken_as_mapped(market: Market, name: str) -> None:
    prepared = market.prepared(ALL[name])
    assert prepared.problems == ()
    outcome = market.client.create(prepared.payload, "creation").outcome
    assert isinstance(outcome, Accepted), outcome
    (listing,) = market.books()
    assert listing["status"] == "activated"
    assert listing["externalId"] == "key-1"
    assert outcome.listing_id == str(listing["id"])
    assert isinstance(market.client.update(outcome.listing_id, prepared.payload).outcome, Accepted)


@pytest.mark.parametrize("effect", ["error-after-commit", "reset-after-commit"])
def test_create_without_a_clear_answer_makes_no_second_listing(market: Market, effect: str) -> None:
    payload = market.prepared(golf()).payload
    market.fault(effect=effect, kinds=["create"], count=1)
    assert isinstance(market.client.create(payload, "creation").outcome, Retry)
    assert isinstance(market.client.create(payload, "creation").outcome, Accepted)
    (listing,) = market.books()
    assert listing["status"] == "activated"


def test_a_list_that_hides_what_was_made_before_makes_no_second_listing(market: Market) -> None:
    """Our key leads to a listing that was removed; the one that was made after it is in the list, of which
    half is shown."""
    payload = market.prepared(golf()).payload
    for _ in range(2):
        market.client.delete(market.created(golf()).listing_id)
    market.fault(effect="error-after-commit", kinds=["create"], count=1)
    assert isinstance(market.client.create(payload, "creation").outcome, Retry)
    market.fault(effect="half-list", count=3)
    assert isinstance(market.client.create(payload, "creation").outcome, Retry)
    assert isinstance(market.client.create(payload, "creation").outcome, Accepted)
    assert [one["status"] for one in market.books()] == ["removed", "removed", "activated"]


def test_what_was_made_again_and_again_is_found_behind_the_first_page(market: Market) -> None:
    payload = market.prepared(golf()).payload
    for _ in range(21):
        market.client.delete(market.created(golf()).listing_id)
    market.fault(effect="error-after-commit", kinds=["create"], count=1)
    assert isinstance(market.client.create(payload, "creation").outcome, Retry)
    assert isinstance(market.client.create(payload, "creation").outcome, Accepted)
    assert len(market.books()) == 22


@pytest.mark.parametrize("kind", ["read", "image", "patch"])
def test_create_that_was_interrupted_goes_on_where_it_ended(market: Market, kind: str) -> None:
    picture = market.images.add("a" * 64, a_jpeg(640, 480))
    payload = market.prepared(golf(), images=(picture,)).payload
    market.fault(effect="error", kinds=[kind], count=1)
    assert isinstance(market.client.create(payload, "creation").outcome, Retry)
    assert isinstance(market.client.create(payload, "creation").outcome, Accepted)
    (listing,) = market.books()
    assert listing["status"] == "activated"
    assert len(listing["images"]) == 1


def test_listing_that_was_removed_is_made_anew_and_then_found(market: Market) -> None:
    first = market.created(golf())
    assert isinstance(market.client.delete(first.listing_id).outcome, Accepted)
    assert isinstance(market.client.delete(first.listing_id).outcome, Gone)
    assert isinstance(market.client.update(first.listing_id, market.prepared(golf()).payload).outcome, Gone)
    second = market.created(golf())
    assert second.listing_id != first.listing_id
    assert market.created(golf()).listing_id == second.listing_id
    assert [one["status"] for one in market.books()] == ["removed", "activated"]


def test_what_the_dealer_took_down_is_put_up_again(market: Market) -> None:
    made = market.created(golf())
    market.change(made.listing_id, status="deactivated")
    (there,) = market.client.remote_listings().listings
    assert market.platform.comparable(there.data)["status"] == "deactivated"
    assert isinstance(
        market.client.update(made.listing_id, market.prepared(golf()).payload).outcome, Accepted
    )
    assert market.books()[0]["status"] == "activated"


def test_make_that_was_changed_is_said(market: Market) -> None:
    made = market.created(golf())
    outcome = market.client.update(made.listing_id, market.prepared(golf(model="Passat")).payload).outcome
    assert isinstance(outcome, Accepted)
    assert [warning.code for warning in outcome.warnings] == ["make-and-model-fixed"]


def test_pictures_keep_their_order_and_are_uploaded_once(market: Market) -> None:
    pictures = [market.images.add(name * 64, a_jpeg(640, 480, colour)) for name, colour in ALL_COLOURS]
    made = market.created(golf(), images=tuple(pictures))
    first = market.books()[0]["images"]
    turned = market.prepared(golf(), images=tuple(reversed(pictures))).payload
    market.client.update(made.listing_id, turned)
    assert market.books()[0]["images"] == first[::-1]
    assert len([row for row in market.requests("image") if row["method"] == "POST"]) == len(pictures)
    fewer = market.prepared(golf(), images=(pictures[0],)).payload
    market.client.update(made.listing_id, fewer)
    assert market.books()[0]["images"] == first[:1]


ALL_COLOURS = (("a", "navy"), ("b", "teal"), ("c", "maroon"))


def test_picture_that_is_refused_never_shortens_the_list(market: Market) -> None:
    good = [market.images.add(name * 64, a_jpeg(640, 480, colour)) for name, colour in ALL_COLOURS]
    made = market.created(golf(), images=tuple(good))
    shown = market.books()[0]["images"]
    small = market.images.add("f" * 64, a_jpeg(20, 20))
    payload = market.prepared(golf(), images=(good[0], small)).payload
    outcome = market.client.update(made.listing_id, payload).outcome
    assert isinstance(outcome, Accepted)
    assert {warning.code for warning in outcome.warnings} == {"image-left-out", "images-kept"}
    assert market.books()[0]["images"] == shown


def test_no_free_slot_is_said_and_leaves_no_draft(market: Market) -> None:
    outcome = market.of("4603").create(market.prepared(golf()).payload, "creation").outcome
    assert isinstance(outcome, Rejected)
    assert [one.code for one in outcome.feedback] == ["no-free-slot"]
    assert [one["status"] for one in market.books()] == ["removed"]


def test_top_list_is_booked_once_for_each_wish(market: Market) -> None:
    made = market.created(golf(), **TOP)
    assert made.booked == ("TOP-LIST",)
    wished, plain = market.prepared(golf(), **TOP).payload, market.prepared(golf()).payload
    market.client.update(made.listing_id, wished)
    assert market.books()[0]["topListBookings"] == 1
    market.change(made.listing_id, topListEnded=True)
    ended = market.client.update(made.listing_id, wished).outcome
    assert isinstance(ended, Accepted)
    assert ended.booked == ()
    assert [one.code for one in ended.warnings] == ["top-list-ended"]
    assert market.books()[0]["topListBookings"] == 1
    market.client.update(made.listing_id, plain)
    market.client.update(made.listing_id, wished)
    assert market.books()[0]["topListBookings"] == 2


def test_top_list_without_a_free_slot_is_said(market: Market) -> None:
    market.seller(topSlots=0)
    made = market.created(golf(), **TOP)
    assert made.booked == ()
    assert [one.code for one in made.warnings] == ["no-free-top-slot"]


def test_unclear_booking_is_looked_at_before_it_is_repeated(market: Market) -> None:
    made = market.created(golf())
    market.fault(effect="error-after-commit", kinds=["patch"], count=2)
    for _ in range(3):
        outcome = market.client.update(made.listing_id, market.prepared(golf(), **TOP).payload).outcome
    assert isinstance(outcome, Accepted)
    assert market.books()[0]["topListBookings"] == 1


def test_list_is_whole_with_our_keys_and_reads_each_listing_once(market: Market) -> None:
    for number in range(3):
        market.created(golf(offer_number=f"N{number}"), key=f"key-{number}")
    reads = len(market.requests("read"))
    first = market.client.remote_listings()
    assert len(market.requests("read")) == reads + 3
    again = market.client.remote_listings()
    assert len(market.requests("read")) == reads + 3
    assert first == again
    assert [(one.our_key, one.internal_number) for one in first.listings] == [
        (f"key-{number}", f"N{number}") for number in range(3)
    ]
    assert all(one.vin == "WVWZZZ1KZAW000001" for one in first.listings)
    assert first.listings[0].facts == market.prepared(golf()).facts
    sent = market.platform.comparable(market.prepared(golf()).payload)
    assert market.platform.comparable(first.listings[0].data) == sent


def test_half_a_list_is_completed_and_one_that_stays_half_is_a_failure(market: Market) -> None:
    for number in range(2):
        market.created(golf(), key=f"key-{number}")
    market.fault(effect="half-list", count=1)
    assert len(market.client.remote_listings().listings) == 2
    market.fault(effect="half-list", count=3)
    assert isinstance(market.client.remote_listings().failure, Retry)
    assert len(market.client.remote_listings().listings) == 2


def test_one_token_serves_all_and_is_renewed_after_its_end(market: Market) -> None:
    """A second process reads the one that the first has put down."""
    tokens = ProcessTokens()
    first, second = (market.of(SELLER, _with(tokens)) for _ in range(2))
    before = market.tokens()
    for client in (first, second, first):
        assert client.remote_listings().failure is None
    assert market.tokens() == before + 1
    market.http.delete("/autoscout24-ch/tokens")
    for client in (first, second, first):
        assert client.remote_listings().failure is None
    assert market.tokens() == before + 2


def test_token_is_renewed_before_its_end(market: Market) -> None:
    market.http.put("/autoscout24-ch/clients/portal", json={"tokenSeconds": 301})
    tokens = ProcessTokens()
    client = market.of(SELLER, _with(tokens))
    client.remote_listings()
    held = tokens.get()
    assert held is not None
    tokens.put(type(held)(held.text, held.expires_at.replace(year=2020)))
    other = market.of(SELLER, _with(tokens))
    before = market.tokens()
    assert other.remote_listings().failure is None
    assert market.tokens() == before + 1


def test_refused_credentials_stop_the_activation(market: Market) -> None:
    client = market.of(SELLER, _with(ProcessTokens()))
    market.http.put("/autoscout24-ch/clients/portal", json={"secret": "another"})
    failure = client.remote_listings().failure
    assert isinstance(failure, Stop)
    assert failure.cause is StopCause.CREDENTIALS


def test_stranger_seller_stops_the_activation(market: Market) -> None:
    outcome = market.of("4604").create(market.prepared(golf()).payload, "creation").outcome
    assert isinstance(outcome, Stop)
    assert outcome.cause is StopCause.NOT_LINKED


def _with(tokens: ProcessTokens) -> Stores:
    stores, _, _ = memory_stores()
    return Stores(stores.images, stores.references, tokens)
