"""A worker's way through the waiting transfers of one activation.

Have the mass-change guard judge everything that is due, then send, a window at a time, and write outcomes
as they arrive. The order of the steps is what makes it safe; each step's own rules stand in its module.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from portal import logs
from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import LastWrite, Task
from portal.exports.dispatch.context import DispatchContext, chunks
from portal.exports.dispatch.in_doubt import resolve_in_doubt
from portal.exports.dispatch.window import send_batch
from portal.exports.mass_change.clearance import (
    Clearance,
    PlanSummary,
    clear_by_estimate,
    clear_plan,
    remember_clearance,
    still_clear,
    visible_before,
)
from portal.exports.mass_change.rules import guard_limits
from portal.exports.planning import queue
from portal.exports.planning.cases import Outdated, sendable_context
from portal.exports.planning.queue import DueRow
from portal.exports.trouble import breaker_state, platform_state
from portal.exports.trouble.breaker import PlatformTrouble
from portal.models.exports import Activation, ActivationState, AppKind, Listing, Transfer, TransferState
from portal.models.runs import Lock
from portal.platforms.contract import ReferenceUnavailable

log = logging.getLogger(__name__)

LOOK_AT_LOCKS = timedelta(minutes=1)
"""A locked stock is compared at least so often; every change that rings has it compared at once."""
FEW = 50
"""Due rows for which no plan can be a bad one."""
UNFINISHED_STATES = (TransferState.WAITING, TransferState.SENDING)


def dispatch_waiting(runtime: Runtime, lease: Lease) -> LastWrite | None:
    """The task itself: send what waits for this activation and may be sent now. Where nothing ends with it,
    the outcomes of the last requests are left to be written."""
    may_end, last_write = True, None
    while run := _open_run(runtime, lease):
        may_end = run.may_end
        try:
            while run.once():
                pass
            last_write = run.last_write
            break
        except Outdated:
            log.info("settings of %s changed during the run", lease.activation_id)
        except ReferenceUnavailable as error:
            _pause_for_references(runtime, lease, error)
        finally:
            run.dispatch.client.close()
    if may_end:
        with runtime.sessions.begin() as session:
            lease.guard(session)
            queue.close_if_empty(session, lease.activation_id)
            queue.end_first_transfer(session, lease.activation_id)
    return last_write


def recover_left(runtime: Runtime, lease: Lease) -> None:
    """Whatever says `sending` was left by a worker that died: it would be ours."""
    with runtime.sessions.begin() as session:
        lease.guard(session)
        queue.recover(session, lease)


def left_sending() -> Select[UUID]:
    sending = (Transfer.activation_id == Activation.id, Transfer.state == TransferState.SENDING)
    return select(Activation.id).where(select(Transfer.id).where(*sending).exists())


def dispatch_due() -> Select[UUID]:
    """Activations that may send and have something to send now, or have ended their first transfer; and locks
    not looked at for a while."""
    neglected = select(Lock.id).where(
        Lock.activation_id == Activation.id,
        Lock.closed_at.is_(None),
        Lock.looked_at < func.now() - LOOK_AT_LOCKS,
    )
    return _may_send(and_(Activation.state == ActivationState.LOCKED, neglected.exists()))


def worth_a_look() -> Select[UUID]:
    """The same for a ring: a change has a lock compared at once."""
    return _may_send(Activation.state == ActivationState.LOCKED)


def _may_send(locked: ColumnElement[bool]) -> Select[UUID]:
    here = Transfer.activation_id == Activation.id
    first_is_over = and_(
        Activation.counted_from.is_(None),
        ~select(Transfer.id).where(here, Transfer.state.in_(UNFINISHED_STATES)).exists(),
        select(Listing.id).where(Listing.activation_id == Activation.id).exists(),
    )
    active = and_(Activation.state == ActivationState.ACTIVE, or_(queue.something_due(), first_is_over))
    return select(Activation.id).where(
        Activation.kind == AppKind.API,
        or_(active, locked, Activation.state == ActivationState.CLOSING),
        platform_state.may_go_out(),
    )


recovery_task = Task("recovery", left_sending, recover_left)
dispatch_task = Task("sending", dispatch_due, dispatch_waiting, worth_a_look)


def _open_run(runtime: Runtime, lease: Lease) -> DispatchRun | None:
    """Everything a run needs, read once; None when nothing may be or is to be sent."""
    with runtime.sessions.begin() as session:
        context = sendable_context(session, lease.activation_id)
        if context is None or context.activation.kind != AppKind.API:
            return None
    slug = context.activation.app
    if context.platform_failing:
        with runtime.sessions.begin() as session:
            if not platform_state.take_turn(session, slug, lease):
                return None
    platform, stores = runtime.platform(slug), runtime.stores(slug)
    try:
        mapper = platform.mapper(context.activation.settings, context.account, context.rules, stores)
    except ReferenceUnavailable as error:
        _pause_for_references(runtime, lease, error)
        return None
    client = platform.open(context.account, stores)
    return DispatchRun(DispatchContext(runtime, lease, context, runtime.app(slug), mapper, client))


def _pause_for_references(runtime: Runtime, lease: Lease, error: ReferenceUnavailable) -> None:
    with runtime.sessions.begin() as session:
        lease.guard(session)
        breaker_state.note_failure(session, lease.activation_id, PlatformTrouble(str(error)))


class DispatchRun:
    def __init__(self, dispatch: DispatchContext) -> None:
        self.dispatch = dispatch
        self._thorough = False
        """Plan before the guard judges, although an estimate might do."""
        self.last_write: LastWrite | None = None

    @property
    def may_end(self) -> bool:
        """Something ends with the last transfer: the activation itself, or its first transfer."""
        activation = self.dispatch.context.activation
        return activation.state == ActivationState.CLOSING or activation.counted_from is None

    def once(self) -> bool:
        """Send all that is due and that the guard lets pass; False when nothing was due, or nothing more can
        be done now."""
        dispatch = self.dispatch
        with dispatch.runtime.sessions.begin() as session:
            due: Sequence[DueRow] = queue.next_due(session, dispatch.activation_id, queue.LOOKED_AT)
            if not due and not dispatch.context.locked:
                return False
            more = len(due) == queue.LOOKED_AT
            clearance = self._estimated(session, more, few=len(due) <= FEW)
        if clearance is None:
            due = self._all_due() if more else due
            clearance = self._planned(due)
        if clearance is None or not clearance.sends:
            return False
        started = time.monotonic()
        result = send_batch(dispatch, due, clearance, leaves_last=not self.may_end)
        self.last_write = result.last_write
        logs.note(
            "slice",
            dealer=dispatch.context.activation.dealer_id,
            app=dispatch.context.activation.app,
            due=len(due),
            done=result.done,
            halted=result.halted,
            seconds=round(time.monotonic() - started, 2),
        )
        # Changes in progress may hold all that were handed out: then the others are not kept waiting.
        held_up = more and not result.looked and len(due) == queue.LOOKED_AT
        self._thorough = result.unseen_changes or held_up
        if result.cut or result.done == len(due):
            return False  # the rest rings again, and what came meanwhile has rung
        dispatch.runtime.judgements.pop(dispatch.activation_id, None)
        return (result.looked or held_up) and not result.halted and not dispatch.context.locked

    def _all_due(self) -> Sequence[DueRow]:
        with self.dispatch.runtime.sessions() as session:
            return queue.due(session, self.dispatch.activation_id)

    def _estimated(self, session: Session, more: bool, *, few: bool) -> Clearance | None:
        """None where everything has to be planned to know what the guard says. `more`: it is not sent in one
        slice, so the next one goes by what this one has found."""
        dispatch, judgements = self.dispatch, self.dispatch.runtime.judgements
        if self._thorough or dispatch.context.locked:
            return None
        before = visible_before(session) if more else None
        if more and (known := still_clear(session, judgements, dispatch.context)):
            return known
        # Not guarded: each claim is, and begins anew where anything is not as it was.
        limits = guard_limits(dispatch.runtime.settings)
        clearance = clear_by_estimate(session, dispatch.context, limits, few=few)
        if before is not None and clearance is not None:
            remember_clearance(judgements, dispatch.context, clearance, before)
        return clearance

    def _planned(self, due: Sequence[DueRow]) -> Clearance | None:
        """The guard's answer to the whole planned set; None when it cannot be given now."""
        summary = PlanSummary()
        for chunk in chunks(due):
            self.dispatch.warm(chunk)
            with self.dispatch.runtime.sessions.begin() as session:
                _, planned = self.dispatch.look(session, [row.id for row in chunk])
            summary.add(planned)
        if due and not summary.seen:
            return None  # all are held by changes in progress, which ring when they commit
        if summary.in_doubt and not resolve_in_doubt(self.dispatch, summary.in_doubt):
            return None
        return self._judged(summary)

    def _judged(self, summary: PlanSummary) -> Clearance:
        """Here the whole planned set is known and nothing of it was sent.

        While it is locked, what still waits is held back; looking again at once would change nothing.
        """
        dispatch = self.dispatch
        if not dispatch.context.locked and not summary.costly:
            return Clearance()
        with dispatch.runtime.sessions.begin() as session:
            dispatch.context.guard(session, dispatch.lease, to_change=True)
            clearance = clear_plan(
                session, dispatch.context.activation, summary, guard_limits(dispatch.runtime.settings)
            )
        if clearance.changed:
            raise Outdated(dispatch.activation_id)
        return clearance
