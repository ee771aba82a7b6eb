"""Commands about dealers and users: what they do, and what they say when they cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, Dealer, User
from portal.models.accounts import RIGHTS
from portal.security.passwords import verify_password
from tests.builders import Build, fresh
from tests.words import german

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


def test_production_gets_no_demo(
    app: Flask, runner: FlaskCliRunner, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(app.extensions["settings"], production=True)
    monkeypatch.setitem(app.extensions, "settings", settings)
    result = runner.invoke(args=["demo"])
    assert (result.exit_code, "known passwords" in result.output) == (1, True)
    assert session.scalars(select(Dealer)).all() == []


# `limit-dealer`: set, keep, lift.


def limits(session: Session, dealer: Dealer) -> tuple[int | None, int | None, int | None]:
    found = fresh(session, Dealer, dealer.id)
    return found.max_active_apps, found.max_exported_vehicles, found.max_users


def test_limits_are_set_kept_and_lifted(build: Build, session: Session, runner: FlaskCliRunner) -> None:
    dealer = build.dealer()
    said = runner.invoke(args=["limit-dealer", dealer.key, "--apps", "10", "--vehicles", "300"])
    assert said.output == "apps: 10, vehicles: 300, users: none\n"
    assert limits(session, dealer) == (10, 300, None)
    runner.invoke(args=["limit-dealer", dealer.key, "--users", "0", "--vehicles", "none"])
    assert limits(session, dealer) == (10, None, 0)


@pytest.mark.parametrize("value", ["-1", "many", "1.5", "²"])
def test_nonsense_is_refused(value: str, build: Build, session: Session, runner: FlaskCliRunner) -> None:
    dealer = build.dealer()
    assert runner.invoke(args=["limit-dealer", dealer.key, f"--apps={value}"]).exit_code == 2
    assert limits(session, dealer) == (None, None, None)


def test_limiting_an_unknown_dealer_names_it(runner: FlaskCliRunner) -> None:
    said = runner.invoke(args=["limit-dealer", "nobody", "--apps", "1"])
    assert (said.exit_code, "There is no dealer nobody." in said.output) == (1, True)


# `lms-address` and `lms-aliases`: what the operator's mail server goes by.


def address(session: Session, dealer: Dealer) -> str:
    found: str = fresh(session, Dealer, dealer.id).lms_address
    return found


def test_an_address_is_shown_set_and_removed(build: Build, session: Session, runner: FlaskCliRunner) -> None:
    dealer = build.dealer()
    command = ["lms-address", dealer.key]
    assert runner.invoke(args=command).output == "Autohaus Alice: no address\n"
    said = runner.invoke(args=[*command, "--set", "alice@dein.auto"])
    assert said.output == "Autohaus Alice: alice@dein.auto\n"
    assert address(session, dealer) == "alice@dein.auto"
    runner.invoke(args=[*command, "--remove"])
    assert address(session, dealer) == ""


def test_the_dealer_finds_it_in_his_log(build: Build, session: Session, runner: FlaskCliRunner) -> None:
    dealer = build.dealer()
    for _ in range(2):
        runner.invoke(args=["lms-address", dealer.key, "--set", "alice@dein.auto"])
    event = session.scalars(select(AuditEvent)).one()
    assert (event.what, german(event.actor)) == ("settings.changed", "Betreiber")
    assert event.detail == {"lms_address": ["", "alice@dein.auto"]}


@pytest.mark.parametrize(
    "wrong", ["alice", "a@b.example c@d.example", "#a@b.example", "a@b.example" + "x" * 200]
)
def test_what_is_no_plain_address_is_refused(
    build: Build, session: Session, runner: FlaskCliRunner, wrong: str
) -> None:
    dealer = build.dealer()
    assert runner.invoke(args=["lms-address", dealer.key, f"--set={wrong}"]).exit_code == 2
    assert address(session, dealer) == ""


def test_two_dealers_never_have_the_same_address(
    build: Build, session: Session, runner: FlaskCliRunner
) -> None:
    alice, charlie = build.dealer(), build.dealer("Autohaus Charlie", code="CH")
    runner.invoke(args=["lms-address", alice.key, "--set", "auto@dein.auto"])
    said = runner.invoke(args=["lms-address", charlie.key, "--set", "AUTO@dein.auto"])
    assert (said.exit_code, "Another dealer" in said.output) == (1, True)
    assert address(session, charlie) == ""


def test_an_unknown_dealer_is_named(runner: FlaskCliRunner) -> None:
    said = runner.invoke(args=["lms-address", "nobody"])
    assert (said.exit_code, "There is no dealer nobody." in said.output) == (1, True)


def set_up(build: Build, session: Session, address: str, target: str) -> Dealer:
    dealer = build.dealer()
    dealer.lms_address, dealer.lms_forward_to = address, target
    session.commit()
    return dealer


def test_the_map_has_a_line_for_each_dealer(build: Build, session: Session, runner: FlaskCliRunner) -> None:
    set_up(build, session, "Alice@dein.auto", "verkauf@alice.example")
    wrong = set_up(build, session, "bob@dein.auto", "a@b.example, c@d.example")
    said = runner.invoke(args=["lms-aliases"])
    lines = said.stdout.splitlines()
    assert lines[0].startswith("#")
    assert lines[1:] == ["alice@dein.auto\tverkauf@alice.example"]
    assert wrong.key in said.stderr
    assert said.exit_code == 0


def test_no_dealer_has_an_address(runner: FlaskCliRunner) -> None:
    assert len(runner.invoke(args=["lms-aliases"]).stdout.splitlines()) == 1
