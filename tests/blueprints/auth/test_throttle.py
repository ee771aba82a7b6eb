"""Guessing the password of one account: it waits where the guesses come from, and nowhere else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.models import LoginThrottle, Mail
from portal.web import throttle
from tests.builders import PASSWORD, Build
from tests.words import letter

WRONG = "wrong"


def guess(client: FlaskClient, login: str = "alice", password: str = WRONG) -> str:
    return client.post("/login", data={"login": login, "password": password}).text


def sleep(session: Session, period: timedelta) -> None:
    """Let this time pass for every counter."""
    session.execute(update(LoginThrottle).values(blocked_until=LoginThrottle.blocked_until - period))
    session.commit()


@pytest.mark.parametrize("login", ["alice", "nobody"])
def test_after_five_failures_even_the_right_password_waits(
    build: Build, client: FlaskClient, login: str
) -> None:
    build.alice(build.dealer())
    refused = [guess(client, login) for _ in range(5)]
    assert all("stimmt nicht" in text for text in refused)
    assert "Zu viele Versuche" in guess(client, login, PASSWORD)
    assert client.get("/help").status_code == 303


def test_after_the_pause_the_right_password_works(
    build: Build, session: Session, client: FlaskClient
) -> None:
    build.alice(build.dealer())
    for _ in range(5):
        guess(client)
    sleep(session, timedelta(minutes=5, seconds=1))
    assert "Zu viele Versuche" not in guess(client, password=PASSWORD)
    assert client.get("/help").status_code == 200
    assert session.scalars(select(LoginThrottle)).all() == []


def test_other_spellings_of_the_name_share_the_counter(build: Build, client: FlaskClient) -> None:
    for login in ("alice", "ALICE", " Alice ", "aLice", "alicE"):
        guess(client, login)
    assert "Zu viele Versuche" in guess(client)


def test_four_failures_and_a_success_start_anew(build: Build, client: FlaskClient) -> None:
    build.alice(build.dealer())
    for _ in range(2):
        for _ in range(4):
            guess(client)
        guess(client, password=PASSWORD)
        client.post("/logout")
    assert "stimmt nicht" in guess(client)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(1, 0), (4, 0), (5, 5), (6, 10), (7, 20), (8, 40), (9, 60), (10, 60), (9999, 60)],
)
def test_each_further_failure_doubles_the_pause_up_to_an_hour(failures: int, minutes: int) -> None:
    assert throttle.block_after(failures) == timedelta(minutes=minutes)


def test_the_pause_grows_with_each_failure_after_a_pause(
    build: Build, session: Session, client: FlaskClient
) -> None:
    for _ in range(5):
        guess(client)
    sleep(session, timedelta(minutes=6))
    guess(client)
    left = session.scalars(select(LoginThrottle.blocked_until)).one() - datetime.now(UTC)  # type: ignore[operator]
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)


def test_failures_are_forgotten_after_a_day(build: Build, session: Session, client: FlaskClient) -> None:
    for _ in range(4):
        guess(client)
    sleep(session, timedelta(days=1, minutes=1))
    guess(client, "someone else")
    assert session.scalars(select(LoginThrottle.login)).all() == ["someone else"]


def test_parallel_guesses_do_not_slip_past_the_counter(app: Flask) -> None:
    def attempt(_number: int) -> bool:
        with app.app_context():
            return throttle.admit("alice", "192.0.2.1")

    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(attempt, range(24)))
    assert admitted.count(True) == throttle.FREE_FAILURES


def at(app: Flask, address: str) -> FlaskClient:
    """A browser at another address."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def test_a_stranger_locks_nobody_out(app: Flask, build: Build, session: Session) -> None:
    build.user("alice", build.dealer(), email="alice@example.org")
    stranger, alice = at(app, "192.0.2.1"), at(app, "192.0.2.2")
    for _ in range(6):
        guess(stranger)
    assert "Zu viele Versuche" in guess(stranger)
    guess(alice, password=PASSWORD)
    assert alice.get("/help").status_code == 200


def test_a_known_browser_is_not_locked_out_by_its_neighbours(app: Flask, build: Build) -> None:
    """Behind one address of a whole house."""
    build.alice(build.dealer())
    own = at(app, "192.0.2.1")
    guess(own, password=PASSWORD)
    own.post("/logout")
    for _ in range(6):
        guess(at(app, "192.0.2.1"))
    guess(own, password=PASSWORD)
    assert own.get("/help").status_code == 200


def test_a_known_browser_is_known_to_its_own_accounts_alone(app: Flask, build: Build) -> None:
    dealer = build.dealer()
    build.alice(dealer), build.bob(dealer)
    bobs = at(app, "192.0.2.1")
    guess(bobs, "bob", PASSWORD)
    bobs.post("/logout")
    for _ in range(5):
        guess(bobs)
    assert "Zu viele Versuche" in guess(at(app, "192.0.2.1"))


def test_a_forged_cookie_makes_no_browser_known(app: Flask, build: Build) -> None:
    build.alice(build.dealer())
    stranger = at(app, "192.0.2.1")
    for number in range(5):
        stranger.set_cookie("known", f"forged-{number}")
        guess(stranger)
    assert "Zu viele Versuche" in guess(stranger)


def test_whoever_has_the_account_is_told_once_a_day(app: Flask, build: Build, session: Session) -> None:
    build.user("alice", build.dealer(), email="alice@example.org")
    for address in ("192.0.2.1", "192.0.2.3"):
        stranger = at(app, address)
        for _ in range(6):
            guess(stranger)
    mail = session.scalars(select(Mail)).one()
    assert (mail.recipient, "alice" in letter(mail)) == ("alice@example.org", True)


def test_a_stranger_silences_no_reset(app: Flask, build: Build, session: Session) -> None:
    build.user("alice", build.dealer(), email="alice@example.org")
    stranger = at(app, "192.0.2.1")
    for _ in range(6):
        stranger.post("/password/forgotten", data={"login": "alice"})
    before = len(session.scalars(select(Mail)).all())
    at(app, "192.0.2.2").post("/password/forgotten", data={"login": "alice"})
    session.expire_all()
    assert len(session.scalars(select(Mail)).all()) == before + 1
