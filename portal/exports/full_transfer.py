"""Full transfer (Komplettübertragung): the whole stock of an API activation is sent once more, by hand.

Here it is asked for and called off; `full_run.py` begins and ends it under the lease.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import audit
from portal.models.exports import (
    Activation,
    ActivationState,
    RunKind,
    RunState,
    Transfer,
    TransferState,
    Trigger,
)
from portal.models.runs import OPEN_RUN, RUN_UNDER_WAY, Run
from portal.outbox.doorbell import ring_after_commit
from portal.platforms import account_name, get_app

REST = timedelta(hours=24)
"""One for an activation in this time."""
RELEASED_AT_ONCE = 2_000
"""Rows that a cancellation takes back in one transaction."""


class Reason(StrEnum):
    """The documented reasons for a full transfer."""

    NOT_REGISTERED = "not_registered"
    MISSING = "missing"


REASONS = {
    Reason.NOT_REGISTERED: (
        "Der Betreiber war bei der Plattform zeitweise nicht als Datendienstleister hinterlegt."
    ),
    Reason.MISSING: (
        "Auf der Plattform fehlen Fahrzeuge, deren letzte Übertragung länger als 5 Tage zurückliegt."
    ),
}
REFUSED = {
    ActivationState.DRAFT: "Die App ist noch nicht aktiviert.",
    ActivationState.RECONCILING: "Der Bestandsabgleich ist noch nicht abgeschlossen.",
    ActivationState.LOCKED: "Die App ist gesperrt. Prüfen Sie zuerst die Sperre.",
    ActivationState.STOPPED: "Die App ist angehalten. Zuerst muss ihre Ursache behoben sein.",
    ActivationState.CLOSING: "Die App wird gerade deaktiviert.",
    ActivationState.DEACTIVATED: "Die App ist deaktiviert.",
}
RUNNING = "Eine Komplettübertragung läuft bereits."
TOO_SOON = "Eine Komplettübertragung ist einmal in 24 Stunden möglich."
FILE_APP = "Diese App überträgt ohnehin in jedem Lauf alle Fahrzeuge."


@dataclass(frozen=True)
class Refusal:
    """Why there can be none now; `until` where time alone removes the reason."""

    text: str
    until: datetime | None = None


class Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal


def refusal(session: Session, activation: Activation, apart_from: UUID | None = None) -> Refusal | None:
    """What speaks against a full transfer now; `apart_from` is a run that does not count."""
    if get_app(activation.app).kind != "api":
        return Refusal(FILE_APP)
    if activation.state != ActivationState.ACTIVE:
        return Refusal(REFUSED[ActivationState(activation.state)])
    last = session.scalars(_last(activation.id, apart_from)).first()
    if last is None:
        return None
    return Refusal(RUNNING) if last.finished_at is None else Refusal(TOO_SOON, last.created_at + REST)


def _last(activation_id: UUID, apart_from: UUID | None) -> Select[Run]:
    """The run that stands in the way. One that was cancelled before anything was sent does not."""
    unsent = (Run.state == RunState.CANCELLED) & Run.finished_at.is_not(None) & ~_anything_sent()
    statement = select(Run).where(
        Run.activation_id == activation_id,
        Run.kind == RunKind.FULL,
        or_(Run.finished_at.is_(None), Run.created_at > func.now() - REST),
        ~unsent,
    )
    if apart_from is not None:
        statement = statement.where(Run.id != apart_from)
    return statement.order_by(Run.id.desc()).limit(1)


def _anything_sent() -> ColumnElement[bool]:
    return Run.accepted + Run.hinted + Run.rejected + Run.failed > 0


def trigger_of(who: audit.Who) -> Trigger:
    """Whether somebody of the dealer asks for something, or an agent for him."""
    return Trigger.SUPPORT if who.support_session_id else Trigger.BY_HAND


def start(session: Session, activation: Activation, reason: Reason, who: audit.Who) -> UUID:
    """Write the run; the engine begins it. Raises Refused, also for the second of two at once."""
    session.refresh(activation)
    # The unique index makes the second of two wait here, so each sees the other.
    run_id: UUID | None = session.scalar(
        insert(Run)
        .values(
            activation_id=activation.id,
            kind=RunKind.FULL,
            trigger=trigger_of(who),
            user_id=who.user_id,
            counts={"reason": reason},
        )
        .on_conflict_do_nothing(index_elements=["activation_id", "kind"], index_where=text(OPEN_RUN))
        .returning(Run.id)
    )
    against = refusal(session, activation, run_id) if run_id else Refusal(RUNNING)
    if run_id is None or against is not None:
        raise Refused(against or Refusal(RUNNING))
    _note(session, activation, who, "full_transfer.started", run_id, reason)
    ring_after_commit(session, [activation.id])
    return run_id


def cancel(session: Session, activation: Activation, run: Run, who: audit.Who) -> bool:
    """What was not sent yet becomes an ordinary change again; commits. False: it was over already."""
    cancelled = session.scalar(
        update(Run)
        .where(Run.id == run.id, Run.kind == RunKind.FULL, Run.state.in_(RUN_UNDER_WAY))
        .values(state=RunState.CANCELLED)
        .returning(Run.id)
    )
    if cancelled is None:
        return False
    _note(session, activation, who, "full_transfer.cancelled", run.id)
    session.commit()
    while release_some(session, run.id):
        session.commit()
    ring_after_commit(session, [activation.id])
    session.commit()
    return True


def _note(
    session: Session, activation: Activation, who: audit.Who, what: str, run_id: UUID, reason: str = ""
) -> None:
    audit.note(
        session,
        who,
        what,
        dealer_id=activation.dealer_id,
        object_id=run_id,
        activation_id=activation.id,
        label=account_name(activation.app, activation.customer_number),
        detail={"reason": reason} if reason else None,
    )


def release_some(session: Session, run_id: UUID) -> int:
    """Take some waiting rows out of the run; first the run, then they, as everybody locks them."""
    session.execute(select(Run.id).where(Run.id == run_id).with_for_update())
    rows = (
        select(Transfer.id)
        .where(Transfer.run_id == run_id, Transfer.state == TransferState.WAITING)
        .order_by(Transfer.vehicle_id)
        .limit(RELEASED_AT_ONCE)
        .with_for_update()
    )
    taken = session.scalars(
        update(Transfer).where(Transfer.id.in_(rows)).values(run_id=None, forced=False).returning(Transfer.id)
    ).all()
    if taken:
        session.execute(_NOTE_RELEASED, {"run": run_id, "number": len(taken)})
    return len(taken)


_NOTE_RELEASED = text(
    """
    UPDATE run SET counts = jsonb_set(counts, '{released}',
        to_jsonb(coalesce((counts ->> 'released')::int, 0) + :number)) WHERE id = :run
    """
)
