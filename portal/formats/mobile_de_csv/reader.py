"""From the rows of a file to the facts of vehicles, or to the reason why a row is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from operator import itemgetter
from typing import Any, BinaryIO, Final, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from portal.formats.decoding import LOST
from portal.formats.mobile_de_csv.column import StatedFacts, StockColumn, tidy
from portal.formats.mobile_de_csv.columns import (
    COLUMNS,
    CUSTOMER_NUMBER,
    NEEDED,
    OFFER_NUMBER,
    PRICE,
    WIDTH,
    column_of,
)
from portal.formats.mobile_de_csv.content import UnreadableFile, find_charset, lines
from portal.formats.mojibake import offered_repair
from portal.translations.message import Wording, say, say_count
from portal.vehicle_facts.confirmation import doubtful_amounts
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.spelling import folded
from portal.vehicle_facts.understanding import NotUnderstood


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


# Reading a file of the format: one row after the other, each taken or refused with its reason.


MOST_BYTES = 200 * 1024 * 1024
LONGEST_CELL = 100_000
PROBE = 5
"""Rows that decide whether it is this format at all."""
MOST_CUSTOMERS = 20
"""Customer numbers that are remembered."""
LONGEST_UNREAD = 200
_MANDATORY = ((OFFER_NUMBER, say("Die interne Nummer fehlt.")), (PRICE, say("Der Preis fehlt.")))
_CELLS = itemgetter(*(column.index for column in COLUMNS))
_NEEDED_FACTS = frozenset(("offer_number", "prices.selling", "make"))
"""Without one of these a vehicle cannot be offered: a row whose cell is unreadable is refused."""
_REFUSING = frozenset(
    column.index for column in COLUMNS if column.name == "Währung" or _NEEDED_FACTS & set(column.paths)
)
_OCCASIONAL = frozenset(("inspection_new", "hybrid"))
"""Facts that a column says only now and then: it states them where it does, and else leaves them alone."""
_TEXT_FACTS = ("description", "make", "model", "colour", "category_label")
_HEADINGS = frozenset(
    folded(name)
    for name in (
        *(column.name for column in COLUMNS),
        *("Hersteller", "Bruttopreis", "Verkaufspreis", "Preis brutto", "Angebotsnummer", "Fahrzeugnummer"),
        *("make", "model", "price", "mileage", "Kilometerstand", "Laufleistung", "EZ", "kW", "Kraftstoffart"),
        *("internal_number", "Bemerkungen", "category", "customer_number", "Leistung", "km"),
    )
)
FEWEST_HEADINGS = 4
_PLACES = range(len(COLUMNS))
_READERS: Final = tuple(column.read for column in COLUMNS)


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

    @property
    def vehicle(self) -> VehicleData | None:
        """Made when it is asked for: an import needs few of them."""
        return None if self.refusal else VehicleData.model_validate(self.facts)


class StockReader:
    """The rows of a stream that can seek. Iterate over it once.

    `charset`, `stated` and `customer_numbers` are complete afterwards. Raises UnreadableFile, also in
    the middle: what came before must not be taken either.
    """

    def __init__(self, stream: BinaryIO, most_bytes: int = MOST_BYTES) -> None:
        self._stream = stream
        self._charset = find_charset(stream, most_bytes)
        stream.seek(0)
        self._used = [False] * len(COLUMNS)
        """By the place in COLUMNS: whether the column has a readable value in one row at least."""
        self._occasional_used: set[str] = set()
        self.customer_numbers: set[str] = set()
        self.header_line = 0
        """Where a header row stood, which the format does not have; 0 without one."""

    @property
    def charset(self) -> str:
        """Of most lines."""
        return self._charset.name

    @property
    def charsets(self) -> Mapping[str, int]:
        """Lines with special characters by their charset, where they do not all have the same."""
        return self._charset.lines if len(self._charset.lines) > 1 else {}

    @property
    def stated(self) -> frozenset[str]:
        """Paths of the facts that the file carries: those of the columns that have a value in some row.

        A column whose cells nobody can read states nothing: what a dealer typed in stays. What was not
        read is stated always, so that the last file counts.
        """
        used = (column for column, is_used in zip(COLUMNS, self._used, strict=True) if is_used)
        paths = {path for column in used for path in column.paths}
        return frozenset(paths - (_OCCASIONAL - self._occasional_used) | {"unread"})

    def __iter__(self) -> Iterator[StockRow]:
        with lines(self._stream, self._charset) as source:
            yield from self._rows(_Records(source))

    def _rows(self, records: _Records) -> Iterator[StockRow]:
        narrow = count = 0
        cells: list[str] = []
        for count, (line, cells) in enumerate(records, start=1):
            if count == 1 and _is_header(cells):
                self.header_line = line
                continue
            if len(cells) < NEEDED:
                narrow += 1
                if narrow == count >= PROBE:
                    raise _wrong_layout(cells)
            yield self._row(line, cells)
        if count == 0:
            raise UnreadableFile(
                say("Die Datei enthält keine einzige Zeile. Der Bestand bleibt, wie er ist.")
            )
        if narrow == count:
            raise _wrong_layout(cells)

    def _row(self, line: int, cells: list[str]) -> StockRow:
        if len(cells) < NEEDED:
            number = cells[OFFER_NUMBER.index].strip() if len(cells) > OFFER_NUMBER.index else ""
            text = say(
                "Die Zeile hat nur {count} Spalten, nötig sind {needed} (bis {columns_end}).",
                count=len(cells),
                needed=NEEDED,
                columns_end=COLUMNS_END,
            )
            return StockRow(line, number, {}, refusal=RefusedRow(text))
        if len(cells) < WIDTH:
            cells.extend([""] * (WIDTH - len(cells)))
        number = cells[OFFER_NUMBER.index].strip()
        self._note_customer(cells[CUSTOMER_NUMBER.index].strip())
        facts: StatedFacts = {}
        remarks: list[CellRemark] = []
        refusal = self._read(cells, facts, remarks) or _checked(facts, cells, remarks)
        if refusal:
            return StockRow(line, number, {}, refusal=refusal)
        remarks.extend(_doubts(facts, cells))
        _keep_unread(facts, remarks)
        return StockRow(line, number, facts, remarks=tuple(remarks))

    def _read(self, cells: list[str], facts: StatedFacts, remarks: list[CellRemark]) -> RefusedRow | None:
        """Each cell that can be read; one that cannot costs its fact, or the row where it is needed."""
        for column, missing in _MANDATORY:
            if not cells[column.index].strip():
                return RefusedRow(missing, column)
        used, known = self._used, _CELLS(cells)
        for place in compress(_PLACES, known):
            if not (text := known[place].strip()):
                continue
            try:
                _READERS[place](text, facts)
            except NotUnderstood as unread:
                column = COLUMNS[place]
                if column.index in _REFUSING:
                    return RefusedRow(unread.text, column, text)
                remarks.append(CellRemark(unread.text, column, text))
            else:
                used[place] = True
        tidy(facts)
        if len(self._occasional_used) < len(_OCCASIONAL):
            self._occasional_used |= _OCCASIONAL & facts.keys()
        return None

    def _note_customer(self, number: str) -> None:
        if number and len(self.customer_numbers) < MOST_CUSTOMERS:
            self.customer_numbers.add(number)


class _Records:
    """The records of the file with the line where each begins; blank lines are left out."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._raw: list[str] = []
        """The lines of the record that is being read."""

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        rows = csv.reader(self._remembered(), delimiter=";")
        width = 0
        while True:
            line = rows.line_num + 1
            self._raw.clear()
            cells = self._next(rows, line)
            if cells is None:
                return
            if not any(map(str.strip, cells)):
                continue
            self._refuse_long_cell(line, cells)
            self._refuse_cut_file(line, cells, width)
            self._refuse_swallowed_row(line)
            width = width or len(cells)
            yield line, cells

    def _remembered(self) -> Iterator[str]:
        for line in self._source:
            self._raw.append(line)
            yield line

    def _next(self, rows: Iterator[list[str]], line: int) -> list[str] | None:
        try:
            return next(rows, None)
        except csv.Error as error:
            if "field limit" in str(error):
                raise _long_cell(line) from error
            raise UnreadableFile(
                say("Zeile {line} ist kein lesbares CSV ({error}).", line=line, error=error)
            ) from error

    def _refuse_long_cell(self, line: int, cells: Sequence[str]) -> None:
        if sum(map(len, self._raw)) > LONGEST_CELL and max(map(len, cells)) > LONGEST_CELL:
            raise _long_cell(line)

    def _refuse_cut_file(self, line: int, cells: Sequence[str], width: int) -> None:
        """A file without its end would withdraw all vehicles behind the cut."""
        if self._raw[-1].endswith(("\n", "\r")):
            return
        inside_quotes = sum(text.count('"') for text in self._raw) % 2 == 1
        if inside_quotes or len(cells) < width:
            raise UnreadableFile(
                say(
                    "Die Datei bricht in Zeile {line} mitten im Datensatz ab. Vermutlich wurde sie nicht "
                    "vollständig übertragen oder es fehlt ein Anführungszeichen. Es wurde nichts übernommen.",
                    line=line,
                )
            )

    def _refuse_swallowed_row(self, line: int) -> None:
        """Two whole rows in one: the vehicle of the second would be missing, and withdrawn."""
        first, last = self._raw[0], self._raw[-1]
        if len(self._raw) > 1 and min(first.count(";"), last.count(";")) >= NEEDED - 1:
            raise UnreadableFile(
                say(
                    "In Zeile {line} fehlt ein schließendes Anführungszeichen: Sie verschluckt die folgende "
                    "Zeile. Es wurde nichts übernommen.",
                    line=line,
                )
            )


