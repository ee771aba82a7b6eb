"""What a row of the history shows, loaded in one query for a whole page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, Uuid, column, false, func, select, text, true
from sqlalchemy.orm import Session

from portal.exports.history.filters import shown_state
from portal.messages import Wording, from_json
from portal.models import Activation, Location, Transfer, Vehicle, VehicleImage
from portal.models.exports import ActivationState, TransferState
from portal.models.prepared import Question, place, question
from portal.models.realm import Realm

UNFINISHED = (TransferState.WAITING, TransferState.SENDING)
RESENDABLE = (TransferState.REJECTED, TransferState.FAILED, TransferState.DISCARDED)


class HistoryRow(NamedTuple):
    """One transfer and the little of its vehicle that a table shows."""

    id: UUID
    activation_id: UUID
    state: str
    held: bool
    action: str
    trigger: str
    created_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None
    not_before: datetime | None
    bookings: list[str]
    listing_id: str | None
    url: str | None
    feedback: list[dict[str, Any]]
    vehicle_id: UUID
    offer_number: str
    vin: str
    title: str
    in_stock: bool
    image_id: UUID | None
    location: str
    app: str
    customer_number: str

    @property
    def shown(self) -> str:
        """The state as readers know it."""
        return shown_state(self.state, held=self.held)

    @property
    def open(self) -> bool:
        """Whether it still waits or is on its way."""
        return self.state in UNFINISHED

    @property
    def resendable(self) -> bool:
        return self.state in RESENDABLE

    @property
    def message(self) -> Wording:
        """The first line of the feedback."""
        return from_json(self.feedback[0].get("text")) if self.feedback else ""


def rows_of(ids: str) -> Question:
    """The rows with the ids that this statement finds, newest first. One after the other is looked up by its
    key (OFFSET 0): a history that PostgreSQL takes for a small one would be read from end to end."""
    found = text(ids).columns(column("id", Uuid)).subquery("found")
    each = _columns().where(Transfer.id == found.c.id).order_by(None).offset(0).lateral("each")
    rows = select(*each.c).select_from(found).join(each, true()).order_by(found.c.id.desc())
    return question(rows, planned_once=False)


def load_row(session: Session, transfer_id: UUID) -> HistoryRow:
    return HistoryRow(*_OF_ID.ask(session, id=transfer_id).one())


def history_of(realm: Realm, vehicle_id: UUID) -> Select[*tuple[Any, ...]]:
    """The transfers of a vehicle to the activations that may be seen: from the vehicle on, not through all
    that was ever sent for each of the dealer's activations."""
    return _columns().where(
        Transfer.vehicle_id == vehicle_id, realm.owns(Activation), Activation.state != ActivationState.DRAFT
    )


def _columns() -> Select[*tuple[Any, ...]]:
    """In the order of `HistoryRow`."""
    description = Vehicle.data["model_description"].astext
    first_image = (
        select(VehicleImage.id)
        .where(VehicleImage.vehicle_id == Vehicle.id, VehicleImage.published.is_not(false()))
        .order_by(VehicleImage.position)
        .limit(1)
        .correlate(Vehicle)
        .scalar_subquery()
    )
    return (
        select(
            Transfer.id,
            Transfer.activation_id,
            Transfer.state,
            Transfer.held,
            Transfer.action,
            Transfer.trigger,
            Transfer.created_at,
            Transfer.sent_at,
            Transfer.finished_at,
            Transfer.not_before,
            Transfer.bookings,
            Transfer.listing_id,
            Transfer.url,
            Transfer.feedback,
            Transfer.vehicle_id,
            Vehicle.offer_number,
            func.coalesce(Vehicle.vin, ""),
            func.concat_ws(" ", Vehicle.make, Vehicle.model, func.nullif(description, "")),
            Vehicle.withdrawn_at.is_(None),
            first_image,
            Location.name,
            Activation.app,
            Activation.customer_number,
        )
        .select_from(Transfer)
        .join(Activation, Activation.id == Transfer.activation_id)
        .join(Vehicle, Vehicle.id == Transfer.vehicle_id)
        .outerjoin(Location, Location.id == Transfer.location_id)
        .order_by(Transfer.id.desc())
    )


_OF_ID = question(_columns().where(Transfer.id == place("id")), planned_once=False)
