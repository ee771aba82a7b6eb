"""Release: the vehicle's online flag, and its release per activation by the activation's presets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Exists,
    Integer,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.calendar import today
from portal.models.accounts import Dealer
from portal.models.exports import SERVED, Activation, Trigger
from portal.models.plans import refresh_statistics
from portal.models.realm import Realm
from portal.models.vehicles import Publication, Vehicle
from portal.outbox import note_changes
from portal.vehicles import export_limit

NOTED_AT_ONCE = 5_000
"""Vehicles noted with one statement."""


def set_online(session: Session, dealer_id: UUID, vehicle_ids: Collection[UUID], online: bool) -> int:
    """Set or clear the online flag; returns how many vehicles were changed."""
    statement = (
        update(Vehicle)
        .where(
            Vehicle.id.in_(
                locked(dealer_id, vehicle_ids, Vehicle.withdrawn_at.is_(None), Vehicle.online.is_not(online))
            )
        )
        .values(online=online, updated_at=func.now())
        .returning(Vehicle.id)
    )
    changed = list(session.scalars(statement))
    note_changes(session, changed)
    return len(changed)


def locked(dealer_id: UUID, vehicle_ids: Collection[UUID], *which: ColumnElement[bool]) -> Select[UUID]:
    """Locks vehicles in the order of their ids: two changes of many never wait for each other in a circle."""
    mine = (Vehicle.id.in_(vehicle_ids), Realm(dealer_id).owns(Vehicle), *which)
    return select(Vehicle.id).where(*mine).order_by(Vehicle.id).with_for_update()


def apply_presets(
    session: Session,
    dealer_id: UUID,
    vehicle_ids: Collection[UUID] | Select[UUID] | None = None,
    activation: Activation | None = None,
    trigger: Trigger = Trigger.CHANGE,
    *,
    bulk: bool = False,
) -> int:
    """Release what the presets of the live activations release by themselves; returns how many.

    Only where nobody has decided yet: a release that was given or taken back stays as it is.
    The releases are noted for the engine. Without `vehicle_ids` it looks at the dealer's whole stock.
    Where the dealer's plan has no room, nothing is decided: it is tried again at the next occasion.
    """
    session.flush()
    activations = [activation] if activation is not None else _releasing(session, dealer_id)
    among = true() if vehicle_ids is None else Vehicle.id.in_(vehicle_ids)
    released: set[UUID] = set()
    count = 0
    for one in activations:
        fresh = release_due(session, one, among)
        released.update(fresh)
        count += len(fresh)
    note_in_chunks(session, released, trigger, bulk=bulk)
    return count


def release_due(
    session: Session, activation: Activation, among: ColumnElement[bool] | None = None
) -> list[UUID]:
    """Release at this activation what its presets release, as far as the dealer's plan has room. Nothing is
    noted: whoever calls it notes the whole activation."""
    among = true() if among is None else among
    room = export_limit.free_slots(session, activation.dealer_id)
    # What is exported already, or offline, needs no room.
    costless = or_(~Vehicle.online, Vehicle.id.in_(export_limit.exported(activation.dealer_id)))
    fresh = list(session.scalars(_insert(activation, among if room is None else and_(among, costless))))
    if room:
        fresh += session.scalars(_insert(activation, among, room))
    refresh_statistics(session, len(fresh), Publication)
    return fresh


def find_without_room(
    session: Session,
    dealer_id: UUID,
    vehicle_ids: Collection[UUID] | Select[UUID] | None = None,
    activation: Activation | None = None,
) -> set[UUID]:
    """Vehicles that presets would release now, had the dealer's plan room for them. After `apply_presets`
    there are no others left."""
    if export_limit.limit_of(session, dealer_id) is None:
        return set()
    session.flush()
    activations = [activation] if activation is not None else _releasing(session, dealer_id)
    among = true() if vehicle_ids is None else Vehicle.id.in_(vehicle_ids)
    found: set[UUID] = set()
    for one in activations:
        found.update(session.scalars(_due(one, Vehicle.id).where(among)))
    return found


def preset_vehicle_ids(session: Session, activation: Activation) -> set[UUID]:
    """What the presets of this activation, saved or not, would release."""
    return set(session.scalars(_due(activation, Vehicle.id)))


def keep_existing_as_they_are(session: Session, activation: Activation) -> None:
    """Before its presets change: vehicles that they never release count as decided.

    Presets act on new vehicles only (spec section 2), also when they are widened later.
    """
    kinds = list(activation.settings.get("kinds") or {})
    never = select(Vehicle.id, literal(activation.id), false()).where(
        Vehicle.dealer_id == activation.dealer_id,
        Vehicle.location_id == activation.location_id,
        Vehicle.withdrawn_at.is_(None),
        Vehicle.kind.not_in(kinds),
        ~_decided(activation),
    )
    session.execute(
        insert(Publication)
        .from_select(["vehicle_id", "activation_id", "released"], never)
        .on_conflict_do_nothing()
    )


def note_in_chunks(
    session: Session,
    vehicle_ids: Collection[UUID],
    trigger: Trigger = Trigger.CHANGE,
    *,
    bulk: bool = False,
) -> None:
    """Note any number of changes. In the order of their ids, like every other change."""
    ordered = sorted(vehicle_ids)
    for start in range(0, len(ordered), NOTED_AT_ONCE):
        note_changes(session, ordered[start : start + NOTED_AT_ONCE], trigger, bulk=bulk)


def _releasing(session: Session, dealer_id: UUID) -> list[Activation]:
    return list(
        session.scalars(
            select(Activation)
            .where(Activation.dealer_id == dealer_id, Activation.state.in_(SERVED))
            .order_by(Activation.id)
        )
    )


def _insert(activation: Activation, among: ColumnElement[bool], most: int | None = None) -> Any:
    due = _due(activation, Vehicle.id, literal(activation.id), true()).where(among).limit(most)
    return (
        insert(Publication)
        .from_select(["vehicle_id", "activation_id", "released"], due)
        .on_conflict_do_nothing()
        .returning(Publication.vehicle_id)
    )


def _due(activation: Activation, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .where(
            Vehicle.dealer_id == activation.dealer_id,
            Vehicle.location_id == activation.location_id,
            Vehicle.withdrawn_at.is_(None),
            _of_preset_kind(activation.settings.get("kinds") or {}),
            ~_decided(activation),
        )
        .order_by(Vehicle.id)
    )


def _decided(activation: Activation) -> Exists:
    """Looked up for each vehicle (OFFSET 0): of a dealer of whom it knows nothing PostgreSQL expects one row,
    and would look through all releases for each vehicle."""
    here = (Publication.vehicle_id == Vehicle.id, Publication.activation_id == activation.id)
    return select(Publication.vehicle_id).where(*here).offset(0).exists()


def _of_preset_kind(kinds: dict[str, int]) -> ColumnElement[bool]:
    """`kinds` maps a kind to the stock days after which it is released."""
    since = func.coalesce(
        cast(Vehicle.stock_date, Date), cast(func.timezone("Europe/Berlin", Vehicle.created_at), Date)
    )
    days: ColumnElement[int] = type_coerce(literal(today(), Date) - since, Integer)
    # 0 days means at once, also for a stock date in the future.
    due = (and_(Vehicle.kind == kind, true() if wait == 0 else days >= wait) for kind, wait in kinds.items())
    return or_(false(), *due)


# The dealer's export settings: what they are, and a change that goes out everywhere.
#
# The caller commits.


MILD_HYBRID_AS = ("combustion", "hybrid")
NEW_ONLY = ("release_new_vehicles",)
PAYLOAD_SETTINGS = ("platform_prices", "export_vin", "export_trade_ins", "mild_hybrid_as")
"""What is sent depends on these."""
Changes = dict[str, list[Any]]
"""`{field: [old, new]}`, as the audit log takes it."""


def change_presets(session: Session, dealer: Dealer, wanted: Mapping[str, Any]) -> Changes:
    """Take them over and note every vehicle whose payload may differ; what stays equal is not sent."""
    changes = changed_values({name: getattr(dealer, name) for name in wanted}, wanted)
    for name, (_old, new) in changes.items():
        setattr(dealer, name, new)
    if changes.keys() & set(PAYLOAD_SETTINGS):
        session.flush()
        in_stock = (Vehicle.dealer_id == dealer.id, Vehicle.withdrawn_at.is_(None))
        note_in_chunks(session, session.scalars(select(Vehicle.id).where(*in_stock)).all(), Trigger.BY_HAND)
    return changes


def lock_dealer(session: Session, dealer: Dealer) -> None:
    """The dealer as he is now, and nobody else's to change until the commit.

    Rows that refer to him can still be written: workers do not wait for this.
    """
    session.refresh(dealer, with_for_update={"key_share": True})


def changed_values(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    return {name: [before[name], new] for name, new in after.items() if before[name] != new}
