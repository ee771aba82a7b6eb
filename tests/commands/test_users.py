"""`create-user --support` and `change-user`: agents come and go, and a phone is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, User
from tests.builders import Build, fresh
from tests.words import german

Login = Callable[[User], FlaskClient]
SUSI = ["create-user", "susi", "--password-stdin"]


def test_an_agent_is_created_and_finds_the_support(
    runner: FlaskCliRunner, session: Session, login: Login
) -> None:
    said = runner.invoke(args=[*SUSI, "--support"], input="correct horse battery\n")
    assert said.output == "User susi of the support created.\n"
    susi = session.scalars(select(User)).one()
    assert (susi.role, susi.dealer_id, susi.rights) == ("support", None, [])
    assert login(susi).get("/support").headers["Location"] == "/account/second-factor"


@pytest.mark.parametrize("whose", [[], ["--support", "--dealer", "nord"]])
def test_it_is_said_for_whom(runner: FlaskCliRunner, session: Session, whose: list[str]) -> None:
    said = runner.invoke(args=[*SUSI, *whose], input="correct horse battery\n")
    assert (said.exit_code, "either --dealer or --support" in said.output) == (2, True)
    assert session.scalars(select(User)).all() == []


def test_a_locked_out_agent_is_out_at_the_next_request(
    runner: FlaskCliRunner, build: Build, session: Session, login: Login
) -> None:
    sam = build.sam()
    browser = login(sam)
    assert browser.get("/support").status_code == 200
    assert runner.invoke(args=["change-user", "sam", "--deactivate"]).output.startswith("sam: locked out")
    assert browser.get("/support").status_code == 303
    runner.invoke(args=["change-user", "sam", "--activate"])
    assert browser.get("/support").status_code == 303, "the old login stays dead"
    assert login(sam).get("/support").status_code == 200
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    noted = [(event.what, german(event.actor)) for event in events]
    assert noted == [("user.deactivated", "Betreiber"), ("user.activated", "Betreiber")]


def test_a_lost_second_factor_is_taken_off(runner: FlaskCliRunner, build: Build, session: Session) -> None:
    alice = build.alice(build.dealer())
    alice.totp_confirmed_at, alice.recovery_codes = datetime.now(UTC), ["a" * 64]
    session.commit()
    said = runner.invoke(args=["change-user", "alice", "--without-second-factor"])
    assert said.output == "alice: active, no second factor\n"
    saved = fresh(session, User, alice.id)
    assert (saved.totp_confirmed_at, saved.recovery_codes) == (None, [])
    [event] = session.scalars(select(AuditEvent)).all()
    assert (event.what, event.dealer_id) == ("user.second_factor_off", alice.dealer_id)


def test_without_a_wish_it_only_tells(runner: FlaskCliRunner, build: Build, session: Session) -> None:
    build.alice(build.dealer())
    assert runner.invoke(args=["change-user", "alice"]).output == "alice: active, no second factor\n"
    assert session.scalars(select(AuditEvent)).all() == []
    assert runner.invoke(args=["change-user", "nobody"]).exit_code == 1
