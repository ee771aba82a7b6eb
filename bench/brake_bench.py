"""The brake over 50,000 planned deletions, from counting to the closed lock, beside its bare statements.

    python -m bench.brake_bench [--rows 50000]

The floor counts the listings, writes the vehicles of the lock and marks the waiting transfers, each
with one statement and without looking at any vehicle.
"""

from __future__ import annotations

import argparse
import time
from uuid import UUID

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from bench.report import Row, at_most, table
from bench.surroundings import make_dealer, surroundings
from portal.exports.mass_change.clearance import PlanSummary, clear_plan
from portal.exports.mass_change.rules import GuardLimits
from portal.exports.planning.cases import KnownListing
from portal.exports.planning.plan import Planned, PlanStep
from portal.models import Activation, Lock, LockedVehicle, Vehicle
from portal.models.exports import ListingState

ROWS = 50_000
LIMIT = 3.0
FLOOR = (
    "SELECT count(*) FROM listing WHERE activation_id = :a AND state = 'online'",
    "INSERT INTO lock (id, activation_id, rule, online, deletions, creations, deletions_done, creations_done,"
    " deletion_limit, creation_limit) VALUES (:l, :a, 'deletions', 0, 0, 0, 0, 0, 0, 0)",
    "INSERT INTO locked_vehicle (lock_id, vehicle_id, action) SELECT :l, id, 'delete' FROM vehicle",
    "UPDATE transfer SET held = true WHERE activation_id = :a AND state = 'waiting'",
)


def run(rows: int = ROWS) -> list[Row]:
    with surroundings() as place:
        activation_id = make_dealer(place.settings, rows)
        engine = create_engine(place.settings.database_url)
        with Session(engine) as session:
            _put_online_and_note(session, activation_id)
            bare = min(_floor(session, activation_id) for _ in range(2))
            whole = min(_brake(session, activation_id, rows) for _ in range(2))
        engine.dispose()
    return [
        at_most(f"brake over {rows:,} deletions", f"{whole:.2f} s", f"{bare:.2f} s bare", whole / bare, LIMIT)
    ]


def _put_online_and_note(session: Session, activation_id: UUID) -> None:
    values = {"a": activation_id}
    session.execute(
        text(
            "INSERT INTO listing (activation_id, vehicle_id, state, listing_id)"
            " SELECT :a, id, 'online', id::text FROM vehicle"
        ),
        values,
    )
    session.execute(
        text(
            "INSERT INTO transfer (activation_id, vehicle_id, location_id)"
            " SELECT :a, id, location_id FROM vehicle"
        ),
        values,
    )
    session.execute(text("UPDATE activation SET counted_from = now() - interval '1 day'"))
    session.commit()
    session.execute(text("ANALYZE listing, transfer"))
    session.commit()


def _floor(session: Session, activation_id: UUID) -> float:
    values = {"a": activation_id, "l": UUID(int=1)}
    start = time.perf_counter()
    for statement in FLOOR:
        session.execute(text(statement), values)
    spent = time.perf_counter() - start
    session.rollback()
    return spent


def _brake(session: Session, activation_id: UUID, rows: int) -> float:
    """Rolled back, so that it can be asked again."""
    activation = session.get_one(Activation, activation_id)
    known = KnownListing(ListingState.ONLINE, "1")
    planned = [
        Planned(key, PlanStep.DELETE, known, exclusion_reason="fort")
        for key in session.scalars(select(Vehicle.id))
    ]
    start = time.perf_counter()
    summary = PlanSummary()
    summary.add(planned)
    clear_plan(session, activation, summary, GuardLimits())
    session.flush()
    spent = time.perf_counter() - start
    _check(session, rows)
    session.rollback()
    return spent


def _check(session: Session, rows: int) -> None:
    lock = session.scalars(select(Lock)).one()
    listed = session.scalar(text("SELECT count(*) FROM locked_vehicle"))
    if lock.deletions != rows or listed != rows:
        raise RuntimeError(
            f"the brake saw {lock.deletions} and listed {listed} in {LockedVehicle.__tablename__}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    print(table(run(parser.parse_args().rows)))
