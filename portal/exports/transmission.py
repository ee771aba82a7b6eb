"""The second half of a run: claim and send what the brake lets pass, and write what comes back.

A window at a time, each decided from the state of its moment. Nothing is remembered of what is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.exports import claims, failing, halting, recording
from portal.exports.braking import Gate
from portal.exports.desk import Desk, chunks
from portal.exports.outcomes import Sent, Settled, settle
from portal.exports.sending import Sender
from portal.models.exports import TransferState
from portal.outbox import note_changes
from portal.platforms.contract import Answer, Stop


@dataclass
class Course:
    """How sending went."""

    looked: bool = False
    """Whether any row was free to be looked at; others are held by changes, which ring when they commit."""
    unseen_changes: bool = False
    """Something came of a row that the brake had not seen, so it was left."""
    halted: bool = False
    """The platform made us stop."""


def send(dispatch: Desk, transfer_ids: Sequence[UUID], clearance: Gate) -> Course:
    sender = Sender(dispatch.client, dispatch.app.parallel, probing=_probes(dispatch))
    return Transmission(dispatch, clearance, sender, _warmed(dispatch, transfer_ids)).to_the_end()


def _warmed(dispatch: Desk, transfer_ids: Sequence[UUID]) -> Iterator[UUID]:
    """The same ids; what they need of reference data is there before they come."""
    for chunk in chunks(transfer_ids):
        dispatch.warm(chunk)
        yield from chunk


def _probes(dispatch: Desk) -> bool:
    """After trouble of the platform as a whole the first request goes out alone."""
    with dispatch.runtime.sessions() as session:
        return failing.is_failing(session, dispatch.activation_id)


class Transmission:
    def __init__(self, dispatch: Desk, clearance: Gate, sender: Sender, transfer_ids: Iterator[UUID]) -> None:
        self._dispatch = dispatch
        self._clearance = clearance
        self._sender = sender
        self._rest = transfer_ids
        self._result = Course()

    def to_the_end(self) -> Course:
        sender, more = self._sender, True
        try:
            while more or sender.busy:
                if more and sender.wants_refill:
                    more = self._fill()
                self._harvest()
                more = more and not sender.halted
            self._result.halted = sender.halted
            return self._result
        finally:
            self._finish()

    def _fill(self) -> bool:
        """Commit before sending. False when nothing is left to look at."""
        ids = list(islice(self._rest, self._sender.free_slots))
        if not ids:
            return False
        with self._dispatch.runtime.sessions.begin() as session:
            rows, planned = self._dispatch.look(session, ids)
            passing = [item for item in planned if self._clearance.passes(item)]
            sent = claims.claim(session, self._dispatch.lease, rows, passing, self._dispatch.app.labels)
        self._result.looked |= bool(rows)
        self._result.unseen_changes |= len(passing) < len(planned)
        self._sender.submit(sent)
        return True

    def _finish(self) -> None:
        """Whatever made us stop: answers to requests that are out are written, the rest is given back."""
        self._sender.halt()
        try:
            while self._sender.busy:
                self._harvest()
        finally:
            self._sender.close()

    def _harvest(self) -> None:
        """Write the outcomes that have arrived, give back what was not sent."""
        if not self._sender.busy:
            return
        collected = self._sender.collect()
        answered = [(sent, answer) for sent, answer in collected if answer is not None]
        self._give_back([sent.transfer_id for sent, answer in collected if answer is None])
        if answered:
            self._settle(answered)

    def _settle(self, answered: Sequence[tuple[Sent, Answer]]) -> None:
        sender = self._sender
        now, platform_outage = self._dispatch.clock.now(), sender.probing or sender.opened
        transitions = [
            settle(sent, answer, now, platform_outage=platform_outage) for sent, answer in answered
        ]
        sender.opened |= self._write(transitions, [answer for _, answer in answered])
        if sender.opened:
            sender.halt()

    def _write(self, transitions: Sequence[Settled], answers: Sequence[Answer]) -> bool:
        """True when nothing more may go out."""
        try:
            return self._write_once(transitions, answers)
        except IntegrityError:
            # A change arrived just now and waits where one of ours wanted to wait again: fold.
            return self._write_once(transitions, answers)

    def _write_once(self, transitions: Sequence[Settled], answers: Sequence[Answer]) -> bool:
        lease = self._dispatch.lease
        with self._dispatch.runtime.sessions.begin() as session:
            written = recording.write_outcomes(session, lease, transitions)
            again = [item.sent.planned.vehicle_id for item in written if item.again]
            note_changes(session, again)
            # A late writer's row may still be his own; what he knows of the platform is not.
            lease.guard(session)
            return _note_effects(session, lease.activation_id, transitions, answers)

    def _give_back(self, transfer_ids: Sequence[UUID]) -> None:
        if transfer_ids:
            with self._dispatch.runtime.sessions.begin() as session:
                claims.release_unsent(session, self._dispatch.lease, transfer_ids)


def _note_effects(
    session: Session, activation_id: UUID, transitions: Sequence[Settled], answers: Sequence[Answer]
) -> bool:
    stops = [answer.outcome for answer in answers if isinstance(answer.outcome, Stop)]
    if stops:
        halting.stop(session, activation_id, stops[0])
        return True
    success = any(item.state in (TransferState.OK, TransferState.WARNING) for item in transitions)
    return failing.note_answers(session, activation_id, answers, success=success)
