"""A worker's way through the waiting transfers of one activation.

Ask the brake about everything that is due, then send, a window at a time, and write outcomes as they
arrive. The order of the steps is what makes it safe; each step's own rules stand in its module.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from portal.exports import failing, halting, waiting
from portal.exports.brake import limits_of
from portal.exports.braking import Gate, Survey, ask, at_a_glance
from portal.exports.breaker import Trouble
from portal.exports.clock import read_clock
from portal.exports.context import Outdated, sendable_context
from portal.exports.desk import Desk, chunks
from portal.exports.duties import Duty
from portal.exports.lease import Lease
from portal.exports.runtime import Runtime
from portal.exports.transmission import send
from portal.exports.unsure import ask_the_list
from portal.models.exports import Activation, ActivationState, AppKind, Transfer, TransferState
from portal.models.runs import Lock
from portal.platforms.contract import ReferenceUnavailable

log = logging.getLogger(__name__)

LOOK_AT_LOCKS = timedelta(minutes=1)
"""A locked stock is compared at least so often; every change that rings has it compared at once."""
UNFINISHED = (TransferState.WAITING, TransferState.SENDING)


def send_due(runtime: Runtime, lease: Lease) -> None:
    """The task itself: send what waits for this activation and may be sent now."""
    with runtime.sessions.begin() as session:
        lease.guard(session)
        waiting.recover(session, lease)
    while run := _open(runtime, lease):
        try:
            run.to_the_end()
            break
        except Outdated:
            log.info("settings of %s changed during the run", lease.activation_id)
        except ReferenceUnavailable as error:
            _pause_for_references(runtime, lease, error)
        finally:
            run.dispatch.client.close()
    with runtime.sessions.begin() as session:
        lease.guard(session)
        halting.close_if_empty(session, lease.activation_id)
        halting.end_first_transfer(session, lease.activation_id)


def with_something_due() -> Select[UUID]:
    """Activations that may send and have something to send now, and locks not looked at for a while."""
    ready = or_(Transfer.not_before.is_(None), Transfer.not_before <= func.now())
    unfinished = select(Transfer.id).where(
        Transfer.activation_id == Activation.id, Transfer.state.in_(UNFINISHED), ready
    )
    neglected = select(Lock.id).where(
        Lock.activation_id == Activation.id,
        Lock.closed_at.is_(None),
        Lock.looked_at < func.now() - LOOK_AT_LOCKS,
    )
    active = and_(Activation.state == ActivationState.ACTIVE, unfinished.exists())
    locked = and_(Activation.state == ActivationState.LOCKED, neglected.exists())
    return select(Activation.id).where(
        Activation.kind == AppKind.API,
        or_(active, locked, Activation.state == ActivationState.CLOSING),
        func.coalesce(Activation.paused_until, func.now()) <= func.now(),
    )


sending = Duty("sending", with_something_due, send_due)


def _open(runtime: Runtime, lease: Lease) -> Run | None:
    """Everything a run needs, read once; None when nothing may be or is to be sent."""
    with runtime.sessions() as session:
        context = sendable_context(session, lease.activation_id)
        clock = read_clock(session)
        if context is None or context.activation.kind != AppKind.API:
            return None
        if not (context.locked or waiting.due(session, lease.activation_id)):
            return None
    slug = context.activation.app
    platform, stores = runtime.platform(slug), runtime.stores(slug)
    try:
        mapper = platform.mapper(context.activation.settings, context.account, context.rules, stores)
    except ReferenceUnavailable as error:
        _pause_for_references(runtime, lease, error)
        return None
    client = platform.open(context.account, stores)
    return Run(Desk(runtime, lease, context, clock, runtime.app(slug), mapper, client))


def _pause_for_references(runtime: Runtime, lease: Lease, error: ReferenceUnavailable) -> None:
    with runtime.sessions.begin() as session:
        lease.guard(session)
        failing.note_failure(session, lease.activation_id, Trouble(str(error)))


class Run:
    def __init__(self, dispatch: Desk) -> None:
        self.dispatch = dispatch
        self._thorough = False
        """Plan before the brake is asked, although a glance might do."""

    def to_the_end(self) -> None:
        while self.once():
            pass

    def once(self) -> bool:
        """Send all that is due and that the brake lets pass; False when nothing was due, or nothing more can
        be done now."""
        dispatch = self.dispatch
        with dispatch.runtime.sessions() as session:
            due = waiting.due(session, dispatch.activation_id)
        if not due and not dispatch.context.locked:
            return False
        clearance = self._at_a_glance() or self._planned(due)
        if clearance is None or not clearance.sends:
            return False
        result = send(dispatch, due, clearance)
        self._thorough = result.unseen_changes
        return result.looked and not result.halted and not dispatch.context.locked

    def _at_a_glance(self) -> Gate | None:
        """None where everything has to be planned to know what the brake says."""
        dispatch = self.dispatch
        if self._thorough or dispatch.context.locked:
            return None
        with dispatch.runtime.sessions.begin() as session:
            dispatch.context.guard(session, dispatch.lease)
            return at_a_glance(session, dispatch.context, limits_of(dispatch.runtime.settings))

    def _planned(self, due: Sequence[UUID]) -> Gate | None:
        """The brake's answer to the whole planned set; None when it cannot be asked now."""
        summary = Survey()
        for chunk in chunks(due):
            self._plan(chunk, summary)
        if due and not summary.seen:
            return None  # all are held by changes in progress, which ring when they commit
        if summary.in_doubt and not ask_the_list(self.dispatch, summary.in_doubt):
            return None
        return self._ask_the_brake(summary)

    def _plan(self, transfer_ids: Sequence[UUID], summary: Survey) -> None:
        self.dispatch.warm(transfer_ids)
        with self.dispatch.runtime.sessions.begin() as session:
            _, planned = self.dispatch.look(session, transfer_ids)
        summary.add(planned)

    def _ask_the_brake(self, summary: Survey) -> Gate:
        """Here the whole planned set is known and nothing of it was sent.

        While it is locked, what still waits is held back; looking again at once would change nothing.
        """
        dispatch = self.dispatch
        if not dispatch.context.locked and not summary.costly:
            return Gate()
        with dispatch.runtime.sessions.begin() as session:
            dispatch.context.guard(session, dispatch.lease, to_change=True)
            clearance = ask(
                session, dispatch.context.activation, summary, limits_of(dispatch.runtime.settings)
            )
        if clearance.changed:
            raise Outdated(dispatch.activation_id)
        return clearance
