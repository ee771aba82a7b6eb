"""Files that cannot be read to their end: a clear message, and the stock is as it was."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Vehicle, VehicleImport
from portal.vehicles.stock_import import import_stock
from tests.builders import Build
from tests.formats.stock_file import line
from tests.formats.test_mobile_de_csv_files import MB, PNG, Endless, many
from tests.vehicles.importing import counts, run

BAD = {
    "leer": b"",
    "Bild": PNG,
    "HTML": b"<!doctype html><title>Anmelden</title>",
    "zu wenige Spalten": b"1;2;3\r\n" * 10,
    "Nullzeichen": (line(B="A2") + line(Z="a\0b")).encode(),
    "riesige Zelle": (line(B="A2") + line(Z="x" * 200_000)).encode(),
    "abgebrochen": (line(B="A2") + line()).encode()[:-400],
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_changes(name: str, build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1"))
    report = import_stock(session, io.BytesIO(BAD[name]), dealer, dealer.locations[0], "x.csv", partial=False)
    session.commit()
    assert report.error
    assert counts(report) == (0, 0, 0, 0, 0)
    assert report.finished_at is not None
    assert session.scalars(select(Vehicle.offer_number).where(Vehicle.withdrawn_at.is_(None))).all() == ["A1"]


def test_a_file_can_follow_one_that_was_unreadable_in_the_same_transaction(
    build: Build, session: Session
) -> None:
    dealer = build.dealer()
    import_stock(session, io.BytesIO(BAD["abgebrochen"]), dealer, dealer.locations[0], "x.csv", partial=True)
    assert counts(run(session, dealer, line(B="A1"))) == (1, 0, 0, 0, 0)
    assert len(session.scalars(select(VehicleImport)).all()) == 2


def test_utf_8_is_read_like_the_charset_of_the_format(build: Build, session: Session) -> None:
    dealer = build.dealer()
    for encoding in ("iso-8859-15", "utf-8", "utf-8-sig", "cp1252"):
        content = line(B="A1", D="Citroën", Z="5 €").encode(encoding)
        import_stock(session, io.BytesIO(content), dealer, dealer.locations[0], "x.csv", partial=False)
        session.commit()
    reports = session.scalars(select(VehicleImport).order_by(VehicleImport.id)).all()
    assert [report.charset for report in reports] == ["ISO-8859-15", "UTF-8", "UTF-8", "Windows-1252"]
    assert [counts(report)[:3] for report in reports] == [(1, 0, 0), (0, 0, 1), (0, 0, 1), (0, 0, 1)]


def test_memory_stays_flat_over_100_mb(build: Build, session: Session) -> None:
    """All rows but one are refused: the report of thousands of refusals is no reason to hold them."""
    dealer = build.dealer()
    block = many(200, B="A1", Z="x" * 10_000).encode()
    stream = io.BufferedReader(Endless(block, 100 * MB // len(block) + 1))
    tracemalloc.start()
    report = import_stock(session, stream, dealer, dealer.locations[0], "gross.csv", partial=False)  # type: ignore[arg-type]
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    session.commit()
    assert report.taken == 1
    assert report.rejected > 9000
    assert peak < 15 * MB
