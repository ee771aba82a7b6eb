"""Requests to the platform, as many at a time as its manifest allows. Touches no database."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from uuid import UUID

from portal.exports.outcomes import Sent
from portal.exports.planning import Step
from portal.platforms.base import Answer, Client, Retry

log = logging.getLogger(__name__)


class Sender:
    """A window of running requests: `submit` fills it, `collect` empties it as answers arrive."""

    def __init__(self, client: Client, parallel: int) -> None:
        self._client = client
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="send")
        self._running: dict[Future[Answer], Sent] = {}
        self._limit = parallel * 4

    @property
    def room(self) -> int:
        """How many more may be submitted without queueing far ahead of the platform."""
        return self._limit - len(self._running)

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def submit(self, sent: Sequence[Sent]) -> None:
        for item in sent:
            self._running[self._pool.submit(_send, self._client, item)] = item

    def collect(self, seconds: float = 1.0) -> list[tuple[Sent, Answer]]:
        """Answers that have arrived; waits for the first one at most so long."""
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        return [(self._running.pop(future), future.result()) for future in done]

    def cancel(self) -> list[UUID]:
        """Take back what has not gone out yet; returns those transfers' ids."""
        unsent = [future for future in self._running if future.cancel()]
        return [self._running.pop(future).transfer_id for future in unsent]

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _send(client: Client, sent: Sent) -> Answer:
    try:
        return _request(client, sent)
    except Exception:
        # A vehicle that trips over a bug must not take the others with it; its row says so.
        log.exception("transfer %s failed inside the portal", sent.transfer_id)
        return Answer(Retry("Interner Fehler bei der Übertragung. Bitte die Vorgangsnummer melden."))


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
