"""What the interface takes and answers, as pydantic models: checked, and described in its document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from portal.vehicle_facts.data import VehicleData
from portal.web.storable import storable

MOST_VEHICLES = 500
"""In one request."""
Storable = Annotated[str, AfterValidator(storable)]
"""A complaint may name what came, and what came may hold half surrogates, which JSON cannot carry."""


class VehicleIn(VehicleData):
    """A vehicle with all its facts; what is left out is not stated. Number and location name it."""

    location: Annotated[str, Field(min_length=1, max_length=10)]
    """Code of the location."""
    online: bool | None = None
    """Switch the vehicle on or off; left out, it stays, and a new one follows the dealer's settings."""

    def facts(self) -> VehicleData:
        return VehicleData.model_validate(self.model_dump(exclude={"location", "online", "unread"}))


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Complaint(_Answer):
    """`field` is a path within the vehicle, `text` says what is wrong."""

    field: Storable
    text: Storable


class VehicleResult(_Answer):
    """`result`: created, changed, unchanged or rejected. `errors` reject the vehicle, `problems` keep a
    vehicle that was taken from being published anywhere."""

    offer_number: str
    location: str
    result: str
    vehicle_id: UUID | None = None
    errors: tuple[Complaint, ...] = ()
    problems: tuple[Complaint, ...] = ()


class VehicleResults(_Answer):
    """In the order of the request."""

    results: tuple[VehicleResult, ...]


class TransferOut(_Answer):
    """One vehicle sent once. `feedback` is what the platform, or the portal before sending, said."""

    id: UUID
    app: str
    customer_number: str
    location: str
    offer_number: str
    action: str
    trigger: str
    state: str
    listing_id: str | None
    url: str | None
    feedback: tuple[dict[str, Any], ...]
    created_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None


class Transfers(_Answer):
    """Newest first. `next` is the `before` of the next page; null on the last one."""

    transfers: tuple[TransferOut, ...]
    next: UUID | None
