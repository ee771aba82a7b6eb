from __future__ import annotations

import httpx
import pytest

from tests.sandbox.conftest import MUSTER, Box, golf, keys


def change_seller(sandbox: Box, number: str, **changes: object) -> int:
    return sandbox.http.put(f"/control/sellers/{number}", json=changes).status_code


def test_a_seller_can_be_unlinked_and_linked_again(sandbox: Box) -> None:
    assert change_seller(sandbox, "4711001", linked=False) == 204
    assert sandbox.create().status_code == 403
    assert "4711001" not in {s["customerNumber"] for s in sandbox.api.get("/sellers").json()["sellers"]}
    assert change_seller(sandbox, MUSTER, linked=True) == 204
    assert sandbox.create().status_code == 201


def test_the_stranger_can_be_linked(sandbox: Box) -> None:
    assert change_seller(sandbox, "4711004", linked=True) == 204
    assert sandbox.api.get("/sellers/1000474/ads").json() == {"ads": []}


def test_a_seller_can_be_made_readonly(sandbox: Box) -> None:
    assert change_seller(sandbox, "4711001", readonly=True) == 204
    assert keys(sandbox.create()) == ["seller-read-only"]


@pytest.mark.parametrize(
    ("number", "changes", "status"),
    [("999", {}, 404), ("4711", {"linked": "no"}, 400), ("4711", {"linked": True, "account": "x"}, 400)],
)
def test_a_senseless_change_of_a_seller_is_refused(
    sandbox: Box, number: str, changes: dict[str, object], status: int
) -> None:
    assert change_seller(sandbox, number, **changes) == status


def test_all_sellers_are_listed_with_the_accounts_that_act_for_them(sandbox: Box) -> None:
    sellers = sandbox.http.get("/control/sellers").json()["sellers"]
    assert {seller["customerNumber"]: seller["accounts"] for seller in sellers} == {
        "4711": ["portal"],
        "4711001": ["portal"],
        "4711002": ["portal"],
        "4711003": ["portal"],
        "4711004": [],
    }


def test_the_password_of_an_account_can_be_changed(sandbox: Box) -> None:
    assert sandbox.http.put("/control/accounts/portal", json={"password": "new"}).status_code == 204
    assert sandbox.api.get("/sellers").status_code == 401
    assert httpx.get(f"{sandbox.url}/seller-api/sellers", auth=("portal", "new")).status_code == 200
    assert sandbox.http.put("/control/accounts/nobody", json={"password": "new"}).status_code == 404
    assert sandbox.http.put("/control/accounts/portal", json={"password": ""}).status_code == 400


def test_the_books_know_deleted_ads_generations_and_revisions(sandbox: Box) -> None:
    first = sandbox.created()
    sandbox.update(first, golf(mileage=51_000))
    sandbox.delete(first)
    second = sandbox.created()
    books = sandbox.books()
    assert [(ad["adId"], ad["generation"], ad["revision"]) for ad in books] == [(first, 1, 2), (second, 2, 1)]
    assert books[0]["deletedAt"]
    assert books[1]["deletedAt"] is None
    assert books[0]["body"]["mileage"] == 51_000
    assert [ad["adId"] for ad in sandbox.books(online="1", seller="4711001")] == [second]
    assert sandbox.books(seller="4711002") == []
    assert sandbox.http.get("/control/ads", params={"seller": "999"}).status_code == 404


def test_the_books_point_out_members_that_nobody_knows(sandbox: Box) -> None:
    sandbox.created(golf(milage=5, abs=True, electricRangeCity=None))
    assert sandbox.books()[0]["unknownMembers"] == ["milage"]


def test_the_log_tells_each_request_with_its_ad_and_numbers(sandbox: Box) -> None:
    ad_id = sandbox.create(insertion_id="one").json()["mobileAdId"]
    sandbox.create(insertion_id="one")
    sandbox.update(ad_id, golf(mileage=-1))
    sandbox.delete(ad_id)
    sandbox.upload()
    entries = [(e["kind"], e["method"], e["status"], e["adId"], e["internalNumber"]) for e in sandbox.log()]
    assert entries == [
        ("create", "POST", 201, ad_id, "G-1"),
        ("create", "POST", 303, ad_id, "G-1"),
        ("update", "PUT", 400, ad_id, "G-1"),
        ("delete", "DELETE", 204, ad_id, "G-1"),
        ("image", "POST", 201, None, None),
    ]
    assert [entry["insertionId"] for entry in sandbox.log(kind="create")] == ["one", "one"]
    assert len(sandbox.log(seller="4711001")) == 4


def test_the_log_can_be_emptied_alone(sandbox: Box) -> None:
    sandbox.created()
    assert sandbox.http.delete("/control/requests").status_code == 204
    assert sandbox.log() == []
    assert len(sandbox.books()) == 1


def test_a_reset_leads_back_to_the_first_start(sandbox: Box) -> None:
    sandbox.created()
    sandbox.fault("error")
    change_seller(sandbox, "4711001", linked=False)
    assert sandbox.http.post("/control/reset", json={}).status_code == 204
    assert sandbox.books() == []
    assert sandbox.log() == []
    assert sandbox.create().status_code == 201


def test_bodies_of_another_type_are_refused_so_that_no_web_page_can_send_them(sandbox: Box) -> None:
    answer = sandbox.http.post("/control/reset", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
