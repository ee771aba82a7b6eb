"""Tasks that ask the platform, or the server for its files, instead of sending to it.

A stopped activation looks whether its cause is gone and goes on by itself. One whose breaker is half
open and for which nothing waits has no transfer that could be its probe: the check is its probe.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from portal import audit
from portal.activation_log import log_at
from portal.exports.core import retries
from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.lifecycle import activation as life
from portal.exports.stock_files.target import (
    all_passed,
    chosen_transport,
    egress_policy,
    find_target,
    try_connection,
)
from portal.exports.trouble import breaker_state, platform_state
from portal.exports.trouble.breaker import PlatformTrouble
from portal.messages import as_json
from portal.models.base import database_time
from portal.models.exports import AT_WORK, Activation, ActivationState, AppKind, Transfer, TransferState
from portal.notifications.problems import ProblemKind, open_problem
from portal.platforms.contract import Account, CustomerCheck, StopCause

STOP_CAUSES = {
    "unknown": StopCause.UNKNOWN_CUSTOMER,
    "not_linked": StopCause.NOT_LINKED,
    "read_only": StopCause.READ_ONLY,
    "credentials": StopCause.CREDENTIALS,
}
"""What a check names as the reason, if it does; an unavailable platform says nothing about one."""


@dataclass(frozen=True)
class _AskedAccount:
    app: str
    customer_number: str
    for_all: bool
    """The answer is about the whole platform: it is in trouble, and this is its probe."""


def recheck_due(runtime: Runtime, lease: Lease) -> None:
    asked = _find(runtime, stopped_due(), lease)
    if asked is None:
        return
    check = runtime.platform(asked.app).check_customer(asked.customer_number)
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        if asked.for_all:
            now = database_time(session)
            if check.status == "unavailable":
                trouble = PlatformTrouble(check.text, check.after)
                platform_state.note_failure(session, asked.app, now, trouble)
            else:
                platform_state.note_answer(session, asked.app, now)
        if activation.state == ActivationState.STOPPED and activation.recheck_at is not None:
            _judge(session, activation, check)


def probe_due(runtime: Runtime, lease: Lease) -> None:
    asked = _find(runtime, idle_and_failing(), lease)
    if asked is None:
        return
    check = runtime.platform(asked.app).check_customer(asked.customer_number)
    with runtime.sessions.begin() as session:
        lease.guard(session)
        if check.status == "unavailable":
            trouble = PlatformTrouble(check.text, check.after)
            breaker_state.note_failure(session, lease.activation_id, trouble, for_all=asked.for_all)
        else:
            breaker_state.note_answer(session, lease.activation_id)


def recheck_delivery_due(runtime: Runtime, lease: Lease) -> None:
    """Stopped because the file could not be delivered: go on by itself when the connection works again."""
    with runtime.sessions() as session:
        activation = session.get_one(Activation, lease.activation_id)
        if session.scalar(delivery_stopped_due().where(Activation.id == activation.id)) is None:
            return
        target = find_target(session, runtime, activation, chosen_transport(activation), None)
    working = all_passed(try_connection(target, egress_policy(runtime.settings)))
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        if activation.state != ActivationState.STOPPED or activation.recheck_at is None:
            return
        if working:
            life.resume(session, activation, Account.from_json(activation.account))
        else:
            _look_later(session, activation)


def stopped_due() -> Select[UUID]:
    return select(Activation.id).where(
        Activation.state == ActivationState.STOPPED,
        Activation.kind == AppKind.API,
        Activation.recheck_at <= func.now(),
        platform_state.may_be_asked(),
    )


def delivery_stopped_due() -> Select[UUID]:
    return select(Activation.id).where(
        Activation.kind == AppKind.FILE,
        Activation.state == ActivationState.STOPPED,
        Activation.recheck_at <= func.now(),
    )


def idle_and_failing() -> Select[UUID]:
    """Nothing can be the probe. For a platform in trouble one of its activations stands for all."""
    here = Transfer.activation_id == Activation.id
    unfinished = Transfer.state.in_((TransferState.WAITING, TransferState.SENDING))
    due = and_(unfinished, func.coalesce(Transfer.not_before, func.now()) <= func.now())
    sends = Activation.state == ActivationState.ACTIVE
    own = and_(
        sends,
        Activation.failing_since.is_not(None),
        ~Activation.shares_trouble,
        ~select(Transfer.id).where(here, unfinished).exists(),
    )
    others = Activation.__table__.alias("others")
    of_app = select(others.c.id).where(others.c.app == Activation.app, others.c.state.in_(AT_WORK))
    stands_for_all = and_(
        Activation.id == of_app.order_by(others.c.id).limit(1).scalar_subquery(),
        platform_state.is_failing(),
        ~and_(sends, select(Transfer.id).where(here, due).exists()),
    )
    return select(Activation.id).where(
        Activation.kind == AppKind.API,
        or_(own, stands_for_all),
        platform_state.may_go_out(),
    )


recheck_task = Task("recheck", stopped_due, recheck_due)
recheck_delivery = Task("file recheck", delivery_stopped_due, recheck_delivery_due)
probe_task = Task("probe", idle_and_failing, probe_due)


def _find(runtime: Runtime, due: Select[UUID], lease: Lease) -> _AskedAccount | None:
    """None where it is not due, or another activation asks this platform for all."""
    with runtime.sessions.begin() as session:
        row = session.execute(
            select(Activation.app, Activation.customer_number, platform_state.is_failing()).where(
                Activation.id == lease.activation_id, Activation.id.in_(due)
            )
        ).one_or_none()
        if row is None or (row[2] and not platform_state.take_turn(session, row[0], lease)):
            return None
    return _AskedAccount(*row)


def _look_later(session: Session, activation: Activation) -> None:
    now = database_time(session)
    stopped_for = now - (activation.stopped_at or now)
    activation.recheck_at = now + retries.next_recheck(activation.id, stopped_for)


def _judge(session: Session, activation: Activation, check: CustomerCheck) -> None:
    if check.status == "ok" and check.account is not None:
        since = activation.stopped_at
        detail = {"cause": activation.stop_cause, "stopped_at": since.isoformat() if since else ""}
        life.resume(session, activation, check.account)
        log_at(session, audit.PORTAL, "activation.resumed", activation, detail=detail)
        return
    _look_later(session, activation)
    cause = STOP_CAUSES.get(check.status)
    if cause is not None and cause != activation.stop_cause:
        # The first cause is gone, another one stands behind it: whoever was notified reads it now.
        activation.stop_cause, activation.stop_detail = str(cause), check.text
        detail = {"cause": str(cause), "text": as_json(check.text)}
        open_problem(session, activation, ProblemKind.STOPPED, detail=detail)
