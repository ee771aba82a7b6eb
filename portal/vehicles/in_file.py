"""What is said of a vehicle at a file app: whether the last good file holds it, what the next one will do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.exports import Activation, ActivationState, AppKind
from portal.models.runs import Run, RunVehicle

ZONE = ZoneInfo("Europe/Berlin")
RESULTS = {
    "accepted": "enthalten",
    "hinted": "enthalten, mit Hinweis",
    "rejected": "enthalten, aber abgelehnt",
}


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
    def text(self) -> str:
        shown = spell(self.sent_at)
        return f"in der Datei vom {shown} {RESULTS.get(self.result, 'nicht enthalten')}"


def load(
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


def last_result(file: InFile | None) -> str:
    return file.text if file else "noch keine Datei"


def next_action(activation: Activation, *, wanted: bool, present: bool) -> str:
    """What the next file does, and when it comes."""
    if not wanted and not present:
        return "keine"
    what = "steht in der nächsten Datei" if wanted else "fällt mit der nächsten Datei weg"
    if activation.state == ActivationState.LOCKED:
        return f"{what}, sobald die Sperre aufgehoben ist"
    if activation.state == ActivationState.STOPPED:
        return f"{what}, sobald die Schnittstelle wieder läuft"
    if activation.next_run_at is None:
        return f"{what}, die nur von Hand übertragen wird"
    return f"{what}, am {spell(activation.next_run_at)}"


def spell(moment: datetime) -> str:
    """24.11. um 12:00, Berlin."""
    return moment.astimezone(ZONE).strftime("%d.%m. um %H:%M")
