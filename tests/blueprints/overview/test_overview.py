"""The first page after the login."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.blueprints.overview.cards import load
from portal.calendar import BERLIN
from portal.models import Activation, ActivationDay, Dealer, User
from portal.models.exports import ActivationState, ListingState, TransferState
from portal.models.realm import Realm
from portal.platforms.contract import StopCause
from tests.builders import Build
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]
PROBLEM: list[dict[str, Any]] = [{"code": "price", "text": "Preis fehlt."}]
QUERIES = 8
"""Login, number of problems, activations, results per day, any vehicle at all, and three of the day."""
WITHOUT_APPS = 6
"""Without the day of the apps."""


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
    assert ">3</strong>" in card
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
    assert ">0</strong>" in card


def test_drafts_and_ended_apps_have_no_card(build: Build, alices: Dealer, login: Login) -> None:
    build.activation(alices, state=ActivationState.DRAFT)
    build.activation(alices, state=ActivationState.DEACTIVATED)
    assert cards(overview(build, login, alices)) == []


def test_another_dealers_apps_are_not_shown(build: Build, alices: Dealer, login: Login) -> None:
    build.activation(alices)
    assert cards(login(build.charlie()).get("/").text) == []


def test_the_sparkline_counts_thirty_days(build: Build, alices: Dealer, login: Login) -> None:
    activation, vehicle = build.activation(alices), build.vehicle(alices)
    now = datetime.now(UTC)
    for hours, state in [(0, TransferState.OK), (0, TransferState.WARNING), (0, TransferState.REJECTED)]:
        build.transfer(vehicle, activation, state=state, finished_at=now - timedelta(hours=hours))
    today = now.astimezone(BERLIN).date()
    for back, sent, rejected in ((29, 100, 7), (30, 1000, 0)):
        day = today - timedelta(days=back)
        build.session.add(ActivationDay(activation_id=activation.id, day=day, sent=sent, rejected=rejected))
    build.session.commit()
    (card,) = cards(overview(build, login, alices))
    assert f"<title>{today:%d.%m.%Y}: 2 übertragen, 1 abgelehnt</title>" in card
    assert f"<title>{today - timedelta(days=29):%d.%m.%Y}: 100 übertragen, 7 abgelehnt</title>" in card
    assert 'aria-label="30 Tage: 102 übertragen, 8 abgelehnt"' in card
    assert card.count("<title>") == 2


def test_the_bar_shows_what_is_online_what_waits_and_what_is_blocked(
    build: Build, alices: Dealer, login: Login
) -> None:
    activation = build.activation(alices, state=ActivationState.STOPPED, stopped_at=datetime.now(UTC))
    a_stock(build, alices, activation, online=2, offline=1)
    build.release(build.vehicle(alices), activation, problems=PROBLEM)
    refused = build.vehicle(alices)
    build.release(refused, activation)
    build.not_taken(refused, activation)
    (card,) = load(build.session, Realm(alices.id), datetime.now(UTC))
    assert (card.released, card.present, card.coming, card.blocked) == (5, 2, 1, 2)
    page = overview(build, login, alices)
    assert "1 warten" in page
    assert "2 blockiert" in page
    assert re.findall(r'class="chart-(sent|held|rejected)" x="([\d.]+)" width="([\d.]+)"', page) == [
        ("sent", "0.0", "120.0"),
        ("held", "120.0", "60.0"),
        ("rejected", "180.0", "120.0"),
    ]


def test_an_online_vehicle_with_a_fault_is_not_counted_as_blocked(build: Build, alices: Dealer) -> None:
    activation, vehicle = build.activation(alices), build.vehicle(alices)
    build.release(vehicle, activation, problems=PROBLEM)
    build.listing(vehicle, activation)
    (card,) = load(build.session, Realm(alices.id), datetime.now(UTC))
    assert (card.present, card.blocked) == (1, 0)


def test_the_next_action_stands_there_with_its_time(build: Build, alices: Dealer, login: Login) -> None:
    due = datetime.now(UTC) + timedelta(minutes=1)
    build.activation(alices, next_check_at=due)
    (card,) = cards(overview(build, login, alices))
    clock = f"{due.astimezone(BERLIN):%H:%M}"
    assert re.search(rf"Bestand prüfen</dt>\s*<dd><time [^>]*>[^<]*{clock}</time>", card)


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
    assert f"mobile.de ist seit {stopped.astimezone(BERLIN):%d.%m.%Y}" in page
    assert page.count("bei der Plattform nicht eingetragen") == 1


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
            alices,
            customer_number=str(number),
            state=ActivationState.STOPPED,
            stop_cause=StopCause.CREDENTIALS,
            stopped_at=datetime.now(UTC),
        )
    page = overview(build, login, alices)
    assert page.count(' sentence">') == 3
    assert page.count("Die Plattform nimmt die Zugangsdaten nicht an.") == 4
    assert cards(page)[3].count("Die Plattform nimmt die Zugangsdaten nicht an.") == 1


def test_alerts_are_graded(build: Build, alices: Dealer, login: Login) -> None:
    """Red stands still, yellow waits for the dealer, blue is for information."""
    now = datetime.now(UTC)
    build.activation(alices, customer_number="1", state=ActivationState.STOPPED, stopped_at=now)
    running = build.activation(alices, customer_number="2", failing_since=now)
    build.release(build.vehicle(alices), running, problems=PROBLEM)
    page = overview(build, login, alices)
    assert re.findall(r'alert-(\w+) sentence"', page) == ["danger", "warning", "info"]


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
    assert len(sent) == (QUERIES if size else WITHOUT_APPS)
