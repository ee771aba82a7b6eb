"""Release, price and paid extras of a vehicle at each activation of its location."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from portal.mandate import demand_consent
from portal.models.accounts import Dealer
from portal.models.exports import LIVE, Activation, Listing, ListingState, Transfer, TransferState
from portal.models.realm import Realm
from portal.models.runs import Run, RunVehicle
from portal.models.vehicles import Publication, Vehicle
from portal.outbox import note_changes
from portal.vehicles import status
from portal.vehicles.status import InFile, StatusInput

OPEN_STATES = (TransferState.WAITING, TransferState.SENDING)
RESULT_STATES = (TransferState.OK, TransferState.WARNING, TransferState.REJECTED, TransferState.FAILED)
PerActivation = TypeVar("PerActivation", Publication, Listing, Transfer)
VehicleAndActivation = tuple[UUID, UUID]
"""Vehicle and activation."""


@dataclass(frozen=True)
class Choice:
    """What a dealer decides for one vehicle at one activation. `price` None: the vehicle's own."""

    released: bool
    price: Decimal | None = None
    bookings: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Publication) -> Choice:
        return cls(row.released, row.price, tuple(sorted(row.bookings)))

    def as_json(self) -> list[Any]:
        return [self.released, None if self.price is None else str(self.price), self.bookings]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> Choice:
        released, price, bookings = stored
        return cls(released, None if price is None else Decimal(price), tuple(bookings))


NO_CHOICE = Choice(released=False)


def live_activations(session: Session, realm: Realm) -> list[Activation]:
    live = select(Activation).where(realm.of(Activation), Activation.state.in_(LIVE))
    return list(session.scalars(live.order_by(Activation.app, Activation.customer_number)))


def choices_of(session: Session, vehicle: Vehicle) -> dict[UUID, Choice]:
    rows = session.scalars(select(Publication).where(Publication.vehicle_id == vehicle.id))
    return {row.activation_id: Choice.of(row) for row in rows}


def publish(session: Session, vehicle: Vehicle, online: bool, choices: Mapping[UUID, Choice]) -> bool:
    """Take over what was decided; False, and nothing noted, when that is how it was already."""
    before = choices_of(session, vehicle)
    changed = {key: choice for key, choice in choices.items() if choice != before.get(key, NO_CHOICE)}
    if not changed and vehicle.online == online:
        return False
    # First the rows that wait, then the publications: the order in which a worker locks them.
    # What is newly released has no row yet, so it is noted once more below.
    note_changes(session, [vehicle.id])
    vehicle.online = online
    for activation_id, choice in changed.items():
        _store(session, vehicle, activation_id, choice)
    vehicle.updated_at = func.now()
    note_changes(session, [vehicle.id])
    return True


def _store(session: Session, vehicle: Vehicle, activation_id: UUID, choice: Choice) -> None:
    row = session.get(Publication, (vehicle.id, activation_id))
    if row is None:
        row = Publication(vehicle_id=vehicle.id, activation_id=activation_id)
        session.add(row)
    if set(choice.bookings) != set(row.bookings or ()):
        demand_consent(session)
    row.released, row.price, row.bookings = choice.released, choice.price, list(choice.bookings)
    if choice.bookings:
        # An extra that was booked at the platform and is ticked here ends like ours: when it is unticked.
        here = (Listing.activation_id == activation_id, Listing.vehicle_id == vehicle.id)
        for listing in session.scalars(select(Listing).where(*here).with_for_update()):
            listing.kept_bookings = [code for code in listing.kept_bookings if code not in choice.bookings]


@dataclass(frozen=True)
class Stored:
    """What is known of vehicles at activations."""

    publications: Mapping[VehicleAndActivation, Publication]
    listings: Mapping[VehicleAndActivation, Listing]
    files: Mapping[VehicleAndActivation, InFile]


def load_stored(session: Session, vehicle_ids: Collection[UUID], activations: Sequence[Activation]) -> Stored:
    """One query, two with file apps: at an activation a vehicle has a publication, a listing or both."""
    published = select(Publication).where(Publication.vehicle_id.in_(vehicle_ids))
    listed = select(Listing).where(Listing.vehicle_id.in_(vehicle_ids))
    publication, listing = aliased(Publication, published.subquery()), aliased(Listing, listed.subquery())
    same = (publication.vehicle_id == listing.vehicle_id) & (
        publication.activation_id == listing.activation_id
    )
    pairs = session.execute(select(publication, listing).outerjoin(listing, same, full=True)).all()
    files = status.load_in_file(session, activations, vehicle_ids)
    return Stored(_by_key(one for one, _ in pairs), _by_key(one for _, one in pairs), files)


