from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.sandbox.conftest import MEDIA_TYPE, Box, golf, keys


def test_429_comes_with_or_without_retry_after(sandbox: Box) -> None:
    sandbox.fault("rate-limit", count=1)
    sandbox.fault("rate-limit", count=1, retryAfter=7)
    sandbox.fault("rate-limit", count=1, retryAfter=60, retryAfterAs="date")
    bare, seconds, date = (sandbox.create() for _ in range(3))
    assert {bare.status_code, seconds.status_code, date.status_code} == {429}
    assert "retry-after" not in bare.headers
    assert seconds.headers["retry-after"] == "7"
    wait = parsedate_to_datetime(date.headers["retry-after"]) - datetime.now(UTC)
    assert timedelta(seconds=50) < wait <= timedelta(seconds=61)
    assert sandbox.create().status_code == 201


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_before_the_commit_changes_nothing(sandbox: Box, status: int) -> None:
    sandbox.fault("error", kinds=["create"], status=status, count=1)
    assert sandbox.create().status_code == status
    assert sandbox.online() == []


def test_an_error_after_the_commit_has_made_the_ad(sandbox: Box) -> None:
    sandbox.fault("error-after-commit", kinds=["create"], count=1)
    assert sandbox.create(insertion_id="one").status_code == 500
    assert len(sandbox.online()) == 1
    assert sandbox.create(insertion_id="one").status_code == 303


def test_the_connection_is_cut_after_the_commit(sandbox: Box) -> None:
    sandbox.fault("reset-after-commit", kinds=["create"], count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        sandbox.create(insertion_id="one")
    assert len(sandbox.online()) == 1
    assert sandbox.create(insertion_id="one").status_code == 303
    assert [entry["status"] for entry in sandbox.log(kind="create")] == [None, 303]


def test_the_connection_is_cut_before_the_commit(sandbox: Box) -> None:
    sandbox.fault("reset", kinds=["delete"], count=1)
    ad_id = sandbox.created()
    with pytest.raises(httpx.RemoteProtocolError):
        sandbox.delete(ad_id)
    assert sandbox.read(ad_id).status_code == 200


def test_a_slow_answer_is_still_right(sandbox: Box) -> None:
    sandbox.fault("slow", delayMs=150, count=1)
    started = time.monotonic()
    assert sandbox.create().status_code == 201
    assert time.monotonic() - started >= 0.15


def test_slowness_comes_together_with_another_fault(sandbox: Box) -> None:
    sandbox.fault("error", count=1)
    sandbox.fault("slow", delayMs=100, count=1)
    started = time.monotonic()
    assert sandbox.create().status_code == 500
    assert time.monotonic() - started >= 0.1


def test_half_a_list_looks_like_a_whole_one(sandbox: Box) -> None:
    for number in range(5):
        sandbox.created(golf(internalNumber=f"G-{number}"))
    sandbox.fault("half-list", count=1)
    answer = sandbox.api.get("/sellers/1000471/ads")
    assert (answer.status_code, len(answer.json()["ads"])) == (200, 2)
    assert len(sandbox.online()) == 5


def test_garbage_answers_come_in_three_kinds(sandbox: Box) -> None:
    for body in ("invalid-json", "html", "wrong-shape"):
        sandbox.fault("garbage", kinds=["sellers"], body=body, count=1)
    invalid, html, shape = (sandbox.api.get("/sellers") for _ in range(3))
    with pytest.raises(ValueError):
        invalid.json()
    assert html.headers["content-type"].startswith("text/html")
    assert "sellers" not in shape.json()


def test_garbage_comes_after_the_commit_and_without_location(sandbox: Box) -> None:
    sandbox.fault("garbage", kinds=["create"], count=1)
    answer = sandbox.create()
    assert answer.status_code == 200
    assert "location" not in answer.headers
    assert len(sandbox.online()) == 1


def test_one_vehicle_is_refused_with_a_given_error(sandbox: Box) -> None:
    error = {"key": "duplicate-ad", "path": "vin", "value": "WVW", "message": "Gibt es schon"}
    sandbox.fault("reject", internalNumber="G-2", error=error)
    assert sandbox.create(golf(internalNumber="G-1")).status_code == 201
    refused = sandbox.create(golf(internalNumber="G-2"))
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {
            "key": "duplicate-ad",
            "message": "Gibt es schon",
            "args": [{"key": "path", "value": "ad.vehicle.vin"}, {"key": "value", "value": "WVW"}],
        }
    ]


