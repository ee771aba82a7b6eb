"""Commands of `flask --app portal`: what they do, and what they say when they cannot."""

from __future__ import annotations

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Dealer, User
from portal.models.accounts import RIGHTS
from portal.security.passwords import verify_password
from tests.builders import Build

CREATE = ["create-dealer", "nord", "--name", "Autohaus Nord", "--location", "HH"]


def new_user(*more: str) -> list[str]:
    return ["create-user", "dora", "--dealer", "nord", "--password-stdin", *more]


def test_create_dealer_with_a_location(runner: FlaskCliRunner, session: Session) -> None:
    result = runner.invoke(args=[*CREATE, "--location-name", "Nord Hamburg"])
    assert result.exit_code == 0, result.output
    dealer = session.scalars(select(Dealer)).one()
    assert (dealer.key, dealer.name) == ("nord", "Autohaus Nord")
    assert [(location.code, location.name) for location in dealer.locations] == [("HH", "Nord Hamburg")]


def test_create_dealer_twice_changes_nothing(runner: FlaskCliRunner, session: Session) -> None:
    runner.invoke(args=CREATE)
    result = runner.invoke(args=CREATE)
    assert result.exit_code == 0
    assert "exists already" in result.output
    assert len(session.scalars(select(Dealer)).one().locations) == 1


def test_create_dealer_again_adds_a_location(runner: FlaskCliRunner, session: Session) -> None:
    runner.invoke(args=CREATE)
    runner.invoke(args=[*CREATE[:-1], "HB"])
    assert [location.code for location in session.scalars(select(Dealer)).one().locations] == ["HB", "HH"]


def test_create_dealer_refuses_another_name_for_the_same_key(runner: FlaskCliRunner) -> None:
    runner.invoke(args=CREATE)
    result = runner.invoke(args=["create-dealer", "nord", "--name", "Autohaus Süd", "--location", "HH"])
    assert result.exit_code == 1
    assert "is called Autohaus Nord" in result.output


@pytest.mark.parametrize(
    "wrong",
    [
        ["create-dealer", "Nord!", "--name", "N", "--location", "HH"],
        ["create-dealer", "nord", "--name", " ", "--location", "HH"],
        ["create-dealer", "nord", "--name", "N", "--location", "H H"],
    ],
)
def test_create_dealer_refuses_what_does_not_fit(
    runner: FlaskCliRunner, session: Session, wrong: list[str]
) -> None:
    assert runner.invoke(args=wrong).exit_code == 2
    assert session.scalar(select(Dealer)) is None


def test_create_user_has_all_rights_unless_told_otherwise(runner: FlaskCliRunner, session: Session) -> None:
    runner.invoke(args=CREATE)
    result = runner.invoke(args=new_user("--name", "Dora Diesel"), input="s3cret phrase\n")
    assert result.exit_code == 0, result.output
    user = session.scalars(select(User)).one()
    assert user.rights == list(RIGHTS)
    assert (user.name, user.role) == ("Dora Diesel", "dealer")
    assert verify_password(user.password_hash, "s3cret phrase")
    assert "s3cret" not in result.output


def test_create_user_with_named_rights(runner: FlaskCliRunner, session: Session) -> None:
    runner.invoke(args=CREATE)
    runner.invoke(args=new_user("--right", "view", "--right", "unlock"), input="s3cret\n")
    assert session.scalars(select(User)).one().rights == ["view", "unlock"]


@pytest.mark.parametrize(
    ("args", "password", "code", "says"),
    [
        (new_user("--right", "fly"), "x\n", 2, "fly"),
        (new_user(), "", 1, "No password"),
        (["create-user", "dora", "--dealer", "nowhere", "--password-stdin"], "x\n", 1, "no dealer nowhere"),
        (["create-user", "dora", "--dealer", "nord"], "x\n", 2, "--password-stdin"),
    ],
)
def test_create_user_says_what_is_wrong(
    runner: FlaskCliRunner, session: Session, args: list[str], password: str, code: int, says: str
) -> None:
    runner.invoke(args=CREATE)
    result = runner.invoke(args=args, input=password)
    assert result.exit_code == code
    assert says in result.output
    assert session.scalar(select(User)) is None


def test_a_login_is_unique_in_the_whole_portal(runner: FlaskCliRunner, build: Build) -> None:
    build.alice(build.dealer())
    runner.invoke(args=CREATE)
    result = runner.invoke(
        args=["create-user", "alice", "--dealer", "nord", "--password-stdin"], input="another\n"
    )
    assert result.exit_code == 1
    assert "exists already" in result.output


def test_the_demo_keeps_away_from_other_dealers(
    runner: FlaskCliRunner, build: Build, session: Session
) -> None:
    build.dealer()
    result = runner.invoke(args=["demo"])
    assert result.exit_code == 1
    assert "already has dealers" in result.output
    assert len(session.scalars(select(Dealer)).all()) == 1
