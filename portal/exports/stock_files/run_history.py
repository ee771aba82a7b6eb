"""Runs as the pages show them, and how long they are kept: a list by key, the vehicles behind a number, who
fetched the file.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from portal.messages import say
from portal.models.accounts import User
from portal.models.exports import Activation, ActivationState, RunKind, RunState
from portal.models.runs import OPEN_RUN_STATES, RUN_UNDER_WAY, FeedFetch, Run, RunFile, RunVehicle
from portal.models.vehicles import Vehicle

RUNS_PER_PAGE, VEHICLES_OF_RUN_PER_PAGE, FETCHES_SHOWN = 50, 50, 20
RUNS_AT_ONCE = 50
"""Runs deleted in one transaction: each takes its file and its vehicles along."""


@dataclass(frozen=True)
class FileRunRow:
    """A run with its file, if that is whole, and the last that fetched it."""

    run: Run
    file: RunFile | None
    by: str
    """Who asked for it by hand."""
    fetched_by: str = ""

    @property
    def open(self) -> bool:
        return self.run.state in RUN_UNDER_WAY


@dataclass(frozen=True)
class FileRunPage:
    rows: tuple[FileRunRow, ...]
    older: UUID | None = None
    """Key of the page after this one."""


@dataclass(frozen=True)
class VehicleInRun:
    """A vehicle in a run, or left out of it."""

    entry: RunVehicle
    vehicle: Vehicle

    @property
    def title(self) -> str:
        return self.vehicle.title


def find_runs(
    session: Session, activation_ids: Collection[UUID], since: datetime, before: UUID | None = None
) -> FileRunPage:
    """Newest first: two queries."""
    statement = _runs().where(Run.activation_id.in_(activation_ids), Run.created_at >= since)
    if before is not None:
        statement = statement.where(Run.id < before)
    found = session.execute(statement.order_by(Run.id.desc()).limit(RUNS_PER_PAGE + 1)).unique().all()
    fetched = _fetched_by(session, [run.id for run, _, _ in found])
    rows = tuple(
        FileRunRow(run, file, by or "", fetched.get(run.id, "")) for run, file, by in found[:RUNS_PER_PAGE]
    )
    return FileRunPage(rows, rows[-1].run.id if len(found) > RUNS_PER_PAGE else None)


def find_run(session: Session, run_id: UUID) -> FileRunRow:
    run, file, by = session.execute(_runs().where(Run.id == run_id)).unique().one()
    return FileRunRow(run, file, by or "", _fetched_by(session, [run_id]).get(run_id, ""))


def _runs() -> Select[Run, RunFile, str]:
    return (
        select(Run, RunFile, User.display_name)
        .outerjoin(RunFile, (RunFile.run_id == Run.id) & (RunFile.sha256 != ""))
        .outerjoin(User, User.id == Run.user_id)
        .where(Run.kind == RunKind.FILE)
        .options(joinedload(Run.activation))
    )


def _fetched_by(session: Session, run_ids: Collection[UUID]) -> dict[UUID, str]:
    """Who confirmed a feed by fetching it first: the program's name, else its address."""
    first = (
        select(FeedFetch.run_id, FeedFetch.user_agent, FeedFetch.address)
        .where(FeedFetch.run_id.in_(run_ids), FeedFetch.status.in_((200, 304)))
        .order_by(FeedFetch.id.desc())
    )
    return {key: agent or address for key, agent, address in session.execute(first) if key}


def find_vehicles(
    session: Session, run_id: UUID, results: Collection[str], after: UUID | None = None
) -> tuple[Sequence[VehicleInRun], UUID | None]:
    """A page of the vehicles with these results, and the key of the next one."""
    statement = (
        select(RunVehicle, Vehicle)
        .join(Vehicle, Vehicle.id == RunVehicle.vehicle_id)
        .where(RunVehicle.run_id == run_id, RunVehicle.result.in_(results))
    )
    if after is not None:
        statement = statement.where(RunVehicle.vehicle_id > after)
    found = [
        VehicleInRun(entry, vehicle)
        for entry, vehicle in session.execute(
            statement.order_by(RunVehicle.vehicle_id).limit(VEHICLES_OF_RUN_PER_PAGE + 1)
        )
    ]
    more = found[VEHICLES_OF_RUN_PER_PAGE - 1].vehicle.id if len(found) > VEHICLES_OF_RUN_PER_PAGE else None
    return found[:VEHICLES_OF_RUN_PER_PAGE], more


def find_fetches(session: Session, run_id: UUID) -> Sequence[FeedFetch]:
    statement = select(FeedFetch).where(FeedFetch.run_id == run_id).order_by(FeedFetch.id.desc())
    return session.scalars(statement.limit(FETCHES_SHOWN)).all()


# What is forgotten of whole-stock runs: as old as the history, and never the last good file.


def forget_old_runs(session: Session, days: int) -> int:
    """Delete a batch of ended runs that are old enough; returns how many."""
    age = func.now() - timedelta(days=days)
    published = select(Activation.published_run_id).where(Activation.published_run_id.is_not(None))
    old = (
        select(Run.id)
        .where(
            Run.kind == RunKind.FILE,
            Run.created_at < age,
            Run.state.not_in(OPEN_RUN_STATES),
            Run.id.not_in(published),
        )
        .order_by(Run.id)
        .limit(RUNS_AT_ONCE)
    )
    return len(session.scalars(delete(Run).where(Run.id.in_(old)).returning(Run.id)).all())


def cancel_runs_of_deactivated(session: Session) -> None:
    """What was asked for while the app was being deactivated."""
    ended = select(Activation.id).where(Activation.state == ActivationState.DEACTIVATED)
    session.execute(
        update(Run)
        .where(Run.kind == RunKind.FILE, Run.state.in_(OPEN_RUN_STATES), Run.activation_id.in_(ended))
        .values(
            state=RunState.CANCELLED,
            message=say("Die App wurde deaktiviert."),
            not_before=None,
            finished_at=func.now(),
        )
    )
