"""Every commit tells open pages what it has changed, and none waits for that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.changes import MANY, SILENCE, ChangeKind, Word, publisher, read, spell
from portal.extensions import db
from portal.models import Dealer, User
from portal.outbox import note_changes
from tests.builders import Build

Login = Callable[[User], FlaskClient]


@pytest.fixture
def told(app: Flask) -> Iterator[list[Word]]:
    """What the web process publishes."""
    heard: list[Word] = []
    usual, app.extensions["publish"] = app.extensions["publish"], heard.extend
    yield heard
    app.extensions["publish"] = usual


@given(st.sets(st.tuples(st.sampled_from(ChangeKind), st.uuids()), max_size=MANY))
def test_words_come_back_as_they_were_spelled(words: set[Word]) -> None:
    assert set(read(spell(words))) == words


def test_of_many_vehicles_one_stands_for_the_stock() -> None:
    words = [(ChangeKind.VEHICLE, uuid4()) for _ in range(MANY + 1)]
    assert read(spell(words)) == [(ChangeKind.STOCK, words[0][1])]


@pytest.mark.parametrize(
    "text", ["", "vehicle", "vehicle x", "car 00000000-0000-0000-0000-000000000000", "\n\n"]
)
def test_what_is_no_word_is_passed_over(text: str) -> None:
    assert read(text) == []


def test_a_saved_vehicle_is_told_after_the_commit(
    app: Flask, build: Build, alices: Dealer, told: list[Word]
) -> None:
    vehicle, activation = build.vehicle(alices), build.activation(alices)
    build.release(vehicle, activation)
    build.session.commit()
    with app.app_context():
        note_changes(db.session(), [vehicle.id])
        assert told == []
        db.session.commit()
    assert set(told) == {(ChangeKind.VEHICLE, vehicle.id), (ChangeKind.APP, activation.id)}


def test_what_is_rolled_back_is_not_told(app: Flask, build: Build, alices: Dealer, told: list[Word]) -> None:
    vehicle = build.vehicle(alices)
    with app.app_context():
        note_changes(db.session(), [vehicle.id])
        db.session.rollback()
        db.session.commit()
    assert told == []


def test_login_and_logout_tell_the_windows_of_the_user(
    build: Build, alices: Dealer, login: Login, told: list[Word]
) -> None:
    alice = build.alice(alices)
    client = login(alice)
    told.clear()
    client.post("/logout")
    assert (ChangeKind.USER, alice.id) in told


def test_while_redis_is_away_a_commit_tries_it_once(session: Session) -> None:
    class Away:
        tries = 0

        def publish(self, _channel: str, _text: str) -> None:
            from redis.exceptions import ConnectionError as Refused

            self.tries += 1
            raise Refused

    away = Away()
    publish = publisher(away)  # type: ignore[arg-type]
    for _ in range(3):
        publish([(ChangeKind.APP, uuid4())])
    assert away.tries == 1
    assert SILENCE > 0
