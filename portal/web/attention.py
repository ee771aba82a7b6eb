"""How much needs attention: the numbers beside Handlungsbedarf and at the bell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from flask import g, has_request_context
from flask_login import current_user
from sqlalchemy import Select, func, select, text, union

from portal.extensions import db
from portal.models import Activation, Listing, Publication, Vehicle
from portal.models.exports import SERVED, ActivationState, ListingState
from portal.models.listing_conditions import TROUBLE_CONDITION, VANISHED_CONDITION
from portal.models.notifications import Notification
from portal.models.prepared import Question, place, question
from portal.models.realm import AnyRealm, Realm
from portal.models.vehicles import NO_PROBLEMS

_LEFT_BEHIND = (Activation.state == ActivationState.CLOSING, Listing.state != ListingState.ABSENT)
"""An app that ends, and a listing that its platform would not delete."""
HALTED = (ActivationState.STOPPED, ActivationState.LOCKED)
MANY = 500
"""Counting stops here: beyond it the exact number helps nobody and costs time on every page."""


@dataclass(frozen=True)
class Attention:
    """Vehicles with a problem (at most MANY), and activations that are stopped or locked."""

    vehicles: int
    halted: int
    unread: int = 0
    """Lines in the inbox of who is logged in, at most MANY."""

    @property
    def text(self) -> str:
        """The number of vehicles as it is written."""
        return f"{MANY}+" if self.vehicles >= MANY else str(self.vehicles)

    @property
    def badge(self) -> str:
        """Everything together; empty when nothing is open."""
        if self.vehicles >= MANY:
            return self.text
        return str(self.vehicles + self.halted) if self.vehicles + self.halted else ""


def current(realm: Realm) -> Attention:
    """Counted once per request."""
    counted: dict[Realm, Attention] = g.setdefault("attention", {})
    if realm not in counted:
        user_id = current_user.id if has_request_context() and current_user.is_authenticated else None
        found = _numbers(AnyRealm(realm.limited)).ask(db.session(), user=user_id, **realm.values)
        counted[realm] = Attention(*found.one())
    return counted[realm]


@lru_cache
def _numbers(realm: AnyRealm) -> Question:
    vehicles = select(func.count()).select_from(_vehicles(realm).limit(MANY).subquery())
    halted = (
        select(func.count()).select_from(Activation).where(realm.of(Activation), Activation.state.in_(HALTED))
    )
    # Only as many lines as are shown are looked at, through an index that holds nothing but unread ones.
    mine = select(Notification.id).where(
        Notification.user_id == place("user"), Notification.read_at.is_(None)
    )
    unread = select(func.count()).select_from(mine.limit(MANY).subquery())
    numbers = select(*(number.scalar_subquery() for number in (vehicles, halted, unread)))
    return question(numbers, planned_once=False)


def _vehicles(realm: AnyRealm) -> Select[UUID]:
    """Vehicles on the page Handlungsbedarf. Every part starts at an index that holds nothing but
    such rows, because this is asked for on every page."""
    live = (realm.of(Activation), Activation.state.in_(SERVED))
    in_stock = (realm.of(Vehicle), Vehicle.withdrawn_at.is_(None), Vehicle.online)
    parts = (
        select(Vehicle.id).where(*in_stock, Vehicle.problems != NO_PROBLEMS),
        _blocked().where(*live),
        _at_platforms(TROUBLE_CONDITION).where(*live),
        _at_platforms(VANISHED_CONDITION).where(*live),
        _at_platforms(TROUBLE_CONDITION).where(realm.of(Activation), *_LEFT_BEHIND),
    )
    found = union(*(select(part.limit(MANY).subquery()) for part in parts)).subquery()
    return select(found.c[0])


def _blocked() -> Select[UUID]:
    """Preflight knows that the platform would refuse it. One vehicle after the other is looked up by its key
    (OFFSET 0), and by nothing else: a location that PostgreSQL takes for a small one would be searched for
    each of them; no index serves IS NOT DISTINCT FROM."""
    vehicle = select(Vehicle.id).where(
        Vehicle.id == Publication.vehicle_id,
        Vehicle.location_id.is_not_distinct_from(Activation.location_id),
        Vehicle.withdrawn_at.is_(None),
        Vehicle.online,
    )
    return (
        select(Publication.vehicle_id)
        .join(Activation, Activation.id == Publication.activation_id)
        .where(
            Publication.released,
            Publication.problems != NO_PROBLEMS,
            Activation.counts_for_warning,
            vehicle.correlate(Publication, Activation).offset(0).exists(),
        )
    )


def _at_platforms(condition: str) -> Select[UUID]:
    """The platform refused it, it could not be delivered, or the platform does not have it any more."""
    return (
        select(Listing.vehicle_id)
        .join(Activation, Activation.id == Listing.activation_id)
        .where(text(condition))
    )
