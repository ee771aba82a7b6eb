"""A platform's own list of listings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal.platforms.contract.answers import Retry, Stop

Json = dict[str, Any]


@dataclass(frozen=True)
class RemoteFacts:
    """What tells vehicles apart where neither number nor VIN does, in the platform's own spelling.

    `first_registration` is "2018-05", `price` an amount in euros ("16500.00"); empty: not said.
    """

    make: str = ""
    model: str = ""
    first_registration: str = ""
    mileage: int | None = None
    price: str = ""


@dataclass(frozen=True)
class RemoteListing:
    """One entry of the platform's own list."""

    listing_id: str
    internal_number: str
    vin: str
    url: str
    title: str
    data: Json = field(default_factory=dict, repr=False)
    facts: RemoteFacts = RemoteFacts()
    bookings: tuple[str, ...] | None = None
    """The paid extras that run there; None where the list does not say."""


@dataclass(frozen=True)
class RemoteList:
    """The whole list or a reason why it could not be read whole; never a part."""

    listings: tuple[RemoteListing, ...] = ()
    failure: Stop | Retry | None = None
