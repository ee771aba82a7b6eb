"""Where a vehicle stands at one activation, and why: decided from the rows, without effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

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
from portal.vehicles import in_file
from portal.vehicles.in_file import InFile

NOT_TAKEN = (TransferState.REJECTED, TransferState.FAILED)
ACTIONS = {"create": "Neuanlage", "update": "Änderung", "delete": "Löschung"}
RESULTS = {
    "ok": "ok",
    "warning": "mit Hinweis",
    "rejected": "abgelehnt",
    "failed": "fehlgeschlagen",
}
IDLE = {
    "online": "keine, alles ist übertragen",
    "open": "steht aus",
    "error": "keine, bis das Fahrzeug geändert oder erneut gesendet wird",
    "vanished": "keine, bis entschieden ist, ob das Inserat neu eingestellt wird",
    "incomplete": "keine, bis die Angaben ergänzt sind",
    "not_released": "keine",
}


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


@dataclass(frozen=True)
class Line:
    """Three facts and the reasons: what a dealer reads about one platform."""

    activation: Activation
    listing: Listing | None
    standing: Standing
    next_action: str
    last_result: str
    confirmed_at: datetime | None
    reasons: tuple[Reason, ...]
    last_attempt: datetime | None
    next_attempt: datetime | None
    online: bool = False

    @property
    def hindered(self) -> bool:
        return self.standing != Standing.ONLINE or bool(self.reasons)


def line(situation: Situation) -> Line:
    present = situation.present
    return Line(
        activation=situation.activation,
        listing=situation.listing if present else None,
        standing=standing(situation),
        next_action=_next_action(situation),
        last_result=_last_result(situation),
        confirmed_at=situation.listing.confirmed_at if situation.listing and present else None,
        reasons=tuple(dict.fromkeys(reasons(situation))),
        last_attempt=_last_attempt(situation),
        next_attempt=_next_attempt(situation),
        online=situation.online,
    )


def standing(situation: Situation) -> Standing:
    if unwanted(situation):
        return _standing_of_unwanted(situation)
    if situation.vehicle.problems or (situation.publication and situation.publication.problems):
        return Standing.INCOMPLETE
    if situation.open:
        return Standing.OPEN
    if situation.vanished:
        return Standing.VANISHED
    if _not_taken(situation):
        return Standing.ERROR
    return Standing.ONLINE if situation.online else Standing.OPEN


def _standing_of_unwanted(situation: Situation) -> Standing:
    if not situation.present:
        return Standing.NOT_RELEASED
    return Standing.ERROR if _not_taken(situation) and not situation.open else Standing.OPEN


def _not_taken(situation: Situation) -> bool:
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


def reasons(situation: Situation) -> Iterable[Reason]:
    against = unwanted(situation)
    yield from against
    if situation.held and standing(situation) == Standing.OPEN:
        text = "Die Schnittstelle ist wegen einer großen Bestandsabweichung gesperrt."
        yield Reason(text, Place.ACTIVATION)
    if against:
        yield from _of_transfers(situation)
        return
    yield from map(_reason, situation.vehicle.problems)
    if situation.publication:
        yield from map(_reason, situation.publication.problems)
    yield from _of_platform(situation)


def _of_platform(situation: Situation) -> Iterable[Reason]:
    activation = situation.activation
    if activation.state == ActivationState.STOPPED:
        detail = activation.stop_detail or "Bitte prüfen Sie ihre Einstellungen."
        yield Reason(f"Die Schnittstelle ist angehalten: {detail}", Place.ACTIVATION)
    if situation.listing is not None and situation.listing.state == ListingState.MISSING:
        yield Reason("Die Plattform kennt das Inserat nicht mehr. Ihre Liste wird gelesen.")
    if situation.by_file:
        yield from _of_file(situation)
    yield from _of_check(situation)
    yield from _of_transfers(situation)


def _of_file(situation: Situation) -> Iterable[Reason]:
    if situation.activation.state == ActivationState.LOCKED:
        text = "Die neue Datei wird zurückgehalten, bis jemand die Bestandsabweichung geprüft hat."
        yield Reason(text, Place.ACTIVATION)
    if situation.file is not None and situation.file.filtered:
        yield Reason("Das Fahrzeug passt nicht zum Filter dieses Exports.", Place.ACTIVATION)
    elif standing(situation) == Standing.OPEN and not situation.online:
        yield Reason("Das Fahrzeug steht noch nicht in der Datei; es kommt mit der nächsten hinein.")


def _of_check(situation: Situation) -> Iterable[Reason]:
    """What the last stock check found. That something differs there is a hint: it is online."""
    listing = situation.listing
    if situation.vanished:
        text = "Bei der letzten Bestandsprüfung stand das Inserat nicht mehr auf der Plattform."
        yield Reason(text, Place.LISTINGS)
    elif situation.online and listing is not None and listing.drift:
        names = ", ".join(dict.fromkeys(str(change.get("label", "")) for change in listing.drift))
        yield Reason(f"Die Plattform zeigt etwas anderes, als gesendet wurde: {names}.", Place.LISTINGS)


def _of_transfers(situation: Situation) -> Iterable[Reason]:
    """What hinders the transfer on its way, else why the last one was not taken."""
    if situation.open is not None:
        return map(_reason, situation.open.feedback)
    if situation.listing is not None and _not_taken(situation):
        return map(_reason, situation.listing.last_feedback)
    return ()


def _reason(feedback: Mapping[str, Any]) -> Reason:
    field = feedback.get("field")
    return Reason(str(feedback.get("text", "")), Place.DATA if field else Place.NOWHERE, field)


def _next_action(situation: Situation) -> str:
    if situation.by_file:
        stands = standing(situation)
        if stands == Standing.INCOMPLETE:
            return IDLE[stands]
        wanted = not unwanted(situation)
        return in_file.next_action(situation.activation, wanted=wanted, present=situation.present)
    if situation.open and situation.open.state == TransferState.SENDING:
        return f"{ACTIONS.get(situation.open.action, 'Übertragung')} läuft"
    if situation.open is None:
        left = situation.present and bool(unwanted(situation))
        stands = standing(situation)
        return "Löschung steht aus" if left and stands == Standing.OPEN else IDLE[stands]
    return _waiting_action(situation)


def _waiting_action(situation: Situation) -> str:
    """What a waiting transfer will do is decided when it is sent; this is how it stands now."""
    stands = standing(situation)
    if stands in (Standing.INCOMPLETE, Standing.NOT_RELEASED):
        return IDLE[stands]
    kept = "Änderung" if situation.online else "Neuanlage"
    action = "Löschung" if unwanted(situation) else kept
    if situation.held:
        return f"{action} zurückgehalten, weil die Schnittstelle gesperrt ist"
    stopped = situation.activation.state == ActivationState.STOPPED
    return f"{action}, sobald die Schnittstelle wieder läuft" if stopped else action


def _last_result(situation: Situation) -> str:
    if situation.by_file:
        return in_file.last_result(situation.file)
    last, listing = situation.last, situation.listing
    if last is not None:
        return _spell(last.action, last.state)
    if listing is not None and listing.last_result:
        return _spell("", listing.last_result)
    known = listing is not None and listing.sent_at
    return "in den letzten Tagen keine Übertragung" if known else "noch keine Übertragung"


def _spell(action: str, result: str) -> str:
    return f"{ACTIONS.get(action, 'Übertragung')} {RESULTS.get(result, result)}"


def _last_attempt(situation: Situation) -> datetime | None:
    """The listing knows when it was accepted last, not when it was refused."""
    if situation.by_file:
        return situation.file.sent_at if situation.file else None
    if situation.open and situation.open.attempts:
        return datetime.fromisoformat(situation.open.attempts[-1]["at"])
    if situation.last:
        return situation.last.finished_at or situation.last.sent_at
    return situation.listing.sent_at if situation.listing and not _not_taken(situation) else None


def _next_attempt(situation: Situation) -> datetime | None:
    halted = situation.held or situation.activation.state == ActivationState.STOPPED
    if situation.open is None or halted:
        return None
    moments = (situation.open.not_before, situation.activation.paused_until)
    return max((moment for moment in moments if moment), default=None)
