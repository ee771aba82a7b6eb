"""What another server of the same API may do: lag behind what was written, hold a listing while it completes
it, say something where nothing is promised."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from portal.platforms.contract import Accepted, Gone, Protected, Rejected, Retry
from tests.platforms.autoscout24.conftest import LIST, LISTINGS, Rig
from tests.platforms.peer import Says
from tests.platforms.stores import a_jpeg
from tests.words import german

CREATE = f"{LISTINGS}?culture=de-DE"
ONE = f"{LISTINGS}/guid-1"
CHANGE = f"{ONE}?culture=de-DE"
IMAGES = "/customers/2142000471/images"
PAYLOAD: dict[str, Any] = {"crossReferenceId": "key-1", "publication": {"status": "Active", "channels": []}}
MADE = Says(201, {"id": "guid-1"})


def refusal(code: str, status: int = 400) -> Says:
    return Says(status, {"errors": [{"code": code, "message": "no", "more": None}]})


def listed(**more: Any) -> Says:
    return Says(body={"listings": [{"id": "guid-1", "crossReferenceId": "key-1", **more}], "paging": None})


NONE_LISTED = Says(body={"listings": []})


@pytest.mark.parametrize("refused", [refusal("vin-already-exists"), Says(409)])
def test_a_vehicle_that_exists_by_a_request_of_before_is_ours(rig: Rig, refused: Says) -> None:
    """The first request was carried out after the list had been read for the second one."""
    rig.peer.tell("POST", CREATE, refused)
    rig.peer.tell("GET", LIST, listed())
    rig.peer.tell("PUT", CHANGE, Says(200, {"id": "guid-1"}))
    outcome = rig.client().create(PAYLOAD, "creation").outcome
    assert isinstance(outcome, Accepted)
    assert outcome.listing_id == "guid-1"
    (put,) = rig.peer.requests("PUT", CHANGE)
    assert put.json()["crossReferenceId"] == "key-1"


def test_a_vehicle_that_exists_by_somebody_else_is_refused(rig: Rig) -> None:
    rig.peer.tell("POST", CREATE, refusal("vin-already-exists"))
    rig.peer.tell("GET", LIST, listed(crossReferenceId=None))
    outcome = rig.client().create(PAYLOAD, "creation").outcome
    assert isinstance(outcome, Rejected)
    assert [one.code for one in outcome.feedback] == ["vin-already-exists"]


def test_whether_it_is_ours_is_asked_again_where_the_list_cannot_be_read(rig: Rig) -> None:
    rig.peer.tell("POST", CREATE, refusal("vin-already-exists"))
    rig.peer.tell("GET", LIST, Says(503))
    assert isinstance(rig.client().create(PAYLOAD, "creation").outcome, Retry)


def test_the_address_tells_the_id_where_the_body_does_not(rig: Rig) -> None:
    rig.peer.tell("POST", CREATE, Says(201, headers={"Location": f"https://elsewhere.example{ONE}"}))
    outcome = rig.client().create(PAYLOAD, "creation").outcome
    assert isinstance(outcome, Accepted)
    assert outcome.listing_id == "guid-1"
    rig.peer.tell("POST", CREATE, Says(201, headers={"Location": "/login"}))
    assert isinstance(rig.client().create(PAYLOAD, "creation").outcome, Retry)


def test_what_is_completed_just_now_is_changed_afterwards(rig: Rig) -> None:
    rig.peer.tell("PUT", CHANGE, refusal("listing-on-hold-cannot-be-updated"))
    rig.peer.tell("GET", LIST, listed(vinEnrichmentStatus="Processing"))
    outcome = rig.client().update("guid-1", PAYLOAD).outcome
    assert isinstance(outcome, Retry)
    assert outcome.after is not None


def test_what_is_on_hold_is_locked_by_the_dealer_only_where_the_list_says_so(rig: Rig) -> None:
    rig.peer.tell("PUT", CHANGE, refusal("listing-on-hold-cannot-be-updated"))
    rig.peer.tell("DELETE", ONE, refusal("listing-on-hold-cannot-be-updated"))
    rig.peer.tell("GET", LIST, listed(overwriteProtection=True))
    assert isinstance(rig.client().update("guid-1", PAYLOAD).outcome, Protected)
    rig.peer.tell("GET", LIST, listed())
    for outcome in (rig.client().update("guid-1", PAYLOAD).outcome, rig.client().delete("guid-1").outcome):
        assert isinstance(outcome, Rejected)
        assert "fragen Sie AutoScout24" in german(outcome.feedback[0].text)


@pytest.mark.parametrize("done", [Says(204), Says(200), Says(200, {}), Says(202, {"deleted": True})])
def test_a_deletion_may_say_something(rig: Rig, done: Says) -> None:
    rig.peer.tell("DELETE", ONE, done)
    assert isinstance(rig.client().delete("guid-1").outcome, Accepted)


@pytest.mark.parametrize("told", [Says(404, b"<html>404</html>"), Says(410), refusal("x", 404)])
def test_a_listing_is_gone_where_the_list_lacks_it(rig: Rig, told: Says) -> None:
    rig.peer.tell("DELETE", ONE, told)
    rig.peer.tell("GET", LIST, listed())
    assert isinstance(rig.client().delete("guid-1").outcome, Retry)
    rig.peer.tell("GET", LIST, NONE_LISTED)
    assert isinstance(rig.client().delete("guid-1").outcome, Gone)


@pytest.mark.parametrize("code", ["images-not-found", "image-does-not-exist"])
def test_a_picture_that_is_not_known_everywhere_yet_is_sent_once_more(rig: Rig, code: str) -> None:
    picture = rig.picture("a" * 64, a_jpeg())
    payload = PAYLOAD | {"images": [{"sha256": picture.sha256}]}
    rig.peer.tell("POST", IMAGES, Says(201, {"id": "image-1"}))
    rig.peer.tell("POST", CREATE, refusal(code), MADE)
    assert isinstance(rig.client().create(payload, "creation").outcome, Retry)
    assert isinstance(rig.client().create(payload, "creation").outcome, Accepted)
    assert len(rig.peer.requests("POST", IMAGES)) == 1


def test_a_picture_that_has_vanished_between_reading_and_writing_is_uploaded_again(rig: Rig) -> None:
    """It was found by its content in the listing, from which an older request took it away meanwhile."""
    jpeg = a_jpeg()
    md5 = hashlib.md5(jpeg, usedforsecurity=False).hexdigest()
    payload = PAYLOAD | {"images": [{"sha256": rig.picture("a" * 64, jpeg).sha256}]}
    shown = {"id": "guid-1", "images": [{"id": "image-old", "md5": md5, "previewUrl": None}]}
    rig.peer.tell("GET", CHANGE, Says(body=shown), Says(body={"id": "guid-1", "images": None}))
    rig.peer.tell("PUT", CHANGE, refusal("image-does-not-exist"), Says(200, {"id": "guid-1"}))
    rig.peer.tell("POST", IMAGES, Says(201, {"id": "image-new"}))
    assert isinstance(rig.client().update("guid-1", payload).outcome, Retry)
    assert isinstance(rig.client().update("guid-1", payload).outcome, Accepted)
    assert rig.peer.requests("PUT", CHANGE)[-1].json()["images"] == [{"id": "image-new"}]
