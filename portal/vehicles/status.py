"""Publication status: where a vehicle stands at one activation, and what keeps it away.

Decided from the rows alone; `status_sql.py` says the same for many vehicles at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calendar import BERLIN
from portal.messages import Message, Wording, say
from portal.models.exports import (
    Activation,
    ActivationState,
    AppKind,
    Listing,
    ListingState,
    Transfer,
    TransferState,
)
from portal.models.runs import Run, RunVehicle
from portal.models.vehicles import Publication, Vehicle

RESULTS_IN_FILE: Mapping[str, Message] = {
    "accepted": say("enthalten"),
    "hinted": say("enthalten, mit Hinweis"),
    "rejected": say("enthalten, aber abgelehnt"),
}
NOT_IN_FILE = say("nicht enthalten")


@dataclass(frozen=True)
class InFile:
    """The last good file of an activation. `result` is the vehicle's in it, empty where it was not there."""

    sent_at: datetime
    result: str = ""

    @property
    def filtered(self) -> bool:
        """Left out by the export's own filter: a wish, no defect."""
        return self.result == "filtered"

    @property
    def text(self) -> Wording:
        return say(
            "in der Datei vom {day} um {time} {result}",
            **day_and_time(self.sent_at),
            result=RESULTS_IN_FILE.get(self.result, NOT_IN_FILE),
        )


def load_in_file(
    session: Session, activations: Sequence[Activation], vehicle_ids: Collection[UUID]
) -> dict[tuple[UUID, UUID], InFile]:
    """By vehicle and activation: one query where a file was published, none where not."""
    published = {one.published_run_id: one.id for one in activations if one.kind == AppKind.FILE}
    published.pop(None, None)
    if not published:
        return {}
    statement = (
        select(Run.id, Run.sent_at, RunVehicle.vehicle_id, RunVehicle.result)
        .outerjoin(RunVehicle, (RunVehicle.run_id == Run.id) & RunVehicle.vehicle_id.in_(vehicle_ids))
        .where(Run.id.in_(published), Run.sent_at.is_not(None))
    )
    found: dict[tuple[UUID, UUID], InFile] = {}
    rows: Sequence[Any] = session.execute(statement).all()
    for run_id, sent_at, vehicle_id, result in rows:
        for key in vehicle_ids:
            found.setdefault((key, published[run_id]), InFile(sent_at))
        if vehicle_id is not None:
            found[vehicle_id, published[run_id]] = InFile(sent_at, result)
    return found


def last_result_in_file(file: InFile | None) -> Wording:
    return file.text if file else say("noch keine Datei")


def next_action_by_file(activation: Activation, *, wanted: bool, present: bool) -> Wording:
    """What the next file does, and when it comes."""
    if not wanted and not present:
        return say("keine")
    what = say("steht in der nächsten Datei") if wanted else say("fällt mit der nächsten Datei weg")
    if activation.state == ActivationState.LOCKED:
        return say("{what}, sobald die Sperre aufgehoben ist", what=what)
    if activation.state == ActivationState.STOPPED:
        return say("{what}, sobald die Übertragung wieder läuft", what=what)
    if activation.next_run_at is None:
        return say("{what}, die nur von Hand übertragen wird", what=what)
    return say("{what}, am {day} um {time}", what=what, **day_and_time(activation.next_run_at))


def day_and_time(moment: datetime) -> dict[str, str]:
    """24.11. and 12:00, Berlin."""
    there = moment.astimezone(BERLIN)
    return {"day": there.strftime("%d.%m."), "time": there.strftime("%H:%M")}


NOT_ONLINE = say("Das Fahrzeug ist nicht online geschaltet.")
NOT_TAKEN = (TransferState.REJECTED, TransferState.FAILED)


class PublicationStatus(StrEnum):
    """INCOMPLETE: something is missing, so nothing is sent. OPEN: something is still to be sent.
    VANISHED: the platform's own list does not show it any more."""

    ONLINE = "online"
    OPEN = "open"
    ERROR = "error"
    VANISHED = "vanished"
    INCOMPLETE = "incomplete"
    NOT_RELEASED = "not_released"


