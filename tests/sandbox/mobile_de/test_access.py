from __future__ import annotations

import httpx
import pytest

from tests.sandbox.conftest import MUSTER, SONNENSCHEIN, Box, golf, keys


def test_the_sellers_of_the_account_are_listed_with_their_limits(sandbox: Box) -> None:
    answer = sandbox.api.get("/sellers")
    sellers = {seller["customerNumber"]: seller for seller in answer.json()["sellers"]}
    assert answer.headers["content-type"] == "application/vnd.de.mobile.api+json"
    assert set(sellers) == {"4711", "4711001", "4711002", "4711003"}
    assert sellers["4711001"] == {
        "mobileSellerId": "1000471",
        "customerNumber": "4711001",
        "companyName": "Autohaus Muster GmbH",
        "siteId": "GERMANY",
        "readonly": False,
        "settings": {"maxImages": 30, "maxHighlights": 3, "videoUrl": True, "leasing": True},
    }
    assert sellers["4711003"]["readonly"] is True


@pytest.mark.parametrize("auth", [None, ("portal", "wrong"), ("nobody", "portal-sandbox")])
def test_without_valid_credentials_everything_is_401(sandbox: Box, auth: tuple[str, str] | None) -> None:
    for path in ("sellers", f"sellers/{MUSTER}/ads", "sellers/999/ads"):
        answer = httpx.get(f"{sandbox.url}/seller-api/{path}", auth=auth)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert keys(answer) == ["unauthorized"]


@pytest.mark.parametrize("number", ["1000474", "4711004"])
def test_a_seller_that_is_not_linked_is_403_by_either_number(sandbox: Box, number: str) -> None:
    answer = sandbox.api.get(f"/sellers/{number}/ads")
    assert answer.status_code == 403
    assert keys(answer) == ["seller-not-linked"]


@pytest.mark.parametrize("number", ["999", "4711001", "47110"])
def test_an_unknown_seller_is_404_and_a_customer_number_is_no_seller_id(sandbox: Box, number: str) -> None:
    assert sandbox.api.get(f"/sellers/{number}/ads").status_code == 404
    assert sandbox.create(seller=number).status_code == 404


def test_a_readonly_seller_may_be_read_but_not_changed(sandbox: Box) -> None:
    assert sandbox.api.get("/sellers/1000473/ads").json() == {"ads": []}
    answer = sandbox.create(seller="1000473")
    assert answer.status_code == 403
    assert keys(answer) == ["seller-read-only"]


def test_an_ad_is_not_reached_through_another_seller(sandbox: Box) -> None:
    ad_id = sandbox.created()
    assert sandbox.read(ad_id, SONNENSCHEIN).status_code == 404
    assert sandbox.update(ad_id, golf(), SONNENSCHEIN).status_code == 404
    assert sandbox.delete(ad_id, SONNENSCHEIN).status_code == 404
    assert sandbox.read(ad_id).status_code == 200
