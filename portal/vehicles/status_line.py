"""A vehicle at one activation in a line: its status, what comes next, what came last, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.messages import Message, Wording, from_json, say
from portal.models.exports import Activation, ActivationState, Listing, ListingState, TransferState
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
    words, present = StatusWords(status_input), status_input.present
    return StatusLine(
        activation=status_input.activation,
        listing=status_input.listing if present else None,
        status=publication_status(status_input),
        next_action=words.next_action(),
        last_result=words.last_result(),
        confirmed_at=status_input.listing.confirmed_at if status_input.listing and present else None,
        reasons=tuple(dict.fromkeys(words.reasons())),
        last_attempt=status_input.last_attempt,
        next_attempt=status_input.next_attempt,
        online=status_input.online,
        hints=tuple(dict.fromkeys(words.hints())),
        outdated=is_outdated(status_input),
    )


def is_outdated(status_input: StatusInput) -> bool:
    not_updated = publication_status(status_input) in (PublicationStatus.ERROR, PublicationStatus.INCOMPLETE)
    return not_updated and status_input.online and not exclusion_reasons(status_input)


@dataclass(frozen=True)
class StatusWords:
    """What a dealer reads of a vehicle at one activation: what comes next, what came last, and why."""

    given: StatusInput

    def next_action(self) -> Wording:
        given, stands = self.given, publication_status(self.given)
        if given.by_file:
            if stands == PublicationStatus.INCOMPLETE:
                return NOTHING_NEXT[stands]
            wanted = not exclusion_reasons(given)
            return status.next_action_by_file(given.activation, wanted=wanted, present=given.present)
        if given.open is None:
            left = given.present and bool(exclusion_reasons(given))
            deletes = left and stands == PublicationStatus.OPEN
            return say("Löschung steht aus") if deletes else NOTHING_NEXT[stands]
        if given.open.state == TransferState.SENDING:
            return say("{action} läuft", action=ACTIONS.get(given.open.action, ANY_ACTION))
        return self._waiting_action()

    def _waiting_action(self) -> Wording:
        """What a waiting transfer will do is decided when it is sent; this is how it stands now."""
        stands = publication_status(self.given)
        if stands in (PublicationStatus.INCOMPLETE, PublicationStatus.NOT_RELEASED):
            return NOTHING_NEXT[stands]
        kept = ACTIONS["update"] if self.given.online else ACTIONS["create"]
        action = ACTIONS["delete"] if exclusion_reasons(self.given) else kept
        if self.given.held:
            return say("{action} zurückgehalten, weil die Übertragung gesperrt ist", action=action)
        stopped = self.given.activation.state == ActivationState.STOPPED
        return say("{action}, sobald die Übertragung wieder läuft", action=action) if stopped else action

    def last_result(self) -> Wording:
        if self.given.by_file:
            return status.last_result_in_file(self.given.file)
        last, listing = self.given.last, self.given.listing
        if last is not None:
            return _format_result(last.action, last.state)
        if listing is not None and listing.last_result:
            return _format_result("", listing.last_result)
        known = listing is not None and listing.sent_at
        return say("in den letzten Tagen keine Übertragung") if known else say("noch keine Übertragung")

    def reasons(self) -> Iterable[StatusReason]:
        against = exclusion_reasons(self.given)
        yield from against
        if self.given.held and publication_status(self.given) == PublicationStatus.OPEN:
            text = say("Die Übertragung ist wegen einer großen Bestandsabweichung gesperrt.")
            yield StatusReason(text, RemedyPage.ACTIVATION)
        if against:
            yield from self._of_transfers()
            return
        yield from map(_reason_of, self.given.vehicle.problems)
        if self.given.publication:
            yield from map(_reason_of, self.given.publication.problems)
        yield from self._of_platform()

    def hints(self) -> Iterable[StatusReason]:
        """What preflight found that is sent all the same; nothing for what should not be there."""
        if self.given.publication and not exclusion_reasons(self.given):
            yield from map(_reason_of, self.given.publication.hints)

    def _of_platform(self) -> Iterable[StatusReason]:
        activation = self.given.activation
        if activation.state == ActivationState.STOPPED:
            detail = activation.stop_detail or say("Bitte prüfen Sie ihre Einstellungen.")
            yield StatusReason(
                say("Die Übertragung ist angehalten: {detail}", detail=detail), RemedyPage.ACTIVATION
            )
        if self.given.listing is not None and self.given.listing.state == ListingState.MISSING:
            yield StatusReason(say("Die Plattform kennt das Inserat nicht mehr. Ihre Liste wird gelesen."))
        if self.given.by_file:
            yield from self._of_file()
        yield from self._of_check()
        yield from self._of_transfers()

    def _of_file(self) -> Iterable[StatusReason]:
        if self.given.activation.state == ActivationState.LOCKED:
            text = say("Die neue Datei wird zurückgehalten, bis jemand die Bestandsabweichung geprüft hat.")
            yield StatusReason(text, RemedyPage.ACTIVATION)
        if self.given.file is not None and self.given.file.filtered:
            text = say("Das Fahrzeug passt nicht zum Filter dieses Exports.")
            yield StatusReason(text, RemedyPage.ACTIVATION)
        elif publication_status(self.given) == PublicationStatus.OPEN and not self.given.online:
            yield StatusReason(
                say("Das Fahrzeug steht noch nicht in der Datei; es kommt mit der nächsten hinein.")
            )

    def _of_check(self) -> Iterable[StatusReason]:
        """What the last stock check found. That something differs there is a hint: it is online."""
        listing = self.given.listing
        if self.given.vanished:
            text = say("Bei der letzten Bestandsprüfung stand das Inserat nicht mehr auf der Plattform.")
            yield StatusReason(text, RemedyPage.LISTINGS)
        elif self.given.online and listing is not None and listing.drift:
            names = tuple(dict.fromkeys(from_json(change.get("label")) for change in listing.drift))
            yield StatusReason(
                say("Die Plattform zeigt etwas anderes, als gesendet wurde: {names}.", names=names),
                RemedyPage.LISTINGS,
            )

    def _of_transfers(self) -> Iterable[StatusReason]:
        """What hinders the transfer on its way, else why the last one was not taken."""
        if self.given.open is not None:
            return map(_reason_of, self.given.open.feedback)
        if self.given.listing is not None and not_taken(self.given):
            return map(_reason_of, self.given.listing.last_feedback)
        return ()


def _format_result(action: str, result: str) -> Message:
    return RESULTS[result].filled(action=ACTIONS.get(action, ANY_ACTION))


def _reason_of(feedback: Mapping[str, Any]) -> StatusReason:
    field = feedback.get("field")
    return StatusReason(
        from_json(feedback.get("text")), RemedyPage.DATA if field else RemedyPage.NOWHERE, field
    )
