"""What a lock holds back, as it is read: numbers, vehicles, and how it was yesterday. No Flask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from portal.exports.mass_change.clearance import DONE_STATES, LISTED_STATES
from portal.exports.mass_change.lock import find_open_lock
from portal.messages import Wording
from portal.models import Activation, Listing, Transfer, User, Vehicle
from portal.models.runs import Lock, LockedVehicle
from portal.platforms.contract import Action

VEHICLES_SHOWN = 20
"""Vehicles that the panel shows before it leads to all of them."""
VEHICLES_PER_PAGE = 100
YESTERDAY = timedelta(hours=24)


@dataclass(frozen=True)
class HeldVehicle:
    """A vehicle whose deletion or creation is part of the deviation."""

    id: UUID
    action: str
    reason: Wording
    offer_number: str
    title: str
    price: Decimal | None
    online_since: datetime | None
    url: str | None


@dataclass(frozen=True)
class HeldPage:
    """Some of `count` vehicles."""

    vehicles: tuple[HeldVehicle, ...]
    count: int
    number: int = 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // VEHICLES_PER_PAGE))

    @property
    def newer(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def older(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


@dataclass(frozen=True)
class LockView:
    """A lock with what it holds back."""

    lock: Lock
    activation: Activation
    online: int
    online_yesterday: int | None
    """None while the app is younger than that."""
    held: HeldPage

    @property
    def deletions(self) -> int:
        """Those that still stand out; the lock's own number also counts what was done in the window."""
        return self.lock.deletions - self.lock.deletions_done

    @property
    def creations(self) -> int:
        return self.lock.creations - self.lock.creations_done

    @property
    def online_afterwards(self) -> int:
        return max(0, self.online - self.deletions + self.creations)


def view_of(session: Session, activation: Activation, lock: Lock, page: int = 0) -> LockView:
    """Two queries, however many vehicles. Page 0: the first few of them."""
    online, yesterday, held_back = session.execute(_numbers(activation.id, lock.id)).one()
    whole = HeldPage((), held_back)
    number = min(max(page, 1), whole.pages)
    some = _vehicles(lock.id).limit(VEHICLES_PER_PAGE if page else VEHICLES_SHOWN)
    rows = session.execute(some.offset((number - 1) * VEHICLES_PER_PAGE))
    held = replace(whole, vehicles=tuple(HeldVehicle(*row) for row in rows), number=number)
    return LockView(lock, activation, online, yesterday, held)


def open_view(session: Session, activation: Activation, page: int = 0) -> LockView | None:
    """The open lock of an activation: one query when there is none."""
    lock = find_open_lock(session, activation.id)
    return view_of(session, activation, lock, page) if lock else None


def last_lock(session: Session, activation_id: UUID) -> Lock | None:
    """The newest one, open or closed."""
    mine = select(Lock).where(Lock.activation_id == activation_id)
    return session.scalars(mine.order_by(Lock.id.desc()).limit(1)).one_or_none()


def name_of_closer(session: Session, lock: Lock) -> str:
    """Who closed it; empty where it was nobody, or somebody with a link from a mail."""
    user = session.get(User, lock.closed_by) if lock.closed_by else None
    return (user.name or user.login) if user else ""


def _numbers(activation_id: UUID, lock_id: UUID) -> Select[int, int | None, int]:
    """Listings online now and a day ago, and vehicles that the lock holds back. What a match of two stocks
    found there was there before."""
    here = (Listing.activation_id == activation_id, Listing.state.in_(LISTED_STATES))
    now = select(func.count()).select_from(Listing).where(*here).scalar_subquery()
    gained = case((Transfer.action == Action.CREATE, 1), else_=-1)
    grown = (
        select(func.coalesce(func.sum(gained), 0))
        .where(
            Transfer.activation_id == activation_id,
            Transfer.action.in_((Action.CREATE, Action.DELETE)),
            Transfer.state.in_(DONE_STATES),
            Transfer.finished_at > func.now() - YESTERDAY,
        )
        .scalar_subquery()
    )
    old_enough = Activation.activated_at <= func.now() - YESTERDAY
    yesterday = case((old_enough, now - grown))
    held = select(func.count()).select_from(LockedVehicle).where(LockedVehicle.lock_id == lock_id)
    return select(now, yesterday, held.scalar_subquery()).where(Activation.id == activation_id)


def _vehicles(lock_id: UUID) -> Select[*tuple[Any, ...]]:
    """Deletions first, then by number. In the order of `HeldVehicle`."""
    description = func.nullif(Vehicle.data["model_description"].astext, "")
    listing = and_(Listing.vehicle_id == Vehicle.id, Listing.activation_id == Lock.activation_id)
    return (
        select(
            Vehicle.id,
            LockedVehicle.action,
            LockedVehicle.reason,
            Vehicle.offer_number,
            func.concat_ws(" ", Vehicle.make, Vehicle.model, description),
            Vehicle.price,
            Listing.online_since,
            Listing.url,
        )
        .select_from(LockedVehicle)
        .join(Lock, Lock.id == LockedVehicle.lock_id)
        .join(Vehicle, Vehicle.id == LockedVehicle.vehicle_id)
        .outerjoin(Listing, listing)
        .where(LockedVehicle.lock_id == lock_id)
        .order_by(LockedVehicle.action.desc(), Vehicle.offer_number, Vehicle.id)
    )
