"""Filling in what one cause lacks, many vehicles at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation, AuditEvent, Dealer, Transfer, Vehicle
from tests.builders import Build
from tests.conftest import count_queries

Login = Callable[..., FlaskClient]
PAGE = "/problems/fix"
POWER = {"code": "missing", "text": "Leistung fehlt.", "field": "power", "who": "dealer"}
CAUSE = {"source": "preflight", "code": "missing", "field": "power"}


def lacking(build: Build, dealer: Dealer, activation: Activation) -> Vehicle:
    row: Vehicle = build.vehicle(dealer, power=None)
    build.release(row, activation, problems=[POWER])
    return row


def filled(values: dict[Vehicle, str], base: str = "") -> dict[str, object]:
    form: dict[str, object] = {**CAUSE, "vehicle": [str(row.id) for row in values]}
    for row, value in values.items():
        form |= {f"base-{row.id}": base, f"value-{row.id}": value}
    return form


def power(session: Session, row: Vehicle) -> object:
    session.expire_all()
    return session.get_one(Vehicle, row.id).facts().power


def test_the_group_leads_to_a_table_of_its_vehicles(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    wanted, fine = lacking(build, dealer, activation), build.vehicle(dealer)
    page = alice.get("/problems").text
    assert "/problems/fix?source=preflight&amp;code=missing&amp;field=power" in page
    table = alice.get(PAGE, query_string=CAUSE).text
    assert f'name="value-{wanted.id}"' in table
    assert str(fine.id) not in table


def test_all_that_was_typed_is_saved_and_sent(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation, session: Session
) -> None:
    first, second, untouched = (lacking(build, dealer, activation) for _ in range(3))
    form = filled({first: "81", second: "110", untouched: ""})
    answer = alice.post(PAGE, data=form, follow_redirects=True)
    assert "2 Fahrzeuge sind gespeichert" in answer.text
    assert (power(session, first), power(session, second), power(session, untouched)) == (81, 110, None)
    assert set(session.scalars(select(Transfer.vehicle_id))) == {first.id, second.id}
    noted = session.scalars(select(AuditEvent).where(AuditEvent.what == "vehicle.changed")).all()
    assert {event.object_id for event in noted} == {first.id, second.id}
    assert all("power" in event.detail for event in noted)


def test_what_cannot_be_read_is_asked_again_and_the_rest_is_saved(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation, session: Session
) -> None:
    good, bad = (lacking(build, dealer, activation) for _ in range(2))
    answer = alice.post(PAGE, data=filled({good: "81", bad: "viel"}))
    assert answer.status_code == 422
    assert 'value="viel"' in answer.text
    assert f"#value-{bad.id}" in answer.text
    assert f"#value-{good.id}" not in answer.text
    assert (power(session, good), power(session, bad)) == (81, None)


def test_what_a_colleague_typed_meanwhile_stays(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation, session: Session
) -> None:
    row = lacking(build, dealer, activation)
    alice.post(PAGE, data=filled({row: "81"}))
    answer = alice.post(PAGE, data=filled({row: "110"}))
    assert "Inzwischen eingetragen: 81" in answer.text
    assert power(session, row) == 81
    assert alice.post(PAGE, data=filled({row: "110"}, base="81")).status_code == 303
    assert power(session, row) == 110


def test_a_vehicle_that_was_sold_meanwhile_stops_nobody(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation, session: Session
) -> None:
    sold, here = (lacking(build, dealer, activation) for _ in range(2))
    sold.withdrawn_at = datetime.now(UTC)
    session.commit()
    answer = alice.post(PAGE, data=filled({sold: "81", here: "81"}), follow_redirects=True)
    assert "1 Fahrzeug ist gespeichert" in answer.text
    assert (power(session, sold), power(session, here)) == (None, 81)


def test_strangers_and_colleagues_without_the_right_change_nothing(
    build: Build, dealer: Dealer, activation: Activation, login: Login, session: Session
) -> None:
    row = lacking(build, dealer, activation)
    bob, charlie = login(build.bob(dealer)), login(build.charlie())
    assert bob.post(PAGE, data=filled({row: "81"})).status_code == 403
    assert "/problems/fix" not in bob.get("/problems").text
    assert "Alle speichern" not in bob.get(PAGE, query_string=CAUSE).text
    charlie.post(PAGE, data=filled({row: "81"}))
    assert row.offer_number not in charlie.get(PAGE, query_string=CAUSE).text
    assert power(session, row) is None


def test_only_a_field_with_one_value_is_filled_in_here(alice: FlaskClient) -> None:
    for field in ("", "description", "offer_number", "equipment.features", "nonsense"):
        assert alice.get(PAGE, query_string=CAUSE | {"field": field}).location == "/problems"
        assert alice.post(PAGE, data=CAUSE | {"field": field}).location == "/problems"
    assert alice.get(PAGE, query_string=CAUSE | {"source": "vanished"}).location == "/problems"


def test_a_refused_value_is_changed_and_not_sent_again_as_it_is(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    row = build.vehicle(dealer)
    build.release(row, activation)
    build.not_taken(row, activation, POWER)
    page = alice.get("/problems").text
    assert "Beheben" in page
    assert "rneut senden" not in page
    table = alice.get(PAGE, query_string=CAUSE | {"source": "rejected"}).text
    assert f'name="value-{row.id}" value="{row.facts().power}"' in table


def test_the_table_needs_a_fixed_number_of_queries(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    lacking(build, dealer, activation)
    alice.get(PAGE, query_string=CAUSE)
    with count_queries() as few:
        alice.get(PAGE, query_string=CAUSE)
    for _ in range(10):
        lacking(build, dealer, activation)
    with count_queries() as many:
        alice.get(PAGE, query_string=CAUSE)
    assert len(many) == len(few) <= 6


def test_models_are_assigned_on_their_own_page(
    alice: FlaskClient, build: Build, dealer: Dealer, activation: Activation
) -> None:
    other = {"code": "model-other", "text": "Modell unbekannt.", "field": "model", "who": "dealer"}
    build.release(build.vehicle(dealer), activation, problems=[other])
    page = alice.get("/problems").text
    assert "/problems/models" in page
    assert "/problems/fix" not in page