COLUMNS_END = next(column.label for column in COLUMNS if column.index == NEEDED - 1)


def _long_cell(line: int) -> UnreadableFile:
    return UnreadableFile(
        say(
            "Zeile {line} enthält eine Zelle mit mehr als 100.000 Zeichen. Vielleicht fehlt ein "
            "schließendes Anführungszeichen. Es wurde nichts übernommen.",
            line=line,
        )
    )


def _wrong_layout(cells: Sequence[str]) -> UnreadableFile:
    first = cells[0]
    found = say_count("1 Spalte", "{count} Spalten", count=len(cells))
    hint: Wording = ""
    if len(cells) == 1 and max(first.count(","), first.count("\t")) > 10:
        hint = say(" Die Spalten sind offenbar nicht durch Semikolon getrennt.")
    return UnreadableFile(
        say(
            "Die Datei hat nicht den Aufbau der mobile.de-CSV: {found} je Zeile, nötig sind "
            "mindestens {needed} (bis {columns_end}).{hint} Es wurde nichts übernommen.",
            found=found,
            needed=NEEDED,
            columns_end=COLUMNS_END,
            hint=hint,
        )
    )


def _is_header(cells: Sequence[str]) -> bool:
    """Whether the cells are names of columns and no vehicle."""
    price = cells[PRICE.index] if len(cells) > PRICE.index else ""
    return not any(map(str.isdigit, price)) and (
        sum(folded(cell) in _HEADINGS for cell in cells if cell) >= FEWEST_HEADINGS
    )


