"""A vehicle at one activation in a line: its status, what comes next, what came last, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.models.exports import Activation, ActivationState, Listing, ListingState, TransferState
from portal.translations.message import Message, Wording, from_json, say
from portal.vehicles import status
from portal.vehicles.status import (
    PublicationStatus,
    RemedyPage,
    StatusInput,
    StatusReason,
    exclusion_reasons,
    not_taken,
    publication_status,
)


def reasons(status_input: StatusInput) -> Iterable[StatusReason]:
    against = exclusion_reasons(status_input)
    yield from against
    if status_input.held and publication_status(status_input) == PublicationStatus.OPEN:
        text = say("Die Übertragung ist wegen einer großen Bestandsabweichung gesperrt.")
        yield StatusReason(text, RemedyPage.ACTIVATION)
    if against:
        yield from _of_transfers(status_input)
        return
    yield from map(_reason_of, status_input.vehicle.problems)
    if status_input.publication:
        yield from map(_reason_of, status_input.publication.problems)
    yield from _of_platform(status_input)


def hints(status_input: StatusInput) -> Iterable[StatusReason]:
    """What preflight found that is sent all the same; nothing for what should not be there."""
    if status_input.publication and not exclusion_reasons(status_input):
        yield from map(_reason_of, status_input.publication.hints)


def _of_platform(status_input: StatusInput) -> Iterable[StatusReason]:
    activation = status_input.activation
    if activation.state == ActivationState.STOPPED:
        detail = activation.stop_detail or say("Bitte prüfen Sie ihre Einstellungen.")
        yield StatusReason(
            say("Die Übertragung ist angehalten: {detail}", detail=detail), RemedyPage.ACTIVATION
        )
    if status_input.listing is not None and status_input.listing.state == ListingState.MISSING:
        yield StatusReason(say("Die Plattform kennt das Inserat nicht mehr. Ihre Liste wird gelesen."))
    if status_input.by_file:
        yield from _of_file(status_input)
    yield from _of_check(status_input)
    yield from _of_transfers(status_input)


def _of_file(status_input: StatusInput) -> Iterable[StatusReason]:
    if status_input.activation.state == ActivationState.LOCKED:
        text = say("Die neue Datei wird zurückgehalten, bis jemand die Bestandsabweichung geprüft hat.")
        yield StatusReason(text, RemedyPage.ACTIVATION)
    if status_input.file is not None and status_input.file.filtered:
        yield StatusReason(say("Das Fahrzeug passt nicht zum Filter dieses Exports."), RemedyPage.ACTIVATION)
    elif publication_status(status_input) == PublicationStatus.OPEN and not status_input.online:
        yield StatusReason(
            say("Das Fahrzeug steht noch nicht in der Datei; es kommt mit der nächsten hinein.")
        )


def _of_check(status_input: StatusInput) -> Iterable[StatusReason]:
    """What the last stock check found. That something differs there is a hint: it is online."""
    listing = status_input.listing
    if status_input.vanished:
        text = say("Bei der letzten Bestandsprüfung stand das Inserat nicht mehr auf der Plattform.")
        yield StatusReason(text, RemedyPage.LISTINGS)
    elif status_input.online and listing is not None and listing.drift:
        names = tuple(dict.fromkeys(from_json(change.get("label")) for change in listing.drift))
        yield StatusReason(
            say("Die Plattform zeigt etwas anderes, als gesendet wurde: {names}.", names=names),
            RemedyPage.LISTINGS,
        )


def _of_transfers(status_input: StatusInput) -> Iterable[StatusReason]:
    """What hinders the transfer on its way, else why the last one was not taken."""
    if status_input.open is not None:
        return map(_reason_of, status_input.open.feedback)
    if status_input.listing is not None and not_taken(status_input):
        return map(_reason_of, status_input.listing.last_feedback)
    return ()


def _reason_of(feedback: Mapping[str, Any]) -> StatusReason:
    field = feedback.get("field")
    return StatusReason(
        from_json(feedback.get("text")), RemedyPage.DATA if field else RemedyPage.NOWHERE, field
    )


ACTIONS: Mapping[str, Message] = {
    "create": say("Neuanlage"),
    "update": say("Änderung"),
    "delete": say("Löschung"),
}
ANY_ACTION = say("Übertragung")
RESULTS: Mapping[str, Message] = {
    "ok": say("{action} ok"),
    "warning": say("{action} mit Hinweis"),
    "rejected": say("{action} abgelehnt"),
    "failed": say("{action} fehlgeschlagen"),
}
NOTHING_NEXT: Mapping[str, Message] = {
    "online": say("keine, alles ist übertragen"),
    "open": say("steht aus"),
    "error": say("keine, bis das Fahrzeug geändert oder erneut gesendet wird"),
    "vanished": say("keine, bis entschieden ist, ob das Inserat neu eingestellt wird"),
    "incomplete": say("keine, bis die Angaben ergänzt sind"),
    "not_released": say("keine"),
}


@dataclass(frozen=True)
class StatusLine:
    """Three facts and the reasons: what a dealer reads about one platform."""

    activation: Activation
    listing: Listing | None
    status: PublicationStatus
    next_action: Wording
    last_result: Wording
    confirmed_at: datetime | None
    reasons: tuple[StatusReason, ...]
    last_attempt: datetime | None
    next_attempt: datetime | None
    online: bool = False
    hints: tuple[StatusReason, ...] = ()
    """What the platform is known to remark; it hinders nothing."""
    outdated: bool = False
    """Online, and meant to be, with an older state than ours."""

    @property
    def hindered(self) -> bool:
        return self.status != PublicationStatus.ONLINE or bool(self.reasons)


def status_line(status_input: StatusInput) -> StatusLine:
    present = status_input.present
    return StatusLine(
        activation=status_input.activation,
        listing=status_input.listing if present else None,
        status=publication_status(status_input),
        next_action=_next_action(status_input),
        last_result=_last_result(status_input),
        confirmed_at=status_input.listing.confirmed_at if status_input.listing and present else None,
        reasons=tuple(dict.fromkeys(reasons(status_input))),
        last_attempt=status_input.last_attempt,
        next_attempt=status_input.next_attempt,
        online=status_input.online,
        hints=tuple(dict.fromkeys(hints(status_input))),
        outdated=is_outdated(status_input),
    )


def is_outdated(status_input: StatusInput) -> bool:
    not_updated = publication_status(status_input) in (PublicationStatus.ERROR, PublicationStatus.INCOMPLETE)
    return not_updated and status_input.online and not exclusion_reasons(status_input)


def _next_action(status_input: StatusInput) -> Wording:
    if status_input.by_file:
        stands = publication_status(status_input)
        if stands == PublicationStatus.INCOMPLETE:
            return NOTHING_NEXT[stands]
        wanted = not exclusion_reasons(status_input)
        return status.next_action_by_file(
            status_input.activation, wanted=wanted, present=status_input.present
        )
    if status_input.open and status_input.open.state == TransferState.SENDING:
        return say("{action} läuft", action=ACTIONS.get(status_input.open.action, ANY_ACTION))
    if status_input.open is None:
        left = status_input.present and bool(exclusion_reasons(status_input))
        stands = publication_status(status_input)
        return (
            say("Löschung steht aus") if left and stands == PublicationStatus.OPEN else NOTHING_NEXT[stands]
        )
    return _waiting_action(status_input)


def _waiting_action(status_input: StatusInput) -> Wording:
    """What a waiting transfer will do is decided when it is sent; this is how it stands now."""
    stands = publication_status(status_input)
    if stands in (PublicationStatus.INCOMPLETE, PublicationStatus.NOT_RELEASED):
        return NOTHING_NEXT[stands]
    kept = ACTIONS["update"] if status_input.online else ACTIONS["create"]
    action = ACTIONS["delete"] if exclusion_reasons(status_input) else kept
    if status_input.held:
        return say("{action} zurückgehalten, weil die Übertragung gesperrt ist", action=action)
    stopped = status_input.activation.state == ActivationState.STOPPED
    return say("{action}, sobald die Übertragung wieder läuft", action=action) if stopped else action


def _last_result(status_input: StatusInput) -> Wording:
    if status_input.by_file:
        return status.last_result_in_file(status_input.file)
    last, listing = status_input.last, status_input.listing
    if last is not None:
        return _format_result(last.action, last.state)
    if listing is not None and listing.last_result:
        return _format_result("", listing.last_result)
    known = listing is not None and listing.sent_at
    return say("in den letzten Tagen keine Übertragung") if known else say("noch keine Übertragung")


def _format_result(action: str, result: str) -> Message:
    return RESULTS[result].filled(action=ACTIONS.get(action, ANY_ACTION))
