"""From the stock to a file in the database, and the preview of one: the same writer for both."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.dispatch.preview import (
    VEHICLES_OF_EACH_KIND,
    Preview,
    PreviewedVehicle,
)
from portal.exports.planning.cases import ExportCase, ExportContext, Release, load_cases, rules_of
from portal.exports.planning.outcome import serialize_feedback
from portal.exports.planning.plan import PlanStep
from portal.exports.planning.queue import Checks, store_checks
from portal.exports.stock_files import storage
from portal.exports.stock_files.rules import LOCAL_ZONE
from portal.models.accounts import Dealer, Location
from portal.models.exports import Activation, ListingState, RunState
from portal.models.runs import Run, RunVehicle
from portal.models.vehicles import Publication
from portal.platforms import get_app
from portal.platforms.contract import Account, Feedback, Rules
from portal.platforms.contract.files import (
    FILTERED,
    Doubles,
    FileEntry,
    FileSide,
    Surroundings,
    Writer,
    WriteResult,
)
from portal.vehicles.readiness import odd_hints

PICTURES_PATH = "/feeds/pictures"
VEHICLES_IN_MEMORY = 500
"""Vehicles that are in memory at a time."""
ACCEPTED, HINTED, REJECTED, LEFT_OUT = "accepted", "hinted", "rejected", "left_out"
IN_FILE = (ACCEPTED, HINTED, REJECTED)

INTERRUPTED_ATTEMPTS = "interrupted"
"""In `run.counts`: attempts to write the file that did not come to their end, this one included."""
NOTES = "notes"
"""In `run.counts`: feedback about the file as a whole."""


def file_side(activation: Activation) -> FileSide:
    """ValueError for an app without files."""
    side = get_app(activation.app).file
    if side is None:
        raise ValueError(f"{activation.app} sends no files")
    return side


def writer_for(session: Session, context: ExportContext, portal_url: str) -> Writer:
    activation = context.activation
    around = file_surroundings(session, activation, portal_url)
    return file_side(activation).writer(activation.settings, context.account, context.rules, around)


def usual_file_name(session: Session, activation: Activation, portal_url: str) -> str:
    """What the next file is called, with the ending of its kind."""
    number = activation.customer_number
    account = Account.from_json(activation.account) if activation.account else Account(number, number)
    around = file_surroundings(session, activation, portal_url)
    rules = rules_of(session.get_one(Dealer, activation.dealer_id))
    return file_side(activation).writer(activation.settings, account, rules, around).file_name


def file_surroundings(session: Session, activation: Activation, portal_url: str) -> Surroundings:
    dealer = session.get_one(Dealer, activation.dealer_id)
    location = session.get_one(Location, activation.location_id)
    return Surroundings(
        picture_base=f"{portal_url}{PICTURES_PATH}",
        dealer_name=dealer.name,
        location_name=location.name,
        street=location.street,
        postal_code=location.postal_code,
        city=location.city,
        phone=location.phone,
        email=dealer.lms_address,
        today=datetime.now(UTC).astimezone(LOCAL_ZONE).date().isoformat(),
    )


@dataclass(frozen=True)
class BuiltFile:
    """A file that is written and not yet published."""

    written: storage.StoredFile
    notes: tuple[Feedback, ...] = ()
    """About the file as a whole."""


@dataclass(frozen=True)
class FileBuilder:
    runtime: Runtime
    lease: Lease
    context: ExportContext
    writer: Writer
    run_id: UUID

    def build(self) -> BuiltFile:
        """Raises LeaseLost, or Outdated where settings changed meanwhile."""
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease)
            self._begin(session)
            ids = released_ids(session, self.context.activation.id)
        stream = storage.open_stream(self.runtime.sessions, self.lease, self.run_id, self.writer.media_type)
        images = self.runtime.stores(self.context.activation.app).images
        wrote = self.writer.write(self._entries(ids), cast(BinaryIO, stream), images.jpeg)
        self._note_late_hints(wrote)
        return BuiltFile(stream.finish(), wrote.notes)

    def _begin(self, session: Session) -> None:
        """Whatever an earlier attempt left is taken away; that this one began is written down."""
        session.execute(delete(RunVehicle).where(RunVehicle.run_id == self.run_id))
        storage.begin_file(session, self.run_id, self.writer.file_name, self.writer.media_type)
        run = session.get_one(Run, self.run_id)
        run.state, run.not_before = RunState.RUNNING, None
        run.started_at = func.now()
        run.counts = {**run.counts, INTERRUPTED_ATTEMPTS: run.counts.get(INTERRUPTED_ATTEMPTS, 0) + 1}

    def _entries(self, ids: Sequence[UUID]) -> Iterator[FileEntry]:
        doubles = Doubles()
        for start in range(0, len(ids), VEHICLES_IN_MEMORY):
            with self.runtime.sessions.begin() as session:
                self.lease.guard(session)
                entries = self._chunk(session, ids[start : start + VEHICLES_IN_MEMORY], doubles)
            yield from entries

    def _chunk(self, session: Session, ids: Sequence[UUID], doubles: Doubles) -> list[FileEntry]:
        """The entries that belong into the file; how each fared is noted, those left out with the reason."""
        cases = load_cases(session, self.context.activation, self.context.rules, ids)
        wanted = [case for case in cases if case.wanted]
        entries = [doubles(self.writer.entry(case.subject)) for case in wanted]
        noted = [_serialize_entry(case, entry) for case, entry in zip(wanted, entries, strict=True)]
        session.execute(_NOTE_VEHICLES, {"run": self.run_id, "rows": _json(noted)})
        # On the vehicle: neither one that is not wanted nor one that the export's own filter leaves out has a
        # defect, and what an earlier file found with it is over.
        found: dict[UUID, Checks] = {case.vehicle_id: ([], []) for case in cases}
        found |= {
            case.vehicle_id: (row["problems"], [*row["hints"], *odd_hints(case.subject.vehicle)])
            for case, row in zip(wanted, noted, strict=True)
            if row["result"] != FILTERED
        }
        known = {case.vehicle_id: case.noted for case in cases}
        store_checks(session, self.context.activation.id, found, known)
        return [entry for entry in entries if not entry.problems]

    def _note_late_hints(self, wrote: WriteResult) -> None:
        """What turned out only while the file was written, such as a missing picture."""
        if not wrote.hints:
            return
        rows = [{"number": key, "hints": serialize_feedback(hints)} for key, hints in wrote.hints.items()]
        with self.runtime.sessions.begin() as session:
            self.lease.guard(session)
            session.execute(_NOTE_LATE_HINTS, {"run": self.run_id, "rows": _json(rows)})


def released_ids(session: Session, activation_id: UUID) -> list[UUID]:
    """In an order that stays: the same stock gives the same file."""
    statement = (
        select(Publication.vehicle_id)
        .where(Publication.activation_id == activation_id, Publication.released)
        .order_by(Publication.vehicle_id)
    )
    return list(session.scalars(statement))


def count_results(session: Session, run_id: UUID) -> dict[str, int]:
    """Vehicles by how they fared."""
    statement = (
        select(RunVehicle.result, func.count()).where(RunVehicle.run_id == run_id).group_by(RunVehicle.result)
    )
    return dict(session.execute(statement).all())


def write_counts(session: Session, run_id: UUID) -> dict[str, int]:
    """The numbers of a run follow from its vehicles; `total` are those in the file."""
    found = count_results(session, run_id)
    run = session.get_one(Run, run_id)
    run.total = sum(found.get(result, 0) for result in IN_FILE)
    run.accepted, run.hinted = found.get(ACCEPTED, 0), found.get(HINTED, 0)
    run.rejected = found.get(REJECTED, 0)
    run.counts = run.counts | {LEFT_OUT: found.get(LEFT_OUT, 0), FILTERED: found.get(FILTERED, 0)}
    return found


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, default=str)


def _serialize_entry(case: ExportCase, entry: FileEntry) -> dict[str, Any]:
    wish = any(problem.code == FILTERED for problem in entry.problems)
    out = FILTERED if wish else LEFT_OUT
    result = out if entry.problems else HINTED if entry.hints else ACCEPTED
    return {
        "vehicle_id": case.vehicle_id,
        "number": entry.number[:80],
        "result": result,
        "problems": serialize_feedback(entry.problems),
        "hints": serialize_feedback(entry.hints),
    }


_NOTE_VEHICLES = text(
    """
    INSERT INTO run_vehicle (run_id, vehicle_id, number, result, feedback)
    SELECT :run, r.vehicle_id, r.number, r.result, r.problems || r.hints
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        vehicle_id uuid, number text, result text, problems jsonb, hints jsonb)
    """
)
_NOTE_LATE_HINTS = text(
    """
    UPDATE run_vehicle AS v SET result = 'hinted', feedback = v.feedback || r.hints
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(number text, hints jsonb)
    WHERE v.run_id = :run AND v.number = r.number AND v.result IN ('accepted', 'hinted')
    """
)


@dataclass(frozen=True)
class FilePlanner:
    """What the next file would hold, by the engine's own writer, with nothing written or sent: vehicles that
    would be new in it, stay in it, leave it, or are kept out. Some at a time, upon what was found before.

    The activation may be one that is not saved yet.
    """

    session: Session
    activation: Activation
    writer: Writer
    rules: Rules
    releases: Mapping[UUID, Release]
    doubles: Doubles
    """The numbers that the file has had so far."""

    def add(self, vehicle_ids: Sequence[UUID], found: Preview) -> Preview:
        steps = Counter({step: getattr(found, name) for step, name in _COUNTED.items()})
        reasons = Counter(dict(found.blocked))
        shown = {step: [*entries] for step, entries in found.entries.items()}
        for case in load_cases(self.session, self.activation, self.rules, vehicle_ids, self.releases):
            entry = self.doubles(self.writer.entry(case.subject)) if case.wanted else None
            problems = tuple(dict.fromkeys(item.text for item in entry.problems)) if entry else ()
            reasons.update(problems)
            for step in _preview_steps(case, entry):
                steps[step] += 1
                kept = shown.setdefault(step, [])
                if len(kept) < VEHICLES_OF_EACH_KIND:
                    facts = case.subject.vehicle
                    why = problems or ((case.exclusion_reason,) if case.exclusion_reason else ())
                    kept.append(PreviewedVehicle(case.vehicle_id, facts.offer_number, facts.title, why))
        return Preview(
            **{name: steps[step] for step, name in _COUNTED.items()},
            blocked=tuple(reasons.most_common()),
            entries={step: tuple(entries) for step, entries in shown.items()},
        )


_COUNTED = {
    PlanStep.CREATE: "create",
    PlanStep.DELETE: "delete",
    PlanStep.NOTHING: "unchanged",
    PlanStep.BLOCKED: "blocked_vehicles",
}


def _preview_steps(case: ExportCase, entry: FileEntry | None) -> Iterator[PlanStep]:
    """A vehicle that is kept out of the file disappears from the platform as well."""
    kept_out, listed = entry is not None and bool(entry.problems), case.known.state != ListingState.ABSENT
    if kept_out:
        yield PlanStep.BLOCKED
    if case.wanted and not kept_out:
        yield PlanStep.NOTHING if listed else PlanStep.CREATE
    elif listed:
        yield PlanStep.DELETE
