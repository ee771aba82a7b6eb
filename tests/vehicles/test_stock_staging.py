"""A file is read a chunk at a time while the database takes in the one before; nothing else comes of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import repeat
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.formats.mobile_de_csv import StockReader
from portal.models import Dealer, Vehicle, VehicleImport
from portal.outages import is_database_away
from portal.vehicles import stock_import_sql as sql
from portal.vehicles import stock_staging
from portal.vehicles.stock import withdraw
from portal.vehicles.stock_import import import_stock
from portal.vehicles.stock_staging import ReadRow, UnreadRow, next_chunk
from tests.builders import Build
from tests.formats.stock_file import line
from tests.vehicles.importing import counts, refusals, remarks, run
from tests.waiting import until


@pytest.fixture
def one_row_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock_staging, "CHUNK_ROWS", 1)


def test_a_chunk_holds_so_many_rows_and_none_is_read_beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock_staging, "CHUNK_ROWS", 3)
    rows = iter([UnreadRow(number, "A1") for number in range(5)])
    assert [row.line for row in next_chunk(rows)] == [0, 1, 2]
    assert [row.line for row in next_chunk(rows)] == [3, 4]
    assert next_chunk(rows) == []


def test_a_chunk_of_long_rows_holds_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock_staging, "CHUNK_BYTES", 1_000)
    assert len(next_chunk(repeat(ReadRow(400)))) == 3


def test_the_database_takes_in_what_was_read_while_the_next_rows_are(
    build: Build, session: Session, one_row_each: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealer = build.dealer()
    session.commit()
    engine, rows_of = session.get_bind(), StockReader.__iter__
    me = session.scalar(text("SELECT pg_backend_pid()"))

    def writes_vehicles() -> bool:
        lock = text(
            "SELECT count(*) FROM pg_locks WHERE pid = :pid AND mode = 'RowExclusiveLock' "
            "AND relation = 'vehicle'::regclass"
        )
        with engine.connect() as other:
            return bool(other.scalar(lock, {"pid": me}))

    def waiting_for_the_database(reader: StockReader) -> Iterator[Any]:
        rows = rows_of(reader)
        yield next(rows)
        until(writes_vehicles)
        yield from rows

    monkeypatch.setattr(StockReader, "__iter__", waiting_for_the_database)
    assert counts(run(session, dealer, line(B="A1"), line(B="A2"))) == (2, 0, 0, 0, 0)


def test_a_file_that_breaks_off_behind_many_chunks_leaves_nothing(
    build: Build, session: Session, one_row_each: None
) -> None:
    dealer = build.dealer()
    content = "".join(line(B=f"A{number}") for number in range(5)).encode()
    for cut in (content[:-400], content):
        report = import_stock(session, io.BytesIO(cut), dealer, dealer.locations[0], "x.csv", partial=False)
        session.commit()
        assert session.scalar(select(func.count()).select_from(Vehicle)) == report.taken
    assert counts(report) == (5, 0, 0, 0, 0)


def test_an_error_in_reading_is_raised_and_leaves_nothing(
    build: Build, session: Session, one_row_each: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealer = build.dealer()
    session.commit()
    rows_of = StockReader.__iter__

    def breaking(reader: StockReader) -> Iterator[Any]:
        yield next(rows_of(reader))
        raise ZeroDivisionError

    monkeypatch.setattr(StockReader, "__iter__", breaking)
    with pytest.raises(ZeroDivisionError):
        run(session, dealer, line(B="A1"), line(B="A2"))
    session.rollback()
    monkeypatch.undo()
    assert counts(run(session, dealer, line(B="A1"))) == (1, 0, 0, 0, 0)


def test_a_database_that_goes_away_while_the_file_is_read_is_told_from_other_errors(
    build: Build, session: Session, one_row_each: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealer = build.dealer()
    session.commit()
    engine, rows_of = session.get_bind(), StockReader.__iter__
    end = text("SELECT pg_terminate_backend(:pid)"), {"pid": session.scalar(text("SELECT pg_backend_pid()"))}

    def ending(reader: StockReader) -> Iterator[Any]:
        rows = rows_of(reader)
        yield next(rows)
        with engine.connect() as other:
            other.execute(*end)
        yield from rows

    monkeypatch.setattr(StockReader, "__iter__", ending)
    with pytest.raises(DBAPIError) as raised:
        run(session, dealer, line(B="A1"), line(B="A2"))
    assert is_database_away(raised.value)
    session.rollback()


def test_vehicles_stand_in_the_order_of_the_file(build: Build, session: Session, one_row_each: None) -> None:
    dealer = build.dealer()
    numbers = [f"A{number}" for number in (5, 3, 9, 1)]
    run(session, dealer, *(line(B=number, J="viele" if number == "A3" else "1") for number in numbers))
    assert session.scalars(select(Vehicle.offer_number).order_by(Vehicle.id)).all() == numbers


# However large the chunks are: what comes of a file is what would come of it at its end.

NUMBERS = ("A0", "A1", "A2")
ROW = st.fixed_dictionaries(
    {
        "B": st.sampled_from(NUMBERS),
        "J": st.sampled_from(("64500", "1", "viele")),
        "K": st.sampled_from(("12990", "nichts")),
        "O": st.sampled_from(("", "WVWZZZ1KZ00000002")),
    }
)
STEPS = st.one_of(
    st.tuples(st.just("file"), st.lists(ROW, min_size=1, max_size=6), st.booleans()),
    st.tuples(st.just("withdraw"), st.sampled_from(NUMBERS), st.none()),
)
AT_THE_END = text(f"""
    WITH {sql.CHUNK}
    INSERT INTO import_stage (line, offer_number, facts, problems, remarks, mark)
    SELECT line, offer_number, facts, problems, remarks, mark FROM chunk
""")


class Stock:
    """A dealer whose files are read so many rows at a time; `takes` is what is done with each chunk."""

    def __init__(self, build: Build, session: Session, rows: int, takes: Any = sql.TAKE_CHUNK) -> None:
        self._session, self._rows, self._takes = session, rows, takes
        self._dealer: Dealer = build.dealer(f"{uuid4()}", "HH")

    def do(self, what: str, which: Any, how: Any) -> object:
        if what == "file":
            return self._take([line(**row) for row in which], partial=how)
        withdraw(self._session, self._dealer.id, [one.id for one in self._all() if one.offer_number == which])
        self._session.commit()
        return None

    def _take(self, lines: list[str], *, partial: bool) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stock_staging, "CHUNK_ROWS", self._rows)
            patch.setattr(sql, "TAKE_CHUNK", self._takes)
            report: VehicleImport = run(self._session, self._dealer, *lines, partial=partial)
        said = refusals(self._session, report), remarks(self._session, report)
        return counts(report), report.remarked, said

    def state(self) -> object:
        found = [(one.offer_number, one.data, one.problems, one.withdrawn_at is None) for one in self._all()]
        return sorted(found, key=str)

    def _all(self) -> list[Vehicle]:
        self._session.expire_all()
        mine = select(Vehicle).where(Vehicle.dealer_id == self._dealer.id)
        return list(self._session.scalars(mine.order_by(Vehicle.id)).all())


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=2, max_size=5))
def test_chunks_end_as_one_look_at_the_whole_file(
    build: Build, session: Session, steps: list[tuple[str, Any, Any]]
) -> None:
    whole = Stock(build, session, 1_000, AT_THE_END)
    others = [Stock(build, session, rows) for rows in (1, 2, 1_000)]
    for step in steps:
        expected, state = whole.do(*step), whole.state()
        for other in others:
            assert other.do(*step) == expected, step
            assert other.state() == state, step
