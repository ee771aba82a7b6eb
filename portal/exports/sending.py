"""Requests to the platform, as many at a time as its manifest allows. Touches no database."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event, Lock

from portal.exports.breaker import Sign, Streak, probe_failed, sign_of
from portal.exports.outcomes import Sent
from portal.exports.planning import Step
from portal.platforms.contract import Answer, Client, Retry, Stop

log = logging.getLogger(__name__)

GATHERED = 0.05
"""Seconds; shorter than what is queued in the window takes to be sent."""


class Sender:
    """A window of running requests: `submit` fills it, `collect` empties it as answers arrive.

    After an answer that halts the activation nothing more goes out; what was submitted before is
    handed back unsent; the same after a streak of undelivered ones, until it is known whether the
    platform is in trouble. While it is `probing` one goes out at a time, until a proper answer has come.
    """

    def __init__(self, client: Client, parallel: int, *, probing: bool = False) -> None:
        self._client = client
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="send")
        self._running: dict[Future[Answer | None], Sent] = {}
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

    def submit(self, sent: Sequence[Sent]) -> None:
        for item in sent:
            self._running[self._pool.submit(self._send, item)] = item

    def collect(self, seconds: float = 1.0) -> list[tuple[Sent, Answer | None]]:
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

    def _send(self, sent: Sent) -> Answer | None:
        if self.halted:
            return None
        try:
            answer = _request(self._client, sent)
        except Exception:
            # A vehicle that trips over a bug must not take the others with it; its row says so.
            log.exception("transfer %s failed inside the portal", sent.transfer_id)
            return Answer(Retry("Interner Fehler bei der Übertragung. Bitte die Vorgangsnummer melden."))
        if self._halts(answer):
            self._halted.set()
        elif sign_of(answer) == Sign.WELL:
            self.probing = False
        return answer

    def _halts(self, answer: Answer) -> bool:
        """Whether this answer concerns the whole activation: it stops, or the platform is in trouble."""
        if isinstance(answer.outcome, Stop):
            return True
        found = sign_of(answer)
        with self._counting:
            self._streak = self._streak.then(found)
        return found == Sign.DOWN or self._streak.long or (self.probing and probe_failed([found]))


def _request(client: Client, sent: Sent) -> Answer:
    planned = sent.planned
    payload = planned.prepared.payload if planned.prepared else {}
    if planned.step == Step.CREATE:
        return client.create(payload, str(sent.creation_id))
    if planned.step == Step.UPDATE:
        return client.update(_listing_id(sent), payload)
    return client.delete(_listing_id(sent))


def _listing_id(sent: Sent) -> str:
    if sent.planned.known.listing_id is None:
        raise ValueError(f"transfer {sent.transfer_id} has no listing at the platform")
    return sent.planned.known.listing_id
