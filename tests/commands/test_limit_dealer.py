"""`limit-dealer`: set, keep, lift."""

from __future__ import annotations

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from portal.models import Dealer
from tests.builders import Build, fresh


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


def test_an_unknown_dealer_is_named(runner: FlaskCliRunner) -> None:
    said = runner.invoke(args=["limit-dealer", "nobody", "--apps", "1"])
    assert (said.exit_code, "There is no dealer nobody." in said.output) == (1, True)
