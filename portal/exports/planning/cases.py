"""What is planned from: the activation as it was when a run began, and its vehicles as it sees them now.

Vehicles are loaded in one query, however many there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    false,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.selectable import LateralFromClause

from portal.exports.core.lease import DatabaseClock, Lease, LeaseLost, guarded
from portal.exports.trouble import platform_state
from portal.messages import Wording, say
from portal.models.accounts import Dealer, Location
from portal.models.base import any_of
from portal.models.exports import Activation, ActivationState, Listing, ListingState
from portal.models.known_models import KnownModel
from portal.models.prepared import ONCE, Question, place, places, question
from portal.models.vehicles import ImageBlob, Publication, Vehicle, VehicleImage
from portal.platforms.common.titles import spelling_words, told_title
from portal.platforms.contract import Account, ImageRef, Json, Rules, Subject
from portal.vehicle_facts.data import VehicleData

ROWS_AT_ONCE = 100
"""Rows that are taken from the driver at once: one by one costs as much as reading them."""


@dataclass(frozen=True)
class KnownListing:
    """What we know of the listing; the columns of the same names."""

    state: str = ListingState.ABSENT
    listing_id: str | None = None
    internal_number: str = ""
    creation_id: UUID | None = None
    pending_hash: str | None = None
    sent_hash: str | None = None
    refused_hash: str | None = None
    last_result: str = ""
    bookings: Sequence[str] = ()
    kept_bookings: Sequence[str] = ()
    protected_at: datetime | None = None

    def carried(self, *, transferred: bool) -> frozenset[str]:
        """Extras that run there and that an update must not drop. Where those of the vehicle are
        transferred, what was booked from here ends when it is not wanted any more; a new listing books
        nothing by itself."""
        if self.state not in (ListingState.ONLINE, ListingState.MISSING):
            return frozenset()
        return frozenset(self.kept_bookings if transferred else self.bookings)

    def ending(self, wished: frozenset[str], *, transferred: bool) -> frozenset[str]:
        """What was booked from here and is not ticked any more."""
        if self.state != ListingState.ONLINE or not transferred:
            return frozenset()
        return frozenset(self.bookings) - frozenset(self.kept_bookings) - wished


_NO_LISTING = KnownListing()


@dataclass(frozen=True)
class ExportCase:
    vehicle_id: UUID
    wanted: bool
    """Whether the vehicle should be at the platform."""
    subject: Subject
    known: KnownListing
    exclusion_reason: Wording = ""
    """Why it should not be there, in German; empty when it should."""
    noted: tuple[Sequence[Json], Sequence[Json]] = ((), ())
    """The problems and hints that the last look has noted."""


@dataclass(frozen=True)
class Release:
    released: bool = False
    price: Decimal | None = None
    bookings: frozenset[str] = frozenset()

    @classmethod
    def of(cls, released: bool | None, price: Decimal | None, bookings: Sequence[str] | None) -> Release:
        """As it is stored; nothing stands where nobody has chosen anything."""
        return cls(bool(released), price, frozenset(bookings or ()))


def rules_of(dealer: Dealer) -> Rules:
    return rules_from(*(getattr(dealer, column.key) for column in _RULES))


_RULES: Sequence[Any] = (
    *(Dealer.export_vin, Dealer.platform_prices, Dealer.export_trade_ins, Dealer.mild_hybrid_as),
)


def rules_from(export_vin: bool, platform_prices: bool, trade_ins: bool, mild_hybrid_as: str) -> Rules:
    """From the columns of a dealer in this order."""
    return Rules(
        export_vin=export_vin,
        platform_prices=platform_prices,
        trade_ins=trade_ins,
        mild_hybrid_as=cast(Any, mild_hybrid_as),
    )


def load_cases(
    session: Session,
    activation: Activation,
    rules: Rules,
    vehicle_ids: Collection[UUID],
    releases: Mapping[UUID, Release] | None = None,
) -> list[ExportCase]:
    """One query, however many vehicles. `releases` replaces the stored ones (preview)."""
    cases = []
    transferred = activation.settings.get("bookings") == "vehicle"
    here = {"activation": activation.id, "dealer": activation.dealer_id, "app": activation.app}
    found = _facts().ask(session, **here, vehicles=list(vehicle_ids))
    for row in chain.from_iterable(found.partitions(ROWS_AT_ONCE)):
        vehicle_id, data, online, withdrawn_at, location_id, code, images, pictured, models, *rest = row
        stored, noted, listing = rest[:3], rest[3:5], rest[5:]
        vehicle = VehicleData.model_validate(data)
        release = Release.of(*stored) if releases is None else releases.get(vehicle_id, Release())
        known = _NO_LISTING if listing[0] is None else KnownListing(*listing)
        in_stock = withdrawn_at is None, location_id == activation.location_id, online
        reason = _exclusion_reason(*in_stock, release.released, vehicle, activation, rules)
        subject = Subject(
            vehicle,
            code,
            tuple(ImageRef(sha256, size) for sha256, size in images or ()),
            platform_price=None if release.price is None else str(release.price),
            bookings=release.bookings,
            carried=known.carried(transferred=transferred),
            ending=known.ending(release.bookings, transferred=transferred),
            pictures_there=bool(pictured) and known.state == ListingState.ONLINE,
            key=str(vehicle_id),
            model=models.get(spelling_words(vehicle.model, told_title(vehicle)), "") if models else "",
        )
        checks = noted[0] or (), noted[1] or ()
        cases.append(ExportCase(vehicle_id, not reason, subject, known, reason, checks))
    return cases


_KNOWN: Sequence[Any] = [getattr(Listing, column.name) for column in fields(KnownListing)]
_IMAGES = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(VehicleImage.sha256, ImageBlob.size), VehicleImage.position
            ),
            type_=JSONB,
        )
    )
    .join(ImageBlob, ImageBlob.sha256 == VehicleImage.sha256)
    .where(VehicleImage.vehicle_id == Vehicle.id, VehicleImage.published)
    .correlate(Vehicle)
    .scalar_subquery()
)


_UNPICTURED = ~exists().where(VehicleImage.vehicle_id == Vehicle.id, VehicleImage.published).correlate(
    Vehicle
)
_RELEASED: Sequence[Any] = (
    *(Publication.released, Publication.price, Publication.bookings),
    *(Publication.problems, Publication.hints),
)


def _models() -> ColumnElement[Any]:
    """What the dealer has assigned to make and model of a vehicle at this platform, by the title's words."""
    known = func.jsonb_object_agg(KnownModel.words, KnownModel.key, type_=JSONB)
    return (
        select(known)
        .where(KnownModel.dealer_id == _DEALER, KnownModel.app == place("app", String))
        .where(KnownModel.make == Vehicle.make, KnownModel.model == Vehicle.model)
        .correlate(Vehicle)
        .scalar_subquery()
    )


