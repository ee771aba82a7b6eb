"""Limits of a plan: refused with the reason, never silently."""

from __future__ import annotations

import threading

from sqlalchemy.orm import Session, sessionmaker

from portal.models import Dealer, User
from portal.models.exports import ActivationState
from portal.people import plan_limits
from tests.builders import Build
from tests.words import german


def test_without_limits_everything_goes(build: Build, session: Session, alices: Dealer) -> None:
    build.alice(alices)
    build.activation(alices)
    assert plan_limits.against_another_user(session, alices) == ""
    assert plan_limits.against_another_app(session, alices) == ""
    assert plan_limits.against_exporting(session, alices, 1) == ""


def test_locked_out_users_do_not_count(build: Build, session: Session, alices: Dealer) -> None:
    alices.max_users = 2
    build.alice(alices)
    build.user("former", alices, active=False)
    assert plan_limits.against_another_user(session, alices) == ""
    build.bob(alices)
    assert "2 Nutzer" in german(plan_limits.against_another_user(session, alices))


def test_only_live_apps_count(build: Build, session: Session, alices: Dealer) -> None:
    alices.max_active_apps = 1
    build.activation(alices, state=ActivationState.DEACTIVATED)
    assert plan_limits.against_another_app(session, alices) == ""
    build.activation(alices, state=ActivationState.LOCKED, customer_number="4711009")
    assert "1 aktive Apps" in german(plan_limits.against_another_app(session, alices))


def test_a_vehicle_exported_twice_counts_once(build: Build, session: Session, alices: Dealer) -> None:
    alices.max_exported_vehicles = 1
    vehicle = build.vehicle(alices)
    for number in ("4711001", "4711009"):
        build.release(vehicle, build.activation(alices, customer_number=number))
    assert plan_limits.against_exporting(session, alices, 0) == ""
    assert "1 exportierte" in german(plan_limits.against_exporting(session, alices, 1))
    alices.max_exported_vehicles = 2
    session.flush()
    assert plan_limits.against_exporting(session, alices, 1) == ""


def test_of_many_who_ask_for_the_last_place_one_gets_it(
    build: Build, session: Session, sessions: sessionmaker[Session], alices: Dealer
) -> None:
    """Whoever asks holds the dealer until the commit, so the next one counts what the first one took."""
    alices.max_users = 1
    session.commit()
    answers: list[str] = []

    def invite(number: int) -> None:
        with sessions.begin() as own:
            dealer = own.get_one(Dealer, alices.id)
            answers.append(complaint := plan_limits.against_another_user(own, dealer))
            if not complaint:
                own.add(User(login=f"new-{number}", dealer_id=dealer.id, password_hash="", rights=[]))

    threads = [threading.Thread(target=invite, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, answers)) == [False, True, True, True, True, True]
