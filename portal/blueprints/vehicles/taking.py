"""Taking a file over, whichever page it came by: imported for the current dealer, and on record."""

from __future__ import annotations

from typing import BinaryIO

from flask import current_app

from portal.extensions import db
from portal.models import Location, VehicleImport
from portal.vehicles.stock_import import import_stock
from portal.web import audit
from portal.web.access import current_dealer


def most_bytes() -> int:
    """Of a file that is uploaded."""
    found: int = current_app.extensions["settings"].max_upload_mb * 1024 * 1024
    return found


def take_file(stream: BinaryIO, location: Location, file_name: str, *, partial: bool) -> VehicleImport:
    """The report; the caller commits."""
    report = import_stock(
        db.session(), stream, current_dealer(), location, file_name, partial=partial, most_bytes=most_bytes()
    )
    audit.log_action(
        "vehicle.imported",
        report.id,
        report.file_name,
        taken=report.taken,
        changed=report.changed,
        withdrawn=report.withdrawn,
        remarked=report.remarked,
        rejected=report.rejected,
    )
    return report
