"""Dora works at one of two locations. Walks the whole URL map: the other location does not exist for her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal.models import (
    Activation,
    Base,
    Dealer,
    Listing,
    Location,
    Lock,
    Notification,
    Problem,
    User,
    Vehicle,
)
from portal.models.exports import ActivationState, LockRule
from portal.models.realm import PLACES
from portal.notifications.problems import ProblemKind
from portal.web.support_session import WHOLE_DEALER
from tests.builders import Build
from tests.test_url_map import PLAIN, SAFE, Login, calls, everything, objects_of

LOCATED = {
    "vehicle_id",
    "activation_id",
    "transfer_id",
    "image_id",
    "import_id",
    "run_id",
    "source_id",
    "location_id",
}
"""Parameters that name an object of one location."""
NUMBERS = (
    "online",
    "deletions",
    "creations",
    "deletions_done",
    "creations_done",
    "deletion_limit",
    "creation_limit",
)
"""Of a lock."""
LONG_AGO = datetime(2026, 3, 2, tzinfo=UTC)
OF_THE_WHOLE = tuple(f"dealer:{right}" for right in WHOLE_DEALER)


@dataclass(frozen=True)
class House:
    """A dealer with two locations and the same things at both."""

    dealer: Dealer
    hamburg: Location
    bremen: Location
    there: dict[str, Any]
    """In Hamburg, which is not Dora's."""
    here: dict[str, Any]
    dora: User

    @property
    def both(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.here, self.there


@pytest.fixture
def house(build: Build) -> House:
    dealer = build.dealer()
    hamburg, bremen = dealer.locations[0], build.location(dealer, "HB")
    there, here = objects_of(build, dealer, hamburg), objects_of(build, dealer, bremen)
    dora = build.user("dora", dealer, location_ids=[bremen.id])
    return House(dealer, hamburg, bremen, there, here, dora)


def named(session: Session, objects: dict[str, Any]) -> list[str]:
    """How pages would name what is at a location."""
    vehicle = session.get_one(Vehicle, objects["vehicle_id"])
    activation = session.get_one(Activation, objects["activation_id"])
    ids = [str(objects[name]) for name in LOCATED]
    return [vehicle.offer_number, activation.customer_number, *ids]


def test_every_table_with_a_dealer_and_a_location_is_limited() -> None:
    located = {
        mapper.class_
        for mapper in Base.registry.mappers
        if {"dealer_id", "location_id"} <= set(mapper.columns.keys())
    }
    assert located | {Location} == PLACES.keys()


def test_the_other_locations_objects_do_not_exist(
    app: Flask, session: Session, house: House, login: Login
) -> None:
    client, before, wrong, tried = login(house.dora), everything(session), [], 0
    for call in calls(app, "dealer"):
        located = LOCATED & set(call.objects)
        for stolen in {frozenset({one}) for one in located} | ({frozenset(located)} - {frozenset()}):
            answer = call.send(client, app, house.here | {name: house.there[name] for name in stolen})
            tried += 1
            expected = 403 if call.access in OF_THE_WHOLE else 404
            if answer.status_code != expected:
                wrong.append(f"{call} with the other location's {sorted(stolen)}: {answer.status}")
    assert not wrong
    assert tried
    assert everything(session) == before


def test_forms_change_nothing_at_the_other_location(
    app: Flask, session: Session, house: House, login: Login
) -> None:
    """Forms that choose objects by their fields get those of the other location."""
    client, before, tried = login(house.dora), at(session, house.hamburg), 0
    for call in calls(app, "dealer"):
        if call.method in SAFE or LOCATED & set(call.objects):
            continue
        call.send(client, app, house.there)
        tried += 1
    assert tried
    assert at(session, house.hamburg) == before


def at(session: Session, place: Location) -> list[str | None]:
    """A fingerprint of everything at a location."""
    session.rollback()
    mine = "SELECT id FROM activation WHERE location_id = :place"
    queries = [
        "FROM vehicle t WHERE location_id = :place",
        "FROM vehicle_import t WHERE location_id = :place",
        *(
            f"FROM {table} t WHERE activation_id IN ({mine})"
            for table in ("publication", "listing", "transfer", "run")
        ),
        "FROM activation t WHERE location_id = :place",
    ]
    digest = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) "
    return [session.scalar(text(digest + query), {"place": place.id}) for query in queries]


