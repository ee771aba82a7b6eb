"""Import of a stock: a file in, vehicles taken over, the rest refused with line, column and reason.

One transaction, whatever the size: the rows go into a staging table as they are read, and what follows
are a handful of statements over it (`staging.py`). Python sees every row once and never holds them all.
"""

from __future__ import annotations

from typing import BinaryIO

from pydantic_core import to_json
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from portal.formats.mobile_de_csv import MOST_BYTES, StockReader, StockRow, UnreadableFile, seekable
from portal.models.accounts import Dealer, Location
from portal.models.vehicles import VehicleImport
from portal.vehicles.readiness import as_problems, may_lack_something
from portal.vehicles.staging import Stage


def _as_json(value: object) -> str:
    """The fast encoder of pydantic: this is done for every row."""
    return to_json(value).decode()


def import_stock(
    session: Session,
    stream: BinaryIO,
    dealer: Dealer,
    location: Location,
    file_name: str,
    partial: bool,
    most_bytes: int = MOST_BYTES,
) -> VehicleImport:
    """Take a file over and return its report; the caller commits.

    A complete import withdraws what the file does not name, a partial one withdraws nothing. When the
    file cannot be read to its end, `error` says why and nothing is changed. A second import at the
    same location waits until this one is committed.
    """
    session.flush()
    one_at_a_time(session, location)
    record = VehicleImport(
        dealer_id=dealer.id, location_id=location.id, file_name=file_name[:200], partial=partial
    )
    session.add(record)
    session.flush()
    stage = Stage(session, dealer, location, record)
    try:
        with seekable(stream) as readable:
            _read_into(stage, session.connection(), StockReader(readable, most_bytes))
    except UnreadableFile as error:
        record.error = str(error)
    else:
        stage.take_over()
    record.finished_at = func.clock_timestamp()
    session.flush()
    session.expire_all()
    return record


def one_at_a_time(session: Session, location: Location) -> None:
    """Until the commit nobody else hands over a stock at this location."""
    key = func.hashtextextended(f"import {location.id}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def _read_into(stage: Stage, connection: Connection, reader: StockReader) -> None:
    """Raises UnreadableFile, with the staging table gone and the transaction usable."""
    # A savepoint of the connection, not of the session: releasing one of the session would ring for
    # changes that are not committed yet.
    with connection.begin_nested():
        stage.create()
        with stage.copy() as copy:
            for row in reader:
                copy.write_row(_staged(row))
    stage.stated = reader.stated
    stage.record.charset = reader.charset
    stage.record.note = _note(reader.customer_numbers)


def _staged(row: StockRow) -> tuple[object, ...]:
    """Line, number, facts, problems; column, value and reason of a refusal."""
    if row.refusal is not None:
        refusal = row.refusal
        label = refusal.column.label if refusal.column else ""
        return (row.line, row.offer_number[:80], None, None, label, refusal.value[:200], refusal.reason)
    return (row.line, row.offer_number, _as_json(row.facts), _problems(row), None, None, None)


def _problems(row: StockRow) -> str:
    vehicle = row.vehicle if may_lack_something(row.facts) else None
    found = as_problems(vehicle) if vehicle else []
    return _as_json(found) if found else "[]"


def _note(customer_numbers: set[str]) -> str:
    if len(customer_numbers) < 2:
        return ""
    named = ", ".join(sorted(customer_numbers)[:5])
    more = " …" if len(customer_numbers) > 5 else ""
    return (
        f"Die Datei enthält mehrere Kundennummern ({named}{more}). Die Kundennummer wird beim Import nicht "
        "ausgewertet: Alle Zeilen gelten für diesen Standort."
    )
