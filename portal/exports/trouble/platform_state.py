"""The breaker of a whole platform: what one activation meets and all would meet, known once.

A platform that is down, or that asks the operator's account for patience, is left alone by every worker for
every dealer. When the pause is over one activation asks, under its lease; the others wait for what it finds.
Trouble of one seller stays with its activation (breaker_state.py). The row is the truth; that activations
show what it says (`tell_activations`) decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease
from portal.exports.trouble import breaker
from portal.exports.trouble.breaker import Breaker, Phase, PlatformTrouble
from portal.models.exports import Activation, ActivationLease, PlatformBreaker
from portal.notifications.problems import ProblemKind, close_problem

SUSPECTS = 3
"""So many activations in a row, each with the same kind of trouble and no proper answer for anybody in
between, are the platform's trouble."""
SUSPECTED_FOR = timedelta(minutes=1)
"""What lies farther apart are vehicles with trouble of their own, tried again by their plans."""


def may_be_asked() -> ColumnElement[bool]:
    """The platform of the activation in the statement around it is well, or it is time to ask it once and
    nobody else does. Who acts on it asks `take_turn` before the first request."""
    shared = PlatformBreaker
    asked = (
        select(ActivationLease.activation_id)
        .where(
            ActivationLease.token == shared.probe_token,
            ActivationLease.until > func.now(),
            ActivationLease.activation_id != Activation.id,
        )
        .correlate(shared, Activation)
    )
    barred = select(shared.app).where(
        shared.app == Activation.app,
        shared.failing_since.is_not(None),
        or_(shared.paused_until > func.now(), asked.exists()),
    )
    return ~barred.exists()


def may_go_out() -> ColumnElement[bool]:
    """No pause holds up the activation in the statement around it, neither its own nor its platform's."""
    over = func.coalesce(Activation.paused_until, func.now()) <= func.now()
    return and_(or_(Activation.shares_trouble, over), may_be_asked())


def is_well() -> ColumnElement[bool]:
    """For questions that are no probe: they wait until the platform answers again."""
    return ~_failing().exists()


def is_failing() -> ColumnElement[bool]:
    return _failing().exists()


def _failing() -> Select[str]:
    return select(PlatformBreaker.app).where(
        PlatformBreaker.app == Activation.app, PlatformBreaker.failing_since.is_not(None)
    )


def take_turn(session: Session, app: str, lease: Lease) -> bool:
    """Become the one that asks, until this lease ends; False while the pause lasts or somebody else asks."""
    # Locked first, looked at then: one statement for both would look at leases as they were before it waited.
    row = _hold(session, app)
    if row is None or row.failing_since is None:
        return False
    free = session.scalar(_IS_FREE, {"app": app, "activation": lease.activation_id})
    if free:
        row.probe_token = lease.token
        session.flush()
    return bool(free)


_IS_FREE = text(
    """
    SELECT coalesce(p.paused_until, now()) <= now() AND NOT EXISTS (
        SELECT FROM activation_lease AS l
        WHERE l.token = p.probe_token AND l.until > now() AND l.activation_id <> :activation)
    FROM platform_breaker AS p WHERE p.app = :app
    """
)


def note_failure(session: Session, app: str, now: datetime, trouble: PlatformTrouble) -> Breaker:
    """Open it, or after a probe in vain open it for longer; returns what it is then."""
    session.execute(insert(PlatformBreaker).values(app=app).on_conflict_do_nothing())
    after = breaker.after_failure(_breaker_of(_hold(session, app)), now, trouble)
    _store(session, app, after)
    return after


def note_answer(session: Session, app: str, now: datetime) -> Phase:
    """The platform answers one of us: half open it closes, and whom we suspected is forgotten."""
    row = _hold(session, app)
    if row is None:
        return Phase.CLOSED
    before = _breaker_of(row)
    after = breaker.after_answer(before, now)
    if after != before:
        _store(session, app, after)
    elif row.suspects:
        row.suspects, row.suspected_at = [], None
        session.flush()
    return after.phase(now)


