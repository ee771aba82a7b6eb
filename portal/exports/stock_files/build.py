"""From the stock to a file in the database, and the preview of one: the same writer for both."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, cast
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
from portal.exports.stock_files.prepared import (
    EntryStore,
    FoundEntries,
    PreparedVehicle,
    basis_of,
)
from portal.exports.stock_files.rules import LOCAL_ZONE
from portal.messages import from_json
from portal.models.accounts import Dealer, Location
from portal.models.base import commit_soon
from portal.models.exports import Activation, ListingState, RunState
from portal.models.runs import Run, RunVehicle
from portal.models.vehicles import Publication
from portal.platforms import get_app
from portal.platforms.contract import Account, Feedback, Json, Rules
from portal.platforms.contract.files import (
    FILTERED,
    Doubles,
    FileEntry,
    FileSide,
    Record,
    Surroundings,
    Writer,
    WriteResult,
    is_double,
    unique_keys,
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


def writer_and_store(session: Session, context: ExportContext, portal_url: str) -> tuple[Writer, EntryStore]:
    """What prepares the entries of the next file, and where those are that it need not prepare."""
    activation = context.activation
    around = file_surroundings(session, activation, portal_url)
    writer = file_side(activation).writer(activation.settings, context.account, context.rules, around)
    return writer, EntryStore(activation, basis_of(context, around))


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
        month=f"{datetime.now(UTC).astimezone(LOCAL_ZONE):%Y-%m}",
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
    store: EntryStore
    run_id: UUID

    def build(self) -> BuiltFile:
        """Raises LeaseLost, or Outdated where settings changed meanwhile."""
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease)
            self._begin(session)
            ids = released_ids(session, self.context.activation.id)
        stream = storage.open_stream(self.runtime.sessions, self.lease, self.run_id, self.writer.media_type)
        images = self.runtime.stores(self.context.activation.app).images
        wrote = self.writer.write(self._records(ids), cast(BinaryIO, stream), images.jpeg)
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

    def _records(self, ids: Sequence[UUID]) -> Iterator[Record]:
        doubles = Doubles()
        for start in range(0, len(ids), VEHICLES_IN_MEMORY):
            yield from self._chunk(ids[start : start + VEHICLES_IN_MEMORY], doubles)
        with self.runtime.sessions.begin() as session:
            self.lease.guard(session)
            self.store.forget_others(session, self.run_id)

    def _chunk(self, ids: Sequence[UUID], doubles: Doubles) -> list[Record]:
        """The records that belong into the file; how each fared is noted, those left out with the reason."""
        found, cases = self._look(ids)
        made = {case.vehicle_id: _prepare(case, self.writer) for case in cases if case.wanted}
        vehicles = [one for key in ids if (one := found.good.get(key) or made.get(key))]
        in_file = [one for one in vehicles if one.result in (ACCEPTED, HINTED)]
        doubled = {one.vehicle_id: place for one in in_file if (place := doubles.find(one.keys)) is not None}
        with self.runtime.sessions.begin() as session:
            # An app that is deactivated meanwhile keeps nothing.
            self.context.guard(session, self.lease)
            commit_soon(session)
            if made:
                self.store.keep(session, list(made.values()), found.digests)
            left_out = self._left_out(session, doubled)
            others = [
                {"vehicle_id": key, "result": LEFT_OUT, "feedback": [*problems, *feedback]}
                for key, (problems, feedback, _hints) in left_out.items()
            ]
            self.store.note(session, self.run_id, [one.vehicle_id for one in vehicles], others)
            # On the vehicle: neither one that is not wanted nor one that the export's own filter leaves out
            # has a defect, and what an earlier file found with it is over.
            checks: dict[UUID, Checks] = {case.vehicle_id: ([], []) for case in cases}
            checks |= {key: one.checks for key, one in made.items()}
            checks |= {key: (problems, hints) for key, (problems, _feedback, hints) in left_out.items()}
            noted = {case.vehicle_id: case.noted for case in cases}
            store_checks(session, self.context.activation.id, checks, noted)
        return [one.record for one in in_file if one.vehicle_id not in doubled]

    def _left_out(
        self, session: Session, doubled: Mapping[UUID, int]
    ) -> dict[UUID, tuple[list[Json], list[Json], list[Json]]]:
        """Doubles, by the place of the key that they share: the problem that they are, beside the feedback
        and hints that they had."""
        kept = self.store.words(session, list(doubled)) if doubled else {}
        return {
            key: (
                serialize_feedback([is_double(from_json(words.said_by_keys[doubled[key]]))]),
                words.feedback,
                words.hints,
            )
            for key, words in kept.items()
        }

    def _look(self, ids: Sequence[UUID]) -> tuple[FoundEntries, list[ExportCase]]:
        """The entries that are still good, and what the others are made of: in one state of the database."""
        with self.runtime.sessions.begin() as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            found = self.store.find(session, ids)
            others = [key for key in ids if key not in found.good]
            context = self.context
            return found, load_cases(session, context.activation, context.rules, others) if others else []

    def _note_late_hints(self, wrote: WriteResult) -> None:
        """What turned out only while the file was written, such as a missing picture."""
        if not wrote.hints:
            return
        rows = [{"number": key, "hints": serialize_feedback(hints)} for key, hints in wrote.hints.items()]
        with self.runtime.sessions.begin() as session:
            self.lease.guard(session)
            session.execute(_NOTE_LATE_HINTS, {"run": self.run_id, "rows": json.dumps(rows, default=str)})


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


def _prepare(case: ExportCase, writer: Writer) -> PreparedVehicle:
    entry = writer.entry(case.subject)
    problems, hints = serialize_feedback(entry.problems), serialize_feedback(entry.hints)
    feedback = [*problems, *hints]
    nowhere = Record(entry.number, b"")
    if any(problem.code == FILTERED for problem in entry.problems):
        return PreparedVehicle(case.vehicle_id, FILTERED, nowhere, feedback=feedback)
    checks = problems, [*hints, *odd_hints(case.subject.vehicle)]
    if problems:
        return PreparedVehicle(case.vehicle_id, LEFT_OUT, nowhere, feedback=feedback, checks=checks)
    keys, result = unique_keys(entry), HINTED if hints else ACCEPTED
    in_file = writer.record(entry), b"".join(keys), tuple(keys.values())
    return PreparedVehicle(case.vehicle_id, result, *in_file, feedback, checks)


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
