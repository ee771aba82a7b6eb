"""Why a vehicle is not, or not as it should be, at one activation: what a dealer reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portal.models.exports import ActivationState, ListingState
from portal.vehicles.standing import Place, Reason, Situation, Standing, not_taken, standing, unwanted


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
    if situation.listing is not None and not_taken(situation):
        return map(_reason, situation.listing.last_feedback)
    return ()


def _reason(feedback: Mapping[str, Any]) -> Reason:
    field = feedback.get("field")
    return Reason(str(feedback.get("text", "")), Place.DATA if field else Place.NOWHERE, field)
