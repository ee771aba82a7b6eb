"""Faults as AutoScout24 would show them."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.autoscout24.conftest import MUSTER, As24, codes, golf


def test_too_many_requests_have_no_body(as24: As24) -> None:
    as24.box.fault("rate-limit", kinds=["create"], count=1, retryAfter=2)
    answer = as24.create()
    assert (answer.status_code, answer.content, answer.headers["retry-after"]) == (429, b"", "2")


def test_error_after_storing_leaves_the_listing_there(as24: As24) -> None:
    as24.box.fault("error-after-commit", kinds=["create"], count=1)
    answer = as24.create()
    assert (answer.status_code, answer.content) == (500, b"")
    assert [one["crossReferenceId"] for one in as24.listed()] == ["key-1"]


def test_cut_connection_after_storing_leaves_the_listing_there(as24: As24) -> None:
    as24.box.fault("reset-after-commit", kinds=["create"], count=1)
    with pytest.raises(httpx.TransportError):
        as24.create()
    assert len(as24.listed()) == 1


def test_maintenance_says_so(as24: As24) -> None:
    as24.box.fault("error", status=503, count=1)
    assert codes(as24.create()) == ["service-under-maintenance"]


def test_fault_can_be_for_one_customer_and_one_number(as24: As24) -> None:
    as24.box.fault("reject", seller=MUSTER, internalNumber="G-2", error={"key": "vin-already-exists"})
    assert as24.create().status_code == 201
    assert codes(as24.create(golf(offerReferenceId="G-2"))) == ["vin-already-exists"]


def test_half_a_list_lacks_half_of_it(as24: As24) -> None:
    for number in range(4):
        as24.created(golf(offerReferenceId=f"G-{number}"))
    as24.box.fault("half-list", count=1)
    assert [len(as24.listed()), len(as24.listed())] == [2, 4]


def test_every_request_stands_in_the_log(as24: As24) -> None:
    as24.created()
    rows = as24.control("GET", f"/requests?customer={MUSTER}").json()["requests"]
    assert [(row["kind"], row["status"], row["internalNumber"]) for row in rows] == [("create", 201, "G-1")]
