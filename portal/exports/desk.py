"""What a run works with, read once, and its look at transfers that wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from portal.exports import waiting
from portal.exports.cases import load_cases
from portal.exports.clock import Clock
from portal.exports.context import Context
from portal.exports.lease import Lease
from portal.exports.planning import Planned, plan
from portal.exports.runtime import Runtime
from portal.exports.waiting import Waiting
from portal.exports.warming import warm
from portal.platforms.contract import Client, ExportApp, Mapper

CHUNK = 1_000
"""Rows looked at in one transaction, at most."""


@dataclass(frozen=True)
class Desk:
    runtime: Runtime
    lease: Lease
    context: Context
    clock: Clock
    app: ExportApp
    mapper: Mapper
    client: Client
    _known_makes: set[str | None] = field(default_factory=set)

    @property
    def activation_id(self) -> UUID:
        return self.lease.activation_id

    def warm(self, transfer_ids: Sequence[UUID]) -> None:
        """Have the reference data that these need before any row is locked."""
        warm(self.runtime.sessions, self.context, self.mapper, transfer_ids, self._known_makes)

    def look(self, session: Session, transfer_ids: Sequence[UUID]) -> tuple[list[Waiting], list[Planned]]:
        """Lock what of these still waits, decide it as it is at this moment, note what needs no request.

        Raises LeaseLost or Outdated.
        """
        self.context.guard(session, self.lease)
        rows = waiting.lock(session, transfer_ids)
        planned = self._decide(session, rows)
        waiting.forget_idle(session, rows, planned)
        waiting.forget_trouble(session, self.activation_id, planned)
        waiting.note_checks(session, self.activation_id, planned)
        return rows, planned

    def _decide(self, session: Session, rows: Sequence[Waiting]) -> list[Planned]:
        vehicle_ids = [row.vehicle_id for row in rows]
        force = {row.vehicle_id for row in rows if row.forced}
        return plan(
            load_cases(session, self.context.activation, self.context.rules, vehicle_ids),
            self.mapper,
            force,
        )


def chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