def is_suspected(session: Session, app: str, now: datetime, activation_id: UUID) -> bool:
    """Note that this activation met trouble; True when it is the platform's: so many met it in a row, or it
    was in trouble before."""
    session.execute(insert(PlatformBreaker).values(app=app).on_conflict_do_nothing())
    row = _hold(session, app)
    if row is None or row.failing_since is not None:
        return row is not None
    fresh = row.suspected_at is not None and now - row.suspected_at <= SUSPECTED_FOR
    row.suspects = sorted({activation_id, *(row.suspects if fresh else ())})
    row.suspected_at = now
    session.flush()
    return len(row.suspects) >= SUSPECTS


def _hold(session: Session, app: str) -> PlatformBreaker | None:
    """Locked after the activation, and nothing is locked after it: nobody waits in a circle."""
    row = select(PlatformBreaker).where(PlatformBreaker.app == app)
    return session.scalars(row.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _breaker_of(row: PlatformBreaker | None) -> Breaker:
    if row is None:
        return Breaker()
    return Breaker(row.failing_since, row.failures, row.paused_until, row.pause_reason)


def _store(session: Session, app: str, after: Breaker) -> None:
    closed = {"well_since": func.now()} if after.failing_since is None else {}
    session.execute(
        update(PlatformBreaker)
        .where(PlatformBreaker.app == app)
        .values(
            failing_since=after.failing_since,
            failures=after.failures,
            paused_until=after.paused_until,
            pause_reason=after.reason,
            probe_token=None,
            suspects=[],
            suspected_at=None,
            **closed,
        )
    )


# What activations show of it, and whom to ring. Rows that somebody holds have their turn at the next look.


def tell_activations(session: Session) -> None:
    """Where something waits for a platform in trouble its activation says so, and no longer than that."""
    healed: Sequence[UUID] = session.scalars(_UNTELL).all()
    for activation_id in healed:
        close_problem(session, activation_id, ProblemKind.FAILING, "resolved")
    session.execute(_TELL)


_UNTELL = text(
    """
    WITH healed AS (
        SELECT a.id FROM activation AS a WHERE a.shares_trouble AND NOT EXISTS (
            SELECT FROM platform_breaker AS p WHERE p.app = a.app AND p.failing_since IS NOT NULL)
        FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE activation AS a SET shares_trouble = false,
        failing_since = NULL, failures = 0, paused_until = NULL, pause_reason = '""'
    FROM healed WHERE a.id = healed.id RETURNING a.id
    """
)
_TELL = text(
    """
    WITH concerned AS (
        SELECT a.id FROM activation AS a JOIN platform_breaker AS p ON p.app = a.app
        WHERE p.failing_since IS NOT NULL AND a.state IN ('active', 'locked', 'closing')
            AND (a.failing_since IS NULL OR a.shares_trouble)
            AND (a.failing_since, a.failures, a.paused_until)
                IS DISTINCT FROM (p.failing_since, p.failures, p.paused_until)
            AND EXISTS (SELECT FROM transfer AS t WHERE t.activation_id = a.id AND t.state = 'waiting')
        FOR NO KEY UPDATE OF a SKIP LOCKED)
    UPDATE activation AS a SET shares_trouble = true, failing_since = p.failing_since,
        failures = p.failures, paused_until = p.paused_until, pause_reason = p.pause_reason
    FROM concerned, platform_breaker AS p WHERE a.id = concerned.id AND p.app = a.app
    """
)


def to_ring(session: Session, recent: timedelta) -> Sequence[UUID]:
    """Of a platform whose pause has just ended one activation for which something waits; of one that has just
    answered again all of these."""
    return session.scalars(_TO_RING, {"recent": recent}).all()


_WAITS = """a.app = p.app AND a.state IN ('active', 'closing') AND EXISTS (
    SELECT FROM transfer AS t WHERE t.activation_id = a.id AND t.state = 'waiting' AND NOT t.held
    AND coalesce(t.not_before, now()) <= now())"""
_TO_RING = text(
    f"""
    SELECT one.id FROM platform_breaker AS p CROSS JOIN LATERAL (
        SELECT a.id FROM activation AS a WHERE {_WAITS} LIMIT 1) AS one
    WHERE p.failing_since IS NOT NULL
        AND p.paused_until BETWEEN now() - CAST(:recent AS interval) AND now()
    UNION SELECT a.id FROM platform_breaker AS p JOIN activation AS a ON {_WAITS}
    WHERE p.failing_since IS NULL AND p.well_since > now() - CAST(:recent AS interval)
    """  # noqa: S608
)
