"""The first page after the login."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, insert

from portal.blueprints.overview.cards import load
from portal.models import Activation, Dealer, Transfer, User
from portal.models.exports import ActivationState, ListingState, TransferState
from portal.platforms.contract import StopCause
from portal.security.realm import Realm
from portal.web.i18n import TIMEZONE
from tests.builders import Build
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]
PROBLEM: list[dict[str, Any]] = [{"code": "price", "text": "Preis fehlt."}]
QUERIES = 7
"""Login, number of problems, activations, transfers per day, any vehicle at all."""


def overview(build: Build, login: Login, dealer: Dealer) -> str:
    return login(build.alice(dealer)).get("/").text


def cards(page: str) -> list[str]:
    return page.split("<article")[1:]


def a_stock(build: Build, dealer: Dealer, activation: Activation, online: int, offline: int = 0) -> None:
    for number in range(online + offline):
        vehicle = build.vehicle(dealer)
        build.release(vehicle, activation)
        if number < online:
            build.listing(vehicle, activation)


def test_without_vehicles_it_leads_to_the_import(build: Build, alices: Dealer, login: Login) -> None:
    page = overview(build, login, alices)
    assert "Noch keine Fahrzeuge" in page
    assert 'href="/vehicles/import"' in page


def test_without_apps_it_leads_to_the_app_store(build: Build, alices: Dealer, login: Login) -> None:
    build.vehicle(alices)
    page = overview(build, login, alices)
    assert "Noch keine App aktiviert" in page
    assert "Noch keine Fahrzeuge" not in page


def test_a_card_compares_online_with_released(build: Build, alices: Dealer, login: Login) -> None:
    activation = build.activation(alices)
    a_stock(build, alices, activation, online=3, offline=2)
    (card,) = cards(overview(build, login, alices))
    assert ">3</div>" in card
    assert "von 5 online" in card
    assert f'href="/apps/{activation.id}"' in card


def test_only_what_should_be_online_counts_as_released(build: Build, alices: Dealer, login: Login) -> None:
    activation = build.activation(alices)
    build.release(build.vehicle(alices), activation)
    build.release(build.vehicle(alices), activation, released=False)
    build.release(build.vehicle(alices, online=False), activation)
    withdrawn = build.vehicle(alices)
    withdrawn.withdrawn_at = datetime.now(UTC)
    build.release(withdrawn, activation)
    build.listing(withdrawn, activation, state=ListingState.ABSENT)
    (card,) = cards(overview(build, login, alices))
    assert "von 1 online" in card
    assert ">0</div>" in card


def test_drafts_and_ended_apps_have_no_card(build: Build, alices: Dealer, login: Login) -> None:
    build.activation(alices, state=ActivationState.DRAFT)
    build.activation(alices, state=ActivationState.DEACTIVATED)
    assert cards(overview(build, login, alices)) == []


def test_another_dealers_apps_are_not_shown(build: Build, alices: Dealer, login: Login) -> None:
    build.activation(alices)
    assert cards(login(build.charlie()).get("/").text) == []


def test_bars_count_the_last_five_days(build: Build, alices: Dealer, login: Login) -> None:
    activation, vehicle = build.activation(alices), build.vehicle(alices)
    noon = datetime.now(UTC).replace(hour=11, minute=0)
    for back, state in [
        (1, TransferState.OK),
        (1, TransferState.WARNING),
        (1, TransferState.REJECTED),
        (2, TransferState.FAILED),
        (2, TransferState.DISCARDED),
        (6, TransferState.OK),
    ]:
        build.transfer(vehicle, activation, state=state, finished_at=noon - timedelta(days=back))
    (card,) = cards(overview(build, login, alices))
    yesterday, before, earlier = (f"{noon - timedelta(days=back):%d.%m.%Y}" for back in (1, 2, 6))
    assert f"<title>{yesterday}: 2 gesendet, 1 abgelehnt</title>" in card
    assert f"<title>{before}: 0 gesendet, 1 abgelehnt</title>" in card
    assert card.count("<title>") == 5
    assert earlier not in card


def test_a_day_is_a_german_day(build: Build, alices: Dealer, login: Login) -> None:
    """22:30 UTC is the next day in Germany, in winter and in summer."""
    activation, vehicle = build.activation(alices), build.vehicle(alices)
    late = (datetime.now(UTC) - timedelta(days=3)).replace(hour=23, minute=30)
    build.transfer(vehicle, activation, state=TransferState.OK, finished_at=late)
    (card,) = cards(overview(build, login, alices))
    assert f"<title>{late + timedelta(days=1):%d.%m.%Y}: 1 gesendet, 0 abgelehnt</title>" in card


@pytest.mark.parametrize(
    ("last_sunday", "begins", "ends"),
    [
        ("2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),
        ("2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
    ],
)
def test_a_german_day_has_23_or_25_hours_when_the_clocks_change(
    build: Build, alices: Dealer, last_sunday: str, begins: str, ends: str
) -> None:
    activation, vehicle = build.activation(alices), build.vehicle(alices)
    begin, end, moment = datetime.fromisoformat(begins), datetime.fromisoformat(ends), timedelta(seconds=1)
    for at in (begin - moment, begin, end - moment, end):
        build.transfer(vehicle, activation, state=TransferState.OK, finished_at=at)
    (card,) = load(build.session, Realm(alices.id), end + timedelta(days=1))
    assert {str(day.day): day.sent for day in card.days if day.sent} == {
        str((begin - moment).astimezone(ZoneInfo(TIMEZONE)).date()): 1,
        last_sunday: 2,
        str(end.astimezone(ZoneInfo(TIMEZONE)).date()): 1,
    }


def test_the_bars_read_an_index_alone(build: Build, alices: Dealer) -> None:
    """Rows of transfers are large: counting them must not fetch them."""
    activation, vehicle = build.activation(alices), build.vehicle(alices)
    moments = [datetime.now(UTC) - timedelta(hours=hours) for hours in range(1000)]
    build.session.execute(
        insert(Transfer),
        [
            {
                "activation_id": activation.id,
                "vehicle_id": vehicle.id,
                "location_id": vehicle.location_id,
                "state": TransferState.OK,
                "finished_at": moment,
            }
            for moment in moments
        ],
    )
    connection = build.session.connection()
    connection.exec_driver_sql("ANALYZE transfer")
    sent: list[tuple[str, Any]] = []
    event.listen(connection, "before_cursor_execute", lambda *told: sent.append((told[2], told[3])))
    load(build.session, Realm(alices.id), datetime.now(UTC))
    ((statement, values),) = [told for told in sent if " AS days " in told[0]]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars().all()
    reading = [line for line in plan if " on transfer" in line]
    assert len(reading) == 4
    assert all("Index Only Scan using ix_transfer_results" in line for line in reading), reading


def test_a_stopped_app_comes_first_with_its_cause(build: Build, alices: Dealer, login: Login) -> None:
    build.activation(alices, customer_number="1")
    stopped = datetime.now(UTC) - timedelta(days=2)
    build.activation(
        alices,
        customer_number="2",
        state=ActivationState.STOPPED,
        stop_cause=StopCause.NOT_LINKED,
        stopped_at=stopped,
    )
    page = overview(build, login, alices)
    first, second = cards(page)
    assert "Kd-Nr. 2" in first
    assert "angehalten" in first
    assert "Ursache ansehen" in first
    assert "aktiv" in second
    assert f"mobile.de ist seit {stopped:%d.%m.%Y}" in page
    assert page.count("bei der Plattform nicht eingetragen") == 2


def test_it_says_how_many_vehicles_have_problems(build: Build, alices: Dealer, login: Login) -> None:
    activation = build.activation(alices)
    for _ in range(2):
        build.release(build.vehicle(alices), activation, problems=PROBLEM)
    page = overview(build, login, alices)
    assert "2 Fahrzeuge sind nicht überall oder nicht mit ihrem neuesten Stand online." in page
    assert 'title="Offene Punkte">2</span>' in page


def test_it_says_what_was_rejected_today(build: Build, alices: Dealer, login: Login) -> None:
    activation, vehicle = build.activation(alices), build.vehicle(alices)
    now = datetime.now(UTC)
    for hours in (1, 23, 25):
        build.transfer(
            vehicle, activation, state=TransferState.REJECTED, finished_at=now - timedelta(hours=hours)
        )
    assert "wurden 2 Übertragungen abgelehnt" in overview(build, login, alices)


def test_three_sentences_are_enough(build: Build, alices: Dealer, login: Login) -> None:
    for number in range(4):
        build.activation(
            alices, customer_number=str(number), state=ActivationState.STOPPED, stopped_at=datetime.now(UTC)
        )
    assert overview(build, login, alices).count(' sentence">') == 3


def test_a_good_day_is_called_one(build: Build, alices: Dealer, login: Login) -> None:
    activation, vehicle = build.activation(alices), build.vehicle(alices)
    build.transfer(vehicle, activation, state=TransferState.OK, finished_at=datetime.now(UTC))
    page = overview(build, login, alices)
    assert "Alles in Ordnung. Übertragungen in den letzten 24 Stunden: 1." in page


def test_a_day_on_which_something_is_not_online_is_not_called_good(
    build: Build, alices: Dealer, login: Login
) -> None:
    activation = build.activation(alices)
    a_stock(build, alices, activation, online=1, offline=5)
    page = overview(build, login, alices)
    assert "Alles in Ordnung" not in page
    assert "Bei mobile.de sind 5 freigegebene Fahrzeuge noch nicht online." in page


def test_a_refusal_is_not_said_twice(build: Build, alices: Dealer, login: Login) -> None:
    activation, vehicle = build.activation(alices), build.vehicle(alices)
    build.release(vehicle, activation, problems=PROBLEM)
    build.transfer(vehicle, activation, state=TransferState.REJECTED, finished_at=datetime.now(UTC))
    page = overview(build, login, alices)
    assert "1 Fahrzeug ist nicht überall oder nicht mit seinem neuesten Stand online." in page
    assert "wurde 1 Übertragung abgelehnt" not in page


def test_an_open_overview_looks_again(build: Build, alices: Dealer, login: Login) -> None:
    build.activation(alices)
    page = overview(build, login, alices)
    assert 'id="overview" hx-get="/" hx-trigger="every 15s, live" data-live="app vehicle"' in page


@pytest.mark.parametrize("size", [0, 1, 6])
def test_queries_do_not_grow(build: Build, alices: Dealer, login: Login, size: int) -> None:
    for number in range(size):
        activation = build.activation(alices, customer_number=str(number))
        a_stock(build, alices, activation, online=number, offline=1)
    client = login(build.alice(alices))
    with count_queries() as sent:
        assert client.get("/").status_code == 200
    assert len(sent) == QUERIES
