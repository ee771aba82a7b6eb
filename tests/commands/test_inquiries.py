"""`lms-address` and `lms-aliases`: what the operator's mail server goes by."""

from __future__ import annotations

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, Dealer
from tests.builders import Build, fresh


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
    assert (event.what, event.actor) == ("settings.changed", "Betreiber")
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
