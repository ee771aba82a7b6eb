"""A file that came is taken in like one that was uploaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, cast
from uuid import UUID

from sqlalchemy.orm import Session

from portal import audit
from portal.formats.mobile_de_csv import UnreadableFile
from portal.messages import Wording, say
from portal.models.accounts import Dealer, Location
from portal.models.sources import PickupState, StockSource
from portal.models.vehicles import VehicleImport
from portal.vehicles.stock_import import import_stock
from portal.vehicles.stock_uploads import keep_unknown

UNMAPPED = say("Ordnen Sie die Spalten der Datei einmal zu; danach wird sie von selbst gelesen.")


@dataclass(frozen=True)
class TakenIn:
    """What came of a file; `state` is a `PickupState`."""

    state: str
    digest: str
    size: int
    reason: Wording = ""
    import_id: UUID | None = None
    upload_id: UUID | None = None


def take_in(
    session: Session, source: StockSource, file_name: str, stream: BinaryIO, most_bytes: int
) -> TakenIn:
    """The guard against mass changes stands behind it, as behind every import."""
    found = TakenIn(PickupState.UNCHANGED, digest_of(stream), stream.seek(0, 2))
    location = session.get_one(Location, source.location_id)
    if found.digest == source.taken_sha256:
        return found
    try:
        stream.seek(0)
        waiting = keep_unknown(session, stream, location, file_name, source.partial, most_bytes)
    except UnreadableFile as error:
        return replace(found, state=PickupState.REFUSED, reason=error.reason)
    if waiting is not None:
        return replace(found, state=PickupState.UNMAPPED, reason=UNMAPPED, upload_id=waiting.id)
    dealer = session.get_one(Dealer, source.dealer_id)
    stream.seek(0)
    report = import_stock(
        session, stream, dealer, location, file_name, partial=source.partial, most_bytes=most_bytes
    )
    _record(session, source, report)
    state = PickupState.REFUSED if report.error else PickupState.TAKEN
    return replace(found, state=state, reason=report.error, import_id=report.id)


def digest_of(stream: BinaryIO) -> str:
    stream.seek(0)
    return hashlib.file_digest(cast(Any, stream), "sha256").hexdigest()


def _record(session: Session, source: StockSource, report: VehicleImport) -> None:
    numbers = ("taken", "changed", "withdrawn", "remarked", "rejected")
    audit.log(
        session,
        audit.PORTAL,
        "vehicle.imported",
        dealer_id=source.dealer_id,
        object_id=report.id,
        label=report.file_name,
        detail={"source": source.name} | {name: getattr(report, name) for name in numbers},
    )
