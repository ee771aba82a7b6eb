"""When a whole-stock run begins: by the schedule, by hand, for a vehicle that has to leave at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Interval,
    ScalarSelect,
    Select,
    and_,
    case,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.exports.stock_files.rules import next_run, run_shift
from portal.messages import Wording
from portal.models.base import database_time
from portal.models.exports import (
    Activation,
    ActivationState,
    Listing,
    ListingState,
    RunKind,
    RunState,
    Trigger,
)
from portal.models.runs import OPEN_RUN, OPEN_RUN_STATES, RUN_UNDER_WAY, Run
from portal.models.vehicles import OUT_OF_SALE, Vehicle
from portal.outbox import ring_after_commit
from portal.platforms import APPS, get_app

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_CHANGE = timedelta(hours=1)
"""So long a change may take from its beginning, which `updated_at` says, to its commit: an import is one."""
SCHEDULE_SETTING = "schedule"
"""The setting with the local times of the regular runs."""


def vehicle_must_leave() -> ColumnElement[bool]:
    """Of an activation: a vehicle of its file went out of sale since its last run was asked for or written.

    A file that was published meanwhile may have been overtaken by the change and still hold the vehicle. One
    that is held, or could not be delivered, is not written again for the same vehicle.
    """
    listed = (
        select(Listing.id)
        .where(
            Listing.activation_id == Activation.id,
            Listing.vehicle_id == Vehicle.id,
            Listing.state != ListingState.ABSENT,
        )
        .correlate(Activation, Vehicle)
        .exists()
    )
    gone = (
        select(Vehicle.id)
        .where(
            Vehicle.dealer_id == Activation.dealer_id,
            Vehicle.updated_at > func.coalesce(_covered_until(), LONG_AGO),
            text(f"({OUT_OF_SALE})"),
            listed,
        )
        .correlate(Activation)
        .exists()
    )
    removing_at_once = [slug for slug, app in APPS.items() if app.file and app.file.leaves_at_once]
    return and_(Activation.app.in_(removing_at_once), gone)


def _covered_until() -> ScalarSelect[datetime]:
    """Up to when changes are in the newest run's file, or were a reason for it."""
    published = Run.state.in_((RunState.DONE, RunState.PARTIAL))
    earlier = case((published, literal(LONGEST_CHANGE, Interval)), else_=literal(timedelta(), Interval))
    return (
        select(func.greatest(Run.created_at, Run.started_at) - earlier)
        .where(Run.activation_id == Activation.id, Run.kind == RunKind.FILE)
        .order_by(Run.id.desc())
        .limit(1)
        .correlate(Activation)
        .scalar_subquery()
    )


def has_vehicle_to_remove(session: Session, activation: Activation) -> bool:
    statement = select(Activation.id).where(Activation.id == activation.id, vehicle_must_leave())
    return session.scalar(statement) is not None


def run_times(activation: Activation) -> Sequence[str]:
    """The activation's own times, else those of the app; empty means only by hand."""
    side = get_app(activation.app).file
    usual = side.schedule if side else ()
    times: Sequence[str] = activation.settings.get(SCHEDULE_SETTING, usual)
    return times


def request_run(session: Session, activation_id: UUID, trigger: Trigger, user_id: UUID | None = None) -> UUID:
    """A run that begins as soon as a worker looks; one that is open already does so at once.

    Returns its id. A file that is held is compared with the stock again.
    """
    values = {"activation_id": activation_id, "kind": RunKind.FILE, "trigger": trigger, "user_id": user_id}
    statement = insert(Run).values(not_before=func.now(), **values)
    asked = statement.on_conflict_do_update(
        index_elements=["activation_id", "kind"],
        index_where=text(OPEN_RUN),
        set_={"not_before": func.now()},
    )
    ring_after_commit(session, [activation_id])
    return session.scalars(asked.returning(Run.id)).one()


def find_open_run(session: Session, activation_id: UUID) -> Run | None:
    statement = select(Run).where(
        Run.activation_id == activation_id, Run.kind == RunKind.FILE, Run.state.in_(OPEN_RUN_STATES)
    )
    return session.scalars(statement).one_or_none()


def hurry_retry(session: Session, activation_id: UUID) -> None:
    """A run that waits for its next attempt begins it now."""
    run = find_open_run(session, activation_id)
    if run is not None and run.state == RunState.RUNNING and run.attempt_count:
        run.not_before = func.now()


def follow_schedule(session: Session, activation: Activation) -> None:
    """Ask for a run when its time has come. However many were missed meanwhile, one makes up for them.
    A vehicle that has to leave at once does not wait for that.

    The caller holds the activation's row.
    """
    now = database_time(session)
    if has_vehicle_to_remove(session, activation):
        request_run(session, activation.id, Trigger.CHANGE)
    if activation.next_run_at is None or activation.next_run_at > now:
        return
    request_run(session, activation.id, Trigger.SCHEDULE)
    activation.next_run_at = next_run(now, run_times(activation), run_shift(activation.id))


def start_runs(
    session: Session, activation: Activation, trigger: Trigger, user_id: UUID | None = None
) -> None:
    """The app is live from now on: a first run at once, then by the schedule."""
    session.flush()
    resume_schedule(activation)
    request_run(session, activation.id, trigger, user_id)


def resume_schedule(activation: Activation) -> None:
    activation.next_run_at = next_run(datetime.now(UTC), run_times(activation), run_shift(activation.id))


def pause_schedule(activation: Activation) -> None:
    """No more regular runs; by hand it goes on."""
    activation.next_run_at = None


def is_paused(activation: Activation) -> bool:
    """Whether somebody paused the schedule (an app that runs only by hand has none)."""
    return activation.next_run_at is None and bool(run_times(activation))


def cancel_run(session: Session, activation_id: UUID, message: Wording) -> None:
    """What has not been published never will be."""
    session.execute(
        update(Run)
        .where(Run.activation_id == activation_id, Run.kind == RunKind.FILE, Run.state.in_(OPEN_RUN_STATES))
        .values(state=RunState.CANCELLED, message=message, finished_at=func.now(), not_before=None)
    )


def whole_stock_due() -> Select[UUID]:
    """Activations of file apps for which something is to be done now."""
    moving = Run.state.in_(RUN_UNDER_WAY) & (func.coalesce(Run.not_before, func.now()) <= func.now())
    decided = (Run.state == RunState.HELD) & (Activation.state == ActivationState.ACTIVE)
    waited_for = Run.not_before <= func.now()
    work: Any = select(Run.id).where(
        Run.activation_id == Activation.id, Run.kind == RunKind.FILE, moving | decided | waited_for
    )
    return select(Activation.id).where(
        Activation.kind == RunKind.FILE,
        Activation.state.in_((ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.CLOSING)),
        func.coalesce(Activation.paused_until, func.now()) <= func.now(),
        (Activation.next_run_at <= func.now())
        | (Activation.state == ActivationState.CLOSING)
        | work.exists()
        | vehicle_must_leave(),
    )
