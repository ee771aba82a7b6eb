"""What the next transfer would do: the engine's own planning, with nothing sent or written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.dispatch.claims import changes_since_sent
from portal.exports.planning.cases import ExportCase, Release, load_cases
from portal.exports.planning.plan import Planned, PlanStep, plan_one
from portal.models.exports import Activation, Listing, ListingState
from portal.models.vehicles import Vehicle
from portal.platforms import get_app
from portal.platforms.contract import Mapper, Rules
from portal.translations.message import Wording, from_json, say

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
    tally, repeatable = _Tally(), get_app(activation.app).idempotent_create
    vehicle_ids = sorted(releases.keys() | _listed(session, activation))
    for start in range(0, len(vehicle_ids), VEHICLES_PER_CHUNK):
        chunk = vehicle_ids[start : start + VEHICLES_PER_CHUNK]
        for case in load_cases(session, activation, rules, chunk, releases):
            tally.count(case, plan_one(case, mapper, force=force, repeatable=repeatable))
        tally.show(session, activation, labels)
    return tally.preview()


@dataclass
class _Tally:
    """What is counted of all vehicles, and shown of the first of each kind.

    `due`: what is to be shown of the current chunk; nothing else holds a payload, and none beyond its chunk.
    """

    steps: Counter[PlanStep] = field(default_factory=Counter)
    reasons: Counter[Wording] = field(default_factory=Counter)
    entries: dict[PlanStep, list[PreviewedVehicle]] = field(default_factory=dict)
    due: list[tuple[ExportCase, Planned]] = field(default_factory=list)

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
        self.due.clear()

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
