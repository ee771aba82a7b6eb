"""From the stock to a file in the database, a chunk of vehicles at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from portal.exports.cases import Case, load_cases
from portal.exports.context import Context
from portal.exports.files import store
from portal.exports.lease import Lease
from portal.exports.outcomes import spell_feedback
from portal.exports.runtime import Runtime
from portal.models.exports import RunState
from portal.models.runs import Run, RunVehicle
from portal.models.vehicles import Publication
from portal.platforms.contract import Feedback
from portal.platforms.contract.files import FILTERED, Doubles, FileEntry, Writer, WriteResult

CHUNK = 500
"""Vehicles that are in memory at a time."""
ACCEPTED, HINTED, REJECTED, LEFT_OUT = "accepted", "hinted", "rejected", "left_out"
IN_FILE = (ACCEPTED, HINTED, REJECTED)


@dataclass(frozen=True)
class Built:
    """A file that is written and not yet published."""

    written: store.Written
    notes: tuple[Feedback, ...] = ()
    """About the file as a whole."""


@dataclass(frozen=True)
class Builder:
    runtime: Runtime
    lease: Lease
    context: Context
    writer: Writer
    run_id: UUID

    def build(self) -> Built:
        """Raises LeaseLost, or Outdated where settings changed meanwhile."""
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease)
            self._begin(session)
            ids = released(session, self.context.activation.id)
        stream = store.open_stream(self.runtime.sessions, self.lease, self.run_id, self.writer.media_type)
        images = self.runtime.stores(self.context.activation.app).images
        wrote = self.writer.write(self._entries(ids), cast(BinaryIO, stream), images.jpeg)
        self._note_late_hints(wrote)
        return Built(stream.finish(), wrote.notes)

    def _begin(self, session: Session) -> None:
        """Whatever an earlier attempt left is taken away; that this one began is written down."""
        session.execute(delete(RunVehicle).where(RunVehicle.run_id == self.run_id))
        store.begin(session, self.run_id, self.writer.file_name, self.writer.media_type)
        run = session.get_one(Run, self.run_id)
        run.state, run.not_before = RunState.RUNNING, None
        run.started_at = func.now()
        run.counts = {**run.counts, INTERRUPTED: run.counts.get(INTERRUPTED, 0) + 1}

    def _entries(self, ids: Sequence[UUID]) -> Iterator[FileEntry]:
        doubles = Doubles()
        for start in range(0, len(ids), CHUNK):
            with self.runtime.sessions.begin() as session:
                self.lease.guard(session)
                entries = self._chunk(session, ids[start : start + CHUNK], doubles)
            yield from entries

    def _chunk(self, session: Session, ids: Sequence[UUID], doubles: Doubles) -> list[FileEntry]:
        """The entries that belong into the file; how each fared is noted, those left out with the reason."""
        cases = load_cases(session, self.context.activation, self.context.rules, ids)
        wanted = [case for case in cases if case.wanted]
        entries = [doubles(self.writer.entry(case.subject)) for case in wanted]
        noted = [_spell(case, entry) for case, entry in zip(wanted, entries, strict=True)]
        rest = [{"vehicle_id": case.vehicle_id, **NOTHING_FOUND} for case in cases if not case.wanted]
        session.execute(_NOTE_VEHICLES, {"run": self.run_id, "rows": _json(noted)})
        checked = {"activation": self.context.activation.id, "rows": _json([*map(_checked, noted), *rest])}
        session.execute(_NOTE_CHECKS, checked)
        return [entry for entry in entries if not entry.problems]

    def _note_late_hints(self, wrote: WriteResult) -> None:
        """What turned out only while the file was written, such as a missing picture."""
        if not wrote.hints:
            return
        rows = [{"number": key, "hints": spell_feedback(hints)} for key, hints in wrote.hints.items()]
        with self.runtime.sessions.begin() as session:
            self.lease.guard(session)
            session.execute(_NOTE_LATE_HINTS, {"run": self.run_id, "rows": _json(rows)})


NOTHING_FOUND: Mapping[str, Any] = {"problems": [], "hints": []}
INTERRUPTED = "interrupted"
"""In `run.counts`: attempts to write the file that did not come to their end, this one included."""
NOTES = "notes"
"""In `run.counts`: feedback about the file as a whole."""


def released(session: Session, activation_id: UUID) -> list[UUID]:
    """In an order that stays: the same stock gives the same file."""
    statement = (
        select(Publication.vehicle_id)
        .where(Publication.activation_id == activation_id, Publication.released)
        .order_by(Publication.vehicle_id)
    )
    return list(session.scalars(statement))


def count(session: Session, run_id: UUID) -> dict[str, int]:
    """Vehicles by how they fared."""
    statement = (
        select(RunVehicle.result, func.count()).where(RunVehicle.run_id == run_id).group_by(RunVehicle.result)
    )
    return dict(session.execute(statement).all())


def write_counts(session: Session, run_id: UUID) -> dict[str, int]:
    """The numbers of a run follow from its vehicles; `total` are those in the file."""
    found = count(session, run_id)
    run = session.get_one(Run, run_id)
    run.total = sum(found.get(result, 0) for result in IN_FILE)
    run.accepted, run.hinted = found.get(ACCEPTED, 0), found.get(HINTED, 0)
    run.rejected = found.get(REJECTED, 0)
    run.counts = run.counts | {LEFT_OUT: found.get(LEFT_OUT, 0), FILTERED: found.get(FILTERED, 0)}
    return found


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, default=str)


def _spell(case: Case, entry: FileEntry) -> dict[str, Any]:
    wish = any(problem.code == FILTERED for problem in entry.problems)
    out = FILTERED if wish else LEFT_OUT
    result = out if entry.problems else HINTED if entry.hints else ACCEPTED
    return {
        "vehicle_id": case.vehicle_id,
        "number": entry.number[:80],
        "result": result,
        "problems": spell_feedback(entry.problems),
        "hints": spell_feedback(entry.hints),
    }


def _checked(noted: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stays on the vehicle: that the export's own filter leaves it out is no defect of it."""
    if noted["result"] != FILTERED:
        return noted
    return {"vehicle_id": noted["vehicle_id"], **NOTHING_FOUND}


_NOTE_VEHICLES = text(
    """
    INSERT INTO run_vehicle (run_id, vehicle_id, number, result, feedback)
    SELECT :run, r.vehicle_id, r.number, r.result, r.problems || r.hints
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        vehicle_id uuid, number text, result text, problems jsonb, hints jsonb)
    """
)
_NOTE_CHECKS = text(
    """
    UPDATE publication AS p SET problems = r.problems, hints = r.hints
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(vehicle_id uuid, problems jsonb, hints jsonb)
    WHERE p.activation_id = :activation AND p.vehicle_id = r.vehicle_id
        AND (p.problems <> r.problems OR p.hints <> r.hints)
    """
)
_NOTE_LATE_HINTS = text(
    """
    UPDATE run_vehicle AS v SET result = 'hinted', feedback = v.feedback || r.hints
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(number text, hints jsonb)
    WHERE v.run_id = :run AND v.number = r.number AND v.result IN ('accepted', 'hinted')
    """
)
