"""What the platform's list says of a listing that we know. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.audit.differences import differences
from portal.messages import Wording
from portal.models.exports import ListingState
from portal.platforms.contract import Json


class DriftVerdict(StrEnum):
    """LEFT: it was changed while the list was read, or nobody knows yet what the platform holds."""

    CONFIRMED = "confirmed"
    DRIFTED = "drifted"
    VANISHED = "vanished"
    LEFT = "left"


@dataclass(frozen=True)
class SentListing:
    """A listing as we know it; `sent` is comparable, `busy` one that is being sent right now."""

    vehicle_id: UUID
    state: str
    sent: Json
    known: bool = True
    """Whether the platform holds exactly what we sent last; an adopted listing still gets its data."""
    sent_at: datetime | None = None
    busy: bool = False


@dataclass(frozen=True)
class DriftFinding:
    vehicle_id: UUID
    verdict: DriftVerdict
    drift: tuple[dict[str, str], ...] = ()
    """Field differences: what we sent (`old`), what the platform shows (`new`)."""


def compare_listing(
    ours: SentListing, shown: Json | None, began: datetime, labels: Mapping[str, Wording]
) -> DriftFinding:
    """`shown` is the comparable ad from the list, None when the list lacks it; `began` when it was asked."""
    sent_since = ours.sent_at is not None and ours.sent_at >= began
    if ours.state != ListingState.ONLINE or ours.busy or sent_since:
        return DriftFinding(ours.vehicle_id, DriftVerdict.LEFT)
    if shown is None:
        return DriftFinding(ours.vehicle_id, DriftVerdict.VANISHED)
    if not ours.known:
        return DriftFinding(ours.vehicle_id, DriftVerdict.LEFT)
    drift = tuple(drift_of(ours.sent, shown, labels))
    return DriftFinding(ours.vehicle_id, DriftVerdict.DRIFTED if drift else DriftVerdict.CONFIRMED, drift)


def drift_of(sent: Json, shown: Json, labels: Mapping[str, Wording]) -> list[Json]:
    """Only what both sides carry: what the platform adds, or leaves out, is not ours to judge."""
    return differences(_only(sent, shown), _only(shown, sent), labels)


def _only(one: Json, other: Json) -> Json:
    """The members of `one` that `other` has as well, deep."""
    shared: dict[str, Any] = {}
    for name, value in one.items():
        if name not in other:
            continue
        opposite = other[name]
        deeper = isinstance(value, dict) and isinstance(opposite, dict)
        shared[name] = _only(value, opposite) if deeper else value
    return shared
