"""A worker's way through the waiting transfers of one activation.

Decide for every waiting row what is to be done now, then send, a window at a
time, and write outcomes as they arrive. The order of the steps is what makes it safe; each
step's own rules stand in its module.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.exports import claims, extras, failing, halting, recording, waiting
from portal.exports.brake import limits_of
from portal.exports.braking import Gate, ask
from portal.exports.breaker import Trouble
from portal.exports.cases import load_cases
from portal.exports.clock import Clock, read_clock
from portal.exports.context import Context, Outdated, sendable_context
from portal.exports.duties import Duty
from portal.exports.lease import Lease
from portal.exports.listing_list import beyond_doubt, online_ids, read_again
from portal.exports.outcomes import Settled, settle
from portal.exports.planning import Planned, Step, plan
from portal.exports.resolving import adopted, divide, postpone, resolve, write_resolved
from portal.exports.runtime import Runtime
from portal.exports.sending import Sender
from portal.exports.waiting import Waiting
from portal.exports.warming import warm
from portal.models.exports import Activation, ActivationState, AppKind, Transfer, TransferState
from portal.models.runs import Lock
from portal.outbox import note_changes
from portal.platforms.base import Answer, Client, ExportApp, Mapper, ReferenceUnavailable, Retry, Stop

log = logging.getLogger(__name__)

CHUNK = 1_000
"""Rows planned in one transaction."""
LOOK_AT_LOCKS = timedelta(minutes=1)
"""A locked stock is compared at least so often; every change that rings has it compared at once."""
UNFINISHED = (TransferState.WAITING, TransferState.SENDING)


def send_due(runtime: Runtime, lease: Lease) -> None:
    """The duty itself: send what waits for this activation and may be sent now."""
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
            run.client.close()
    with runtime.sessions.begin() as session:
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
    return Run(runtime, lease, context, clock, runtime.app(slug), mapper, client)


def _pause_for_references(runtime: Runtime, lease: Lease, error: ReferenceUnavailable) -> None:
    with runtime.sessions.begin() as session:
        lease.guard(session)
        failing.note_failure(session, lease.activation_id, Trouble(str(error)))


@dataclass(frozen=True)
class Run:
    runtime: Runtime
    lease: Lease
    context: Context
    clock: Clock
    app: ExportApp
    mapper: Mapper
    client: Client
    known_makes: set[str | None] = field(default_factory=set)

    def to_the_end(self) -> None:
        while self.once():
            pass

    def once(self) -> bool:
        """Plan all that is due and send it; False when nothing was due or sending has to stop."""
        with self.runtime.sessions() as session:
            due = waiting.due(session, self.lease.activation_id)
        if not due and not self.context.locked:
            return False
        planned = [item for chunk in _chunks(due, CHUNK) for item in self._plan(chunk)]
        if due and not planned:
            return False  # all are held by changes in progress, which ring when they commit
        unsure = [item for item in planned if item.step == Step.RESOLVE]
        if unsure and not self._resolve(unsure):
            return False
        gate = self._ask_the_brake(planned)
        return gate.sends and self._send(due, gate) and not self.context.locked

    def _ask_the_brake(self, planned: Sequence[Planned]) -> Gate:
        """Here the whole planned set is known and nothing of it was sent.

        While it is locked, what still waits is held back; looking again at once would change nothing.
        """
        if not self.context.locked and not any(item.costly for item in planned):
            return Gate()
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease, to_change=True)
            gate = ask(session, self.context.activation, planned, limits_of(self.runtime.settings))
        if gate.changed:
            raise Outdated(self.lease.activation_id)
        return gate

    def _plan(self, transfer_ids: Sequence[UUID]) -> list[Planned]:
        warm(self.runtime.sessions, self.context, self.mapper, transfer_ids, self.known_makes)
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease)
            rows = waiting.lock(session, transfer_ids)
            planned = self._decide(session, rows)
            waiting.forget_idle(session, rows, planned)
            waiting.forget_trouble(session, self.lease.activation_id, planned)
            waiting.note_checks(session, self.lease.activation_id, planned)
            return planned

    def _decide(self, session: Session, rows: Sequence[Waiting]) -> list[Planned]:
        vehicle_ids = [row.vehicle_id for row in rows]
        forced = {row.vehicle_id for row in rows if row.forced}
        cases = load_cases(session, self.context.activation, self.context.rules, vehicle_ids)
        return plan(
            (case.sent_anyway() if case.vehicle_id in forced else case for case in cases), self.mapper
        )

    def _send(self, transfer_ids: Sequence[UUID], gate: Gate) -> bool:
        """Claim and send, a window at a time; False when the platform made us stop."""
        sender = Sender(self.client, self.app.parallel, probing=self._probes())
        rest = iter(transfer_ids)
        more = True
        try:
            while more or sender.busy:
                if more and sender.hungry:
                    more = self._fill(sender, rest, gate)
                self._harvest(sender)
                more = more and not sender.halted
            return not sender.halted
        finally:
            self._finish(sender)

    def _probes(self) -> bool:
        """After trouble of the platform as a whole the first request goes out alone."""
        with self.runtime.sessions() as session:
            return failing.is_failing(session, self.lease.activation_id)

    def _finish(self, sender: Sender) -> None:
        """Whatever made us stop: answers to requests that are out are written, the rest is given back."""
        sender.halt()
        try:
            while sender.busy:
                self._harvest(sender)
        finally:
            sender.close()

    def _fill(self, sender: Sender, rest: Iterator[UUID], gate: Gate) -> bool:
        ids = list(islice(rest, sender.room))
        if not ids:
            return False
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease)
            rows = waiting.lock(session, ids)
            planned = [item for item in self._decide(session, rows) if gate.passes(item)]
            sent = claims.claim(session, self.lease, rows, planned, self.app.labels)
        sender.submit(sent)
        return True

    def _harvest(self, sender: Sender) -> None:
        """Write the outcomes that have arrived, give back what was not sent."""
        if not sender.busy:
            return
        collected = sender.collect()
        answered = [(sent, answer) for sent, answer in collected if answer is not None]
        self._give_back([sent.transfer_id for sent, answer in collected if answer is None])
        if answered:
            now, spared = self.clock.now(), sender.probing or sender.opened
            settled = [settle(sent, answer, now, spared=spared) for sent, answer in answered]
            sender.opened |= self._write(settled, [answer for _, answer in answered])
            if sender.opened:
                sender.halt()

    def _write(self, settled: Sequence[Settled], answers: Sequence[Answer]) -> bool:
        """True when nothing more may go out."""
        try:
            return self._write_once(settled, answers)
        except IntegrityError:
            # A change arrived just now and waits where one of ours wanted to wait again: fold.
            return self._write_once(settled, answers)

    def _write_once(self, settled: Sequence[Settled], answers: Sequence[Answer]) -> bool:
        with self.runtime.sessions.begin() as session:
            written = recording.write_outcomes(session, self.lease, settled)
            again = [item.sent.planned.vehicle_id for item in written if item.again]
            note_changes(session, again)
            # A late writer's row may still be his own; what he knows of the platform is not.
            self.lease.guard(session)
            return self._note_effects(session, settled, answers)

    def _note_effects(self, session: Session, settled: Sequence[Settled], answers: Sequence[Answer]) -> bool:
        activation_id = self.lease.activation_id
        stops = [answer.outcome for answer in answers if isinstance(answer.outcome, Stop)]
        if stops:
            halting.stop(session, activation_id, stops[0])
            return True
        success = any(item.state in (TransferState.OK, TransferState.WARNING) for item in settled)
        return failing.note_answers(session, activation_id, answers, success=success)

    def _give_back(self, transfer_ids: Sequence[UUID]) -> None:
        if transfer_ids:
            with self.runtime.sessions.begin() as session:
                claims.release_unsent(session, self.lease, transfer_ids)

    def _resolve(self, unsure: Sequence[Planned]) -> bool:
        """Look into the platform's whole list; False when it could not be read."""
        with self.runtime.sessions() as session:
            known = online_ids(session, self.lease.activation_id, vanished=False)
        asked = self.clock.now()
        remote = read_again(self.client, known)
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease)
            if remote.failure is None:
                found = {item.vehicle_id: resolve(item, remote.listings) for item in unsure}
                sure, doubted = divide(found, certain=beyond_doubt(remote, known))
                write_resolved(session, self.lease.activation_id, sure)
                extras.note_seen(session, self.lease.activation_id, asked, adopted(sure, remote.listings))
                postpone(session, self.lease.activation_id, doubted)
                failing.note_answer(session, self.lease.activation_id)
                return True
            self._note_list_failure(session, remote.failure)
            return False

    def _note_list_failure(self, session: Session, failure: Stop | Retry) -> None:
        if isinstance(failure, Stop):
            halting.stop(session, self.lease.activation_id, failure)
            return
        failing.note_failure(session, self.lease.activation_id, Trouble(failure.reason, failure.after))


def _chunks(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
