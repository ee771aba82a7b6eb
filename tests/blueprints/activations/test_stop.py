"""An app is stopped by hand: who may, what is said where, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.activations.stop import Until, goes_on_at
from portal.calendar import BERLIN
from portal.models import Activation, AuditEvent, Dealer, User
from portal.models.exports import ActivationState
from tests.builders import Build, fresh

Login = Callable[[User], FlaskClient]
SUNDAY_NIGHT = datetime(2026, 11, 29, 23, 30, tzinfo=BERLIN)


@pytest.fixture
def app_of_alice(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


def now_of(session: Session, activation: Activation) -> Activation:
    return fresh(session, Activation, activation.id)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (Until.BY_HAND, None),
        (Until.HOUR, datetime(2026, 11, 30, 0, 30, tzinfo=BERLIN)),
        (Until.TOMORROW, datetime(2026, 11, 30, 7, tzinfo=BERLIN)),
        (Until.MONDAY, datetime(2026, 11, 30, 7, tzinfo=BERLIN)),
    ],
)
def test_the_moment_at_which_it_goes_on_is_one_of_berlin(until: Until, expected: datetime | None) -> None:
    assert goes_on_at(until, SUNDAY_NIGHT.astimezone(UTC)) == expected


def test_next_monday_is_never_today() -> None:
    monday = SUNDAY_NIGHT + timedelta(days=1)
    assert goes_on_at(Until.MONDAY, monday) == datetime(2026, 12, 7, 7, tzinfo=BERLIN)


def test_it_is_stopped_at_once_and_every_page_says_so_without_alarm(
    alice: FlaskClient, app_of_alice: Activation, session: Session
) -> None:
    answer = alice.post(f"/apps/{app_of_alice.id}/stop", follow_redirects=True).text
    assert now_of(session, app_of_alice).state == ActivationState.STOPPED
    assert "Pausiert seit" in answer
    assert "alert-danger" not in answer
    overview = alice.get("/").text
    assert "pausiert. Änderungen warten." in overview
    assert "alert-danger" not in overview
    assert "ist pausiert" in alice.get("/problems").text
    assert "Pause ansehen" in alice.get("/apps").text
    assert "Übertragung pausiert" in alice.get(f"/apps/{app_of_alice.id}/access").text


def test_its_moment_can_be_chosen_afterwards(
    alice: FlaskClient, app_of_alice: Activation, session: Session
) -> None:
    alice.post(f"/apps/{app_of_alice.id}/stop")
    alice.post(f"/apps/{app_of_alice.id}/stop", data={"until": "hour"})
    stopped = now_of(session, app_of_alice)
    assert stopped.recheck_at > datetime.now(UTC) + timedelta(minutes=59)
    assert alice.post(f"/apps/{app_of_alice.id}/stop", data={"until": "never"}).status_code == 400


def test_it_goes_on_by_one_click_also_while_the_platform_cannot_be_asked(
    alice: FlaskClient, app_of_alice: Activation, session: Session
) -> None:
    alice.post(f"/apps/{app_of_alice.id}/stop")
    answer = alice.post(f"/apps/{app_of_alice.id}/resume", follow_redirects=True).text
    assert "Die Übertragung läuft wieder." in answer
    assert now_of(session, app_of_alice).state == ActivationState.ACTIVE
    noted = session.scalars(select(AuditEvent.what).order_by(AuditEvent.id)).all()
    assert noted[-2:] == ["activation.stopped_by_hand", "activation.resumed"]


def test_what_is_stopped_for_a_cause_keeps_it(
    alice: FlaskClient, build: Build, alices: Dealer, session: Session
) -> None:
    broken = build.activation(alices, state=ActivationState.STOPPED, stop_cause="credentials")
    answer = alice.post(f"/apps/{broken.id}/stop", follow_redirects=True).text
    assert "Hier wird schon nichts übertragen." in answer
    assert now_of(session, broken).stop_cause == "credentials"


def test_bob_may_not_charlie_finds_nothing_and_files_have_their_schedule(
    login: Login, alice: FlaskClient, build: Build, alices: Dealer, app_of_alice: Activation, session: Session
) -> None:
    assert login(build.bob(alices)).post(f"/apps/{app_of_alice.id}/stop").status_code == 403
    assert (
        "Pausieren"
        not in login(build.user("carol", alices, rights=("view",))).get(f"/apps/{app_of_alice.id}").text
    )
    assert login(build.charlie()).post(f"/apps/{app_of_alice.id}/stop").status_code == 404
    assert now_of(session, app_of_alice).state == ActivationState.ACTIVE
    of_files = build.activation(alices, app="mobile-de-csv", customer_number="file")
    assert alice.post(f"/apps/{of_files.id}/stop").status_code == 404