def test_no_page_shows_anything_of_the_other_location(
    app: Flask, session: Session, house: House, login: Login
) -> None:
    client, secret = login(house.dora), named(session, house.there)
    wrong, tried = [], 0
    for call in calls(app, "dealer"):
        if call.method not in SAFE:
            continue
        answer = call.send(client, app, house.here)
        tried += answer.status_code == 200
        if found := [word for word in secret if word in answer.text]:
            wrong.append(f"{call}: {found}")
    assert tried > 20
    assert not wrong


def test_an_address_cannot_widen_what_is_shown(
    app: Flask, session: Session, house: House, login: Login
) -> None:
    client = login(house.dora)
    number, customer, *_ids = named(session, house.there)
    query = {
        "location": house.there["location_id"],
        "activation": house.there["activation_id"],
        "customer": "all",
        "period": "120",
        "result": "all",
        "q": number,
        "search": number,
    }
    for call in calls(app, "dealer"):
        if call.method in SAFE:
            url = url_of(app, call.rule, house.here)
            answer = client.get(url, query_string=query).text.replace(f'value="{number}"', "")
            for asked in (query["location"], query["activation"]):
                answer = answer.replace(str(asked), "")  # an address that a page repeats tells nothing
            assert customer not in answer, str(call)
            assert f">{number}<" not in answer, str(call)


def url_of(app: Flask, rule: Any, values: dict[str, Any]) -> str:
    known = {name: (PLAIN | values)[name] for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, known, method="GET")


def badge(client: FlaskClient) -> str:
    menu = client.get("/help").text
    _, _, rest = menu.partition('href="/problems"')
    return rest.partition("</a>")[0]


def test_numbers_count_only_what_is_hers(build: Build, house: House, login: Login) -> None:
    for objects in (house.here, house.there):
        vehicle = build.session.get_one(Vehicle, objects["vehicle_id"])
        vehicle.problems = [
            {"code": "price-missing", "field": "price", "text": "Preis fehlt", "who": "dealer"}
        ]
    build.session.commit()
    alice = build.alice(house.dealer)
    assert ">2<" in badge(login(alice))
    assert ">1<" in badge(login(house.dora))
    problems = login(house.dora).get("/problems").text
    assert "1 Fahrzeug" in problems
    assert "2 Fahrzeuge" not in problems


@pytest.mark.parametrize("state", [ActivationState.STOPPED, ActivationState.LOCKED])
def test_what_stands_still_at_the_other_location_is_none_of_her_business(
    state: ActivationState, build: Build, session: Session, house: House, login: Login
) -> None:
    alice, dora = login(build.alice(house.dealer)), login(house.dora)
    before = badge(dora)
    activation = session.get_one(Activation, house.there["activation_id"])
    activation.state, activation.stop_cause = state, "credentials"
    numbers = dict.fromkeys(NUMBERS, 8)
    build._add(Lock(activation_id=activation.id, rule=LockRule.DELETIONS, **numbers))
    assert activation.customer_number in alice.get("/problems").text
    assert activation.customer_number not in dora.get("/problems").text
    assert badge(dora) == before
    assert badge(alice) != before


@pytest.mark.parametrize(
    "trouble", [{"last_result": "failed"}, {"vanished_at": datetime(2026, 3, 2, tzinfo=UTC)}]
)
def test_listings_in_trouble_at_the_other_location_are_not_counted(
    trouble: dict[str, Any], build: Build, session: Session, house: House, login: Login
) -> None:
    alice, dora = login(build.alice(house.dealer)), login(house.dora)
    before = badge(dora)
    there = Listing.activation_id == house.there["activation_id"]
    session.execute(update(Listing).where(there).values(**trouble))
    session.commit()
    assert badge(dora) == before
    assert badge(alice) != before


