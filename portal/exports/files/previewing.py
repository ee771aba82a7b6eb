"""What the next file would hold: the engine's own writer, with nothing written or sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.cases import Case, Release, load_cases
from portal.exports.planning import Step
from portal.exports.preview import CHUNK, SHOWN, Preview
from portal.exports.preview import Entry as PreviewEntry
from portal.models.exports import Activation, Listing, ListingState
from portal.platforms.contract import Rules
from portal.platforms.contract.files import Doubles, FileEntry, Writer


def preview(
    session: Session,
    activation: Activation,
    writer: Writer,
    rules: Rules,
    releases: Mapping[UUID, Release],
) -> Preview:
    """Vehicles that would be new in the file, stay in it, leave it, or are kept out.

    The activation may be one that is not saved yet.
    """
    steps: Counter[Step] = Counter()
    reasons: Counter[str] = Counter()
    shown: dict[Step, list[PreviewEntry]] = {}
    listed = _listed(session, activation)
    doubles = Doubles()
    for case in _cases(session, activation, rules, releases, listed):
        entry = doubles(writer.entry(case.subject)) if case.wanted else None
        problems = tuple(dict.fromkeys(item.text for item in entry.problems)) if entry else ()
        reasons.update(problems)
        for step in _steps(case, entry, case.vehicle_id in listed):
            steps[step] += 1
            kept = shown.setdefault(step, [])
            if len(kept) < SHOWN:
                facts = case.subject.vehicle
                why = problems or ((case.against,) if case.against else ())
                kept.append(PreviewEntry(case.vehicle_id, facts.offer_number, facts.title, why))
    return Preview(
        create=steps[Step.CREATE],
        delete=steps[Step.DELETE],
        unchanged=steps[Step.NOTHING],
        blocked=tuple(reasons.most_common()),
        blocked_vehicles=steps[Step.BLOCKED],
        entries={step: tuple(entries) for step, entries in shown.items()},
    )


def _steps(case: Case, entry: FileEntry | None, listed: bool) -> Iterator[Step]:
    """A vehicle that is kept out of the file disappears from the platform as well."""
    kept_out = entry is not None and bool(entry.problems)
    if kept_out:
        yield Step.BLOCKED
    if case.wanted and not kept_out:
        yield Step.NOTHING if listed else Step.CREATE
    elif listed:
        yield Step.DELETE


def _cases(
    session: Session,
    activation: Activation,
    rules: Rules,
    releases: Mapping[UUID, Release],
    listed: set[UUID],
) -> Iterator[Case]:
    ids = sorted(releases.keys() | listed)
    for start in range(0, len(ids), CHUNK):
        yield from load_cases(session, activation, rules, ids[start : start + CHUNK], releases)


def _listed(session: Session, activation: Activation) -> set[UUID]:
    if activation.id is None:
        return set()
    here = Listing.activation_id == activation.id
    return set(session.scalars(select(Listing.vehicle_id).where(here, Listing.state != ListingState.ABSENT)))
