"""What another server of the same API may do: leave out the address of an ad, answer through a proxy."""

from __future__ import annotations

from typing import Any

import pytest

from portal.platforms.contract import Accepted, Gone, Retry
from tests.platforms.mobile_de.conftest import Rig
from tests.platforms.mobile_de.test_client import ADS
from tests.platforms.peer import Says

AD = f"{ADS}/30000001"
PAYLOAD: dict[str, Any] = {"make": "VW", "internalNumber": "A1", "vin": "WVWZZZ1KZAW000001"}


def ad(**more: Any) -> dict[str, Any]:
    return {"mobileAdId": "30000001", "internalNumber": "A1", "vin": "WVWZZZ1KZAW000001", **more}


@pytest.mark.parametrize(("status", "existed"), [(201, False), (200, False), (303, True)])
def test_an_ad_without_an_address_is_found_by_our_number(rig: Rig, status: int, existed: bool) -> None:
    rig.peer.tell("POST", ADS, Says(status))
    rig.peer.tell("GET", ADS, Says(body={"ads": [ad(), ad(mobileAdId="30000002", internalNumber="B2")]}))
    outcome = rig.client().create(PAYLOAD, "creation").outcome
    assert isinstance(outcome, Accepted)
    assert (outcome.listing_id, outcome.existed) == ("30000001", existed)


@pytest.mark.parametrize(
    "ads",
    [
        [],
        [ad(), ad(mobileAdId="30000002")],
        [ad(vin="WVWZZZ1KZAW999999")],
        [ad(internalNumber=None)],
    ],
    ids=["not shown yet", "two with our number", "another vehicle", "without a number"],
)
def test_it_stays_unclear_where_the_list_does_not_name_one(rig: Rig, ads: list[dict[str, Any]]) -> None:
    """The request is repeated with the same key, which makes no second ad."""
    rig.peer.tell("POST", ADS, Says(201))
    rig.peer.tell("GET", ADS, Says(body={"ads": ads}))
    assert isinstance(rig.client().create(PAYLOAD, "creation").outcome, Retry)


def test_after_the_page_of_a_proxy_the_request_is_repeated(rig: Rig) -> None:
    rig.peer.tell("POST", ADS, Says(200, b"<html>ok</html>"))
    rig.peer.tell("GET", ADS, Says(body={"ads": [ad()]}))
    assert isinstance(rig.client().create(PAYLOAD, "creation").outcome, Retry)


def test_the_page_of_a_proxy_does_not_say_that_an_ad_is_gone(rig: Rig) -> None:
    rig.peer.tell("DELETE", AD, Says(404, b"<html><h1>404</h1></html>"))
    rig.peer.tell("GET", ADS, Says(body={"ads": [ad()]}))
    assert isinstance(rig.client().delete("30000001").outcome, Retry)
    rig.peer.tell("GET", ADS, Says(body={"ads": []}))
    assert isinstance(rig.client().delete("30000001").outcome, Gone)
    rig.peer.tell("DELETE", AD, Says(404, {"errors": []}))
    rig.peer.tell("GET", ADS, Says(500))
    assert isinstance(rig.client().delete("30000001").outcome, Gone), "the platform's own word"