def load_with_activations(
    session: Session, realm: Realm, vehicle_id: UUID
) -> tuple[list[Activation], Stored]:
    """The live activations, and what is known of a vehicle at them and at others: one query."""

    def here(kind: type[Publication] | type[Listing]) -> ColumnElement[bool]:
        return (kind.activation_id == Activation.id) & (kind.vehicle_id == vehicle_id)

    known = or_(Publication.vehicle_id.is_not(None), Listing.vehicle_id.is_not(None))
    statement = (
        select(Activation, Publication, Listing, Run.sent_at, func.coalesce(RunVehicle.result, ""))
        .outerjoin(Publication, here(Publication))
        .outerjoin(Listing, here(Listing))
        .outerjoin(Run, (Run.id == Activation.published_run_id) & Run.sent_at.is_not(None))
        .outerjoin(RunVehicle, (RunVehicle.run_id == Run.id) & (RunVehicle.vehicle_id == vehicle_id))
        .where(Activation.dealer_id == realm.dealer_id, or_(Activation.state.in_(LIVE), known))
        .order_by(Activation.app, Activation.customer_number)
    )
    rows = session.execute(statement).all()
    live = [one for one, *_ in rows if one.state in LIVE and realm.includes(one.location_id)]
    files = {(vehicle_id, one.id): InFile(at, result) for one, _, _, at, result in rows if at and one in live}
    return live, Stored(_by_key(row[1] for row in rows), _by_key(row[2] for row in rows), files)


def status_inputs(
    session: Session, dealer: Dealer, vehicles: Sequence[Vehicle], activations: Sequence[Activation]
) -> dict[UUID, list[StatusInput]]:
    """The situations of each vehicle in two queries, three with file apps: at the activations of its
    location, and wherever else it still has a listing."""
    stored = load_stored(session, [vehicle.id for vehicle in vehicles], activations)
    return inputs_from(stored, session, dealer, vehicles, activations)


def inputs_from(
    stored: Stored,
    session: Session,
    dealer: Dealer,
    vehicles: Sequence[Vehicle],
    activations: Sequence[Activation],
) -> dict[UUID, list[StatusInput]]:
    newest = _newest(session, [vehicle.id for vehicle in vehicles])
    opened = _by_key(transfer for transfer in newest if transfer.state in OPEN_STATES)
    last = _by_key(transfer for transfer in newest if transfer.state not in OPEN_STATES)
    found: defaultdict[UUID, list[StatusInput]] = defaultdict(list)
    for vehicle in vehicles:
        for activation in activations:
            key = (vehicle.id, activation.id)
            status_input = StatusInput(
                vehicle,
                activation,
                stored.publications.get(key),
                stored.listings.get(key),
                opened.get(key),
                last.get(key),
                dealer.export_trade_ins,
                stored.files.get(key),
            )
            if status_input.present or activation.location_id == vehicle.location_id:
                found[vehicle.id].append(status_input)
    return found


def _by_key(rows: Iterable[PerActivation | None]) -> dict[VehicleAndActivation, PerActivation]:
    return {(row.vehicle_id, row.activation_id): row for row in rows if row}


def _newest(session: Session, ids: Collection[UUID]) -> Sequence[Transfer]:
    """The open one and the last one that ended, of each vehicle at each activation.

    In one statement: what ends between two would come as the last one and still say that it waits.
    """
    is_open = Transfer.state.in_(OPEN_STATES)
    newest = (
        select(Transfer)
        .ext(distinct_on(Transfer.vehicle_id, Transfer.activation_id, is_open))
        .where(Transfer.vehicle_id.in_(ids), Transfer.state.in_((*OPEN_STATES, *RESULT_STATES)))
        .order_by(Transfer.vehicle_id, Transfer.activation_id, is_open, Transfer.id.desc())
    )
    return session.scalars(newest).all()


def count_present(session: Session, vehicle_ids: Select[UUID]) -> int:
    """How many listings platforms have, or may have, of these vehicles."""
    statement = (
        select(func.count())
        .select_from(Listing)
        .join(Activation, Activation.id == Listing.activation_id)
        .where(
            Listing.vehicle_id.in_(vehicle_ids),
            Listing.state != ListingState.ABSENT,
            Activation.state.in_(LIVE),
        )
    )
    return session.scalar(statement) or 0


def count_new(session: Session, vehicle_ids: Select[UUID]) -> int:
    """How many new listings could arise if these vehicles went online."""
    statement = (
        select(func.count())
        .select_from(Publication)
        .join(Activation, Activation.id == Publication.activation_id)
        .outerjoin(
            Listing,
            (Listing.activation_id == Publication.activation_id)
            & (Listing.vehicle_id == Publication.vehicle_id),
        )
        .where(
            Publication.vehicle_id.in_(vehicle_ids),
            Publication.released,
            Activation.state.in_(LIVE),
            func.coalesce(Listing.state, ListingState.ABSENT) == ListingState.ABSENT,
        )
    )
    return session.scalar(statement) or 0
