"""What is to be done for a vehicle now: decided from its state and the listing's, without effects.

The preview and the transfer run this same code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from portal.exports.planning.cases import ExportCase, KnownListing
from portal.messages import Wording
from portal.models.exports import ListingState
from portal.platforms.contract import Json, Mapper, Prepared


class PlanStep(StrEnum):
    """CREATE, UPDATE and DELETE are sent. BLOCKED: preflight found what the platform would refuse.
    RESOLVE: whether the listing exists is unknown and only the platform's whole list can tell.
    PROTECTED: something is to be sent, but the dealer has locked the listing at the platform."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NOTHING = "nothing"
    BLOCKED = "blocked"
    RESOLVE = "resolve"
    PROTECTED = "protected"


SENT_STEPS = (PlanStep.CREATE, PlanStep.UPDATE, PlanStep.DELETE)
COSTLY_STEPS = (PlanStep.CREATE, PlanStep.DELETE)
"""A creation may cost money, a deletion loses enquiries."""


@dataclass(frozen=True)
class Planned:
    vehicle_id: UUID
    step: PlanStep
    known: KnownListing
    prepared: Prepared | None = None
    """What would be sent; None when the vehicle is not wanted at the platform."""
    payload_hash: str | None = None
    bookings: frozenset[str] = frozenset()
    """The paid extras that would be sent."""
    exclusion_reason: Wording = ""
    """Why the vehicle is not wanted there, in German."""

    @property
    def costly(self) -> bool:
        """Whether the mass-change guard counts it."""
        return self.step in COSTLY_STEPS

    @property
    def may_exist_otherwise(self) -> bool:
        """An earlier create of unknown outcome carried something else than this one does."""
        return self.known.state == ListingState.CREATING and self.known.pending_hash != self.payload_hash

    @property
    def as_it_should_be(self) -> bool:
        """Nothing is to be sent, and not because the platform refused it."""
        refused = self.payload_hash is not None and self.payload_hash == self.known.refused_hash
        return self.step == PlanStep.NOTHING and not refused


def plan(
    cases: Iterable[ExportCase], mapper: Mapper, force: Collection[UUID] = (), *, repeatable: bool = True
) -> list[Planned]:
    """`force`: vehicles that are sent as if no payload had been taken or refused before. `repeatable`: a
    create that is sent twice makes one listing (`ExportApp.idempotent_create`)."""
    return [plan_one(case, mapper, force=case.vehicle_id in force, repeatable=repeatable) for case in cases]


def plan_one(case: ExportCase, mapper: Mapper, *, force: bool = False, repeatable: bool = True) -> Planned:
    known = case.known
    if force:
        known = replace(known, sent_hash=None, refused_hash=None, protected_at=None)
    if not case.wanted:
        return Planned(
            case.vehicle_id, _step_for_unwanted(known), known, exclusion_reason=case.exclusion_reason
        )
    prepared = mapper(case.subject)
    payload_hash = hash_payload(prepared.payload)
    blocked = bool(prepared.problems)
    step = _step_for_wanted(known, blocked=blocked, payload_hash=payload_hash, repeatable=repeatable)
    return Planned(case.vehicle_id, step, known, prepared, payload_hash, prepared.bookings)


def _step_for_unwanted(known: KnownListing) -> PlanStep:
    match known.state:
        case ListingState.ABSENT:
            return PlanStep.NOTHING
        case ListingState.CREATING:
            return PlanStep.RESOLVE
        case _:
            return PlanStep.PROTECTED if known.protected_at else PlanStep.DELETE


def _step_for_wanted(known: KnownListing, *, blocked: bool, payload_hash: str, repeatable: bool) -> PlanStep:
    """A payload that was accepted, or refused, is not sent a second time. A create whose outcome is unknown
    is repeated only where that cannot make a second listing; elsewhere the list is read first."""
    refused = payload_hash == known.refused_hash
    if known.state == ListingState.MISSING:
        return PlanStep.RESOLVE
    if known.state == ListingState.CREATING and (blocked or refused or not repeatable):
        return PlanStep.RESOLVE
    if blocked:
        return PlanStep.BLOCKED
    if refused or (known.state == ListingState.ONLINE and payload_hash == known.sent_hash):
        return PlanStep.NOTHING
    if known.state != ListingState.ONLINE:
        return PlanStep.CREATE
    return PlanStep.PROTECTED if known.protected_at else PlanStep.UPDATE


def hash_payload(payload: Json) -> str:
    """SHA-256 over the payload in one form: equal payloads have equal hashes."""
    return hashlib.sha256(_CANONICAL_JSON.encode(payload).encode()).hexdigest()


_CANONICAL_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
