"""What the interface takes and answers, as pydantic models: checked, and described in its document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from portal.vehicle_facts.data import VehicleData
from portal.vehicles.status import PublicationStatus
from portal.web.storable import storable

MOST_VEHICLES = 500
"""In one request."""
MOST_IN_STOCK = 5_000
"""In a whole stock, of one location."""
LARGEST, LARGEST_STOCK = 8 * 1024 * 1024, 64 * 1024 * 1024
"""Bytes of a request: of some vehicles, of a whole stock."""
Storable = Annotated[str, AfterValidator(storable)]
"""A complaint may name what came, and what came may hold half surrogates, which JSON cannot carry."""


class VehicleIn(VehicleData):
    """A vehicle with all its facts; what is left out is not stated. Number and location name it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    location: Annotated[str, Field(min_length=1, max_length=10)]
    """Code of the location."""
    online: bool | None = None
    """Switch the vehicle on or off; left out, it stays, and a new one follows the dealer's settings."""

    def facts(self) -> VehicleData:
        return VehicleData.model_validate(self.model_dump(exclude={"location", "online", "unread"}))


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


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


class StockResults(VehicleResults):
    """`withdrawn`: how many left the stock because they were not named. `cut_short`: so many that the list
    was probably cut; before a listing is deleted for it, a person is asked."""

    withdrawn: int
    cut_short: bool


class PictureOut(_Answer):
    """`digest` is the SHA-256 of the bytes that were sent, `stored_digest` that of the JPEG made of them."""

    id: UUID
    digest: str
    stored_digest: str
    published: bool
    width: int
    height: int


class Pictures(_Answer):
    """In the order in which they are shown."""

    images: tuple[PictureOut, ...]


class PlatformState(_Answer):
    """A vehicle at one account of a platform. `reasons` say why it is not there, or not as it should be;
    `hints` are what the platform is known to remark, and hinder nothing."""

    app: str
    customer_number: str
    state: PublicationStatus
    online: bool
    """Its listing is there, as far as the platform has said."""
    listing_id: str | None
    url: str | None
    reasons: tuple[Complaint, ...]
    hints: tuple[Complaint, ...]
    confirmed_at: datetime | None
    last_attempt: datetime | None
    next_attempt: datetime | None


class VehicleOut(_Answer):
    """`facts` are what POST takes, defaults left out; `problems` keep it from every platform."""

    id: UUID
    location: str
    offer_number: str
    online: bool
    """It is switched on, so it may be published; whether it is, each of `platforms` says."""
    updated_at: datetime
    facts: dict[str, Any]
    problems: tuple[Complaint, ...]
    images: tuple[PictureOut, ...]
    platforms: tuple[PlatformState, ...]


class Vehicles(_Answer):
    """By offer number. `next` is the `after` of the next page; null on the last one."""

    vehicles: tuple[VehicleOut, ...]
    next: UUID | None


class Feature(_Answer):
    """A vehicle has at most one feature of a `choice`."""

    code: str
    label: str
    group: str
    choice: str


class Reference(_Answer):
    """`values` by the path of a fact. `makes` are a help: any make is taken, each platform looks it up."""

    features: tuple[Feature, ...]
    values: dict[str, tuple[str, ...]]
    makes: tuple[str, ...]


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
