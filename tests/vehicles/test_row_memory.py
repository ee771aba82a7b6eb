"""Rows that are known again are not read, and nothing comes out otherwise than if they were."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select, text, update
from sqlalchemy.orm import Session

from portal.code_digest import code_digest
from portal.formats.mobile_de_csv.marks import RowMarks
from portal.formats.mobile_de_csv.rows import RowReader
from portal.models import Dealer, ImportMemory, ImportRow, Location, Vehicle, VehicleImport
from portal.vehicles import row_memory
from portal.vehicles.stock import save_vehicle, withdraw
from portal.vehicles.stock_import import import_stock
from tests.builders import Build
from tests.formats.foreign_layouts.files import text_file
from tests.formats.stock_file import line
from tests.vehicles.importing import counts, remarks, run, vehicle
from tests.vehicles.test_stock_layouts import save

ROWS = [line(B=f"A{number}", Z="Ein Golf", CU="5,4") for number in range(5)]


@pytest.fixture
def rows_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The numbers of the rows whose cells were read, in the order they were."""
    read: list[str] = []
    anew = RowReader._read_anew

    def counted(self: RowReader, line: int, number: str, *more: Any) -> Any:
        read.append(number)
        return anew(self, line, number, *more)

    monkeypatch.setattr(RowReader, "_read_anew", counted)
    return read


def take_again(session: Session, dealer: Dealer, rows_read: list[str], *rows: str, **more: Any) -> set[str]:
    """The numbers of the rows that were read for it."""
    rows_read.clear()
    run(session, dealer, *rows, **more)
    return set(rows_read)


def test_a_row_is_read_once(session: Session, dealer: Dealer, rows_read: list[str]) -> None:
    assert len(take_again(session, dealer, rows_read, *ROWS)) == 5
    assert not take_again(session, dealer, rows_read, *ROWS)
    assert take_again(session, dealer, rows_read, *ROWS[:4], line(B="A4", K="1")) == {"A4"}
    assert not take_again(session, dealer, rows_read, *ROWS[2:4])


def test_a_vehicle_that_somebody_changed_is_read_and_known_again(
    session: Session, dealer: Dealer, rows_read: list[str]
) -> None:
    run(session, dealer, *ROWS)
    one = vehicle(session, "A1")
    save_vehicle(session, one, one.facts().model_copy(update={"mileage": 1}))
    session.commit()
    assert take_again(session, dealer, rows_read, *ROWS) == {"A1"}
    assert vehicle(session, "A1").mileage == 64500
    assert not take_again(session, dealer, rows_read, *ROWS)


def test_a_fact_that_the_file_does_not_carry_is_kept_and_its_row_known(
    session: Session, dealer: Dealer, rows_read: list[str]
) -> None:
    run(session, dealer, *ROWS)
    one = vehicle(session, "A1")
    save_vehicle(session, one, one.facts().model_copy(update={"doors": 5}))
    session.commit()
    assert take_again(session, dealer, rows_read, *ROWS) == {"A1"}
    assert vehicle(session, "A1").facts().doors == 5
    updated = vehicle(session, "A1").updated_at
    assert not take_again(session, dealer, rows_read, *ROWS)
    assert vehicle(session, "A1").updated_at == updated


def test_a_fact_that_a_file_carries_for_the_first_time_counts_for_all_its_rows(
    session: Session, dealer: Dealer
) -> None:
    run(session, dealer, *ROWS)
    one = vehicle(session, "A1")
    save_vehicle(session, one, one.facts().model_copy(update={"vin": "WVWZZZ1KZ00000001"}))
    session.commit()
    run(session, dealer, *ROWS)
    assert vehicle(session, "A1").vin == "WVWZZZ1KZ00000001"
    assert counts(run(session, dealer, *ROWS, line(B="A9", O="WVWZZZ1KZ00000002"))) == (1, 1, 4, 0, 0)
    assert vehicle(session, "A1").vin is None


def test_rows_with_something_to_say_are_read_and_reported_each_time(
    session: Session, dealer: Dealer, rows_read: list[str]
) -> None:
    odd = line(B="A7", J="viele")
    for _ in range(2):
        assert "A7" in take_again(session, dealer, rows_read, *ROWS, odd)
        report = session.scalars(select(VehicleImport).order_by(VehicleImport.id.desc())).first()
        assert report is not None
        assert report.remarked == 1
        assert session.scalars(select(ImportRow.offer_number).where(ImportRow.import_id == report.id)).all()


