"""The breaker's effects on an activation: what answers say of the platform, written down.

Every function works in the caller's transaction and goes by the database's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, cast, func, or_, select, text, update
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease
from portal.exports.trouble import breaker
from portal.exports.trouble.breaker import STREAK, SUSPICIOUS, Breaker, Phase, PlatformTrouble, Sign
from portal.models.exports import Activation, Transfer, TransferState
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
    FROM held WHERE a.id = held.activation_id AND a.failing_since IS NULL RETURNING a.id
    """
)


def note_answers(session: Session, activation_id: UUID, answers: Sequence[Answer], *, success: bool) -> bool:
    """Take in a batch of answers; True when nothing more may go out.

    In a batch with a proper answer no streak is seen: nobody knows which came first.
    """
    signs = [breaker.sign_of(answer) for answer in answers]
    if Sign.DOWN in signs:
        note_failure(session, activation_id, _trouble(answers, Sign.DOWN))
        return True
    if Sign.WELL in signs:
        note_answer(session, activation_id, success=success)
        return False
    for sign in SUSPICIOUS:
        if sign in signs and _opened_by_streak(session, activation_id, answers, sign):
            return True
    return False


def note_failure(session: Session, activation_id: UUID, trouble: PlatformTrouble) -> None:
    """Open the breaker, or after a failed probe open it for longer; the tick rings again."""
    before, now = _hold(session, activation_id)
    _store(session, activation_id, breaker.after_failure(before, now, trouble))


def note_answer(session: Session, activation_id: UUID, *, success: bool = False) -> None:
    """The platform answers: a half-open breaker closes, and who was told of the failure is told so."""
    moments = {"answered_at": func.now()} | ({"last_success_at": func.now()} if success else {})
    here = Activation.id == activation_id
    well = update(Activation).where(here, Activation.failing_since.is_(None)).values(**moments)
    if session.execute(well.returning(Activation.id)).first() is not None:
        return
    before, now = _hold(session, activation_id)
    after = breaker.after_answer(before, now)
    session.execute(update(Activation).where(here).values(**moments))
    if after.phase(now) == Phase.CLOSED:
        _store(session, activation_id, after)
        close_problem(session, activation_id, ProblemKind.FAILING, "resolved")


def reset_breaker(session: Session, activation_id: UUID) -> None:
    """Close the breaker without an answer: what comes next has another reason to wait, or none."""
    _store(session, activation_id, Breaker())


def _opened_by_streak(session: Session, activation_id: UUID, answers: Sequence[Answer], sign: Sign) -> bool:
    """One vehicle's trouble is its own, unless the breaker is not closed or others met it just before."""
    before, now = _hold(session, activation_id)
    if before.phase(now) == Phase.CLOSED and _streak(session, activation_id, sign) < STREAK:
        return False
    _store(session, activation_id, breaker.after_failure(before, now, _trouble(answers, sign)))
    return True


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


def _hold(session: Session, activation_id: UUID) -> tuple[Breaker, datetime]:
    row = session.execute(
        select(
            Activation.failing_since,
            Activation.failures,
            Activation.paused_until,
            Activation.pause_reason,
            func.clock_timestamp(),
        )
        .where(Activation.id == activation_id)
        .with_for_update(key_share=True)
    ).one()
    return Breaker(*row[:4]), row[4]


def _store(session: Session, activation_id: UUID, after: Breaker) -> None:
    session.execute(
        update(Activation)
        .where(Activation.id == activation_id)
        .values(
            failing_since=after.failing_since,
            failures=after.failures,
            paused_until=after.paused_until,
            pause_reason=after.reason[:500],
        )
    )
