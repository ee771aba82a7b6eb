"""`POST /api/v1/vehicles`: taken by offer number, each with its own result."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.blueprints.api.schema import MOST_VEHICLES
from portal.models import AuditEvent, Dealer, Listing, Publication, Transfer, Vehicle
from portal.models.exports import ListingState
from tests.blueprints.api.conftest import Tool, tool_of
from tests.builders import Build
from tests.conftest import count_queries
from tests.words import german

GOLF = {
    "offer_number": "A1",
    "location": "HH",
    "make": "VW",
    "model": "Golf",
    "first_registration": "2018-05",
    "mileage": 64500,
    "prices": {"selling": "12990"},
}


def post(tool: Tool, *vehicles: Any) -> list[dict[str, Any]]:
    answer = tool("POST", "/vehicles", json={"vehicles": list(vehicles)})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.get_json()["results"]
    return results


def stock(session: Session) -> list[Vehicle]:
    session.expire_all()
    return list(session.scalars(select(Vehicle).order_by(Vehicle.offer_number)))


def test_a_new_vehicle_is_taken_released_and_sent(
    tool: Tool, build: Build, session: Session, alices: Dealer
) -> None:
    build.activation(alices, settings={"kinds": {"used": 0}})
    [result] = post(tool, GOLF)
    assert (result["result"], result["errors"], result["problems"]) == ("created", [], [])
    [vehicle] = stock(session)
    assert str(vehicle.id) == result["vehicle_id"]
    assert (vehicle.online, vehicle.facts().mileage) == (True, 64500)
    assert vehicle.facts().stock_date is not None
    assert session.scalar(select(func.count()).select_from(Transfer)) == 1
    assert session.scalars(select(Publication.released)).all() == [True]


def test_the_same_vehicle_again_changes_and_sends_nothing(
    tool: Tool, build: Build, session: Session, alices: Dealer
) -> None:
    activation = build.activation(alices, settings={"kinds": {"used": 0}})
    post(tool, GOLF)
    session.execute(Transfer.__table__.delete())  # type: ignore[attr-defined]
    session.commit()
    [result] = post(tool, GOLF)
    assert result["result"] == "unchanged"
    assert session.scalar(select(func.count()).where(Transfer.activation_id == activation.id)) == 0


def test_a_change_replaces_the_facts_and_keeps_since_when_it_stands_here(
    tool: Tool, session: Session
) -> None:
    post(tool, {**GOLF, "stock_date": "2026-01-02", "description": "alt"})
    [result] = post(tool, {**GOLF, "mileage": 65000})
    assert result["result"] == "changed"
    [vehicle] = stock(session)
    facts = vehicle.facts()
    assert (facts.mileage, facts.description, str(facts.stock_date)) == (65000, "", "2026-01-02")


def test_one_wrong_vehicle_is_rejected_alone_with_its_fields(tool: Tool, session: Session) -> None:
    wrong = {**GOLF, "offer_number": "A2", "mileage": -1, "fuel": "steam"}
    results = post(tool, GOLF, wrong, {"make": "VW"}, 17, None)
    assert [result["result"] for result in results] == ["created", *["rejected"] * 4]
    assert {complaint["field"] for complaint in results[1]["errors"]} == {"mileage", "fuel"}
    assert {complaint["field"] for complaint in results[2]["errors"]} == {"offer_number", "location"}
    assert [vehicle.offer_number for vehicle in stock(session)] == ["A1"]


def test_what_keeps_a_vehicle_from_being_published_is_said(tool: Tool) -> None:
    [result] = post(tool, {key: value for key, value in GOLF.items() if key != "prices"})
    assert result["result"] == "created"
    assert [complaint["field"] for complaint in result["problems"]] == ["prices.selling"]


def test_a_number_twice_in_one_request_is_taken_once(tool: Tool, session: Session) -> None:
    first, second = post(tool, GOLF, {**GOLF, "mileage": 1})
    assert (first["result"], second["result"]) == ("created", "rejected")
    assert stock(session)[0].facts().mileage == 64500


def test_an_unknown_location_and_another_dealers_location_are_the_same(tool: Tool, build: Build) -> None:
    build.dealer("Autohaus Charlie", code="CH")
    for code in ("CH", "XX"):
        [result] = post(tool, {**GOLF, "location": code})
        assert (result["result"], result["errors"][0]["field"]) == ("rejected", "location")


def test_a_vehicle_comes_back_as_itself_with_its_listing(
    tool: Tool, build: Build, session: Session, alices: Dealer
) -> None:
    activation = build.activation(alices)
    post(tool, GOLF)
    [vehicle] = stock(session)
    build.listing(vehicle, activation)
    assert tool("DELETE", "/vehicles/HH/A1").status_code == 204
    [result] = post(tool, GOLF)
    assert (result["result"], result["vehicle_id"]) == ("changed", str(vehicle.id))
    assert session.scalars(select(Listing.state)).all() == [ListingState.ONLINE]


def test_withdrawing_what_is_not_there_is_not_found(tool: Tool, build: Build) -> None:
    charlie = build.dealer("Autohaus Charlie", code="CH")
    build.vehicle(charlie, offer_number="C1")
    for path in ("/vehicles/HH/A1", "/vehicles/CH/C1"):
        assert tool("DELETE", path).status_code == 404


def test_a_vehicle_can_be_switched_off(tool: Tool, session: Session) -> None:
    post(tool, {**GOLF, "online": False})
    assert not stock(session)[0].online
    post(tool, {**GOLF, "online": True})
    assert stock(session)[0].online


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
def test_what_the_database_cannot_keep_is_rejected(tool: Tool, text: str) -> None:
    [result] = post(tool, {**GOLF, "description": f"vor {text} nach"})
    assert (result["result"], result["errors"][0]["field"]) == ("rejected", "description")


DEEP = 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"vehicles": 1}',
        b"\xff",
        b'{"vehicles": [' * 9,
        pytest.param(b'{"vehicles": ' + b"[" * DEEP + b"]" * DEEP + b"}", id="deep lists"),
        pytest.param(b'{"vehicles": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}", id="deep objects"),
        pytest.param(b'{"vehicles": [' + b"9" * 5000 + b"]}", id="a number of 5000 digits"),
    ],
)
def test_a_body_that_is_no_list_of_vehicles_is_refused(tool: Tool, body: bytes) -> None:
    answer = tool("POST", "/vehicles", data=body, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_too_many_vehicles_are_refused(tool: Tool, session: Session) -> None:
    answer = tool("POST", "/vehicles", json={"vehicles": [GOLF] * (MOST_VEHICLES + 1)})
    assert answer.status_code == 413
    assert stock(session) == []


def test_an_oversized_body_is_refused(tool: Tool) -> None:
    answer = tool("POST", "/vehicles", data=b" " * (9 * 1024 * 1024), content_type="application/json")
    assert answer.status_code == 413


def test_the_number_of_queries_does_not_grow_with_what_stays_as_it_is(tool: Tool) -> None:
    def counted(number: int) -> int:
        vehicles = [{**GOLF, "offer_number": f"B{i}"} for i in range(number)]
        post(tool, *vehicles)
        with count_queries() as statements:
            post(tool, *vehicles)
        return len(statements)

    assert counted(2) == counted(60)


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer vex_wrong", "Basic dmV4", "Bearer  "])
def test_without_a_valid_key_nothing_is_read_or_changed(
    client: FlaskClient, session: Session, alices: Dealer, key: str
) -> None:
    for method, path in (("POST", "/vehicles"), ("DELETE", "/vehicles/HH/A1"), ("GET", "/transfers")):
        answer = client.open(f"/api/v1{path}", method=method, headers={"Authorization": key}, json={})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert stock(session) == []


def test_a_revoked_key_is_dead(tool: Tool, session: Session) -> None:
    from portal.models import ApiKey

    session.scalars(select(ApiKey)).one().revoked_at = func.now()
    session.commit()
    assert tool("GET", "/transfers").status_code == 401


def test_a_key_reaches_its_own_dealer_only(
    tool: Tool, build: Build, client: FlaskClient, session: Session, alices: Dealer
) -> None:
    post(tool, GOLF)
    charlie = build.dealer("Autohaus Charlie", code="HH")
    [result] = post(tool_of(build, client, charlie), GOLF)
    assert result["result"] == "created"
    assert {vehicle.dealer_id for vehicle in stock(session)} == {alices.id, charlie.id}


def test_a_login_does_not_open_the_interface(build: Build, alices: Dealer, login: Any) -> None:
    assert login(build.alice(alices)).get("/api/v1/transfers").status_code == 401


def test_what_a_tool_changes_stands_in_the_log_with_its_key(tool: Tool, session: Session) -> None:
    """What came again unchanged is no deed."""
    for _ in range(2):
        post(tool, GOLF, GOLF | {"offer_number": "A2"})
    post(tool, GOLF | {"mileage": 65_000})
    tool("DELETE", "/vehicles/HH/A2")
    session.expire_all()
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(event.what, event.detail) for event in events] == [
        ("vehicle.ingested", {"created": 2}),
        ("vehicle.ingested", {"changed": 1}),
        ("vehicle.withdrawn", {}),
    ]
    assert {german(event.actor) for event in events} == {"API-Schlüssel „Werkstatt“"}


@pytest.mark.parametrize("number", ["NaN", "1e400", "1e300", "-1", "99999999999999999999"])
def test_a_number_that_is_none_is_rejected(tool: Tool, session: Session, number: str) -> None:
    for fields in (f'"mileage": {number}', f'"prices": {{"selling": {number}}}'):
        body = f'{{"vehicles": [{{"offer_number": "A1", "location": "HH", {fields}}}]}}'
        answer = tool("POST", "/vehicles", data=body, content_type="application/json")
        assert answer.get_json()["results"][0]["result"] == "rejected", fields
    assert stock(session) == []


def test_a_number_with_a_slash_can_be_withdrawn(tool: Tool, session: Session) -> None:
    post(tool, GOLF | {"offer_number": "A/1"})
    assert tool("DELETE", "/vehicles/HH/A%2F1").status_code == 204
    assert stock(session)[0].withdrawn_at is not None
