"""A stop tells once, looks by itself whether its cause is gone, and goes on where it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.exports.core.retries import RECHECK_PAUSES, RECHECK_SPREAD
from portal.exports.core.runtime import Runtime
from portal.exports.jobs import run_activation, tick
from portal.exports.lifecycle import activation as life
from portal.exports.trouble import stopping
from portal.models import Activation, AuditEvent
from portal.models.exports import ActivationState, LockRule, TransferState
from portal.models.notifications import Problem
from portal.models.runs import Lock
from portal.platforms.contract import Stop, StopCause
from tests.bell import Bell
from tests.builders import fresh
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace

WHY = Stop(StopCause.NOT_LINKED, "Nicht hinterlegt.")


def now_of(stage: Stage) -> Activation:
    return fresh(stage.session, Activation, stage.activation.id)


def the_time_comes(stage: Stage) -> None:
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).recheck_at = datetime.now(UTC) - timedelta(seconds=1)


def problems(stage: Stage) -> list[tuple[str, str, dict[str, object]]]:
    stage.session.expire_all()
    rows = stage.session.scalars(select(Problem).order_by(Problem.id))
    return [(row.kind, row.closed_how, row.detail) for row in rows]


def audited(stage: Stage) -> list[str]:
    return list(stage.session.scalars(select(AuditEvent.what).order_by(AuditEvent.id)))


def stop(stage: Stage, why: Stop = WHY) -> None:
    with stage.runtime.sessions.begin() as session:
        stopping.stop(session, stage.activation.id, why)


def break_it(marketplace: Marketplace, cause: StopCause) -> None:
    match cause:
        case StopCause.CREDENTIALS:
            marketplace.change_password("changed")
        case StopCause.NOT_LINKED:
            marketplace.change_seller("4711001", linked=False)
        case StopCause.READ_ONLY:
            marketplace.change_seller("4711001", readonly=True)


def repair(marketplace: Marketplace) -> None:
    marketplace.change_password("portal-sandbox")
    marketplace.change_seller("4711001", linked=True, readonly=False)


@pytest.mark.parametrize("cause", [StopCause.CREDENTIALS, StopCause.NOT_LINKED, StopCause.READ_ONLY])
def test_it_stops_once_tells_once_and_resumes_by_itself_when_it_is_repaired(
    stage: Stage, marketplace: Marketplace, bell: Bell, cause: StopCause
) -> None:
    stage.vehicles(20)
    break_it(marketplace, cause)
    stage.drain()
    stopped = now_of(stage)
    assert (stopped.state, stopped.stop_cause) == (ActivationState.STOPPED, cause)
    [(kind, closed_how, detail)] = problems(stage)
    assert (kind, closed_how, detail["cause"]) == ("stopped", "", cause)
    for _ in range(2):
        the_time_comes(stage)
        stage.drain()
    assert now_of(stage).state == ActivationState.STOPPED
    assert len(problems(stage)) == 1
    repair(marketplace)
    the_time_comes(stage)
    bell.rung.clear()
    assert tick(stage.runtime) == 1
    stage.drain()
    resumed = now_of(stage)
    assert (resumed.state, resumed.stop_cause, resumed.recheck_at) == (ActivationState.ACTIVE, "", None)
    assert [(kind, how) for kind, how, _ in problems(stage)] == [("stopped", "resolved")]
    assert audited(stage) == ["activation.stopped", "activation.resumed"]
    stage.drain()
    assert len(marketplace.online()) == 20


def test_a_customer_number_that_is_gone_stops_it_and_its_return_resumes_it(
    stage: Stage, marketplace: Marketplace
) -> None:
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).customer_number = "999999"
    stop(stage, Stop(StopCause.UNKNOWN_CUSTOMER, "unbekannt"))
    the_time_comes(stage)
    stage.drain()
    assert now_of(stage).stop_cause == StopCause.UNKNOWN_CUSTOMER
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).customer_number = "4711001"
    the_time_comes(stage)
    stage.drain()
    assert now_of(stage).state == ActivationState.ACTIVE


def test_it_looks_first_after_five_minutes_and_later_less_often(
    stage: Stage, marketplace: Marketplace
) -> None:
    marketplace.change_seller("4711001", linked=False)
    stop(stage)
    first = now_of(stage)
    assert (
        RECHECK_PAUSES[0] <= first.recheck_at - first.stopped_at <= RECHECK_PAUSES[0] * (1 + RECHECK_SPREAD)
    )
    for passed, pause in (
        (RECHECK_PAUSES[0], RECHECK_PAUSES[1]),
        (RECHECK_PAUSES[1], RECHECK_PAUSES[2]),
        (timedelta(days=1), RECHECK_PAUSES[2]),
    ):
        with stage.runtime.sessions.begin() as session:
            session.get_one(Activation, stage.activation.id).stopped_at -= passed
        the_time_comes(stage)
        before = datetime.now(UTC) - timedelta(seconds=1)
        stage.drain()
        assert before + pause <= now_of(stage).recheck_at


def test_nobody_looks_before_it_is_time(stage: Stage, marketplace: Marketplace) -> None:
    stop(stage)
    stage.drain()
    assert tick(stage.runtime) == 0
    assert marketplace.requests("sellers") == []


def test_a_platform_that_does_not_answer_the_check_changes_nothing(
    stage: Stage, marketplace: Marketplace
) -> None:
    stop(stage)
    marketplace.fault("error", "sellers", status=503)
    the_time_comes(stage)
    stage.drain()
    stopped = now_of(stage)
    assert (stopped.state, stopped.stop_cause) == (ActivationState.STOPPED, StopCause.NOT_LINKED)
    assert stopped.recheck_at > datetime.now(UTC)


def test_another_cause_behind_the_first_is_named_without_telling_again(
    stage: Stage, marketplace: Marketplace
) -> None:
    marketplace.change_password("changed")
    stop(stage)
    the_time_comes(stage)
    stage.drain()
    assert now_of(stage).stop_cause == StopCause.CREDENTIALS
    [(_, closed_how, detail)] = problems(stage)
    assert (closed_how, detail["cause"]) == ("", StopCause.CREDENTIALS)


def test_the_check_holds_no_connection_of_the_database(
    stage: Stage, marketplace: Marketplace, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(stage)
    the_time_comes(stage)
    held: list[int] = []
    platform = runtime.platform("mobile-de")
    real = type(platform).check_customer

    def noting(self: object, number: str) -> object:
        held.append(runtime.engine.pool.checkedout())
        return real(self, number)

    monkeypatch.setattr(type(platform), "check_customer", noting)
    stage.drain()
    assert held == [0]


def test_a_stop_during_a_reconciliation_returns_to_it(stage: Stage, runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = ActivationState.RECONCILING
    stop(stage)
    assert now_of(stage).stopped_from == ActivationState.RECONCILING
    the_time_comes(stage)
    with runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        life.resume(session, activation, runtime.platform("mobile-de").check_customer("4711001").account)
    resumed = now_of(stage)
    assert (resumed.state, resumed.stopped_from) == (ActivationState.RECONCILING, "")


@pytest.mark.parametrize(
    ("opened_meanwhile", "state"), [(False, ActivationState.LOCKED), (True, ActivationState.ACTIVE)]
)
def test_a_stop_during_a_lock_returns_to_the_lock_unless_that_was_opened_meanwhile(
    stage: Stage, runtime: Runtime, opened_meanwhile: bool, state: str
) -> None:
    a_lock(stage)
    stop(stage)
    if opened_meanwhile:
        stage.session.scalars(select(Lock)).one().closed_at = datetime.now(UTC)
        stage.session.commit()
    with runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        life.resume(session, activation, runtime.platform("mobile-de").check_customer("4711001").account)
    assert now_of(stage).state == state


def a_lock(stage: Stage) -> UUID:
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = ActivationState.LOCKED
    numbers = {"online": 60, "deletions": 8, "creations": 0, "deletion_limit": 6, "creation_limit": 12}
    done = {"deletions_done": 0, "creations_done": 0}
    lock = Lock(activation_id=stage.activation.id, rule=LockRule.DELETIONS, **numbers, **done)
    stage.session.add(lock)
    stage.session.commit()
    return lock.id


def test_a_stop_while_closing_stays_closing_and_goes_on_later(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = ActivationState.CLOSING
    stage.note(vehicle)
    marketplace.change_password("changed")
    stage.drain()
    closing = now_of(stage)
    assert closing.state == ActivationState.CLOSING
    assert closing.failing_since is not None
    marketplace.change_password("portal-sandbox")
    stage.make_due()
    stage.drain()
    assert now_of(stage).state == ActivationState.DEACTIVATED


def test_deactivating_what_is_stopped_ends_its_problem(stage: Stage) -> None:
    stop(stage)
    with stage.runtime.sessions.begin() as session:
        life.deactivate(session, session.get_one(Activation, stage.activation.id))
    assert [(kind, how) for kind, how, _ in problems(stage)] == [("stopped", "ended")]


def test_what_waits_while_it_is_stopped_goes_out_in_its_last_state(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(mileage=1_000)
    stop(stage)
    stage.change(vehicle, mileage=2_000)
    the_time_comes(stage)
    run_activation(stage.runtime, stage.activation.id)
    [ad] = marketplace.online().values()
    assert ad["mileage"] == 2_000
    assert [row.state for row in stage.transfers()] == [TransferState.OK]


def stop_by_hand(stage: Stage, until: datetime | None = None) -> None:
    with stage.runtime.sessions.begin() as session:
        life.stop_by_hand(session, session.get_one(Activation, stage.activation.id), until)


def test_what_somebody_stopped_tells_nobody_and_waits_for_people(
    stage: Stage, marketplace: Marketplace
) -> None:
    stop_by_hand(stage)
    stage.vehicle()
    stage.drain()
    assert tick(stage.runtime) == 0
    stopped = now_of(stage)
    assert (stopped.state, stopped.stop_cause, stopped.recheck_at) == ("stopped", StopCause.BY_HAND, None)
    assert problems(stage) == []
    assert marketplace.online() == {}


def test_it_goes_on_when_its_moment_has_come_and_what_waited_goes_out(
    stage: Stage, marketplace: Marketplace
) -> None:
    stop_by_hand(stage, datetime.now(UTC) + timedelta(hours=1))
    stage.vehicle()
    stage.drain()
    assert marketplace.online() == {}
    the_time_comes(stage)
    stage.drain()
    stage.drain()
    assert now_of(stage).state == ActivationState.ACTIVE
    assert len(marketplace.online()) == 1


def test_a_cause_that_came_meanwhile_is_told_when_it_would_go_on(
    stage: Stage, marketplace: Marketplace
) -> None:
    stop_by_hand(stage, datetime.now(UTC) + timedelta(hours=1))
    break_it(marketplace, StopCause.NOT_LINKED)
    the_time_comes(stage)
    stage.drain()
    assert now_of(stage).stop_cause == StopCause.NOT_LINKED
    assert [(kind, how) for kind, how, _ in problems(stage)] == [("stopped", "")]


def test_new_settings_do_not_end_it_early(stage: Stage) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    stop_by_hand(stage, until)
    with stage.runtime.sessions.begin() as session:
        life.try_at_once(session, session.get_one(Activation, stage.activation.id))
    assert now_of(stage).recheck_at == until


def test_what_is_stopped_for_a_cause_cannot_be_stopped_by_hand_as_well(stage: Stage) -> None:
    stop(stage)
    with pytest.raises(life.WrongState):
        stop_by_hand(stage)
    assert now_of(stage).stop_cause == StopCause.NOT_LINKED