def test_a_vehicle_that_moved_here_does_not_tell_where_it_was_offered(
    build: Build, session: Session, house: House, login: Login
) -> None:
    vehicle = session.get_one(Vehicle, house.here["vehicle_id"])
    there = session.get_one(Activation, house.there["activation_id"])
    build.transfer(vehicle, there, state="ok", action="delete")
    page = f"/vehicles/{vehicle.id}/history"
    assert there.customer_number in login(build.alice(house.dealer)).get(page).text
    assert there.customer_number not in login(house.dora).get(page).text


@pytest.mark.parametrize("scope", [{}, {"scope": "page"}, {"scope": "all", "confirmed": "1"}])
def test_vehicles_of_the_other_location_cannot_be_picked(
    scope: dict[str, str], session: Session, house: House, login: Login
) -> None:
    name = "shown" if scope else "vehicle"
    there = str(house.there["vehicle_id"])
    login(house.dora).post("/vehicles/take-back", data={name: there, **scope})
    session.expire_all()
    assert session.get_one(Vehicle, house.there["vehicle_id"]).online


def test_rights_over_the_whole_house_rest_while_a_user_is_limited(house: House, login: Login) -> None:
    client = login(house.dora)
    page = client.get("/").text
    assert client.get("/settings/export").status_code == 403
    assert client.get("/settings/users").status_code == 403
    assert 'href="/settings/notifications"' in page
    assert 'href="/settings/export"' not in page


@pytest.mark.parametrize(("path", "shown"), [("/", 1), ("/apps", 1), ("/vehicles", 0)])
def test_a_list_is_narrowed_to_a_location_by_its_address(
    path: str, shown: int, build: Build, house: House, login: Login
) -> None:
    client = login(build.alice(house.dealer))
    kind = ("vehicle_id", "activation_id")[shown]
    here, there = (f'href="/{("vehicles", "apps")[shown]}/{objects[kind]}' for objects in house.both)
    whole, part = client.get(path).text, client.get(f"{path}?location={house.bremen.id}").text
    assert here in whole
    assert there in whole
    assert here in part
    assert there not in part
    for other in ("/", "/apps", "/vehicles"):
        assert f'href="{other}?location={house.bremen.id}"' in part


@pytest.mark.parametrize("location", ["", "no-id", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_location_narrows_nothing(location: str, build: Build, house: House, login: Login) -> None:
    client = login(build.alice(house.dealer))
    page = client.get("/apps", query_string={"location": location}).text
    assert str(house.there["activation_id"]) in page
    assert str(house.here["activation_id"]) in page


def test_who_has_one_location_is_offered_no_other(build: Build, house: House, login: Login) -> None:
    assert "Standort: alle" in login(build.alice(house.dealer)).get("/").text
    assert "Standort: " not in login(house.dora).get("/").text


def test_a_limited_user_gets_no_right_over_the_whole_house(
    build: Build, house: House, session: Session, login: Login
) -> None:
    form = {
        "login": "eve",
        "name": "Eve",
        "email": "eve@example.org",
        "rights": ["view", "settings"],
        "scope": "some",
        "locations": str(house.bremen.id),
    }
    alice = login(build.alice(house.dealer))
    refused = alice.post("/settings/users/new", data=form)
    assert refused.status_code == 422
    assert "betreffen alle Standorte" in refused.text
    assert alice.post("/settings/users/new", data=form | {"scope": "all"}).status_code == 303


def test_whoever_is_limited_loses_what_he_was_told_of_other_locations(
    build: Build, house: House, session: Session, login: Login
) -> None:
    bob = build.user("bob-now-limited", house.dealer, rights=("view",), email="bob@example.org")
    for objects in house.both:
        problem = build._add(
            Problem(
                dealer_id=house.dealer.id, activation_id=objects["activation_id"], kind=ProblemKind.STOPPED
            )
        )
        build._add(Notification(user_id=bob.id, problem_id=problem.id, kind="stopped", title=str(problem.id)))
        last = problem
    form = {"name": "Bob", "email": bob.email, "rights": "view", "scope": "some"}
    alice = login(build.alice(house.dealer))
    saved = alice.post(f"/settings/users/{bob.id}", data=form | {"locations": str(house.bremen.id)})
    assert saved.status_code == 303
    session.expire_all()
    [kept] = session.scalars(select(Notification))
    assert kept.problem_id != last.id