def _checked(facts: StatedFacts, cells: Sequence[str], remarks: list[CellRemark]) -> RefusedRow | None:
    """What the model does not allow is left out; where a vehicle cannot do without it, the row is refused."""
    while True:
        try:
            check_stated(facts)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            path = [str(part) for part in first["loc"]]
            column = column_of(".".join(path))
            found = CellRemark(reason_of(first), column, cells[column.index].strip())
            if column.index in _REFUSING:
                return RefusedRow(found.reason, found.column, found.value)
            remarks.append(found)
            _leave_out(facts, path)
        else:
            return None


def _leave_out(facts: StatedFacts, path: Sequence[str]) -> None:
    """A list goes as a whole."""
    *parents, last = path[: next((at for at, part in enumerate(path) if part.isdigit()), len(path))]
    for parent in parents:
        facts = facts[parent]
    del facts[last]


def _doubts(facts: StatedFacts, cells: Sequence[str]) -> Iterator[CellRemark]:
    """What was read and is probably not meant so."""
    for path, doubt in doubtful_amounts(facts):
        column = column_of(path)
        yield CellRemark(doubt.text, column, cells[column.index].strip())
    for column, place in zip(COLUMNS, _CELLS(cells), strict=True):
        if LOST in place:
            yield CellRemark(say("Ein Zeichen war nicht lesbar."), column, place.strip()[:LONGEST_UNREAD])
    for path in _TEXT_FACTS:
        if (text := facts.get(path)) and offered_repair(text):
            reason = say("Der Text enthält zerstörte Umlaute. Am Fahrzeug wird ein Vorschlag angeboten.")
            yield CellRemark(reason, column_of(path), text[:LONGEST_UNREAD])


def _keep_unread(facts: StatedFacts, remarks: Sequence[CellRemark]) -> None:
    """What was written for a fact that is missing now, so that the vehicle shows it."""
    unread = [
        {"path": remark.column.paths[0], "text": remark.value[:LONGEST_UNREAD]}
        for remark in remarks
        if remark.column and remark.column.paths and not _is_stated(facts, remark.column)
    ]
    if unread:
        facts["unread"] = unread


def _is_stated(facts: StatedFacts, column: StockColumn) -> bool:
    """Whether something of the column's facts was taken after all."""
    for path in column.paths:
        value: object = facts
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            return True
    return False
