"""A model that a platform does not know: suggested once, assigned once, and known from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.planning.cases import load_cases, rules_of
from portal.models import Activation, Dealer, Transfer, Vehicle
from portal.models.realm import Realm
from portal.vehicles.known_models import (
    ModelSpelling,
    assign_models,
    find_known_models,
    find_open_models,
    forget_model,
    works_everywhere,
)
from tests.builders import Build, golf

SERIES = ModelSpelling("mobile-de", "BMW", "3er", "cabrio sport")
UNCLEAR = {"code": "model-other", "text": "Unter Andere.", "field": "model", "who": "dealer"}
SUGGESTED = UNCLEAR | {"options": [["b318", "318"], ["b320", "320"]]}


@pytest.fixture
def alices(build: Build) -> Dealer:
    return build.dealer()


@pytest.fixture
def market(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


Stand = Callable[..., Vehicle]


@pytest.fixture
def stand(build: Build, alices: Dealer, market: Activation) -> Stand:
    """A released 3er of which the platform knows no model."""

    def _stand(title: str = "Cabrio Sport", **columns: Any) -> Vehicle:
        vehicle = build.vehicle(alices, golf(make="BMW", model="3er", model_description=title))
        build.release(vehicle, market, **({"hints": [SUGGESTED]} | columns))
        return vehicle

    return _stand


def assigned(session: Session, activation: Activation, vehicle: Vehicle) -> str:
    rules = rules_of(activation.dealer)
    (case,) = load_cases(session, activation, rules, [vehicle.id])
    return case.subject.model


def test_vehicles_of_one_spelling_are_asked_about_once(
    session: Session, alices: Dealer, stand: Stand
) -> None:
    first, second, other = stand(), stand(" CABRIO, Sport"), stand("Kombi 318")
    found = find_open_models(session, Realm(alices.id))
    assert [(one.spelling.words, set(one.vehicle_ids)) for one in found] == [
        ("cabrio sport", {first.id, second.id}),
        ("kombi 318", {other.id}),
    ]
    assert [one.likely for one in found] == ["", "b318"]
    assert [one.spelling.words for one in find_open_models(session, Realm(alices.id), other.id)] == [
        "kombi 318"
    ]


def test_only_what_is_on_its_way_to_a_platform_is_asked_about(
    session: Session, alices: Dealer, stand: Stand
) -> None:
    stand(released=False)
    stand(hints=[UNCLEAR])
    stand(hints=[])
    offline = stand()
    offline.online = False
    session.commit()
    assert find_open_models(session, Realm(alices.id)) == []


def test_what_was_assigned_holds_for_every_vehicle_that_is_spelled_so(
    session: Session, alices: Dealer, market: Activation, stand: Stand
) -> None:
    before, other = stand(), stand("Kombi")
    concerned = assign_models(session, alices.id, {SERIES: ("b318", "318")})
    session.commit()
    imported_later = stand("cabrio SPORT!")
    assert list(concerned) == [before.id]
    assert [assigned(session, market, one) for one in (before, imported_later, other)] == ["b318", "b318", ""]
    assert [one.spelling.words for one in find_open_models(session, Realm(alices.id))] == ["kombi"]


def test_vehicles_concerned_are_planned_anew(
    session: Session, alices: Dealer, market: Activation, stand: Stand
) -> None:
    concerned, _other = stand(), stand("Kombi")
    assign_models(session, alices.id, {SERIES: ("b318", "318")})
    session.commit()
    assert list(session.scalars(select(Transfer.vehicle_id))) == [concerned.id]


def test_a_second_answer_replaces_the_first(
    session: Session, alices: Dealer, market: Activation, stand: Stand
) -> None:
    vehicle = stand()
    for key in ("b318", "b320"):
        assign_models(session, alices.id, {SERIES: (key, key)})
        session.commit()
    assert assigned(session, market, vehicle) == "b320"
    assert len(find_known_models(session, alices.id)) == 1


def test_taken_back_it_is_asked_about_again(
    session: Session, alices: Dealer, market: Activation, stand: Stand
) -> None:
    vehicle = stand()
    assign_models(session, alices.id, {SERIES: ("b318", "318")})
    session.commit()
    (known,) = find_known_models(session, alices.id)
    assert list(forget_model(session, known)) == [vehicle.id]
    session.commit()
    assert assigned(session, market, vehicle) == ""
    assert [one.spelling for one in find_open_models(session, Realm(alices.id))] == [SERIES]


def test_a_model_that_the_platform_lists_no_more_is_asked_for_anew(
    session: Session, alices: Dealer, stand: Stand
) -> None:
    stand()
    assign_models(session, alices.id, {SERIES: ("gone", "316")})
    session.commit()
    assert [one.spelling for one in find_open_models(session, Realm(alices.id))] == [SERIES]


def test_it_holds_for_this_dealer_and_this_platform_alone(
    session: Session, build: Build, alices: Dealer, market: Activation, stand: Stand
) -> None:
    mine = stand()
    charlies = build.dealer("Autohaus Charlie", "B")
    assign_models(session, charlies.id, {SERIES: ("b318", "318")})
    assign_models(
        session, alices.id, {ModelSpelling("autoscout24", *("BMW", "3er", "cabrio sport")): ("1", "318")}
    )
    session.commit()
    assert assigned(session, market, mine) == ""
    there = build.activation(alices, app="autoscout24", customer_number="2142000471")
    assert assigned(session, there, mine) == "1"


def test_a_name_that_is_not_listed_means_the_same_whatever_the_title(
    session: Session, build: Build, alices: Dealer, market: Activation
) -> None:
    assign_models(session, alices.id, {ModelSpelling("mobile-de", "VW", "Käfer"): ("beetle", "Beetle")})
    session.commit()
    vehicle = build.vehicle(alices, golf(model="Käfer", model_description="Oldtimer, TÜV neu"))
    assert assigned(session, market, vehicle) == "beetle"


def test_who_sees_some_locations_does_not_decide_for_all(
    session: Session, build: Build, alices: Dealer
) -> None:
    here = Realm(alices.id, (alices.locations[0].id,))
    assert works_everywhere(session, here)
    build.location(alices, "B")
    assert not works_everywhere(session, here)
    assert works_everywhere(session, Realm(alices.id))