_DEALER = place("dealer")


@lru_cache(maxsize=1)
def _facts() -> Question:
    """Vehicle, pictures, whether it had some, assigned models, release, checks and listing, in this order.
    Put together once: for one vehicle that takes as long as all the rest of it."""
    publication = _looked_up(Publication, _RELEASED)
    listing = _looked_up(Listing, (*_KNOWN, Listing.sent_payload))
    # Whether it had pictures when it was sent; only of a vehicle without any is the payload read.
    pictured = and_(_UNPICTURED, listing.c.sent_payload.has_key("images"))
    columns: Sequence[Any] = (
        *(Vehicle.id, Vehicle.data, Vehicle.online, Vehicle.withdrawn_at, Vehicle.location_id, Location.code),
        *(_IMAGES, pictured, _models()),
        *(publication.c[column.key] for column in _RELEASED),
        *(listing.c[column.key] for column in _KNOWN),
    )
    # The dealer's location: a second condition on the vehicle would have their whole stock looked through.
    of_dealer = and_(Location.id == Vehicle.location_id, Location.dealer_id == _DEALER)
    return question(
        select(*columns)
        .select_from(Vehicle)
        .join(Location, of_dealer)
        .outerjoin(publication, true())
        .outerjoin(listing, true())
        .where(Vehicle.id == any_(places("vehicles")))
        .order_by(Vehicle.id)
    )


def _looked_up(table: Any, columns: Sequence[Any]) -> LateralFromClause:
    """What the table has of the vehicle at the activation. OFFSET 0 keeps it a look-up for one vehicle after
    the other: all of an activation that PostgreSQL takes for a small one would be read for each chunk."""
    here = (table.vehicle_id == Vehicle.id, table.activation_id == place("activation"))
    return select(*columns).where(*here).correlate(Vehicle).offset(0).lateral(table.__tablename__)


def _exclusion_reason(
    present: bool,
    at_location: bool,
    online: bool,
    released: bool,
    vehicle: VehicleData,
    activation: Activation,
    rules: Rules,
) -> Wording:
    """Why it should not be there; empty where it should. `is_wanted` is the same decision in SQL."""
    if not present:
        return say("Das Fahrzeug ist nicht mehr im Bestand.")
    if not at_location:
        return say("Das Fahrzeug steht an einem anderen Standort.")
    if not online:
        return say("Das Fahrzeug ist nicht online geschaltet.")
    if not released:
        return say("Das Fahrzeug ist für diese Plattform nicht freigegeben.")
    if activation.state == ActivationState.CLOSING:
        return say("Die App wird deaktiviert, ihre Inserate werden gelöscht.")
    if vehicle.sold:
        return say("Das Fahrzeug ist als verkauft gekennzeichnet.")
    if vehicle.trade_in and not rules.trade_ins:
        return say("Das Fahrzeug ist eine Inzahlungnahme; diese werden nicht exportiert.")
    return ""


