"""`GET /api/v1/transfers`: the history for programs."""

from __future__ import annotations

import pytest

from portal.models import Activation, Dealer
from portal.models.exports import TransferState
from tests.blueprints.api.conftest import Tool
from tests.builders import Build
from tests.conftest import count_queries


@pytest.fixture
def mobile_de(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


def numbers(tool: Tool, query: str = "") -> list[str]:
    answer = tool("GET", f"/transfers?{query}")
    assert answer.status_code == 200, answer.text
    return [row["offer_number"] for row in answer.get_json()["transfers"]]


def test_a_transfer_says_what_was_sent_and_what_the_platform_answered(
    tool: Tool, build: Build, alices: Dealer, mobile_de: Activation
) -> None:
    vehicle = build.vehicle(alices, offer_number="A1")
    feedback = [{"code": "missing-field", "text": "Die Laufleistung fehlt.", "field": "mileage"}]
    row = build.transfer(
        vehicle, mobile_de, state=TransferState.REJECTED, action="create", feedback=feedback, attempt_count=1
    )
    [found] = tool("GET", "/transfers").get_json()["transfers"]
    assert found["id"] == str(row.id)
    assert (found["app"], found["customer_number"], found["location"]) == ("mobile-de", "4711001", "HH")
    assert (found["state"], found["action"], found["feedback"]) == ("rejected", "create", feedback)


def test_they_can_be_narrowed(tool: Tool, build: Build, alices: Dealer, mobile_de: Activation) -> None:
    for number, state in (("A1", TransferState.OK), ("A2", TransferState.REJECTED)):
        build.transfer(build.vehicle(alices, offer_number=number), mobile_de, state=state)
    assert numbers(tool) == ["A2", "A1"]
    assert numbers(tool, "state=rejected") == ["A2"]
    assert numbers(tool, "offer_number=A1") == ["A1"]
    assert numbers(tool, "app=autoscout24") == []


def test_pages_follow_each_other_by_key(
    tool: Tool, build: Build, alices: Dealer, mobile_de: Activation
) -> None:
    for number in range(5):
        build.transfer(build.vehicle(alices, offer_number=f"A{number}"), mobile_de, state=TransferState.OK)
    first = tool("GET", "/transfers?limit=3").get_json()
    second = tool("GET", f"/transfers?limit=3&before={first['next']}").get_json()
    shown = [row["offer_number"] for page in (first, second) for row in page["transfers"]]
    assert shown == ["A4", "A3", "A2", "A1", "A0"]
    assert second["next"] is None


def test_what_a_lock_holds_is_named_held(
    tool: Tool, build: Build, alices: Dealer, mobile_de: Activation
) -> None:
    """Wherever it is asked for: as one of all, by its name, and not among those that just wait."""
    build.transfer(build.vehicle(alices, offer_number="H1"), mobile_de, held=True)
    build.transfer(build.vehicle(alices, offer_number="W1"), mobile_de)
    found = tool("GET", "/transfers").get_json()["transfers"]
    assert {one["offer_number"]: one["state"] for one in found} == {"H1": "held", "W1": "waiting"}
    assert numbers(tool, "state=held") == ["H1"]
    assert numbers(tool, "state=waiting") == ["W1"]


def test_another_dealers_transfers_are_not_there(tool: Tool, build: Build) -> None:
    charlie = build.dealer("Autohaus Charlie", code="CH")
    theirs = build.activation(charlie, customer_number="4711002")
    build.transfer(build.vehicle(charlie), theirs, state=TransferState.OK)
    assert numbers(tool) == []


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "before=1", "state=gone", "app=%00"])
def test_an_argument_that_cannot_be_understood_is_named(tool: Tool, query: str) -> None:
    answer = tool("GET", f"/transfers?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.get_json()["detail"] or "text" in answer.get_json()["detail"]


def test_it_takes_a_fixed_number_of_queries(
    tool: Tool, build: Build, alices: Dealer, mobile_de: Activation
) -> None:
    tool("GET", "/transfers")
    for _ in range(30):
        build.transfer(build.vehicle(alices), mobile_de, state=TransferState.OK)
    with count_queries() as statements:
        assert len(numbers(tool)) == 30
    assert len(statements) == 3
