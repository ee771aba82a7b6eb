"""What the next transfer would do: the engine's own planning, with nothing sent or written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.dispatch.claims import changes_since_sent
from portal.exports.planning.cases import ExportCase, Release, load_cases
from portal.exports.planning.plan import Planned, PlanStep, plan_one
from portal.messages import Wording, as_json, from_json, say
from portal.models.exports import Activation, Listing, ListingState
from portal.models.vehicles import Vehicle
from portal.platforms import get_app
from portal.platforms.contract import Mapper, Rules

VEHICLES_PER_CHUNK = 500
VEHICLES_OF_EACH_KIND = 50
"""Vehicles listed of each kind; counted are all."""


@dataclass(frozen=True)
class PreviewedVehicle:
    """A vehicle and what would happen to it; `notes` are reasons or differences "Preis: 1 → 2"."""

    vehicle_id: UUID
    offer_number: str
    title: str
    notes: tuple[Wording, ...] = ()


@dataclass(frozen=True)
class Preview:
    create: int = 0
    update: int = 0
    delete: int = 0
    unchanged: int = 0
    blocked: tuple[tuple[Wording, int], ...] = ()
    """Reasons with the number of vehicles that each concerns, the most frequent first."""
    blocked_vehicles: int = 0
    resolve: int = 0
    """Listings of which only the platform's whole list can tell whether they exist."""
    entries: Mapping[PlanStep, tuple[PreviewedVehicle, ...]] = field(default_factory=dict)
    """The first vehicles of each kind."""

    def as_json(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in COUNTS}
        blocked = [[as_json(reason), count] for reason, count in self.blocked]
        entries = {
            str(step): [
                [str(one.vehicle_id), one.offer_number, one.title, [as_json(note) for note in one.notes]]
                for one in shown
            ]
            for step, shown in self.entries.items()
        }
        return {**counts, "blocked": blocked, "entries": entries}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Preview:
        """What `as_json` has made; nothing of nothing."""
        blocked = tuple((from_json(reason), count) for reason, count in stored.get("blocked", ()))
        entries = {
            PlanStep(step): tuple(
                PreviewedVehicle(UUID(key), number, title, tuple(from_json(note) for note in notes))
                for key, number, title, notes in shown
            )
            for step, shown in stored.get("entries", {}).items()
        }
        counts = {name: stored.get(name, 0) for name in COUNTS}
        return cls(blocked=blocked, entries=entries, **counts)


COUNTS = ("create", "update", "delete", "unchanged", "blocked_vehicles", "resolve")


def preview(
    session: Session,
    activation: Activation,
    mapper: Mapper,
    rules: Rules,
    labels: Mapping[str, Wording],
    releases: Mapping[UUID, Release],
    *,
    force: bool = False,
) -> Preview:
    """Plan for all that is released or listed. The activation may be one that is not saved yet.

    `force`: as a full transfer would, which sends what the platform took before as well.
    """
    planner = StockPlanner(session, activation, mapper, rules, labels, releases, force=force)
    found, ids = Preview(), vehicles_to_plan(session, activation, releases)
    for start in range(0, len(ids), VEHICLES_PER_CHUNK):
        found = planner.add(ids[start : start + VEHICLES_PER_CHUNK], found)
    return found


def vehicles_to_plan(
    session: Session, activation: Activation, releases: Mapping[UUID, Release]
) -> list[UUID]:
    """All that is released or listed, in the order of their ids."""
    return sorted(releases.keys() | _listed(session, activation))


@dataclass(frozen=True)
class StockPlanner:
    """Plans a stock some vehicles at a time, each upon what was found before."""

    session: Session
    activation: Activation
    mapper: Mapper
    rules: Rules
    labels: Mapping[str, Wording]
    releases: Mapping[UUID, Release]
    force: bool = False

    def add(self, vehicle_ids: Sequence[UUID], found: Preview) -> Preview:
        tally, repeatable = _Tally.of(found), get_app(self.activation.app).idempotent_create
        for case in load_cases(self.session, self.activation, self.rules, vehicle_ids, self.releases):
            tally.count(case, plan_one(case, self.mapper, force=self.force, repeatable=repeatable))
        tally.show(self.session, self.activation, self.labels)
        return tally.preview()


@dataclass
class _Tally:
    """What is counted of all vehicles, and shown of the first of each kind. `due`: what is to be shown of the
    current chunk."""

    steps: Counter[PlanStep] = field(default_factory=Counter)
    reasons: Counter[Wording] = field(default_factory=Counter)
    entries: dict[PlanStep, list[PreviewedVehicle]] = field(default_factory=dict)
    due: list[tuple[ExportCase, Planned]] = field(default_factory=list)

    @classmethod
    def of(cls, found: Preview) -> _Tally:
        steps = {
            PlanStep.CREATE: found.create,
            PlanStep.UPDATE: found.update,
            PlanStep.DELETE: found.delete,
            PlanStep.NOTHING: found.unchanged,
            PlanStep.BLOCKED: found.blocked_vehicles,
            PlanStep.RESOLVE: found.resolve,
        }
        shown = {step: [*entries] for step, entries in found.entries.items()}
        return cls(Counter(steps), Counter(dict(found.blocked)), shown)

    def count(self, case: ExportCase, planned: Planned) -> None:
        self.steps[planned.step] += 1
        self.reasons.update(_reasons(planned))
        if self.steps[planned.step] <= VEHICLES_OF_EACH_KIND:
            self.due.append((case, planned))

    def show(self, session: Session, activation: Activation, labels: Mapping[str, Wording]) -> None:
        updates = [planned for _, planned in self.due if planned.step == PlanStep.UPDATE]
        changes = changes_since_sent(session, activation.id, updates, labels)
        for case, planned in self.due:
            vehicle = case.subject.vehicle
            changed = (
                say(
                    "{label}: {old} → {new}",
                    label=from_json(item["label"]),
                    old=from_json(item["old"] or "–"),
                    new=from_json(item["new"] or "–"),
                )
                for item in changes.get(case.vehicle_id, ())
            )
            notes = tuple(sorted(_reasons(planned), key=str)) or tuple(changed)
            entry = PreviewedVehicle(case.vehicle_id, vehicle.offer_number, vehicle.title, notes)
            self.entries.setdefault(planned.step, []).append(entry)

    def preview(self) -> Preview:
        steps = self.steps
        return Preview(
            create=steps[PlanStep.CREATE],
            update=steps[PlanStep.UPDATE],
            delete=steps[PlanStep.DELETE],
            unchanged=steps[PlanStep.NOTHING],
            blocked=tuple(self.reasons.most_common()),
            blocked_vehicles=steps[PlanStep.BLOCKED],
            resolve=steps[PlanStep.RESOLVE],
            entries={step: tuple(entries) for step, entries in self.entries.items()},
        )


def _listed(session: Session, activation: Activation) -> set[UUID]:
    if activation.id is None:
        return set()
    statement = (
        select(Listing.vehicle_id)
        .join(Vehicle, Vehicle.id == Listing.vehicle_id)
        .where(Listing.activation_id == activation.id, Listing.state != ListingState.ABSENT)
    )
    return set(session.scalars(statement))


def _reasons(planned: Planned) -> set[Wording]:
    """Each reason counts once for a vehicle."""
    if planned.step != PlanStep.BLOCKED or planned.prepared is None:
        return set()
    return {problem.text for problem in planned.prepared.problems}