def test_another_release_reads_everything_and_writes_no_vehicle(
    session: Session, dealer: Dealer, rows_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(session, dealer, *ROWS)
    before = dict(session.execute(text("SELECT offer_number, xmin::text FROM vehicle")).all())
    monkeypatch.setattr(row_memory, "code_digest", lambda *_: "the next one")
    assert len(take_again(session, dealer, rows_read, *ROWS[:3], partial=True)) == 3
    marked = select(Vehicle.offer_number).where(Vehicle.row_mark.is_not(None))
    assert set(session.scalars(marked)) == {"A0", "A1", "A2"}
    after = dict(session.execute(text("SELECT offer_number, xmin::text FROM vehicle")).all())
    assert [after[number] == before[number] for number in sorted(after)] == [True] * 3 + [False] * 2
    assert take_again(session, dealer, rows_read, *ROWS) == {"A3", "A4"}


def test_what_is_changed_while_the_file_is_read_is_overwritten_by_it(
    session: Session, dealer: Dealer, rows_read: list[str]
) -> None:
    run(session, dealer, *ROWS)
    engine, edits = session.get_bind(), iter([EDIT])

    def edit(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "v.row_mark = s.mark" in statement and (changed := next(edits, None)) is not None:
            with engine.begin() as other:
                other.execute(changed)

    event.listen(engine, "before_cursor_execute", edit)
    try:
        assert len(take_again(session, dealer, rows_read, *ROWS)) == 5
    finally:
        event.remove(engine, "before_cursor_execute", edit)
    assert vehicle(session, "A1").mileage == 64500


EDIT = text("UPDATE vehicle SET data = data || '{\"mileage\": 7}' WHERE offer_number = 'A1'")


def test_a_vehicle_that_moved_is_no_vehicle_of_the_file(
    build: Build, session: Session, dealer: Dealer, rows_read: list[str]
) -> None:
    run(session, dealer, *ROWS)
    other = build.location(dealer, "ZZ")
    session.execute(update(Vehicle).where(Vehicle.offer_number == "A1").values(location_id=other.id))
    session.commit()
    assert take_again(session, dealer, rows_read, *ROWS) == {"A1"}
    assert session.scalar(select(func.count()).select_from(Vehicle)) == 6


def test_a_location_remembers_so_many_layouts_and_believes_none_that_it_forgot(
    session: Session, dealer: Dealer, rows_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_memory, "MOST_LAYOUTS", 2)
    files = [text_file((*FOREIGN, f"Stand {day}"), ("A1", "VW", "Golf", "9990", "rot", "x")) for day in "123"]
    remembered, read = [], []
    for content in (*files, files[0], files[0]):
        rows_read.clear()
        save(session, dealer, content, f"Profil {files.index(content)}")
        import_stock(session, io.BytesIO(content), dealer, dealer.locations[0], "b", partial=True)
        session.commit()
        remembered.append(session.scalar(select(func.count()).select_from(ImportMemory)))
        read.append(len(rows_read))
    assert remembered == [1, 2, 1, 2, 2]
    assert read == [1, 1, 1, 1, 0]


def test_a_new_vehicle_comes_once_where_the_file_has_to_be_read_again(
    session: Session, dealer: Dealer, rows_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(session, dealer, *ROWS)
    monkeypatch.setattr(row_memory.RowMemory, "covers", lambda *_: False)
    assert counts(run(session, dealer, *ROWS, line(B="A9"), line(B="A9"))) == (1, 0, 5, 1, 0)
    assert rows_read[-7:] == [*(f"A{number}" for number in range(5)), "A9", "A9"]


def test_cells_that_hold_what_parts_them_are_never_known() -> None:
    marks = RowMarks(b"", 8)
    assert marks.digest_of("a\0b", 2)
    assert marks.digest_of("a\0b", 2) != marks.digest_of("ab\0", 2)
    assert not marks.digest_of("a\0\0b", 2)
    assert RowMarks(b"another layout", 8).digest_of("a\0b", 2) != marks.digest_of("a\0b", 2)


def test_the_digest_of_code_speaks_of_every_file_and_of_no_other(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("portal.code_digest.PORTAL", tmp_path)
    (tmp_path / "room").mkdir()
    digest = code_digest.__wrapped__
    for name in ("room/a.py", "module.py", "other.py"):
        (tmp_path / name).write_text("1")
    first = digest("room", "module")
    (tmp_path / "other.py").write_text("2")
    assert digest("room", "module") == first
    (tmp_path / "room" / "words.json").write_text("2")
    second = digest("room", "module")
    (tmp_path / "module.py").write_text("2")
    assert len({first, second, digest("room", "module")}) == 3
    with pytest.raises(FileNotFoundError):
        digest("gone")


# Whatever happens to a stock: what remembers ends as what is read anew each time.

CELLS: dict[str, tuple[str, ...]] = {
    "J": ("64500", "1", "viele", ""),
    "K": ("12990", "9.990"),
    "O": ("", "WVWZZZ1KZ00000002"),
    "Z": ("Ein Golf", "Ein Golf mit Navi", "M\u00c3\u00bcnchen"),
    "AF": ("", "1"),
    "CU": ("", "5,4"),
}
NUMBERS = ("A0", "A1", "A2")
ROW = st.fixed_dictionaries({letter: st.sampled_from(texts) for letter, texts in CELLS.items()})
FOREIGN = ("Interne Nummer", "Marke", "Modell", "Preis", "Farbe")
STEPS = st.one_of(
    st.tuples(st.just("file"), st.dictionaries(st.sampled_from(NUMBERS), ROW, min_size=1), st.booleans()),
    st.tuples(st.just("same file"), st.none(), st.booleans()),
    st.tuples(st.just("foreign"), st.sampled_from(NUMBERS), st.sampled_from(("9990", "12990"))),
    st.tuples(st.just("edit"), st.sampled_from(NUMBERS), st.sampled_from(("mileage", "vin", "doors"))),
    st.tuples(st.just("withdraw"), st.sampled_from(NUMBERS), st.none()),
)
EDITED: dict[str, Any] = {"mileage": 77, "vin": "WVWZZZ1KZ00000009", "doors": 3}


class Stock:
    """A dealer, and what is done to them; `forgetful` never knows a row again."""

    def __init__(self, build: Build, session: Session, *, forgetful: bool) -> None:
        self._session, self._forgetful = session, forgetful
        self._dealer = build.dealer(f"{uuid4()}", "HH")
        self._last = line(B="A0")
        save(session, self._dealer, text_file(FOREIGN, ("A0", "VW", "Golf", "9990", "rot")))

    def do(self, what: str, which: Any, how: Any) -> object:
        match what:
            case "file":
                self._last = "".join(line(B=number, **row) for number, row in which.items())
                return self._take(self._last.encode("utf-8"), partial=how)
            case "same file":
                return self._take(self._last.encode("utf-8"), partial=how)
            case "foreign":
                return self._take(text_file(FOREIGN, (which, "VW", "Golf", how, "rot")), partial=True)
        for one in self._vehicles():
            if one.offer_number == which and what == "edit":
                save_vehicle(self._session, one, one.facts().model_copy(update={how: EDITED[how]}))
            elif one.offer_number == which:
                withdraw(self._session, self._dealer.id, [one.id])
        self._session.commit()
        return None

    def _take(self, content: bytes, *, partial: bool) -> object:
        if self._forgetful:
            self._session.execute(delete(ImportMemory).where(ImportMemory.location_id == self._place.id))
            self._session.execute(update(Vehicle).values(row_mark=None).where(self._mine))
        taken = import_stock(self._session, io.BytesIO(content), self._dealer, self._place, "b", partial)
        self._session.commit()
        return counts(taken), taken.remarked, taken.error, remarks(self._session, taken)

    def state(self) -> object:
        return [(one.offer_number, one.data, one.problems) for one in self._vehicles()]

    @property
    def _place(self) -> Location:
        return self._dealer.locations[0]

    @property
    def _mine(self) -> Any:
        return Vehicle.location_id == self._place.id

    def _vehicles(self) -> Sequence[Vehicle]:
        self._session.expire_all()
        here = select(Vehicle).where(self._mine, Vehicle.withdrawn_at.is_(None))
        return self._session.scalars(here.order_by(Vehicle.offer_number)).all()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=2, max_size=7))
def test_what_remembers_ends_as_what_reads_all(
    build: Build, session: Session, steps: list[tuple[str, Any, Any]]
) -> None:
    remembering, forgetful = (Stock(build, session, forgetful=one) for one in (False, True))
    for step in steps:
        assert remembering.do(*step) == forgetful.do(*step), step
        assert remembering.state() == forgetful.state(), step
