"""A vehicle on its way to a platform, and what would be sent of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.platforms.contract.answers import Feedback, Json, RemoteFacts
from portal.vehicle_facts.data import VehicleData


@dataclass(frozen=True)
class ImageRef:
    """A published picture in display order; `sha256` of the JPEG names its content."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Subject:
    """A vehicle as one activation sees it, at this moment."""

    vehicle: VehicleData
    location_code: str
    images: tuple[ImageRef, ...] = ()
    platform_price: str | None = None
    bookings: frozenset[str] = frozenset()
    """The paid extras that the dealer wants for it."""
    carried: frozenset[str] = frozenset()
    """Paid extras that run at the platform and stay: an update without them would drop them."""
    ending: frozenset[str] = frozenset()
    """Paid extras that were booked from here and are not wished any more: where leaving them out of an update
    changes nothing, they have to be ended in so many words."""
    pictures_there: bool = False
    """Whether the listing was given pictures, of which the vehicle has none any more."""
    key: str = ""
    """Our lasting name of the vehicle, for platforms that keep one beside the number that people read."""
    model: str = ""
    """The platform's key of the model that the dealer has assigned to this spelling; empty: to be found."""


@dataclass(frozen=True)
class Rules:
    """The dealer's settings that change what is sent (Settings → Export)."""

    export_vin: bool = True
    platform_prices: bool = True
    trade_ins: bool = True
    mild_hybrid_as: Literal["hybrid", "combustion"] = "combustion"


@dataclass(frozen=True)
class Prepared:
    """What would be sent. Blocked when `problems` is not empty; `hints` never block.

    `payload` is JSON; pictures appear in it as `{"sha256": …}` so that it is comparable
    before anything is uploaded.
    """

    payload: Json
    internal_number: str = ""
    """Our number at the platform, under which its own list shows the listing."""
    facts: RemoteFacts = RemoteFacts()  # noqa: RUF009  frozen
    """What its own list would show of the vehicle, in the same spelling."""
    bookings: frozenset[str] = frozenset()
    """The paid extras in it."""
    problems: tuple[Feedback, ...] = ()
    hints: tuple[Feedback, ...] = ()
