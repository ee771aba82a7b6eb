"""The breaker of an activation: a platform that is down or sick is left alone, then asked once. Pure.

Closed: transfers go out. Open: nothing goes out until `paused_until`. Half open: the pause is over and
exactly one request goes out as a probe; a proper answer closes, a failure opens for longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from portal.exports.core import retries
from portal.messages import Wording
from portal.platforms.contract import Accepted, Answer, Gone, Rejected, Retry

STREAK = 5
"""So many vehicles in a row, undelivered for the same kind of reason and without a proper answer in
between, are the platform's trouble and not theirs."""


class Phase(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Sign(StrEnum):
    """What an answer says about the platform as a whole. NONE: nothing, it was about one vehicle or us.
    SICK and LIMITED say it only when several vehicles in a row meet them."""

    WELL = "well"
    SICK = "sick"
    LIMITED = "limited"
    DOWN = "down"
    NONE = ""


SUSPICIOUS = (Sign.SICK, Sign.LIMITED)


@dataclass(frozen=True)
class Streak:
    """Answers in a row that say the same of the platform."""

    sign: Sign = Sign.NONE
    length: int = 0

    def then(self, found: Sign) -> Streak:
        """What says nothing neither counts nor ends it."""
        if found == Sign.NONE:
            return self
        if found not in SUSPICIOUS:
            return Streak()
        return Streak(found, self.length + 1 if found == self.sign else 1)

    @property
    def long(self) -> bool:
        return self.length >= STREAK


@dataclass(frozen=True)
class PlatformTrouble:
    """Why the platform is left alone; `asked` are the seconds that it asked for itself (Retry-After)."""

    reason: Wording
    asked: float | None = None


@dataclass(frozen=True)
class Breaker:
    failing_since: datetime | None = None
    failures: int = 0
    paused_until: datetime | None = None
    reason: Wording = ""

    def phase(self, now: datetime) -> Phase:
        if self.failing_since is None:
            return Phase.CLOSED
        return Phase.OPEN if self.paused_until and now < self.paused_until else Phase.HALF_OPEN


def after_failure(breaker: Breaker, now: datetime, trouble: PlatformTrouble) -> Breaker:
    """Open it, or open it again for longer.

    What fails while it is open was under way before: it counts once, and only lengthens the pause
    where the platform asks for that.
    """
    if breaker.phase(now) == Phase.OPEN:
        if trouble.asked is None or breaker.paused_until is None:
            return breaker
        until = now + timedelta(seconds=retries.clamp(trouble.asked))
        return replace(breaker, paused_until=max(breaker.paused_until, until))
    # A wait that the platform asks for is obeyed to the second and lengthens no other.
    failures = max(breaker.failures, 1) if trouble.asked is not None else breaker.failures + 1
    until = now + timedelta(seconds=retries.pause(failures, trouble.asked))
    return Breaker(breaker.failing_since or now, failures, until, trouble.reason)


def after_answer(breaker: Breaker, now: datetime) -> Breaker:
    """A proper answer closes it; one that was under way when it opened leaves the pause as it is."""
    return breaker if breaker.phase(now) == Phase.OPEN else Breaker()


def sign_of(answer: Answer) -> Sign:
    match answer.outcome:
        case Accepted() | Rejected() | Gone():
            return Sign.WELL
        case Retry(platform_wide=True):
            return Sign.DOWN
        case Retry() if answer.exchanges:
            status = answer.exchanges[-1].status
            if status == 429:
                return Sign.LIMITED
            # No answer, a server error or nonsense instead of a success; other refusals are the vehicle's.
            about_vehicle = status is not None and 400 <= status < 500 and status != 408
            return Sign.NONE if about_vehicle else Sign.SICK
        case _:
            return Sign.NONE


def probe_failed(signs: Iterable[Sign]) -> bool:
    """Half open: one vehicle that meets trouble is enough."""
    return any(one in (*SUSPICIOUS, Sign.DOWN) for one in signs)
