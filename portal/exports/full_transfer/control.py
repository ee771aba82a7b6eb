"""Sending again, because somebody asks for it: single vehicles, or the whole stock of an API activation.

A full transfer (Komplettübertragung) is forecast, asked for and cancelled here; `task.py` begins and ends it
under the lease. `resend` queues what a platform refused or never got.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import audit
from portal.activation_log import log_at
from portal.exports.dispatch.preview import preview
from portal.exports.planning.cases import is_wanted, stored_releases
from portal.exports.stock_files import control as file_runs
from portal.mandate import demand_consent
from portal.messages import Wording, say
from portal.models.base import any_of
from portal.models.exports import (
    Activation,
    ActivationState,
    AppKind,
    Listing,
    ListingState,
    RunKind,
    RunState,
    Transfer,
    TransferState,
    Trigger,
)
from portal.models.plans import without_nested_loops
from portal.models.runs import OPEN_RUN, RUN_UNDER_WAY, Run
from portal.models.vehicles import NO_PROBLEMS, Publication, Vehicle
from portal.outbox import note_changes, ring_after_commit
from portal.platforms import get_app
from portal.platforms.contract import Mapper, Rules

MIN_INTERVAL = timedelta(hours=24)
"""One for an activation in this time."""
RELEASED_AT_ONCE = 2_000
"""Rows that a cancellation takes back in one transaction."""
REFUSAL_OF_STATE = {
    ActivationState.DRAFT: say("Die App ist noch nicht aktiviert."),
    ActivationState.RECONCILING: say("Der Bestandsabgleich ist noch nicht abgeschlossen."),
    ActivationState.LOCKED: say("Die App ist gesperrt. Prüfen Sie zuerst die Sperre."),
    ActivationState.STOPPED: say("Die App ist angehalten. Zuerst muss ihre Ursache behoben sein."),
    ActivationState.CLOSING: say("Die App wird gerade deaktiviert."),
    ActivationState.DEACTIVATED: say("Die App ist deaktiviert."),
}
RUNNING_ALREADY = say("Eine Komplettübertragung läuft bereits.")
TOO_SOON = say("Eine Komplettübertragung ist einmal in 24 Stunden möglich.")
FILE_APP = say("Diese App überträgt ohnehin in jedem Durchgang alle Fahrzeuge.")
PAIRS_AT_ONCE = 5_000
"""Pairs handled by one statement."""
PLANNED_EXACTLY = 2_000
"""Vehicles that are planned while somebody waits: about a second."""


ListingKey = tuple[UUID, UUID]
"""An activation and a vehicle."""


class FullTransferReason(StrEnum):
    """The documented reasons for a full transfer."""

    NOT_REGISTERED = "not_registered"
    MISSING = "missing"


REASON_TEXTS = {
    FullTransferReason.NOT_REGISTERED: (
        say("Der Betreiber dieses Portals war bei der Plattform zeitweise nicht eingetragen.")
    ),
    FullTransferReason.MISSING: (
        say("Auf der Plattform fehlen Fahrzeuge, deren letzte Übertragung länger als 5 Tage zurückliegt.")
    ),
}


@dataclass(frozen=True)
class FullTransferRefusal:
    """Why there can be none now; `until` where time alone removes the reason."""

    text: Wording
    until: datetime | None = None


class FullTransferRefused(Exception):
    def __init__(self, refusal: FullTransferRefusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal


def find_refusal(
    session: Session, activation: Activation, apart_from: UUID | None = None
) -> FullTransferRefusal | None:
    """What speaks against a full transfer now; `apart_from` is a run that does not count."""
    if get_app(activation.app).kind != "api":
        return FullTransferRefusal(FILE_APP)
    if activation.state != ActivationState.ACTIVE:
        return FullTransferRefusal(REFUSAL_OF_STATE[ActivationState(activation.state)])
    # One that was cancelled before anything was sent stands in nobody's way.
    nothing_sent = Run.accepted + Run.hinted + Run.rejected + Run.failed == 0
    unsent = (Run.state == RunState.CANCELLED) & Run.finished_at.is_not(None) & nothing_sent
    recent = select(Run).where(
        Run.activation_id == activation.id,
        Run.kind == RunKind.FULL,
        or_(Run.finished_at.is_(None), Run.created_at > func.now() - MIN_INTERVAL),
        ~unsent,
    )
    if apart_from is not None:
        recent = recent.where(Run.id != apart_from)
    last = session.scalars(recent.order_by(Run.id.desc()).limit(1)).first()
    if last is None:
        return None
    if last.finished_at is None:
        return FullTransferRefusal(RUNNING_ALREADY)
    return FullTransferRefusal(TOO_SOON, last.created_at + MIN_INTERVAL)


def trigger_of(who: audit.Who) -> Trigger:
    """Whether somebody of the dealer asks for something, or an agent for them."""
    return Trigger.SUPPORT if who.support_session_id else Trigger.BY_HAND


def start(session: Session, activation: Activation, reason: FullTransferReason, who: audit.Who) -> UUID:
    """Write the run; the engine begins it. Raises FullTransferRefused, also for the second of two at once."""
    demand_consent(session)
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
    against = find_refusal(session, activation, run_id) if run_id else FullTransferRefusal(RUNNING_ALREADY)
    if run_id is None or against is not None:
        raise FullTransferRefused(against or FullTransferRefusal(RUNNING_ALREADY))
    log_at(session, who, "full_transfer.started", activation, run_id, {"reason": reason})
    ring_after_commit(session, [activation.id])
    return run_id


def cancel(session: Session, activation: Activation, run: Run, who: audit.Who) -> bool:
    """What was not sent yet becomes an ordinary change again; False: it was over already.

    Commits batch by batch: the rows of 50,000 vehicles are not locked at once, and a worker that meets the
    cancelled run finishes what is left.
    """
    cancelled = session.scalar(
        update(Run)
        .where(Run.id == run.id, Run.kind == RunKind.FULL, Run.state.in_(RUN_UNDER_WAY))
        .values(state=RunState.CANCELLED)
        .returning(Run.id)
    )
    if cancelled is None:
        return False
    log_at(session, who, "full_transfer.cancelled", activation, run.id)
    session.commit()
    for _ in release_waiting(session, run.id):
        session.commit()
    ring_after_commit(session, [activation.id])
    session.commit()
    return True


def release_waiting(session: Session, run_id: UUID) -> Iterator[int]:
    """Take what waits out of the run, some rows at a time; yields how many, to be committed. Which rows those
    are is read once: to ask for the next ones may have PostgreSQL sort all that are left each time."""
    waiting = select(Transfer.id).where(Transfer.run_id == run_id, Transfer.state == TransferState.WAITING)
    keys = sorted(session.scalars(waiting))
    for start in range(0, len(keys), RELEASED_AT_ONCE):
        # First the run, then its rows in the order of the vehicles, as everybody locks them.
        session.execute(select(Run.id).where(Run.id == run_id).with_for_update())
        some = any_of(Transfer.id, keys[start : start + RELEASED_AT_ONCE])
        rows = select(Transfer.id, Transfer.run_id, Transfer.state).where(some)
        locked = session.execute(rows.order_by(Transfer.vehicle_id).with_for_update())
        taken = [key for key, of, state in locked if of == run_id and state == TransferState.WAITING]
        if taken:
            released = update(Transfer).where(any_of(Transfer.id, taken)).values(run_id=None, forced=False)
            session.execute(released.execution_options(synchronize_session=False))
            session.execute(_NOTE_RELEASED, {"run": run_id, "number": len(taken)})
        yield len(taken)


_NOTE_RELEASED = text(
    """
    UPDATE run SET counts = jsonb_set(counts, '{released}',
        to_jsonb(coalesce((counts ->> 'released')::int, 0) + :number)) WHERE id = :run
    """
)


@dataclass(frozen=True)
class Forecast:
    """Vehicles by what would be done. Without `exact` it is the state of the last look at each of them."""

    update: int = 0
    create: int = 0
    delete: int = 0
    blocked: int = 0
    resolve: int = 0
    exact: bool = True

    @property
    def total(self) -> int:
        return self.update + self.create + self.delete + self.blocked + self.resolve


def forecast(session: Session, activation: Activation, mapper: Mapper | None, rules: Rules) -> Forecast:
    """What a full transfer would send: planned like a preview, or counted from what is known of a large
    stock, and where there is no mapper (the platform's reference data cannot be read)."""
    with without_nested_loops(session):
        known = Forecast(*session.execute(_counted(activation, rules)).one(), exact=False)
    if mapper is None or known.total > PLANNED_EXACTLY:
        return known
    releases = stored_releases(session, activation.id)
    planned = preview(session, activation, mapper, rules, {}, releases, force=True)
    return Forecast(planned.update, planned.create, planned.delete, planned.blocked_vehicles, planned.resolve)


def _counted(activation: Activation, rules: Rules) -> Select[int, int, int, int, int]:
    state = func.coalesce(Listing.state, ListingState.ABSENT)
    wanted = is_wanted(activation, rules)
    ready = and_(
        Vehicle.problems == NO_PROBLEMS, func.coalesce(Publication.problems, NO_PROBLEMS) == NO_PROBLEMS
    )
    in_doubt = or_(
        and_(state == ListingState.MISSING, wanted),
        and_(state == ListingState.CREATING, or_(~wanted, ~ready)),
    )
    return (
        select(
            _count(wanted, ready, state == ListingState.ONLINE),
            _count(wanted, ready, state.in_((ListingState.ABSENT, ListingState.CREATING))),
            _count(~wanted, state.in_((ListingState.ONLINE, ListingState.MISSING))),
            _count(wanted, ~ready, state.in_((ListingState.ABSENT, ListingState.ONLINE))),
            _count(in_doubt),
        )
        .select_from(Vehicle)
        .outerjoin(
            Publication,
            and_(Publication.vehicle_id == Vehicle.id, Publication.activation_id == activation.id),
        )
        .outerjoin(Listing, and_(Listing.vehicle_id == Vehicle.id, Listing.activation_id == activation.id))
        .where(
            Vehicle.dealer_id == activation.dealer_id,
            or_(Publication.released, state != ListingState.ABSENT),
        )
    )


def _count(*which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(*which)


def resend(session: Session, pairs: Sequence[ListingKey], trigger: Trigger = Trigger.BY_HAND) -> int:
    """Queue vehicles again; returns how many of the pairs wait now.

    A payload equal to the refused one is sent as well: that is what was asked for. What is not
    (or no longer) released there does not wait.
    """
    resent = 0
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[start : start + PAIRS_AT_ONCE]
        # First the rows that wait, then the listings: the order in which a worker locks them.
        note_changes(session, {vehicle_id for _, vehicle_id in some}, trigger)
        listings = tuple_(Listing.activation_id, Listing.vehicle_id).in_(some)
        session.execute(update(Listing).where(listings).values(refused_hash=None))
        transfers = tuple_(Transfer.activation_id, Transfer.vehicle_id).in_(some)
        waiting = select(func.count(Transfer.id)).where(transfers, Transfer.state == TransferState.WAITING)
        resent += (session.scalar(waiting) or 0) + _resend_in_files(session, some, trigger)
    return resent


def _resend_in_files(session: Session, pairs: Sequence[ListingKey], trigger: Trigger) -> int:
    """A file carries the whole stock: to send one of its vehicles again is a run."""
    asked = {activation_id for activation_id, _ in pairs}
    of_files = select(Activation.id).where(
        Activation.id.in_(asked),
        Activation.kind == AppKind.FILE,
        Activation.state == ActivationState.ACTIVE,
    )
    found = set(session.scalars(of_files))
    for activation_id in sorted(found):
        file_runs.request_run(session, activation_id, trigger)
    return sum(activation_id in found for activation_id, _ in pairs)