def stored_releases(
    session: Session, activation_id: UUID, vehicle_ids: Collection[UUID] | None = None
) -> dict[UUID, Release]:
    """Of these vehicles, or of all. Most are alike and share one object, so a large stock holds few."""
    statement = select(
        Publication.vehicle_id, Publication.released, Publication.price, Publication.bookings
    ).where(Publication.activation_id == activation_id)
    if vehicle_ids is not None:
        statement = statement.where(any_of(Publication.vehicle_id, vehicle_ids))
    shared: dict[Release, Release] = {}
    releases = {}
    for vehicle_id, released, price, bookings in session.execute(statement):
        release = Release(released, price, frozenset(bookings))
        releases[vehicle_id] = shared.setdefault(release, release)
    return releases


# Whether a vehicle should be at a platform, as a condition of SQL.


def is_wanted(activation: Activation, rules: Rules) -> ColumnElement[bool]:
    """The same decision as `cases.load_cases`; tests compare the two. `Publication` may be outer joined."""
    closing = activation.state == ActivationState.CLOSING
    return false() if closing else is_wanted_at(activation.location_id, trade_ins=rules.trade_ins)


def is_wanted_at(location_id: UUID | ColumnElement[UUID], *, trade_ins: bool) -> ColumnElement[bool]:
    """By an app that is not being deactivated. `trade_ins`: the dealer exports those, too."""
    kept = () if trade_ins else (~_flag("trade_in"),)
    return and_(
        Vehicle.withdrawn_at.is_(None),
        Vehicle.location_id == location_id,
        Vehicle.online,
        func.coalesce(Publication.released, False),
        ~_flag("sold"),
        *kept,
    )


def _flag(name: str) -> ColumnElement[bool]:
    return func.coalesce(Vehicle.data[name].as_boolean(), False)


# What a run assumes about its activation, and the check that it still holds.


MAY_LOOK = (ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.CLOSING)


class Outdated(Exception):
    """The activation or its dealer's settings changed during the run: begin anew with them."""


@dataclass(frozen=True)
class ExportContext:
    activation: Activation
    """Detached, as it was when the run began."""
    account: Account
    rules: Rules
    clock: DatabaseClock
    platform_failing: bool = False
    """Every activation meets it: one at a time asks whether it is over."""

    @property
    def locked(self) -> bool:
        return self.activation.state == ActivationState.LOCKED

    def assumptions(self) -> tuple[Any, ...]:
        activation = self.activation
        return activation.state, activation.settings, activation.account, self.rules

    def guard(self, session: Session, lease: Lease, *, to_change: bool = False) -> None:
        """Assert until the commit that the lease is ours and nothing that was assumed has changed.

        `to_change` takes the lock for writing at once: from reading to writing two would wait for
        each other.

        Without it a change of settings could be lost: its rows would be sent in the old form
        and be done with. Raises LeaseLost or Outdated.
        """
        asked = _guarded(to_change=to_change)
        found = asked.ask(session, activation=lease.activation_id, token=lease.token).first()
        if found is None:
            raise LeaseLost(lease.activation_id)
        if (*found[:3], rules_from(*found[3:])) != self.assumptions():
            raise Outdated(lease.activation_id)


def sendable_context(session: Session, activation_id: UUID) -> ExportContext | None:
    """The context if the activation may look at what waits: live, not stopped, not paused.

    While it is locked, what waits is looked at too: the deviation may be gone.
    """
    return _load(session, _sendable(), {_HERE: activation_id})


_HERE = "activation_here"


@lru_cache(maxsize=1)
def _sendable() -> Select[Any]:
    """The activation with its dealer, the database's time, and whether its platform is in trouble. Made once,
    as the next one: to put it together takes longer than PostgreSQL takes to answer."""
    ready = Activation.state.in_(MAY_LOOK), platform_state.may_go_out()
    return (
        select(Activation, func.clock_timestamp(), platform_state.is_failing())
        .where(Activation.id == bindparam(_HERE, type_=Uuid), *ready)
        .options(joinedload(Activation.dealer, innerjoin=True))
        .execution_options(populate_existing=True, **ONCE)
    )


@lru_cache(maxsize=2)
def _guarded(*, to_change: bool) -> Question:
    """What `ExportContext.assumptions` is made of."""
    statement = select(Activation.state, Activation.settings, Activation.account, *_RULES).where(
        Activation.id == place("activation"), Dealer.id == Activation.dealer_id
    )
    locked = guarded(statement, place("activation"), place("token"))
    return question(locked.with_for_update(of=Activation, key_share=to_change, read=not to_change))


def _load(session: Session, statement: Select[Any], here: Mapping[str, UUID]) -> ExportContext | None:
    row = session.execute(statement, here).one_or_none()
    if row is None:
        return None
    activation, clock = row[0], DatabaseClock(row[1])
    session.expunge(activation)
    return ExportContext(
        activation, Account.from_json(activation.account), rules_of(activation.dealer), clock, row[2]
    )
