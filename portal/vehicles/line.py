"""A vehicle at one activation in a line: where it stands, what comes next and what came last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.models.exports import Activation, ActivationState, Listing, TransferState
from portal.vehicles import in_file
from portal.vehicles.reasons import reasons
from portal.vehicles.standing import Reason, Situation, Standing, not_taken, standing, unwanted

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


@dataclass(frozen=True)
class Line:
    """Three facts and the reasons: what a dealer reads about one platform."""

    activation: Activation
    listing: Listing | None
    status: Standing
    next_action: str
    last_result: str
    confirmed_at: datetime | None
    reasons: tuple[Reason, ...]
    last_attempt: datetime | None
    next_attempt: datetime | None
    online: bool = False

    @property
    def hindered(self) -> bool:
        return self.status != Standing.ONLINE or bool(self.reasons)


def line(situation: Situation) -> Line:
    present = situation.present
    return Line(
        activation=situation.activation,
        listing=situation.listing if present else None,
        status=standing(situation),
        next_action=_next_action(situation),
        last_result=_last_result(situation),
        confirmed_at=situation.listing.confirmed_at if situation.listing and present else None,
        reasons=tuple(dict.fromkeys(reasons(situation))),
        last_attempt=_last_attempt(situation),
        next_attempt=_next_attempt(situation),
        online=situation.online,
    )


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
    return situation.listing.sent_at if situation.listing and not not_taken(situation) else None


def _next_attempt(situation: Situation) -> datetime | None:
    halted = situation.held or situation.activation.state == ActivationState.STOPPED
    if situation.open is None or halted:
        return None
    moments = (situation.open.not_before, situation.activation.paused_until)
    return max((moment for moment in moments if moment), default=None)
