"""What another server of the same document may do: answer with a body, late, in small pages, in another
order, carry out an old request after a newer one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.platforms.autoscout24_ch import client as client_module
from portal.platforms.autoscout24_ch.client import AutoScout24ChClient
from portal.platforms.autoscout24_ch.platform import connect
from portal.platforms.autoscout24_ch.reference import AutoScout24ChReference
from portal.platforms.autoscout24_ch.tokens import token_in
from portal.platforms.autoscout24_ch.top_list import ASKED
from portal.platforms.common.http import Http, Reply, TimeLimits
from portal.platforms.contract import Accepted, ApiAccess, Exchange, Gone, Rejected, RemoteList, Retry
from tests.platforms.autoscout24_ch.conftest import ACCOUNT, LISTINGS, offer_references
from tests.platforms.peer import Peer, Says
from tests.platforms.stores import MemoryReferences, memory_stores

KEY = "key-1"
LISTING = f"{LISTINGS}/7"
BY_KEY = f"{LISTINGS}/external-id/{KEY}"
PAYLOAD: dict[str, Any] = {"externalId": KEY, "price": 15900}
DONE = Says(204)
NONE_THERE = Says(404, {"title": "Not Found"})
PAGE_OF_A_PROXY = Says(404, b"<html><h1>404</h1></html>")


def shown(status: str = "activated", **more: Any) -> Says:
    return Says(body={"id": 7, "externalId": KEY, "status": status, "images": [], **more})


@pytest.fixture
def references() -> MemoryReferences:
    return MemoryReferences()


@pytest.fixture
def client(
    peer: Peer, references: MemoryReferences, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AutoScout24ChClient]:
    monkeypatch.setattr(client_module, "LOOKS", (0.0, 0.01, 0.01))
    offer_references(peer)
    access = {"api_url": peer.url, "client_id": "operator", "client_secret": "geheim"}
    stores, _images, _references = memory_stores()
    opened = connect(ApiAccess(access, "Export-Portal")).open(
        ACCOUNT, type(stores)(stores.images, references, stores.tokens)
    )
    yield opened
    opened.close()


def test_a_removal_that_is_carried_out_late_is_seen_after_the_update(
    peer: Peer, client: AutoScout24ChClient
) -> None:
    """Read before the PUT it would have looked as if it were still shown."""
    peer.tell("PUT", LISTING, DONE)
    peer.tell("GET", LISTING, shown("removed"))
    assert isinstance(client.update("7", PAYLOAD).outcome, Gone)
    assert [asked.method for asked in peer.asked if asked.path == LISTING] == ["PUT", "GET"]


def test_what_was_taken_down_meanwhile_is_put_up_again(peer: Peer, client: AutoScout24ChClient) -> None:
    peer.tell("PUT", LISTING, DONE)
    peer.tell("GET", LISTING, shown("deactivated"))
    peer.tell("POST", f"{LISTING}/activate", DONE)
    assert isinstance(client.update("7", PAYLOAD).outcome, Accepted)
    assert peer.requests("POST", f"{LISTING}/activate")


def test_an_update_that_is_refused_because_it_was_removed_is_gone(
    peer: Peer, client: AutoScout24ChClient
) -> None:
    peer.tell("PUT", LISTING, Says(409, {"detail": "The listing was removed"}))
    peer.tell("GET", LISTING, shown("removed"))
    assert isinstance(client.update("7", PAYLOAD).outcome, Gone)
    peer.tell("GET", LISTING, shown())
    assert isinstance(client.update("7", PAYLOAD).outcome, Rejected)


def test_what_was_written_and_is_not_shown_at_once_is_not_gone(
    peer: Peer, client: AutoScout24ChClient
) -> None:
    peer.tell("PUT", LISTING, DONE)
    peer.tell("GET", LISTING, NONE_THERE, shown())
    assert isinstance(client.update("7", PAYLOAD).outcome, Accepted)


def test_activating_what_is_active_may_be_refused(peer: Peer, client: AutoScout24ChClient) -> None:
    """Nor is it taken back for it, which a listing without a free slot is."""
    peer.tell("GET", BY_KEY, NONE_THERE, Says(body={"id": 7}))
    peer.tell("POST", LISTINGS, Says(201))
    peer.tell("GET", LISTING, shown("draft"), shown())
    peer.tell("POST", f"{LISTING}/activate", Says(409, {"detail": "already active"}))
    assert isinstance(client.create(PAYLOAD, "creation").outcome, Accepted)
    assert not peer.requests("POST", f"{LISTING}/remove")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("body", [None, {}, {"id": 7}, {"id": 7, "more": None}])
def test_a_success_may_say_something(
    peer: Peer, client: AutoScout24ChClient, status: int, body: dict[str, Any] | None
) -> None:
    done = Says(status, None if status == 204 else body)
    peer.tell("PUT", LISTING, done)
    peer.tell("GET", LISTING, shown("deactivated"))
    peer.tell("POST", f"{LISTING}/activate", done)
    peer.tell("POST", f"{LISTING}/remove", done)
    assert isinstance(client.update("7", PAYLOAD).outcome, Accepted)
    assert isinstance(client.delete("7").outcome, Accepted)


def test_what_was_made_is_looked_for_until_it_is_shown(peer: Peer, client: AutoScout24ChClient) -> None:
    peer.tell("GET", BY_KEY, NONE_THERE, NONE_THERE, NONE_THERE, Says(body={"id": 7}))
    peer.tell("POST", LISTINGS, Says(201))
    peer.tell("GET", LISTING, shown("draft"))
    peer.tell("POST", f"{LISTING}/activate", DONE)
    assert isinstance(client.create(PAYLOAD, "creation").outcome, Accepted)
    assert len(peer.requests("POST", LISTINGS)) == 1


def test_what_is_not_shown_for_long_is_not_made_a_second_time_at_once(
    peer: Peer, client: AutoScout24ChClient
) -> None:
    peer.tell("GET", BY_KEY, NONE_THERE)
    peer.tell("POST", LISTINGS, Says(201))
    outcome = client.create(PAYLOAD, "creation").outcome
    assert isinstance(outcome, Retry)
    assert outcome.after == client_module.CONFIRMED_BY


@pytest.mark.parametrize(
    "made", [Says(201, {"id": 7}), Says(201, headers={"Location": f"{LISTING}/"}), Says(200, {"id": 7})]
)
def test_a_number_that_the_answer_names_is_believed_where_the_listing_says_the_same(
    peer: Peer, client: AutoScout24ChClient, made: Says
) -> None:
    peer.tell("GET", BY_KEY, NONE_THERE)
    peer.tell("POST", LISTINGS, made)
    peer.tell("GET", LISTING, shown("draft"))
    peer.tell("POST", f"{LISTING}/activate", DONE)
    assert isinstance(client.create(PAYLOAD, "creation").outcome, Accepted)
    peer.tell("GET", LISTING, shown("draft", externalId="another"))
    assert isinstance(client.create(PAYLOAD, "creation").outcome, Retry)


def test_a_conflict_with_a_request_of_before_goes_on_with_its_listing(
    peer: Peer, client: AutoScout24ChClient
) -> None:
    peer.tell("GET", BY_KEY, NONE_THERE, Says(body={"id": 7}))
    peer.tell("POST", LISTINGS, Says(409, {"detail": "externalId exists"}))
    peer.tell("GET", LISTING, shown("draft"))
    peer.tell("PUT", LISTING, DONE)
    peer.tell("POST", f"{LISTING}/activate", DONE)
    assert isinstance(client.create(PAYLOAD, "creation").outcome, Accepted)


def test_the_page_of_a_proxy_does_not_say_that_a_listing_is_gone(
    peer: Peer, client: AutoScout24ChClient
) -> None:
    peer.tell("POST", f"{LISTING}/remove", PAGE_OF_A_PROXY)
    peer.tell("GET", LISTING, shown())
    there = Says(body={"content": [{"id": 7, "status": "activated"}], "totalElements": 1, "last": True})
    peer.tell("GET", f"{LISTINGS}?page=0&size=2000", there)
    assert isinstance(client.delete("7").outcome, Retry)
    peer.tell(
        "GET", f"{LISTINGS}?page=0&size=2000", Says(body={"content": [], "totalElements": 0, "last": True})
    )
    assert isinstance(client.delete("7").outcome, Gone)


def pages(peer: Peer, *rounds: list[list[int]], total: int) -> None:
    """Each round is what its pages show; the last round stays."""
    for place in range(max(len(one) for one in rounds)):
        told = [
            Says(
                body={
                    "content": [{"id": number, "status": "activated"} for number in one[place]],
                    "totalElements": total,
                    "last": place == len(one) - 1,
                }
            )
            for one in rounds
        ]
        peer.tell("GET", f"{LISTINGS}?page={place}&size=2000", *told)
    for number in range(1, 9):
        peer.tell("GET", f"{LISTINGS}/{number}", Says(body={"id": number, "externalId": f"key-{number}"}))


def ids(found: RemoteList) -> list[int]:
    return sorted(int(one.listing_id) for one in found.listings)


def test_pages_may_be_smaller_than_asked_for(peer: Peer, client: AutoScout24ChClient) -> None:
    pages(peer, [[1, 2], [3, 4], [5]], total=5)
    assert ids(client.remote_listings()) == [1, 2, 3, 4, 5]


def test_an_order_that_changes_between_pages_loses_no_listing(
    peer: Peer, client: AutoScout24ChClient
) -> None:
    pages(peer, [[1, 2], [2, 3], [3]], [[1, 2], [4, 5], [5]], total=5)
    assert ids(client.remote_listings()) == [1, 2, 3, 4, 5]


def test_a_list_that_is_never_whole_is_none(peer: Peer, client: AutoScout24ChClient) -> None:
    pages(peer, [[1, 2], [2, 3], [3]], total=5)
    assert isinstance(client.remote_listings().failure, Retry)


def test_what_was_read_before_a_limit_is_not_asked_again(peer: Peer, client: AutoScout24ChClient) -> None:
    """Else a platform that limits its requests would never be read to the end."""
    pages(peer, [[1, 2, 3, 4, 5, 6, 7, 8]], total=8)
    peer.tell("GET", f"{LISTINGS}/8", Says(429, headers={"Retry-After": "30"}), Says(body={"id": 8}))
    failure = client.remote_listings().failure
    assert isinstance(failure, Retry)
    assert failure.after == 30
    assert ids(client.remote_listings()) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [len(peer.requests("GET", f"{LISTINGS}/{number}")) for number in (1, 7, 8)] == [1, 1, 2]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(86_400, 86_100), ("86400", 86_100), (60, 48), (301, 240.8), (None, 3300), ("soon", 3300), (True, 3300)],
)
def test_a_token_is_used_for_most_of_its_life(told: object, seconds: float) -> None:
    body = b'{"access_token": "t-1", "expires_in": %s}' % _json(told)
    token = token_in(Reply(Exchange("POST", "/token", 200, 1), body=body))
    assert token is not None
    assert abs((token.expires_at - datetime.now(UTC)).total_seconds() - seconds) < 5


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("last", [False, None])
def test_lists_of_models_may_come_in_small_pages(peer: Peer, last: bool | None) -> None:
    """A page that does not say whether it is the last is followed by others while some are missing."""
    query = "vehicleCategory=car&page={}&size=2000"
    for place, key in enumerate(("golf", "polo")):
        body = {"content": [{"key": key, "name": key.title()}], "totalElements": 2, "last": last}
        peer.tell("GET", f"/public/v1/makes/key/volkswagen/models?{query.format(place)}", Says(body=body))
    rest = Says(body={"content": [], "totalElements": 2, "last": True})
    peer.tell("GET", f"/public/v1/makes/key/volkswagen/models?{query.format(2)}", rest)
    with Http(peer.url, None, TimeLimits(5)) as http:
        book = AutoScout24ChReference(MemoryReferences(), lambda path, _body: http.get(path))
        assert [key for key, _ in book.models("car", "volkswagen").pairs] == ["golf", "polo"]


def test_a_booking_without_an_answer_is_not_repeated_while_it_may_still_be_carried_out(
    peer: Peer, client: AutoScout24ChClient, references: MemoryReferences
) -> None:
    place = f"{LISTING}/features/top-list"
    peer.tell("PUT", LISTING, DONE)
    peer.tell("GET", LISTING, shown())
    peer.tell("GET", place, Says(body={"booked": False}))
    peer.tell("POST", f"{place}/book", Says(500))
    wished = PAYLOAD | {"topList": True}
    assert isinstance(client.update("7", wished).outcome, Retry)
    outcome = client.update("7", wished).outcome
    assert isinstance(outcome, Retry)
    assert outcome.after is not None
    assert 500 < outcome.after <= 600
    assert len(peer.requests("POST", f"{place}/book")) == 1
    (note,) = [key for key in references.lists if key.startswith("top-list")]
    references.put(note, ((ASKED, (datetime.now(UTC) - timedelta(minutes=11)).isoformat()),))
    peer.tell("POST", f"{place}/book", DONE)
    assert isinstance(client.update("7", wished).outcome, Accepted)


def test_a_booking_that_was_surely_not_made_is_repeated_at_once(
    peer: Peer, client: AutoScout24ChClient
) -> None:
    place = f"{LISTING}/features/top-list"
    peer.tell("PUT", LISTING, DONE)
    peer.tell("GET", LISTING, shown())
    peer.tell("GET", place, Says(body={"booked": False}))
    peer.tell("POST", f"{place}/book", Says(429), DONE)
    wished = PAYLOAD | {"topList": True}
    assert isinstance(client.update("7", wished).outcome, Retry)
    assert isinstance(client.update("7", wished).outcome, Accepted)
