"""What answers say of the platform, written down: with the activation where it is the seller's trouble,
for all activations where it is everybody's (platform_state.py).

Every function works in the caller's transaction and goes by the database's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, cast, func, or_, select, text, update
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease
from portal.exports.trouble import breaker, platform_state
from portal.exports.trouble.breaker import STREAK, SUSPICIOUS, Breaker, Phase, PlatformTrouble, Sign
from portal.models.exports import Activation, Transfer, TransferState
from portal.models.prepared import ONCE
from portal.notifications.problems import ProblemKind, close_problem
from portal.platforms.contract import Answer, Retry


def note_well(session: Session, lease: Lease, answers: Sequence[Answer], *, success: bool) -> bool:
    """Take in answers that say nothing but well of a platform that was well before, in one statement.

    False: they, or the breaker, say more, or the lease is lost; nothing was written.
    """
    signs = {breaker.sign_of(answer) for answer in answers}
    if Sign.WELL not in signs or Sign.DOWN in signs:
        return False
    known = {"activation": lease.activation_id, "token": lease.token, "success": success}
    return session.execute(_NOTE_WELL, known).first() is not None


_NOTE_WELL = text(
    """
    WITH held AS (
        SELECT activation_id FROM activation_lease
        WHERE activation_id = :activation AND token = :token FOR KEY SHARE)
    UPDATE activation AS a SET answered_at = now(),
        last_success_at = CASE WHEN :success THEN now() ELSE a.last_success_at END
    FROM held WHERE a.id = held.activation_id AND a.failing_since IS NULL AND NOT EXISTS (
        SELECT FROM platform_breaker AS p
        WHERE p.app = a.app AND (p.failing_since IS NOT NULL OR p.suspects <> '{}')) RETURNING a.id
    """
).execution_options(**ONCE)


def note_answers(session: Session, activation_id: UUID, answers: Sequence[Answer], *, success: bool) -> bool:
    """Take in a batch of answers; True when nothing more may go out.

    In a batch with a proper answer no streak is seen: nobody knows which came first.
    """
    signs = [breaker.sign_of(answer) for answer in answers]
    if Sign.DOWN in signs:
        note_failure(session, activation_id, _trouble(answers, Sign.DOWN), for_all=True)
        return True
    if Sign.WELL in signs:
        note_answer(session, activation_id, success=success)
        return False
    for sign in SUSPICIOUS:
        if sign in signs and _opened_by_streak(session, activation_id, answers, sign):
            return True
    return False


def note_failure(
    session: Session, activation_id: UUID, trouble: PlatformTrouble, *, for_all: bool = False
) -> None:
    """Open the breaker, or after a failed probe open it for longer; the tick rings again.

    `for_all`: it is the platform's trouble and every activation waits, else this one alone.
    """
    here = _hold(session, activation_id)
    if for_all:
        known = platform_state.note_failure(session, here.app, here.now, trouble)
        _store(session, activation_id, known, shared=True)
    else:
        _store(session, activation_id, breaker.after_failure(here.own, here.now, trouble))


def note_answer(session: Session, activation_id: UUID, *, success: bool = False) -> None:
    """The platform answers: a half-open breaker closes, and who was told of the failure is told so."""
    here = _hold(session, activation_id)
    shared = platform_state.note_answer(session, here.app, here.now)
    moments = {"answered_at": func.now()} | ({"last_success_at": func.now()} if success else {})
    session.execute(update(Activation).where(Activation.id == activation_id).values(**moments))
    if here.breaker.failing_since is None:
        return
    if here.shares_trouble and shared != Phase.CLOSED:
        return
    after = Breaker() if here.shares_trouble else breaker.after_answer(here.breaker, here.now)
    if after.phase(here.now) == Phase.CLOSED:
        _store(session, activation_id, after)
        close_problem(session, activation_id, ProblemKind.FAILING, "resolved")


def reset_breaker(session: Session, activation_id: UUID) -> None:
    """Close the breaker without an answer: what comes next has another reason to wait, or none."""
    _store(session, activation_id, Breaker())


def _opened_by_streak(session: Session, activation_id: UUID, answers: Sequence[Answer], sign: Sign) -> bool:
    """One vehicle's trouble is its own, unless the breaker is not closed or others met it just before."""
    here = _hold(session, activation_id)
    in_a_row = here.own.phase(here.now) != Phase.CLOSED or _streak(session, activation_id, sign) >= STREAK
    everybodys = platform_state.is_suspected(session, here.app, here.now, activation_id)
    # How much may be sent is said to the operator's account, not to one seller.
    everybodys |= in_a_row and sign == Sign.LIMITED
    if everybodys or in_a_row:
        note_failure(session, activation_id, _trouble(answers, sign), for_all=everybodys)
    return everybodys or in_a_row


def _streak(session: Session, activation_id: UUID, sign: Sign) -> int:
    """Vehicles whose last attempt met this since the last proper answer. One row per vehicle waits,
    so one vehicle counts once, however often it is tried; what a killed worker wrote counts too."""
    last = Transfer.attempts[-1]
    met = cast(last["at"].astext, DateTime(timezone=True))
    return session.scalars(
        select(func.count())
        .select_from(Transfer)
        .join(Activation, Activation.id == Transfer.activation_id)
        .where(
            Activation.id == activation_id,
            Transfer.state == TransferState.WAITING,
            last["sign"].astext == sign,
            or_(Activation.answered_at.is_(None), met > Activation.answered_at),
        )
    ).one()


def _trouble(answers: Sequence[Answer], sign: Sign) -> PlatformTrouble:
    """The last reason that was given, and the longest time that was asked for."""
    signalled = [one.outcome for one in answers if breaker.sign_of(one) == sign]
    meant = [outcome for outcome in signalled if isinstance(outcome, Retry)]
    asked = [outcome.after for outcome in meant if outcome.after is not None]
    return PlatformTrouble(meant[-1].reason, max(asked, default=None))


@dataclass(frozen=True)
class HeldActivation:
    """What an activation says of trouble, locked until the commit."""

    app: str
    breaker: Breaker
    shares_trouble: bool
    now: datetime

    @property
    def own(self) -> Breaker:
        """Its own trouble, apart from what it shows of the platform's."""
        return Breaker() if self.shares_trouble else self.breaker


def _hold(session: Session, activation_id: UUID) -> HeldActivation:
    row = session.execute(
        select(
            Activation.failing_since,
            Activation.failures,
            Activation.paused_until,
            Activation.pause_reason,
            Activation.app,
            Activation.shares_trouble,
            func.clock_timestamp(),
        )
        .where(Activation.id == activation_id)
        .with_for_update(key_share=True)
    ).one()
    return HeldActivation(row[4], Breaker(*row[:4]), row[5], row[6])


def _store(session: Session, activation_id: UUID, after: Breaker, *, shared: bool = False) -> None:
    session.execute(
        update(Activation)
        .where(Activation.id == activation_id)
        .values(
            failing_since=after.failing_since,
            failures=after.failures,
            paused_until=after.paused_until,
            pause_reason=after.reason,
            shares_trouble=shared,
        )
    )
