"""One row for each live activation: two queries, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, Select, func, or_, select, true
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.selectable import LateralFromClause

from portal.blueprints.activations import cards as activations_cards
from portal.exports.daily_results import DailyResults, Day, load_daily_results
from portal.exports.trouble.stopping import stopped_by_hand
from portal.models import Activation, Listing, Lock, Publication, Transfer, Vehicle
from portal.models.exports import LIVE, ActivationState, ListingState, TransferState
from portal.models.realm import Realm
from portal.models.vehicles import NO_PROBLEMS
from portal.platforms import APPS
from portal.web.wording import translated

OPEN = (TransferState.WAITING, TransferState.SENDING)
NOT_TAKEN = (TransferState.REJECTED, TransferState.FAILED)
ICON = "plug-connected"
"""Of an app that is not in the registry any more."""


@dataclass(frozen=True)
class OverviewCard:
    """`online` listings; of the `released` vehicles `present` are among them and `blocked` cannot be before
    somebody acts. `open` transfers wait or are being sent. `lock` is open."""

    activation: Activation
    name: str
    icon: str
    online: int
    released: int
    present: int
    blocked: int
    open: int
    results: DailyResults
    lock: Lock | None = None

    @property
    def stopped(self) -> bool:
        return self.activation.state == ActivationState.STOPPED

    @property
    def stopped_by_hand(self) -> bool:
        return stopped_by_hand(self.activation)

    @property
    def coming(self) -> int:
        """Vehicles that should be online and only wait for it."""
        return self.released - self.present - self.blocked

    @property
    def today(self) -> Day:
        return self.results.days[-1]

    def urgency(self) -> tuple[bool, bool, bool, bool, int, str]:
        """Sorts the row that needs attention first: one that is locked before all others."""
        return (
            not self.lock,
            not self.stopped,
            not self.activation.failing_since,
            not self.results.rejected,
            self.online - self.released,
            self.name,
        )


def load(session: Session, realm: Realm, now: datetime) -> list[OverviewCard]:
    """The dealer's live activations, the one that needs attention first."""
    results = load_daily_results(session, realm, now)
    rows: Any = session.execute(_activations(realm))
    cards = [
        OverviewCard(
            activation=activation,
            name=translated(APPS[activation.app].name) if activation.app in APPS else activation.app,
            icon=APPS[activation.app].icon if activation.app in APPS else ICON,
            online=online,
            released=released,
            present=present,
            blocked=blocked,
            open=waiting,
            results=results[activation.id],
            lock=lock,
        )
        for activation, lock, online, released, present, blocked, waiting in rows
    ]
    return sorted(cards, key=OverviewCard.urgency)


def has_vehicles(session: Session, realm: Realm) -> bool:
    in_stock = select(Vehicle.id).where(realm.of(Vehicle), Vehicle.withdrawn_at.is_(None))
    return session.scalar(select(in_stock.exists())) or False


def _activations(realm: Realm) -> Select[*tuple[Any, ...]]:
    released = _released()
    here = (Transfer.activation_id == Activation.id, Transfer.state.in_(OPEN))
    waiting = select(func.count()).select_from(Transfer).where(*here).scalar_subquery()
    return (
        select(
            Activation,
            Lock,
            activations_cards.online_listings(),
            released.c.released,
            released.c.present,
            released.c.blocked,
            waiting,
        )
        .select_from(Activation)
        .join(released, true())
        .outerjoin(Lock, (Lock.activation_id == Activation.id) & Lock.closed_at.is_(None))
        .where(realm.of(Activation), Activation.state.in_(LIVE))
        .options(joinedload(Activation.location))
    )


def _listing_there() -> LateralFromClause:
    """What is known of a release's listing. Each is looked up by itself (OFFSET 0): of an activation that
    PostgreSQL does not know yet it expects one, and would look through all of them for each vehicle."""
    return (
        select(Listing.state, Listing.vanished_at, Listing.last_result)
        .where(Listing.vehicle_id == Publication.vehicle_id)
        .where(Listing.activation_id == Publication.activation_id)
        .offset(0)
        .correlate(Publication)
        .lateral("there")
    )


def _released() -> FromClause:
    """Vehicles that should be online at an activation, by what became of them: counted in one go."""
    listed = _listing_there()
    there = listed.c
    present = func.coalesce((there.state == ListingState.ONLINE) & there.vanished_at.is_(None), False)
    blocked = or_(
        Vehicle.problems != NO_PROBLEMS,
        Publication.problems != NO_PROBLEMS,
        there.last_result.in_(NOT_TAKEN),
        there.vanished_at.is_not(None),
    )
    return (
        select(
            func.count().label("released"),
            func.count().filter(present).label("present"),
            func.count().filter(~present, blocked).label("blocked"),
        )
        .select_from(Publication)
        .join(Vehicle, Vehicle.id == Publication.vehicle_id)
        .outerjoin(listed, true())
        .where(
            Publication.activation_id == Activation.id,
            Publication.released,
            Vehicle.location_id == Activation.location_id,
            Vehicle.withdrawn_at.is_(None),
            Vehicle.online,
        )
        .correlate(Activation)
        .lateral()
    )
