"""Short words for tests of the import."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Dealer, ImportRow, Location, Vehicle, VehicleImport
from portal.vehicles.stock_import import import_stock
from tests.formats.stock_file import file
from tests.words import german


def run(
    session: Session, dealer: Dealer, *lines: str, partial: bool = False, location: Location | None = None
) -> VehicleImport:
    """Import these lines and commit."""
    place = location or dealer.locations[0]
    report = import_stock(session, file(*lines), dealer, place, "bestand.csv", partial)
    session.commit()
    return report


def counts(report: VehicleImport) -> tuple[int, int, int, int, int]:
    """Taken, changed, unchanged, rejected, withdrawn."""
    return report.taken, report.changed, report.unchanged, report.rejected, report.withdrawn


def refusals(session: Session, report: VehicleImport) -> list[tuple[int, str, str, str, str]]:
    """Line, column, number, value and reason of the rows that were refused."""
    return _rows(session, report, refused=True)


def remarks(session: Session, report: VehicleImport) -> list[tuple[int, str, str, str, str]]:
    """The same of what was not read in rows that were taken."""
    return _rows(session, report, refused=False)


def _rows(session: Session, report: VehicleImport, refused: bool) -> list[tuple[int, str, str, str, str]]:
    mine = ImportRow.import_id == report.id, ImportRow.refused.is_(refused)
    rows = select(ImportRow).where(*mine).order_by(ImportRow.line, ImportRow.id)
    return [(r.line, r.column, r.offer_number, r.value, german(r.reason)) for r in session.scalars(rows)]


def vehicle(session: Session, number: str) -> Vehicle:
    """The vehicle in stock with this number."""
    session.expire_all()
    return session.scalars(
        select(Vehicle).where(Vehicle.offer_number == number, Vehicle.withdrawn_at.is_(None))
    ).one()
