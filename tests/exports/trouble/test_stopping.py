"""A platform that takes nothing for long: told once, with the day of the stop, then stopped, then resumed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from portal.exports.jobs import housekeeping
from portal.exports.trouble import breaker_state
from portal.exports.trouble.breaker import PlatformTrouble
from portal.exports.trouble.stopping import NOTICE_PERIOD, UNANNOUNCED
from portal.models import Activation
from portal.models.exports import ActivationState
from portal.models.notifications import Problem
from portal.platforms.contract import StopCause
from tests.builders import fresh
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace


def fails_since(stage: Stage, age: timedelta) -> datetime:
    """It opened so long ago and every probe since then failed."""
    since = datetime.now(UTC) - age
    with stage.runtime.sessions.begin() as session:
        breaker_state.note_failure(
            session, stage.activation.id, PlatformTrouble("mobile.de ist gestört (500)")
        )
        session.execute(update(Activation).values(failing_since=since))
    return since


def told(stage: Stage) -> list[Problem]:
    stage.session.expire_all()
    return list(stage.session.scalars(select(Problem).order_by(Problem.id)))


def state(stage: Stage) -> str:
    return str(fresh(stage.session, Activation, stage.activation.id).state)


def the_day_comes(stage: Stage) -> None:
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    [problem] = told(stage)
    problem.detail = problem.detail | {"stops_at": past}
    stage.session.commit()


def test_trouble_that_is_short_is_nobodys_business(stage: Stage) -> None:
    fails_since(stage, UNANNOUNCED - timedelta(minutes=1))
    housekeeping(stage.runtime)
    assert told(stage) == []
    assert state(stage) == ActivationState.ACTIVE


def test_after_an_hour_people_are_told_once_and_on_which_day_it_will_be_stopped(stage: Stage) -> None:
    since = fails_since(stage, UNANNOUNCED + timedelta(minutes=1))
    for _ in range(3):
        housekeeping(stage.runtime)
    [problem] = told(stage)
    assert problem.kind == "failing"
    assert problem.detail["reason"] == "mobile.de ist gestört (500)"
    assert datetime.fromisoformat(problem.detail["since"]) == since
    days = timedelta(days=stage.runtime.settings.give_up_days)
    assert datetime.fromisoformat(problem.detail["stops_at"]) == since + days
    assert state(stage) == ActivationState.ACTIVE


def test_it_is_stopped_on_the_day_that_was_named_and_people_are_told(stage: Stage) -> None:
    fails_since(stage, timedelta(days=2))
    housekeeping(stage.runtime)
    the_day_comes(stage)
    housekeeping(stage.runtime)
    stopped = fresh(stage.session, Activation, stage.activation.id)
    assert (stopped.state, stopped.stop_cause) == (ActivationState.STOPPED, StopCause.UNREACHABLE)
    assert stopped.failing_since is None
    assert stopped.recheck_at is not None
    assert [(row.kind, row.closed_how) for row in told(stage)] == [("failing", "stopped"), ("stopped", "")]


def test_who_was_never_told_is_told_first_however_long_it_has_been_failing(stage: Stage) -> None:
    fails_since(stage, timedelta(days=90))
    for _ in range(2):
        housekeeping(stage.runtime)
    assert state(stage) == ActivationState.ACTIVE
    [problem] = told(stage)
    notice = datetime.fromisoformat(problem.detail["stops_at"]) - datetime.now(UTC)
    assert NOTICE_PERIOD - timedelta(minutes=1) < notice <= NOTICE_PERIOD


def test_an_answer_before_that_day_closes_the_problem_and_nothing_is_stopped(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    fails_since(stage, timedelta(days=2))
    housekeeping(stage.runtime)
    the_day_comes(stage)
    stage.make_due()
    stage.drain()
    housekeeping(stage.runtime)
    assert state(stage) == ActivationState.ACTIVE
    assert [(row.kind, row.closed_how) for row in told(stage)] == [("failing", "resolved")]
    assert len(marketplace.online()) == 1


def test_it_goes_on_by_itself_when_the_platform_answers_again(stage: Stage, marketplace: Marketplace) -> None:
    stage.vehicle()
    fails_since(stage, timedelta(days=2))
    housekeeping(stage.runtime)
    the_day_comes(stage)
    housekeeping(stage.runtime)
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Activation).values(recheck_at=datetime.now(UTC)))
    stage.drain()
    assert state(stage) == ActivationState.ACTIVE
    assert {(row.kind, row.closed_how) for row in told(stage)} == {
        ("failing", "stopped"),
        ("stopped", "resolved"),
    }
    assert len(marketplace.online()) == 1


def test_a_closing_activation_is_never_stopped(stage: Stage) -> None:
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = ActivationState.CLOSING
    fails_since(stage, timedelta(days=90))
    for _ in range(2):
        housekeeping(stage.runtime)
    [problem] = told(stage)
    assert "stops_at" not in problem.detail
    assert state(stage) == ActivationState.CLOSING
