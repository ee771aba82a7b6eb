"""Changes by hand: one row, its problems, and what is noted for the engine."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.calendar import today
from portal.models import Location, Publication, Transfer, Vehicle
from portal.vehicle_facts.data import Kind, Prices
from portal.vehicles.readiness import check
from portal.vehicles.stock import Merge, create_vehicle, merge, save_vehicle, withdraw
from tests.builders import Build, fresh, golf


def noted(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Transfer)) or 0


def test_a_new_vehicle_is_in_stock_from_today_and_released(build: Build, session: Session) -> None:
    dealer = build.dealer()
    build.activation(dealer, settings={"kinds": {"used": 0}})
    vehicle = create_vehicle(session, dealer, dealer.locations[0], golf())
    session.commit()
    assert (vehicle.online, vehicle.facts().stock_date, vehicle.problems) == (True, today(), [])
    assert session.scalars(select(Publication.released)).all() == [True]
    assert noted(session) == 1


def test_two_vehicles_cannot_have_one_number(build: Build, session: Session) -> None:
    dealer = build.dealer()
    create_vehicle(session, dealer, dealer.locations[0], golf(offer_number="A1"))
    with pytest.raises(IntegrityError):
        create_vehicle(session, dealer, dealer.locations[0], golf(offer_number="A1"))


def test_saving_what_is_there_already_notes_nothing(build: Build, session: Session) -> None:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer)
    build.release(vehicle, build.activation(dealer))
    assert not save_vehicle(session, vehicle, vehicle.facts())
    assert noted(session) == 0


def test_saving_changes_row_problems_and_queue(build: Build, session: Session) -> None:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer)
    build.release(vehicle, build.activation(dealer))
    before = vehicle.updated_at
    assert save_vehicle(session, vehicle, vehicle.facts().model_copy(update={"make": ""}))
    session.commit()
    stored = fresh(session, Vehicle, vehicle.id)
    assert (stored.make, [problem["field"] for problem in stored.problems]) == (None, ["make"])
    assert stored.updated_at > before
    assert noted(session) == 1


def test_moving_ends_it_here_and_releases_it_there(build: Build, session: Session) -> None:
    dealer = build.dealer()
    there = Location(dealer_id=dealer.id, code="Z", name="Zwickau")
    session.add(there)
    session.commit()
    vehicle = build.vehicle(dealer)
    build.release(vehicle, build.activation(dealer))
    build.activation(dealer, customer_number="2", location_id=there.id, settings={"kinds": {"used": 0}})
    assert save_vehicle(session, vehicle, vehicle.facts(), location=there)
    session.commit()
    assert noted(session) == 2
    assert not save_vehicle(session, vehicle, vehicle.facts(), location=there)


def test_withdrawing_frees_the_number_and_is_noted(build: Build, session: Session) -> None:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer, offer_number="A1")
    build.release(vehicle, build.activation(dealer))
    assert withdraw(session, dealer.id, [vehicle.id]) == 1
    assert withdraw(session, dealer.id, [vehicle.id]) == 0
    assert noted(session) == 1
    create_vehicle(session, dealer, dealer.locations[0], golf(offer_number="A1"))
    session.commit()


def test_another_dealers_vehicle_is_not_withdrawn(build: Build, session: Session) -> None:
    vehicle = build.vehicle(build.dealer("Autohaus Charlie"))
    assert withdraw(session, build.dealer().id, [vehicle.id]) == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"make": ""}, "make"),
        ({"model": ""}, "model"),
        ({"prices": Prices()}, "prices.selling"),
        ({"prices": Prices(selling=Decimal(0))}, "prices.selling"),
        ({"first_registration": None}, "first_registration"),
    ],
)
def test_what_makes_a_vehicle_red(changed: dict[str, object], field: str) -> None:
    (reason,) = check(golf(**changed))
    assert reason.field == field


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"prices": Prices(on_request=True)},
        {"kind": Kind.NEW, "first_registration": None},
        {"fuel": None, "gearbox": None, "damaged": None, "body_type": None},
        {"first_registration": "2035-01"},
    ],
)
def test_what_is_a_single_platforms_affair_is_not_red(changed: dict[str, object]) -> None:
    assert check(golf(**changed)) == ()


# The merge of two people's changes, over every way in which two fields can differ.


KEPT, CONFLICT = "kept", "conflict"
CASES = {
    # base, stored, typed: merged and what is said about it
    "aaa": ("a", ""),
    "aab": ("b", ""),
    "aba": ("b", KEPT),
    "abb": ("b", ""),
    "abc": ("c", CONFLICT),
}


def pattern(values: tuple[str, ...]) -> str:
    """`bba` as `aab`: which of the values are the same."""
    names: dict[str, str] = {}
    return "".join(names.setdefault(value, "abc"[len(names)]) for value in values)


def expected(values: tuple[str, ...]) -> tuple[str, str]:
    letter, said = CASES[pattern(values)]
    return values[pattern(values).index(letter)], said


@pytest.mark.parametrize("values", list(product("xyz", repeat=3)), ids="".join)
def test_a_field_that_only_one_side_changed_is_taken_from_there(values: tuple[str, str, str]) -> None:
    base, stored, typed = values
    merged, said = expected(values)
    assert merge({"n": base}, {"n": stored}, {"n": typed}) == Merge(
        {"n": merged}, ("n",) if said == CONFLICT else (), ("n",) if said == KEPT else ()
    )


def test_every_field_is_merged_on_its_own() -> None:
    for one, two in product(product("xyz", repeat=3), repeat=2):
        base, stored, typed = ({"prices.selling": a, "mileage": b} for a, b in zip(one, two, strict=True))
        found = merge(base, stored, typed)
        outcomes = {"prices.selling": expected(one), "mileage": expected(two)}
        assert found.merged == {name: merged for name, (merged, _said) in outcomes.items()}
        assert found.conflicts == tuple(name for name, (_, said) in outcomes.items() if said == CONFLICT)
        assert found.kept == tuple(name for name, (_, said) in outcomes.items() if said == KEPT)


def test_an_empty_value_is_a_value() -> None:
    assert merge({"vin": "a"}, {"vin": "a"}, {"vin": ""}).merged == {"vin": ""}
    assert merge({"vin": "a"}, {"vin": ""}, {"vin": "a"}).merged == {"vin": ""}
    assert merge({"vin": "a"}, {"vin": ""}, {"vin": "b"}).conflicts == ("vin",)


@pytest.mark.parametrize(
    ("base", "stored", "typed", "merged"),
    [("Aa", "aa", "AA", "aa"), ("a", "b", "A", "b"), ("a", "A", "b", "b"), ("a", "b", "B", "B")],
)
def test_what_means_the_same_is_no_change(base: str, stored: str, typed: str, merged: str) -> None:
    def alike(name: str, one: str, other: str) -> bool:
        assert name == "n"
        return one.lower() == other.lower()

    found = merge({"n": base}, {"n": stored}, {"n": typed}, alike)
    assert (found.merged, found.conflicts) == ({"n": merged}, ())
