"""The dealer's apps as cards, those that need attention first, each with its health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import render_template
from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session, joinedload

from portal.blueprints.activations import blueprint
from portal.blueprints.activations.latest_runs import NO_RUNS, LatestRuns, load_latest_runs
from portal.exports.trouble.stopping import stopped_by_hand
from portal.extensions import db
from portal.models import Activation, Dealer, Listing, Lock, Publication, Vehicle
from portal.models.exports import ActivationState, ListingState, TransferState
from portal.models.realm import Realm
from portal.platforms import APPS
from portal.platforms.contract import ExportApp
from portal.vehicles.status import PublicationStatus
from portal.vehicles.status_sql import count_statuses
from portal.web.access import chosen_realm, current_dealer, dealer


@blueprint.get("/apps")
@dealer("view")
def page() -> str:
    groups = load_cards(db.session(), current_dealer(), chosen_realm())
    return render_template("activations/page.html", groups=groups)


# The dealer's apps as cards, those that need attention first.


LAST = (ActivationState.DRAFT, ActivationState.CLOSING)


@dataclass(frozen=True)
class AppCard:
    activation: Activation
    app: ExportApp
    health: Health
    lock: Lock | None = None
    """The one that is open."""
    latest: LatestRuns = NO_RUNS

    @property
    def stopped(self) -> bool:
        return self.activation.state == ActivationState.STOPPED

    @property
    def stopped_by_hand(self) -> bool:
        return stopped_by_hand(self.activation)

    @property
    def reconciling(self) -> bool:
        return self.activation.state == ActivationState.RECONCILING

    def urgency(self) -> tuple[bool, bool, bool, bool, bool, int, str, str]:
        """Sorts locked apps first, then stopped ones, those that wait for their reconciliation, those
        with the most vehicles in trouble."""
        quiet = self.activation.state in LAST
        return (
            not self.lock,
            not self.stopped,
            not self.reconciling,
            not self.activation.failing_since,
            quiet,
            -self.health.troubled,
            str(self.app.name),
            self.activation.customer_number,
        )


@dataclass(frozen=True)
class AppGroups:
    present: tuple[AppCard, ...]
    deactivated: tuple[AppCard, ...]


def load_cards(session: Session, dealer: Dealer, realm: Realm) -> AppGroups:
    """Five queries, however many apps and vehicles."""
    found = load_health(session, dealer, realm)
    rows = session.execute(
        select(Activation, Lock)
        .outerjoin(Lock, (Lock.activation_id == Activation.id) & Lock.closed_at.is_(None))
        .where(realm.of(Activation))
        .options(joinedload(Activation.location))
    ).all()
    latest = load_latest_runs(session, [row.id for row, _ in rows])
    cards = [
        AppCard(row, APPS[row.app], found.get(row.id, Health()), lock, latest.get(row.id, NO_RUNS))
        for row, lock in rows
        if row.app in APPS
    ]
    ordered = sorted(cards, key=AppCard.urgency)
    return AppGroups(
        present=tuple(c for c in ordered if c.activation.state != ActivationState.DEACTIVATED),
        deactivated=tuple(c for c in ordered if c.activation.state == ActivationState.DEACTIVATED),
    )


# How an activated app is doing: a fixed number of queries for all apps of a dealer.


@dataclass(frozen=True)
class Health:
    """`online` listings of `released` vehicles, those that are about to be deleted included. Vehicles by how
    they stand; `listed` are there for all we know, `hinted` were taken with a hint the last time."""

    online: int = 0
    released: int = 0
    listed: int = 0
    hinted: int = 0
    open: int = 0
    rejected: int = 0
    vanished: int = 0
    incomplete: int = 0

    @classmethod
    def of(cls, standings: Mapping[str, int], online: int, released: int, listed: int, hinted: int) -> Health:
        """`standings` are the vehicles by how they stand."""
        return cls(
            online=online,
            released=released,
            listed=listed,
            hinted=hinted,
            open=standings.get(PublicationStatus.OPEN, 0),
            rejected=standings.get(PublicationStatus.ERROR, 0),
            vanished=standings.get(PublicationStatus.VANISHED, 0),
            incomplete=standings.get(PublicationStatus.INCOMPLETE, 0),
        )

    @property
    def troubled(self) -> int:
        return self.rejected + self.vanished + self.incomplete


def load_health(session: Session, dealer: Dealer, realm: Realm) -> dict[UUID, Health]:
    """The health of each of the dealer's activations: two queries."""
    standings = count_statuses(session, dealer, realm)
    present = Listing.state != ListingState.ABSENT
    hinted = present & (Listing.last_result == TransferState.WARNING)
    figures = select(
        Activation.id, online_listings(), released_vehicles(), _listings(present), _listings(hinted)
    ).where(realm.of(Activation))
    return {key: Health.of(standings.get(key, {}), *counts) for key, *counts in session.execute(figures)}


def _listings(which: ColumnElement[bool]) -> ScalarSelect[int]:
    here = (Listing.activation_id == Activation.id, which)
    return select(func.count()).select_from(Listing).where(*here).scalar_subquery()


# The two numbers that stand on the overview and at every app: online, and how many should be.


def online_listings() -> ScalarSelect[int]:
    """Listings of an activation, whatever waits for them; without those that the last check did not find."""
    here = (
        Listing.activation_id == Activation.id,
        Listing.state == ListingState.ONLINE,
        Listing.vanished_at.is_(None),
    )
    return select(func.count()).select_from(Listing).where(*here).scalar_subquery()


def released_vehicles() -> ScalarSelect[int]:
    """Vehicles that should be online: in stock at this location, switched on and released here."""
    return (
        select(func.count())
        .select_from(Publication)
        .join(Vehicle, Vehicle.id == Publication.vehicle_id)
        .where(
            Publication.activation_id == Activation.id,
            Publication.released,
            Vehicle.location_id == Activation.location_id,
            Vehicle.withdrawn_at.is_(None),
            Vehicle.online,
        )
        .scalar_subquery()
    )
