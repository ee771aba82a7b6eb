"""Where a vehicle stands at one activation, and what keeps it away: decided from the rows alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.models.exports import (
    Activation,
    ActivationState,
    AppKind,
    Listing,
    ListingState,
    Transfer,
    TransferState,
)
from portal.models.vehicles import Publication, Vehicle
from portal.vehicles.in_file import InFile

NOT_TAKEN = (TransferState.REJECTED, TransferState.FAILED)


class Standing(StrEnum):
    """INCOMPLETE: something is missing, so nothing is sent. OPEN: something is still to be sent.
    VANISHED: the platform's own list does not show it any more."""

    ONLINE = "online"
    OPEN = "open"
    ERROR = "error"
    VANISHED = "vanished"
    INCOMPLETE = "incomplete"
    NOT_RELEASED = "not_released"


class Place(StrEnum):
    """The page where a reason can be removed."""

    DATA = "data"
    PUBLICATION = "publication"
    ACTIVATION = "activation"
    LISTINGS = "listings"
    NOWHERE = ""


@dataclass(frozen=True)
class Reason:
    """`field` names the attribute of `VehicleData` that causes it, where known."""

    text: str
    place: Place = Place.NOWHERE
    field: str | None = None


@dataclass(frozen=True)
class Situation:
    """A vehicle at an activation. `open` waits or is being sent; `last` is the last one with a result."""

    vehicle: Vehicle
    activation: Activation
    publication: Publication | None = None
    listing: Listing | None = None
    open: Transfer | None = None
    last: Transfer | None = None
    trade_ins: bool = True
    """Whether the dealer exports trade-ins."""
    file: InFile | None = None
    """The last good file, at a file app."""

    @property
    def by_file(self) -> bool:
        return self.activation.kind == AppKind.FILE

    @property
    def present(self) -> bool:
        """Whether the platform has, or may have, a listing."""
        return self.listing is not None and self.listing.state != ListingState.ABSENT

    @property
    def held(self) -> bool:
        """Whether a lock keeps what waits from being sent."""
        if self.open is None or self.activation.state != ActivationState.LOCKED:
            return False
        return self.open.state == TransferState.WAITING and bool(self.open.held)

    @property
    def online(self) -> bool:
        return self._listed and not self.vanished

    @property
    def vanished(self) -> bool:
        """The last stock check did not find it there; over once it was sent again."""
        return self._listed and self.listing is not None and self.listing.vanished_at is not None

    @property
    def _listed(self) -> bool:
        return self.listing is not None and self.listing.state == ListingState.ONLINE


def standing(situation: Situation) -> Standing:
    if unwanted(situation):
        return _standing_of_unwanted(situation)
    if situation.vehicle.problems or (situation.publication and situation.publication.problems):
        return Standing.INCOMPLETE
    if situation.open:
        return Standing.OPEN
    if situation.vanished:
        return Standing.VANISHED
    if not_taken(situation):
        return Standing.ERROR
    return Standing.ONLINE if situation.online else Standing.OPEN


def _standing_of_unwanted(situation: Situation) -> Standing:
    if not situation.present:
        return Standing.NOT_RELEASED
    return Standing.ERROR if not_taken(situation) and not situation.open else Standing.OPEN


def not_taken(situation: Situation) -> bool:
    """Asked of the listing, which is kept longer than the history."""
    return situation.listing is not None and situation.listing.last_result in NOT_TAKEN


def unwanted(situation: Situation) -> list[Reason]:
    """Why the vehicle should not be at this platform; empty when it should."""
    vehicle, activation = situation.vehicle, situation.activation
    if vehicle.withdrawn_at is not None:
        return [Reason("Das Fahrzeug ist nicht mehr im Bestand.")]
    if vehicle.location_id != activation.location_id:
        return [Reason("Das Fahrzeug steht an einem anderen Standort.")]
    if activation.state == ActivationState.CLOSING:
        return [
            Reason("Die Schnittstelle wird deaktiviert, ihre Inserate werden gelöscht.", Place.ACTIVATION)
        ]
    return list(_by_the_dealer(situation))


def _by_the_dealer(situation: Situation) -> Iterable[Reason]:
    facts = situation.vehicle.data
    if not situation.vehicle.online:
        yield Reason("Das Fahrzeug ist nicht online geschaltet.", Place.PUBLICATION)
    if situation.publication is None or not situation.publication.released:
        yield Reason("Das Fahrzeug ist für diese Plattform nicht freigegeben.", Place.PUBLICATION)
    if facts.get("sold"):
        yield Reason("Das Fahrzeug ist als verkauft gekennzeichnet.", Place.DATA, "sold")
    if facts.get("trade_in") and not situation.trade_ins:
        text = "Das Fahrzeug ist eine Inzahlungnahme; diese werden nach Ihren Einstellungen nicht exportiert."
        yield Reason(text, Place.DATA, "trade_in")