class RemedyPage(StrEnum):
    """The page where a reason can be removed."""

    DATA = "data"
    PUBLICATION = "publication"
    ACTIVATION = "activation"
    LISTINGS = "listings"
    NOWHERE = ""


@dataclass(frozen=True)
class StatusReason:
    """`field` names the attribute of `VehicleData` that causes it, where known."""

    text: Wording
    place: RemedyPage = RemedyPage.NOWHERE
    field: str | None = None


@dataclass(frozen=True)
class StatusInput:
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
        return self._listed and not self.vanished and not self.awaited

    @property
    def awaited(self) -> bool:
        """Stored by the platform and not shown to buyers yet."""
        return self._listed and self.listing is not None and self.listing.awaiting_since is not None

    @property
    def vanished(self) -> bool:
        """The last stock check did not find it there; over once it was sent again."""
        return self._listed and self.listing is not None and self.listing.vanished_at is not None

    @property
    def last_attempt(self) -> datetime | None:
        """The listing knows when it was accepted last, not when it was refused."""
        if self.by_file:
            return self.file.sent_at if self.file else None
        if self.open and self.open.attempts:
            return datetime.fromisoformat(self.open.attempts[-1]["at"])
        if self.last:
            return self.last.finished_at or self.last.sent_at
        return self.listing.sent_at if self.listing and not not_taken(self) else None

    @property
    def next_attempt(self) -> datetime | None:
        halted = self.held or self.activation.state == ActivationState.STOPPED
        if self.open is None or halted:
            return None
        moments = (self.open.not_before, self.activation.paused_until)
        return max((moment for moment in moments if moment), default=None)

    @property
    def _listed(self) -> bool:
        return self.listing is not None and self.listing.state == ListingState.ONLINE


def publication_status(status_input: StatusInput) -> PublicationStatus:
    refused = not_taken(status_input)
    if exclusion_reasons(status_input):
        if not status_input.present:
            return PublicationStatus.NOT_RELEASED
        return PublicationStatus.ERROR if refused and not status_input.open else PublicationStatus.OPEN
    if status_input.vehicle.problems or (status_input.publication and status_input.publication.problems):
        return PublicationStatus.INCOMPLETE
    if status_input.open:
        return PublicationStatus.OPEN
    if status_input.vanished:
        return PublicationStatus.VANISHED
    if refused:
        return PublicationStatus.ERROR
    return PublicationStatus.ONLINE if status_input.online else PublicationStatus.OPEN


def not_taken(status_input: StatusInput) -> bool:
    """Asked of the listing, which is kept longer than the history."""
    return status_input.listing is not None and status_input.listing.last_result in NOT_TAKEN


def exclusion_reasons(status_input: StatusInput) -> list[StatusReason]:
    """Why the vehicle should not be at this platform; empty when it should."""
    vehicle, activation = status_input.vehicle, status_input.activation
    if vehicle.withdrawn_at is not None:
        return [StatusReason(say("Das Fahrzeug ist nicht mehr im Bestand."))]
    if vehicle.location_id != activation.location_id:
        return [StatusReason(say("Das Fahrzeug steht an einem anderen Standort."))]
    if activation.state == ActivationState.CLOSING:
        return [
            StatusReason(
                say("Die App wird deaktiviert, ihre Inserate werden gelöscht."),
                RemedyPage.ACTIVATION,
            )
        ]
    return list(_by_the_dealer(status_input))


def _by_the_dealer(status_input: StatusInput) -> Iterable[StatusReason]:
    facts = status_input.vehicle.data
    if not status_input.vehicle.online:
        yield StatusReason(NOT_ONLINE, RemedyPage.PUBLICATION)
    if status_input.publication is None or not status_input.publication.released:
        yield StatusReason(
            say("Das Fahrzeug ist für diese Plattform nicht freigegeben."), RemedyPage.PUBLICATION
        )
    if facts.get("sold"):
        yield StatusReason(say("Das Fahrzeug ist als verkauft gekennzeichnet."), RemedyPage.DATA, "sold")
    if facts.get("trade_in") and not status_input.trade_ins:
        text = say(
            "Das Fahrzeug ist eine Inzahlungnahme; diese werden nach Ihren Einstellungen nicht exportiert."
        )
        yield StatusReason(text, RemedyPage.DATA, "trade_in")