def test_a_vehicle_is_recognised_by_its_number_also_when_deleted(sandbox: Box) -> None:
    one, two = (sandbox.created(golf(internalNumber=number)) for number in ("G-1", "G-2"))
    sandbox.fault("error", kinds=["delete"], internalNumber="G-2")
    assert sandbox.delete(one).status_code == 204
    assert sandbox.delete(two).status_code == 500


def test_a_fault_strikes_its_kind_and_seller_only(sandbox: Box) -> None:
    sandbox.fault("error", kinds=["create", "refdata"], seller="4711002")
    assert sandbox.create().status_code == 201
    assert sandbox.create(seller="1000472").status_code == 500
    assert sandbox.api.get("/sellers/1000472/ads").status_code == 200
    assert sandbox.http.get("/refdata/fuels").status_code == 200


@pytest.mark.parametrize(
    "kind", ["sellers", "list", "create", "read", "update", "delete", "image", "refdata"]
)
def test_each_kind_of_request_can_be_struck(sandbox: Box, kind: str) -> None:
    ad_id = sandbox.created()
    sandbox.fault("error", kinds=[kind], count=1)
    answers = {
        "sellers": sandbox.api.get("/sellers"),
        "list": sandbox.api.get("/sellers/1000471/ads"),
        "create": sandbox.create(),
        "read": sandbox.read(ad_id),
        "update": sandbox.update(ad_id, golf()),
        "image": sandbox.upload(),
        "refdata": sandbox.http.get("/refdata/fuels"),
        "delete": sandbox.delete(ad_id),
    }
    assert [name for name, answer in answers.items() if answer.status_code == 500] == [kind]


def test_a_fault_strikes_as_often_as_it_says(sandbox: Box) -> None:
    sandbox.fault("error", count=2)
    assert [sandbox.create().status_code for _ in range(3)] == [500, 500, 201]
    assert sandbox.http.get("/control/faults").json() == {"faults": []}


def test_a_probable_fault_strikes_sometimes(sandbox: Box) -> None:
    sandbox.fault("error", kinds=["sellers"], probability=0.5)
    answers = {sandbox.api.get("/sellers").status_code for _ in range(60)}
    assert answers == {200, 500}


def test_faults_can_be_listed_set_and_cleared(sandbox: Box) -> None:
    first = sandbox.fault("error", kinds=["list"], seller="4711001")
    assert sandbox.http.get("/control/faults").json()["faults"] == [first]
    assert first["seller"] == "1000471"
    replaced = sandbox.http.put("/control/faults", json={"faults": [{"effect": "slow", "delayMs": 1}]})
    assert [fault["effect"] for fault in replaced.json()["faults"]] == ["slow"]
    assert sandbox.http.delete(f"/control/faults/{replaced.json()['faults'][0]['id']}").status_code == 204
    assert sandbox.http.delete("/control/faults/99999").status_code == 404
    sandbox.fault("error")
    assert sandbox.http.delete("/control/faults").status_code == 204
    assert sandbox.create().status_code == 201


@pytest.mark.parametrize(
    "fault",
    [
        {},
        [],
        {"effect": "explode"},
        {"effect": []},
        {"effect": "error", "kinds": ["everything"]},
        {"effect": "error", "kinds": "create"},
        {"effect": "error", "kinds": [[]]},
        {"effect": "error", "probability": 0},
        {"effect": "error", "count": 0},
        {"effect": "error", "status": 200},
        {"effect": "error", "seller": "999"},
        {"effect": "error", "typo": 1},
        {"effect": "garbage", "body": "xml"},
        {"effect": "reject", "error": {"message": "no key"}},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Box, fault: object) -> None:
    answer = sandbox.http.post("/control/faults", json=fault)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sandbox.http.put("/control/faults", json={"faults": [fault]}).status_code == 400
    assert sandbox.http.get("/control/faults").json() == {"faults": []}


def test_a_rejection_may_take_every_vehicle(sandbox: Box) -> None:
    sandbox.fault("reject", kinds=["update"])
    ad_id = sandbox.created()
    assert keys(sandbox.update(ad_id, golf())) == ["sandbox-rejection"]


def test_a_wrong_login_under_a_fault_is_still_in_the_log(sandbox: Box) -> None:
    sandbox.fault("error", status=503, count=1)
    answer = httpx.post(
        f"{sandbox.url}/seller-api/sellers/1000471/ads", json=golf(), headers={"Content-Type": MEDIA_TYPE}
    )
    assert answer.status_code == 503
    assert sandbox.log()[-1]["fault"] == "error"
