"""`GET /api/v1/vehicles` and `PUT /api/v1/vehicles/<location>`: the stock read back, and replaced."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.mass_change.clearance import measure
from portal.models import Dealer, Transfer, Vehicle, VehicleImport
from portal.models.exports import ListingState, TransferState
from tests.blueprints.api.conftest import Tool, tool_of
from tests.blueprints.api.test_vehicles import GOLF, post, stock
from tests.builders import Build
from tests.conftest import count_queries


def numbers(tool: Tool, query: str = "") -> list[str]:
    answer = tool("GET", f"/vehicles?{query}")
    assert answer.status_code == 200, answer.text
    return [one["offer_number"] for one in answer.get_json()["vehicles"]]


def put(tool: Tool, *vehicles: Any, location: str = "HH") -> dict[str, Any]:
    answer = tool("PUT", f"/vehicles/{location}", json={"vehicles": list(vehicles)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def many(count: int) -> list[dict[str, Any]]:
    return [GOLF | {"offer_number": f"B{number:02}"} for number in range(count)]


def test_what_the_platform_will_remark_is_told_apart_from_what_hinders(
    tool: Tool, build: Build, alices: Dealer, session: Session
) -> None:
    activation, vehicle = build.activation(alices), build.vehicle(alices, offer_number="A1")
    hint = {"code": "images-cut", "text": "Nur 20 Bilder gehen hin.", "field": "images"}
    build.release(vehicle, activation).hints = [hint]
    build.listing(vehicle, activation)
    session.commit()
    [platform] = tool("GET", "/vehicles/HH/A1").get_json()["platforms"]
    assert platform["hints"] == [{"field": "images", "text": "Nur 20 Bilder gehen hin."}]
    assert (platform["state"], platform["reasons"]) == ("online", [])


def test_a_vehicle_is_read_back_with_its_state_at_each_platform_and_why(
    tool: Tool, build: Build, alices: Dealer
) -> None:
    activation = build.activation(alices)
    vehicle = build.vehicle(alices, offer_number="A1")
    build.release(vehicle, activation)
    feedback = [{"code": "missing-field", "text": "Die Laufleistung fehlt.", "field": "mileage"}]
    build.listing(
        vehicle, activation, state=ListingState.ABSENT, last_result="rejected", last_feedback=feedback
    )
    build.transfer(vehicle, activation, state=TransferState.REJECTED, action="create", feedback=feedback)
    found = tool("GET", "/vehicles/HH/A1").get_json()
    assert found == tool("GET", "/vehicles").get_json()["vehicles"][0]
    assert (found["location"], found["facts"]["make"]) == ("HH", vehicle.facts().make)
    [platform] = found["platforms"]
    assert (platform["app"], platform["state"], platform["online"]) == ("mobile-de", "error", False)
    assert platform["reasons"] == [{"field": "mileage", "text": "Die Laufleistung fehlt."}]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("", "Das Fahrzeug ist für diese Plattform nicht freigegeben."),
        ("en", "The vehicle is not released for this platform."),
    ],
)
def test_reasons_are_said_in_the_language_that_is_asked_for(
    tool: Tool, build: Build, alices: Dealer, language: str, text: str
) -> None:
    build.activation(alices)
    build.vehicle(alices)
    [vehicle] = tool("GET", "/vehicles", headers={"Accept-Language": language}).get_json()["vehicles"]
    assert text in [reason["text"] for reason in vehicle["platforms"][0]["reasons"]]


def test_what_is_read_back_can_be_sent_again(tool: Tool) -> None:
    post(tool, GOLF)
    facts = tool("GET", "/vehicles/HH/A1").get_json()["facts"]
    [result] = post(tool, facts | {"location": "HH"})
    assert result["result"] == "unchanged"


def test_pages_follow_each_other_by_key_also_when_the_stock_changes(tool: Tool) -> None:
    post(tool, *many(5))
    first = tool("GET", "/vehicles?limit=2").get_json()
    post(tool, GOLF | {"offer_number": "A0"})
    tool("DELETE", "/vehicles/HH/B01")
    assert [one["offer_number"] for one in first["vehicles"]] == ["B00", "B01"]
    assert numbers(tool, f"limit=2&after={first['next']}") == ["B02", "B03"]
    assert tool("GET", "/vehicles?limit=200").get_json()["next"] is None


def test_the_list_can_be_narrowed(tool: Tool, build: Build, alices: Dealer) -> None:
    build.location(alices, "B")
    post(tool, GOLF, GOLF | {"location": "B", "offer_number": "A2"})
    assert numbers(tool, "location=B") == ["A2"]
    assert numbers(tool, "offer_number=A1") == ["A1"]
    assert numbers(tool, "location=XX") == []


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "after=x", "page=2", "a=%00"])
def test_what_cannot_be_understood_is_refused(tool: Tool, query: str) -> None:
    answer = tool("GET", f"/vehicles?{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_another_dealers_stock_is_not_there(tool: Tool, build: Build, client: FlaskClient) -> None:
    post(tool, GOLF)
    stranger = tool_of(build, client, build.dealer("Autohaus Charlie", code="CH"))
    assert numbers(stranger) == []
    assert stranger("GET", "/vehicles/HH/A1").status_code == 404
    key = tool("GET", "/vehicles").get_json()["vehicles"][0]["id"]
    assert stranger("GET", f"/vehicles?after={key}").status_code == 404
    assert stranger("PUT", "/vehicles/HH", json={"vehicles": [GOLF]}).status_code == 404


def test_a_large_page_takes_as_many_queries_as_a_small_one(tool: Tool, build: Build, alices: Dealer) -> None:
    build.activation(alices)
    post(tool, *many(40))

    def counted(limit: int) -> int:
        with count_queries() as statements:
            tool("GET", f"/vehicles?limit={limit}")
        return len(statements)

    counted(1)
    assert counted(2) == counted(40)


def test_what_a_whole_stock_does_not_name_leaves_it(tool: Tool, session: Session) -> None:
    post(tool, *many(5))
    found = put(tool, *many(4), GOLF)
    assert [one["result"] for one in found["results"]] == [*["unchanged"] * 4, "created"]
    assert (found["withdrawn"], found["cut_short"]) == (1, False)
    assert numbers(tool) == ["A1", "B00", "B01", "B02", "B03"]
    report = session.scalars(select(VehicleImport)).one()
    assert (report.partial, report.taken, report.unchanged, report.withdrawn) == (False, 1, 4, 1)
    assert report.file_name == "API: Werkstatt"


def test_the_address_names_the_location(tool: Tool, build: Build, alices: Dealer) -> None:
    build.location(alices, "B")
    bare = {name: value for name, value in GOLF.items() if name != "location"}
    assert put(tool, bare)["results"][0]["location"] == "HH"
    [elsewhere] = put(tool, GOLF | {"location": "B"})["results"]
    assert (elsewhere["result"], elsewhere["errors"][0]["field"]) == ("rejected", "location")


def test_another_locations_stock_stays(tool: Tool, build: Build, alices: Dealer) -> None:
    build.location(alices, "B")
    post(tool, GOLF | {"location": "B", "offer_number": "C1"})
    put(tool, GOLF)
    assert numbers(tool) == ["A1", "C1"]


def test_what_is_rejected_stays_as_it_is(tool: Tool, session: Session) -> None:
    post(tool, *many(3))
    found = put(tool, *many(2), GOLF | {"offer_number": "B02", "fuel": "steam"})
    assert (found["results"][2]["result"], found["withdrawn"]) == ("rejected", 0)
    assert numbers(tool) == ["B00", "B01", "B02"]
    assert "'petrol'" in found["results"][2]["errors"][0]["text"]


@pytest.mark.parametrize("last", [{"offer_number": 2}, None, {"offer_number": ""}])
def test_nothing_leaves_where_a_number_cannot_be_read(tool: Tool, last: Any) -> None:
    """It may be that of any vehicle."""
    post(tool, *many(3))
    assert put(tool, *many(1), last)["withdrawn"] == 0
    assert numbers(tool) == ["B00", "B01", "B02"]


def test_nothing_leaves_where_nothing_could_be_taken(tool: Tool) -> None:
    post(tool, *many(3))
    assert put(tool, GOLF | {"fuel": "steam"})["withdrawn"] == 0
    assert tool("PUT", "/vehicles/HH", json={"vehicles": []}).status_code == 422
    assert len(numbers(tool)) == 3


def test_a_list_that_was_probably_cut_is_held_by_the_guard(
    tool: Tool, build: Build, session: Session, alices: Dealer
) -> None:
    activation = build.activation(alices)
    post(tool, *many(8))
    for vehicle in stock(session):
        build.release(vehicle, activation)
        build.listing(vehicle, activation)
    found = put(tool, *many(2))
    assert (found["withdrawn"], found["cut_short"]) == (6, True)
    session.expire_all()
    leaving = session.scalars(select(Vehicle.id).where(Vehicle.withdrawn_at.is_not(None))).all()
    assert measure(session, activation.id, leaving, ()).truncated
    lines = session.scalars(select(Transfer.bulk).where(Transfer.vehicle_id.in_(leaving))).all()
    assert lines == [True] * 6


def test_values_that_are_not_known_are_refused_with_those_that_are(tool: Tool, session: Session) -> None:
    wrong = {"colour": "Tornadorot", "interior_type": "Pappe", "emission_class": "Euro 99"}
    [result] = post(tool, GOLF | wrong | {"equipment": {"features": ["flux_capacitor"]}})
    said = {complaint["field"]: complaint["text"] for complaint in result["errors"]}
    assert "Rot" in said["colour"]
    assert "Alcantara" in said["interior_type"]
    assert "Euro 6d" in said["emission_class"]
    assert "abs" in said["equipment.features.0"]
    assert stock(session) == []
    [result] = post(tool, GOLF | {"colour": "red", "colour_name": "Tornadorot"})
    assert (result["result"], stock(session)[0].facts().colour) == ("created", "Rot")


def test_reference_values_are_those_that_are_taken(tool: Tool) -> None:
    found = tool("GET", "/reference").get_json()
    for path in ("fuel", "gearbox", "colour", "interior_type", "emission_class", "vehicle_class"):
        for value in found["values"][path]:
            [result] = post(tool, GOLF | {path: value})
            assert result["result"] != "rejected", (path, value, result)
    [result] = post(tool, GOLF | {"equipment": {"features": [found["features"][0]["code"]]}})
    assert result["result"] == "changed"
