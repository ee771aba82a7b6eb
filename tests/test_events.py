"""What an operator reads in the log: one line for what happens, when it is committed."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func
from sqlalchemy.orm import Session

from portal import audit, events
from portal.models.exports import RunKind, RunState
from portal.models.runs import Run
from portal.vehicles.stock_import import import_stock
from tests.builders import Build
from tests.formats.stock_file import file, line


@pytest.fixture(autouse=True)
def _from_info_on(caplog: pytest.LogCaptureFixture, session: Session) -> None:
    caplog.set_level(logging.INFO, "portal.events")
    events.install(session)


def told(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    records = [vars(one) for one in caplog.records if one.name == "portal.events"]
    return [record for record in records if record["event"] == event]


def test_what_the_audit_log_keeps_is_told_once_it_is_committed(
    build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer)
    known = {"dealer_id": dealer.id, "activation_id": activation.id, "object_id": activation.id}
    detail = {"cause": "credentials", "text": "Kennwort falsch", "deletions": 7}
    build.session.commit()
    activation.pause_reason = ""
    audit.log(build.session, audit.PORTAL, "activation.stopped", label="mobile.de", detail=detail, **known)
    build.session.flush()
    assert told(caplog, "activation.stopped") == []
    build.session.commit()
    [line] = told(caplog, "activation.stopped")
    assert (line["dealer"], line["app"]) == (str(dealer.id), "mobile-de")
    assert (line["cause"], line["deletions"]) == ("credentials", 7)
    assert "Kennwort" not in str(line), "texts stay in the audit log"


def test_what_is_rolled_back_is_not_told(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    dealer = build.dealer()
    audit.log(build.session, audit.PORTAL, "lock.opened", dealer_id=dealer.id)
    build.session.flush()
    build.session.rollback()
    build.session.commit()
    assert told(caplog, "lock.opened") == []


def test_a_run_is_told_with_its_counts_when_it_ends(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    activation = build.activation(build.dealer())
    run = Run(activation_id=activation.id, kind=RunKind.CHECK, total=12, rejected=3)
    build.session.add(run)
    build.session.commit()
    assert told(caplog, "run") == []
    assert run.kind == RunKind.CHECK  # loaded again
    run.state, run.finished_at = RunState.DONE, func.now()
    build.session.commit()
    [line] = told(caplog, "run")
    assert (line["kind"], line["state"], line["total"], line["rejected"]) == ("check", "done", 12, 3)
    assert line["activation"] == str(activation.id)
    assert line["seconds"] >= 0


def test_an_import_is_told_with_its_counts(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    dealer = build.dealer()
    cars = file(line(B="A1"), line(B="A2"))
    import_stock(build.session, cars, dealer, dealer.locations[0], "1.csv", partial=True)
    build.session.commit()
    [told_of] = told(caplog, "import")
    assert told_of["dealer"] == str(dealer.id)
    assert (told_of["taken"], told_of["rejected"], told_of["partial"]) == (2, 0, True)
    assert "1.csv" not in str(told_of)


def test_a_failed_login_is_told_without_what_was_typed(
    client: FlaskClient, build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    alice = build.alice(build.dealer())
    build.session.commit()
    for login in (alice.login, "hunter2 typed into the wrong field"):
        client.post("/login", data={"login": login, "password": "wrong"})
    known, unknown = told(caplog, "login failed")
    assert (known["reason"], known["user"], known["address"]) == ("password", str(alice.id), "127.0.0.1")
    assert unknown["reason"] == "unknown login"
    assert "hunter2" not in str(unknown)
