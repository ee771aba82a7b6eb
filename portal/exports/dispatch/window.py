"""Claim and send what the mass-change guard lets pass, and write what comes back.

A window at a time, each decided from the state of its moment. Nothing is remembered of what is done.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from threading import Event, Lock
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease
from portal.exports.core.tasks import LastWrite
from portal.exports.dispatch import claims
from portal.exports.dispatch.context import DispatchContext
from portal.exports.mass_change.clearance import Clearance
from portal.exports.planning import queue
from portal.exports.planning.outcome import InFlight, Transition, apply_outcome
from portal.exports.planning.plan import PlanStep
from portal.exports.planning.queue import DueRow
from portal.exports.trouble import breaker_state, stopping
from portal.exports.trouble.breaker import Sign, Streak, probe_failed, sign_of
from portal.figures import SLICES
from portal.messages import say
from portal.models.base import made_at
from portal.models.exports import TransferState
from portal.outbox import note_changes
from portal.platforms.contract import Answer, Client, Retry, Stop


@dataclass
class BatchResult:
    """How sending went."""

    looked: bool = False
    """Whether any row was free to be looked at; others are held by changes, which ring when they commit."""
    unseen_changes: bool = False
    """Something came of a row that the guard had not seen, so it was left."""
    halted: bool = False
    """The platform made us stop."""
    cut: bool = False
    """The slice was over before everything was sent."""
    done: int = 0
    """Rows that have ended, with their answer or because nothing was to be sent."""
    last_write: LastWrite | None = None
    """The outcomes with which all have ended, to be written with whatever comes next."""


def send_batch(
    dispatch: DispatchContext, rows: Sequence[DueRow], clearance: Clearance, *, leaves_last: bool = False
) -> BatchResult:
    """Send what of these the clearance lets pass. `leaves_last`: the caller writes the outcomes with which
    the last of them have ended."""
    # After trouble of the platform as a whole the first request goes out alone.
    context = dispatch.context
    own_trouble = context.activation.failing_since is not None and not context.activation.shares_trouble
    probing = own_trouble or context.platform_failing
    sender = Sender(dispatch.client, dispatch.lease, dispatch.app.parallel, probing=probing)
    window = SendingWindow(dispatch, clearance, sender, dispatch.warmed(rows))
    return window.to_the_end(len(rows) if leaves_last else None)


SLICE = 2.0
"""Seconds that an activation sends at a time; the rest of it waits at the end of the line."""
LONGEST = 6.0
"""Seconds that it goes on where nobody waits: to begin anew costs as much as a hundred requests. A worker
that is told to stop has stopped soon after."""


class SendingWindow:
    def __init__(
        self, dispatch: DispatchContext, clearance: Clearance, sender: Sender, transfer_ids: Iterator[UUID]
    ) -> None:
        self._dispatch = dispatch
        self._clearance = clearance
        self._sender = sender
        self._rest = transfer_ids
        self._result = BatchResult()
        self._began, self._began_at = time.monotonic(), dispatch.clock.now()
        self._ends = self._began + SLICE
        self._leaves: int | None = None

    def to_the_end(self, leaves: int | None = None) -> BatchResult:
        """Until nothing is left, the platform makes us stop, or the slice is over. The outcomes with which so
        many rows have ended, if that is said, are left to the caller: nothing follows them here."""
        self._leaves = leaves
        sender, more = self._sender, True
        self._dispatch.runtime.tally.count(SLICES)
        try:
            while more or sender.busy:
                if more and sender.wants_refill:
                    more = self._fill()
                self._harvest()
                self._result.cut |= more and self._is_over()
                more = more and not sender.halted and not self._result.cut
            self._result.halted = sender.halted
            return self._result
        finally:
            self._finish()

    def _is_over(self) -> bool:
        """After a slice, unless nobody waits for its end: no other activation, and no change of this one that
        would come before the rest."""
        now, dispatch = time.monotonic(), self._dispatch
        if now <= self._ends:
            return False
        if now > self._began + LONGEST or dispatch.runtime.others_wait():
            return True
        with dispatch.runtime.sessions.begin() as session:
            came = session.scalar(select(queue.changed_since(dispatch.activation_id, self._began_at)))
        self._ends = now + SLICE
        return bool(came)

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
        self._result.done += sum(item.step in queue.IDLE_STEPS for item in planned)
        self._sender.submit(sent)
        now = self._dispatch.clock.now()
        first = [item.transfer_id for item in sent if item.attempts == 1]
        self._dispatch.runtime.tally.note_waits((now - made_at(key)).total_seconds() for key in first)
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

    def _settle(self, answered: Sequence[tuple[InFlight, Answer]]) -> None:
        sender = self._sender
        now, platform_outage = self._dispatch.clock.now(), sender.probing or sender.opened
        transitions = [
            apply_outcome(sent, answer, now, platform_outage=platform_outage) for sent, answer in answered
        ]
        answers = [answer for _, answer in answered]
        self._result.done += sum(one.state != TransferState.WAITING and not one.again for one in transitions)
        if self._result.done == self._leaves:
            self._result.last_write = lambda session: self._write_into(session, transitions, answers)
            return
        sender.opened |= self._write(transitions, answers)
        if sender.opened:
            sender.halt()

    def _write(self, transitions: Sequence[Transition], answers: Sequence[Answer]) -> bool:
        """True when nothing more may go out."""
        try:
            return self._write_once(transitions, answers)
        except IntegrityError:
            # A change arrived just now and waits where one of ours wanted to wait again: fold.
            return self._write_once(transitions, answers)

    def _write_once(self, transitions: Sequence[Transition], answers: Sequence[Answer]) -> bool:
        with self._dispatch.runtime.sessions.begin() as session:
            return self._write_into(session, transitions, answers)

    def _write_into(
        self, session: Session, transitions: Sequence[Transition], answers: Sequence[Answer]
    ) -> bool:
        lease = self._dispatch.lease
        written = claims.write_outcomes(session, lease, transitions)
        again = [item.sent.planned.vehicle_id for item in written if item.again]
        note_changes(session, again)
        stops = [answer.outcome for answer in answers if isinstance(answer.outcome, Stop)]
        success = any(item.state in (TransferState.OK, TransferState.WARNING) for item in transitions)
        # A late writer's row may still be its own; what it knows of the platform is not.
        if not stops and breaker_state.note_well(session, lease, answers, success=success):
            return False
        lease.guard(session)
        if stops:
            stopping.stop(session, lease.activation_id, stops[0])
            return True
        return breaker_state.note_answers(session, lease.activation_id, answers, success=success)

    def _give_back(self, transfer_ids: Sequence[UUID]) -> None:
        if transfer_ids:
            with self._dispatch.runtime.sessions.begin() as session:
                claims.release_unsent(session, self._dispatch.lease, transfer_ids)


# Requests to the platform, as many at a time as its manifest allows. Touches no database.


log = logging.getLogger(__name__)

GATHERED = 0.05
"""Seconds; shorter than what is queued in the window takes to be sent."""


class Sender:
    """A window of running requests: `submit` fills it, `collect` empties it as answers arrive.

    After an answer that halts the activation nothing more goes out; what was submitted before is
    handed back unsent; the same after a streak of undelivered ones, until it is known whether the
    platform is in trouble, and once the lease may be another worker's. While it is `probing` one goes out at
    a time, until a proper answer has come.
    """

    def __init__(self, client: Client, lease: Lease, parallel: int, *, probing: bool = False) -> None:
        self._client = client
        self._lease = lease
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="send")
        self._running: dict[Future[Answer | None], InFlight] = {}
        self._limit = parallel * 8
        self._refill = parallel * 2
        self._halted = Event()
        self._streak, self._counting = Streak(), Lock()
        self.probing = probing
        self.opened = False
        """It is written down that nothing more may go out; what arrives now was under way before."""

    @property
    def free_slots(self) -> int:
        """How many more may be submitted without queueing far ahead of the platform."""
        if self.halted:
            return 0
        return (1 if self.probing else self._limit) - len(self._running)

    @property
    def wants_refill(self) -> bool:
        """Whether so many slots are free that filling them is worth a transaction."""
        return self.free_slots >= (1 if self.probing else self._refill)

    @property
    def busy(self) -> bool:
        return bool(self._running)

    @property
    def halted(self) -> bool:
        return self._halted.is_set()

    def submit(self, sent: Sequence[InFlight]) -> None:
        for item in sent:
            self._running[self._pool.submit(self._send, item)] = item

    def collect(self, seconds: float = 1.0) -> list[tuple[InFlight, Answer | None]]:
        """Answers that have arrived, None for what was not sent.

        Waits at most so long for the first, and then a moment for those close behind it: one
        transaction for a dozen outcomes costs little more than one for a single outcome.
        """
        wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        done, _ = wait(self._running, timeout=GATHERED, return_when=ALL_COMPLETED)
        return [(self._running.pop(future), future.result()) for future in done]

    def halt(self) -> None:
        """Nothing more goes out; what was submitted is handed back unsent."""
        self._halted.set()

    def close(self) -> None:
        self.halt()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, sent: InFlight) -> Answer | None:
        if self._lease.may_be_over:
            self.halt()
        if self.halted:
            return None
        try:
            answer = self._request(sent)
        except Exception:
            # A vehicle that trips over a bug must not take the others with it; its row says so.
            log.exception("transfer %s failed inside the portal", sent.transfer_id)
            return Answer(Retry(say("Interner Fehler bei der Übertragung. Bitte die Vorgangsnummer melden.")))
        if self._halts(answer):
            self._halted.set()
        elif sign_of(answer) == Sign.WELL:
            self.probing = False
        return answer

    def _request(self, sent: InFlight) -> Answer:
        planned, listing_id = sent.planned, sent.planned.known.listing_id
        payload = planned.prepared.payload if planned.prepared else {}
        if planned.step == PlanStep.CREATE:
            return self._client.create(payload, str(sent.creation_id))
        if listing_id is None:
            raise ValueError(f"transfer {sent.transfer_id} has no listing at the platform")
        if planned.step == PlanStep.UPDATE:
            return self._client.update(listing_id, payload)
        return self._client.delete(listing_id)

    def _halts(self, answer: Answer) -> bool:
        """Whether this answer concerns the whole activation: it stops, or the platform is in trouble."""
        if isinstance(answer.outcome, Stop):
            return True
        found = sign_of(answer)
        with self._counting:
            self._streak = self._streak.then(found)
        return found == Sign.DOWN or self._streak.long or (self.probing and probe_failed([found]))
