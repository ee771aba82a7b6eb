"""Guessing the password of one account, from however many addresses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.models import LoginThrottle
from portal.web import throttle
from tests.builders import PASSWORD, Build

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
            return throttle.admit("alice")

    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(attempt, range(24)))
    assert admitted.count(True) == throttle.FREE_FAILURES
