"""What an operator asks of the rows of a feed, as a table; and the verdict on a whole file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from portal.sandbox.catalogues.findings import Finding

Row = Mapping[str, str]
"""By the names in the header."""
URL = r"https?://[^\s,;]+"
EUROS = r"\d+(?:\.\d\d)? EUR"
LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def one_of(*values: str) -> str:
    """Operators read their own words in any case."""
    return f"(?i:{'|'.join(map(re.escape, values))})"


def measure(unit: str) -> str:
    return rf"\d+(?:\.\d+)? {unit}"


@dataclass(frozen=True)
class Column:
    """`form` is the pattern of the whole value, where there is one; `longest` counts characters."""

    name: str
    required: bool = False
    form: str = ""
    longest: int | None = None


@dataclass(frozen=True)
class PictureRules:
    """Of the first picture; width and height in pixels."""

    smallest: tuple[int, int] = (1, 1)
    largest: tuple[int, int] | None = None
    most_bytes: int | None = None


@dataclass(frozen=True)
class Duty:
    """A column that only some vehicles owe."""

    column: str
    owed: Callable[[Row], bool]


@dataclass(frozen=True)
class Catalogue:
    """`key` is the column that tells vehicles apart, `unique` those of which no value may occur twice;
    `texts` are for buyers: neither links nor capitals only. `id_on_page`: the key is looked for on the
    vehicle's page."""

    slug: str
    name: str
    separator: str
    key: str
    shown: tuple[str, ...]
    picture: str
    page: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    duties: tuple[Duty, ...] = ()
    texts: tuple[str, ...] = ()
    pictures: PictureRules = field(default_factory=PictureRules)
    id_on_page: bool = False
    also: Callable[[Row], Iterable[Finding]] = lambda _row: ()

    def first_picture(self, row: Row) -> str:
        return row.get(self.picture, "").partition(";")[0]


@dataclass(frozen=True)
class JudgedRow:
    line: int
    row: Row
    findings: tuple[Finding, ...]

    @property
    def is_taken(self) -> bool:
        return not any(finding.rejects for finding in self.findings)


def judge(catalogue: Catalogue, rows: Sequence[Row]) -> list[JudgedRow]:
    """Lines count from 2: the first is the header."""
    seen = {name: Counter(row.get(name, "") for row in rows) for name in catalogue.unique}
    return [
        JudgedRow(line, row, tuple(_findings(catalogue, row, seen))) for line, row in enumerate(rows, start=2)
    ]


def _findings(catalogue: Catalogue, row: Row, seen: Mapping[str, Counter[str]]) -> Iterator[Finding]:
    for column in catalogue.columns:
        yield from _of_column(column, row.get(column.name, ""))
    for duty in catalogue.duties:
        if duty.owed(row) and not row.get(duty.column):
            yield Finding("missing", duty.column)
    for name, counted in seen.items():
        value = row.get(name, "")
        if value and counted[value] > 1:
            yield Finding("repeated", name, value)
    for name in catalogue.texts:
        yield from _of_text(name, row.get(name, ""))
    yield from catalogue.also(row)


def _of_column(column: Column, value: str) -> Iterator[Finding]:
    if not value:
        if column.required:
            yield Finding("missing", column.name)
        return
    if column.form and not re.fullmatch(column.form, value):
        yield Finding("form", column.name, value)
    if column.longest is not None and len(value) > column.longest:
        yield Finding("too-long", column.name)


def _of_text(name: str, text: str) -> Iterator[Finding]:
    if LINK.search(text):
        yield Finding("link", name)
    if len(text) > 20 and text == text.upper() != text.lower():
        yield Finding("capitals", name)
