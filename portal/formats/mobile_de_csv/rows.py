"""From the cells of a row to the facts of a vehicle, or to the reason why the row is refused.

Whatever the layout: it says which columns there are, the rest is the same for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from portal.formats.charset import is_damaged, one_line
from portal.formats.mobile_de_csv.column import StatedFacts, StockColumn, tidy
from portal.formats.mobile_de_csv.content import UnreadableFile
from portal.formats.mobile_de_csv.marks import BETWEEN, RowMarks
from portal.messages import Message, Wording, say
from portal.vehicle_facts.confirmation import doubtful_amounts
from portal.vehicle_facts.data import NO_CONTROL, ONE_LINE, VehicleData
from portal.vehicle_facts.mojibake import spoilt_texts
from portal.vehicle_facts.understanding import NotUnderstood, Rounded

LONGEST_UNREAD = 200
NUMBER_MISSING, PRICE_MISSING = say("Die interne Nummer fehlt."), say("Der Preis fehlt.")
NEEDED_FACTS = frozenset(("offer_number", "prices.selling", "make"))
"""Without one of these a vehicle cannot be offered: a row whose cell is unreadable is refused."""
_FIRST = ("first_registration", "registration_year", "construction_year", "vehicle_class", "fuel")
"""Read before the others: what a year, a class or a fuel says decides how a VIN or a body type is read."""
_OCCASIONAL = frozenset(("inspection_new", "hybrid"))
"""Facts that a column says only now and then: it states them where it does, and else leaves them alone."""

_CUT_NUMBER = re.compile(r"\d[.,]\d+E\+?\d{1,2}", re.IGNORECASE)
"""`1,23457E+11` of 123457000123."""


def check_stated(facts: Mapping[str, Any]) -> None:
    """Raises ValidationError where `VehicleData.model_validate` would, and the same one."""
    try:
        _checker(VehicleData)(facts)
    except (KeyError, AttributeError, ValidationError):
        VehicleData.model_validate(facts)


@cache
def _checker(model: type[BaseModel]) -> Callable[[Mapping[str, Any]], None]:
    checks = {name: _check_of(field) for name, field in model.model_fields.items()}
    needed = [name for name, field in model.model_fields.items() if field.is_required()]

    def check_stated(stated: Mapping[str, Any]) -> None:
        for name in needed:
            stated[name]
        for name, value in stated.items():
            checks[name](value)

    return check_stated


def _check_of(field: FieldInfo) -> Callable[[Any], object]:
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _checker(kind)
    return TypeAdapter(field.rebuild_annotation()).validator.validate_python


# What pydantic finds wrong with a value, in a dealer's words.


def reason_of(error: ErrorDetails) -> Wording:
    limits = error.get("ctx") or {}
    match error["type"]:
        case "string_too_long":
            return say("Der Text hat mehr als {longest} Zeichen.", longest=limits["max_length"])
        case "too_long":
            return say("Das sind mehr als {most} Angaben.", most=limits["max_length"])
        case "string_pattern_mismatch" if limits.get("pattern") in (ONE_LINE, NO_CONTROL):
            return say("Der Text enthält Steuerzeichen.")
        case "greater_than_equal":
            return say("Der Wert ist zu klein, möglich ist er ab {limit}.", limit=limits["ge"])
        case "less_than_equal":
            return say("Der Wert ist zu groß, möglich ist er bis {limit}.", limit=limits["le"])
        case "decimal_max_digits" | "decimal_whole_digits":
            return say("Der Wert ist zu groß.")
        case "string_pattern_mismatch":
            return say("Das Jahr liegt nicht zwischen 1800 und 2199.")
        case _:
            return say("Der Wert ist nicht möglich.")


@dataclass(frozen=True)
class RefusedRow:
    """Why a row is refused; `column` is None when it is the row as a whole."""

    reason: Wording
    column: StockColumn | None = None
    value: str = ""


@dataclass(frozen=True)
class CellRemark:
    """What was not read, or is doubtful, in a row that is taken all the same."""

    reason: Wording
    column: StockColumn | None = None
    value: str = ""


class StockRow(NamedTuple):
    """`line` is where the row begins, as an editor counts."""

    line: int
    offer_number: str
    facts: StatedFacts
    """The JSON of `vehicle`, without defaults, as far as the file states them; empty when it is refused."""
    refusal: RefusedRow | None = None
    remarks: tuple[CellRemark, ...] = ()
    mark: bytes = b""
    """By which the row is known again, if there is nothing to say about it; only where rows are recalled."""
    recalled: bool = False
    """It was read before, to facts that nobody has to know again: `facts` are empty."""

    @property
    def vehicle(self) -> VehicleData | None:
        """Made when it is asked for: an import needs few of them."""
        return None if self.refusal else VehicleData.model_validate(self.facts)


def demand_whole_number(row: StockRow) -> StockRow:
    """Raises UnreadableFile where a spreadsheet has cut the vehicles' numbers: nobody can tell them apart,
    and those that are in stock would be taken for sold."""
    if row.refusal and _CUT_NUMBER.fullmatch(row.offer_number):
        raise UnreadableFile(
            say(
                "Die interne Nummer „{number}“ in Zeile {line} hat eine Tabellenkalkulation gekürzt. "
                "Formatieren Sie die Spalte dort als Text und speichern Sie die Datei neu. "
                "Es wurde nichts übernommen.",
                number=row.offer_number,
                line=row.line,
            )
        )
    return row


class RowReader:
    """Reads rows by their columns, and remembers what they state.

    `mandatory`: columns that must not be empty, with what is said where they are. What is unreadable in a
    column that `refuses` costs the row, elsewhere its fact.
    """

    def __init__(
        self,
        columns: Sequence[StockColumn],
        mandatory: Sequence[tuple[StockColumn, Message]],
        refuses: Callable[[StockColumn], bool],
    ) -> None:
        self._columns = tuple(
            sorted(columns, key=lambda column: not column.paths or column.paths[0] not in _FIRST)
        )
        self._mandatory = mandatory
        self._refusing = frozenset(column.index for column in columns if refuses(column))
        self._cells_of = itemgetter(*(column.index for column in self._columns))
        self._readers = tuple(column.read for column in self._columns)
        self._places = range(len(self._columns))
        self._bits = tuple(1 << place for place in self._places)
        self._used = 0
        """The bits of the columns that have a readable value in one row at least, and of `_OCCASIONAL`."""
        self._marks: RowMarks | None = None

    def recall(self, marks: RowMarks) -> None:
        """From now on rows get marks, and those that are known by theirs are not read."""
        self._marks = marks

    def marks(self, layout: bytes) -> RowMarks:
        """`layout` names everything but the code by which rows are read here."""
        return RowMarks(layout, len(self._columns) + len(_OCCASIONAL))

    @property
    def stated(self) -> frozenset[str]:
        """Paths of the facts that the file carries: those of the columns that have a value in some row.

        A column whose cells nobody can read states nothing: what a dealer typed in stays. What was not
        read is stated always, so that the last file counts.
        """
        used = compress(self._columns, map(self._used.__and__, self._bits))
        paths = {path for column in used for path in column.paths}
        unsaid = {path for path, bit in self._occasional_bits() if not self._used & bit}
        return frozenset(paths - unsaid | {"unread"})

    def _occasional_bits(self) -> Iterator[tuple[str, int]]:
        """They come behind those of the columns."""
        for place, path in enumerate(sorted(_OCCASIONAL), start=len(self._columns)):
            yield path, 1 << place

    def read(self, line: int, number: str, cells: list[str]) -> StockRow:
        """`cells` are as many as the columns need."""
        marks, text = self._marks, BETWEEN.join(cells)
        digest = marks.digest_of(text, len(cells)) if marks else b""
        if marks and digest and (used := marks.known.get(digest)) is not None:
            self._used |= used
            return StockRow(line, number, {}, mark=marks.mark(digest, used), recalled=True)
        return self._read_anew(line, number, cells, text, digest)

    def _read_anew(self, line: int, number: str, cells: list[str], text: str, digest: bytes) -> StockRow:
        facts: StatedFacts = {}
        remarks: list[CellRemark] = []
        used, refusal = self._read(cells, facts, remarks)
        self._used |= used
        refusal = refusal or self._checked(facts, cells, remarks)
        if refusal:
            return StockRow(line, number, {}, refusal=refusal)
        remarks.extend(self._doubts(facts, cells, text))
        if remarks:
            remarks.sort(key=lambda remark: remark.column.index if remark.column else 0)
            _keep_unread(facts, remarks)
            return StockRow(line, number, facts, remarks=tuple(remarks))
        mark = self._marks.mark(digest, used) if self._marks and digest else b""
        return StockRow(line, number, facts, mark=mark)

    def _read(
        self, cells: list[str], facts: StatedFacts, remarks: list[CellRemark]
    ) -> tuple[int, RefusedRow | None]:
        """Each cell that can be read; one that cannot costs its fact, or the row where it is needed. With the
        bits of what was read."""
        for column, missing in self._mandatory:
            if not cells[column.index].strip():
                return 0, RefusedRow(missing, column)
        used, bits, readers, known = 0, self._bits, self._readers, self._cells_of(cells)
        for place in compress(self._places, known):
            if not (text := known[place].strip()):
                continue
            try:
                try:
                    readers[place](text, facts)
                except Rounded as rounded:
                    readers[place](rounded.instead, facts)
                    remarks.append(CellRemark(rounded.text, self._columns[place], text))
            except NotUnderstood as unread:
                column = self._columns[place]
                if column.index in self._refusing:
                    return used, RefusedRow(unread.text, column, text)
                remarks.append(CellRemark(unread.text, column, text))
            else:
                used |= bits[place]
        tidy(facts)
        if not _OCCASIONAL.isdisjoint(facts):
            used |= sum(bit for path, bit in self._occasional_bits() if path in facts)
        return used, None

    def _checked(
        self, facts: StatedFacts, cells: Sequence[str], remarks: list[CellRemark]
    ) -> RefusedRow | None:
        """What the model does not allow is left out; where a vehicle cannot do without it, the row is
        refused."""
        while True:
            try:
                check_stated(facts)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                path = [str(part) for part in first["loc"]]
                column = self._column_of(".".join(path))
                found = CellRemark(reason_of(first), column, cells[column.index].strip())
                if column.index in self._refusing:
                    return RefusedRow(found.reason, found.column, found.value)
                remarks.append(found)
                _leave_out(facts, path)
            else:
                return None

    def _doubts(self, facts: StatedFacts, cells: Sequence[str], text: str) -> Iterator[CellRemark]:
        """What was read and is probably not meant so; `text` is that of all cells."""
        for path, doubt in doubtful_amounts(facts):
            column = self._column_of(path)
            yield CellRemark(doubt.text, column, cells[column.index].strip())
        special = not text.isascii()
        if special and is_damaged(text):
            for column, place in zip(self._columns, self._cells_of(cells), strict=True):
                if is_damaged(place):
                    reason = say("Ein Zeichen war nicht lesbar.")
                    yield CellRemark(reason, column, place.strip()[:LONGEST_UNREAD])
        if special or "&" in text:  # an entity may stand for any character
            for path, _repaired in spoilt_texts(facts):
                column = self._column_of(path)
                reason = say("Der Text enthält zerstörte Umlaute. Am Fahrzeug wird ein Vorschlag angeboten.")
                yield CellRemark(reason, column, cells[column.index].strip()[:LONGEST_UNREAD])

    def _column_of(self, path: str) -> StockColumn:
        return column_of(path, self._columns)


def column_of(path: str, columns: Sequence[StockColumn]) -> StockColumn:
    """The column that carries a fact of `VehicleData`; "highlights.1" finds the highlights."""
    for column in columns:
        if any(f"{path}.".startswith(f"{carried}.") for carried in column.paths):
            return column
    raise KeyError(path)


def _leave_out(facts: StatedFacts, path: Sequence[str]) -> None:
    """A list goes as a whole."""
    *parents, last = path[: next((at for at, part in enumerate(path) if part.isdigit()), len(path))]
    for parent in parents:
        facts = facts[parent]
    del facts[last]


def _keep_unread(facts: StatedFacts, remarks: Sequence[CellRemark]) -> None:
    """What was written for a fact that is missing now, so that the vehicle shows it."""
    unread = [
        {"path": remark.column.paths[0], "text": shown_cell(remark.value)}
        for remark in remarks
        if remark.column and remark.column.paths and not _is_stated(facts, remark.column)
    ]
    if unread:
        facts["unread"] = unread


def shown_cell(text: str) -> str:
    """What stood in a cell, as reports keep it."""
    return one_line(text)[:LONGEST_UNREAD]


def _is_stated(facts: StatedFacts, column: StockColumn) -> bool:
    """Whether something of the column's facts was taken after all."""
    for path in column.paths:
        value: object = facts
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            return True
    return False
