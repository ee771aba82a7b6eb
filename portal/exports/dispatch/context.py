"""What sending works with, read once, and its look at transfers that wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.exports.core.lease import DatabaseClock, Lease
from portal.exports.core.runtime import Runtime
from portal.exports.planning import queue
from portal.exports.planning.cases import ExportContext, load_cases
from portal.exports.planning.plan import Planned, plan
from portal.exports.planning.queue import DueRow, WaitingRow
from portal.models.base import any_of
from portal.models.exports import Transfer
from portal.models.vehicles import Vehicle
from portal.platforms.contract import Client, ExportApp, Mapper

ROWS_AT_ONCE = 1_000
"""Rows looked at in one transaction, at most."""


@dataclass(frozen=True)
class DispatchContext:
    """Read once for a run; what is planned is read anew each time, under the locks of its rows."""

    runtime: Runtime
    lease: Lease
    context: ExportContext
    app: ExportApp
    mapper: Mapper
    client: Client

    @property
    def clock(self) -> DatabaseClock:
        return self.context.clock

    @property
    def activation_id(self) -> UUID:
        return self.lease.activation_id

    def warm(self, rows: Sequence[DueRow]) -> None:
        """Have the reference data that these need before any row is locked: a slow platform must not hold up
        whoever saves a vehicle.

        A platform may fetch a list (the models of a make) when it first maps a vehicle that needs it. One
        vehicle of each make is therefore mapped ahead, outside any transaction; mappers remember what they
        read, and the process remembers for which makes it has all of it. Raises ReferenceUnavailable.
        """
        known = self.runtime.known_makes(self.app.slug)
        first_of_make = {row.make: row.id for row in rows if row.make not in known}
        if not first_of_make:
            return
        of_new_makes = (
            select(Vehicle.make, Vehicle.id)
            .join(Transfer, Transfer.vehicle_id == Vehicle.id)
            .where(any_of(Transfer.id, first_of_make.values()))
            .ext(distinct_on(Vehicle.make))
            .order_by(Vehicle.make)
        )
        with self.runtime.sessions() as session:
            examples = session.execute(of_new_makes).all()
            cases = load_cases(
                session, self.context.activation, self.context.rules, [row.id for row in examples]
            )
        for case in cases:
            self.mapper(case.subject)
        known.update(first_of_make)

    def warmed(self, rows: Sequence[DueRow]) -> Iterator[UUID]:
        """Their ids; what they need of reference data is there before they come."""
        for chunk in chunks(rows):
            self.warm(chunk)
            yield from (row.id for row in chunk)

    def look(self, session: Session, transfer_ids: Sequence[UUID]) -> tuple[list[WaitingRow], list[Planned]]:
        """Lock what of these still waits, decide it as it is at this moment, note what needs no request.

        Raises LeaseLost or Outdated.
        """
        self.context.guard(session, self.lease)
        rows = queue.lock_waiting(session, transfer_ids)
        vehicle_ids = [row.vehicle_id for row in rows]
        forced = {row.vehicle_id for row in rows if row.forced}
        cases = load_cases(session, self.context.activation, self.context.rules, vehicle_ids)
        planned = plan(cases, self.mapper, forced, repeatable=self.app.idempotent_create)
        queue.forget_idle(session, rows, planned)
        queue.forget_trouble(session, self.activation_id, planned)
        queue.note_checks(session, self.activation_id, planned, cases)
        return rows, planned


Part = TypeVar("Part")


def chunks(rows: Sequence[Part], size: int | None = None) -> Iterator[Sequence[Part]]:
    """The rows in order, so many at a time: ROWS_AT_ONCE where nothing else is asked for."""
    size = size or ROWS_AT_ONCE
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
