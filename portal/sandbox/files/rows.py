"""What the file portal finds in the rows of a file: the few rules of the layout that are known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

NUMBER = re.compile(r"[A-Za-z0-9_-]{1,40}")
MONTH = re.compile(r"(0[1-9]|1[0-2])\.(19|20)\d\d")
WHOLE = re.compile(r"\d{1,9}")
PRICE = re.compile(r"\d{1,9}(?:[.,]\d{1,2})?")
FEWEST_FIELDS = 27
CUSTOMER, INTERNAL, CATEGORY, MAKE, MODEL = 0, 1, 2, 3, 4
FIRST_REGISTRATION, MILEAGE, GROSS_PRICE, VIN, PICTURE = 8, 9, 10, 14, 26


@dataclass(frozen=True)
class RowFinding:
    """`rejects`: the row is not taken. `column` counts from 0."""

    code: str
    column: int | None
    text: str
    rejects: bool = True

    @property
    def letters(self) -> str:
        """As a spreadsheet names the column."""
        return "" if self.column is None else column_letters(self.column)


def column_letters(column: int) -> str:
    head, tail = divmod(column, 26)
    return (column_letters(head - 1) if head else "") + chr(ord("A") + tail)


@dataclass(frozen=True)
class UploadedRow:
    line: int
    fields: tuple[str, ...]
    findings: tuple[RowFinding, ...]

    @property
    def number(self) -> str:
        return self.fields[INTERNAL] if len(self.fields) > INTERNAL else ""

    @property
    def is_taken(self) -> bool:
        return not any(finding.rejects for finding in self.findings)


def check(
    lines: Sequence[Sequence[str]], customer_number: str, pictures: frozenset[str] | None
) -> list[UploadedRow]:
    """`pictures` are the names in the zip; None for a bare CSV, to which pictures cannot belong."""
    numbers = Counter(line[INTERNAL] for line in lines if len(line) > INTERNAL)
    rows = []
    for position, line in enumerate(lines, 1):
        # Names of columns instead of a vehicle: passed over. Whether the platform does so is not known.
        is_named = len(line) > GROSS_PRICE and line[CATEGORY] == "Kategorie"
        if position == 1 and is_named and not NUMBER.fullmatch(line[INTERNAL]):
            continue
        findings = list(_findings(line, customer_number))
        if len(line) >= FEWEST_FIELDS:
            if numbers[line[INTERNAL]] > 1:
                findings.append(RowFinding("number-twice", INTERNAL, "The number stands in several rows."))
            base = line[PICTURE]
            if base and pictures is not None and f"{base}_1.jpg" not in pictures:
                text = f"There is no picture {base}_1.jpg."
                findings.append(RowFinding("picture-missing", PICTURE, text, rejects=False))
        rows.append(UploadedRow(position, tuple(line), tuple(findings)))
    return rows


def _findings(line: Sequence[str], customer_number: str) -> Iterator[RowFinding]:
    if len(line) < FEWEST_FIELDS:
        yield RowFinding("too-few-fields", None, f"{len(line)} fields, at least {FEWEST_FIELDS} are needed.")
        return
    if line[CUSTOMER] not in ("", customer_number):
        yield RowFinding("customer-number-unknown", CUSTOMER, "The row belongs to another customer number.")
    if not NUMBER.fullmatch(line[INTERNAL]):
        yield RowFinding("number-invalid", INTERNAL, "1 to 40 characters of a-z, A-Z, 0-9, - and _.")
    for column, name in ((MAKE, "make"), (MODEL, "model")):
        if not line[column].strip():
            yield RowFinding(f"{name}-missing", column, f"The {name} is missing.")
    yield from _values(line)
    for column, field in enumerate(line):
        if "\n" in field or "\r" in field:
            yield RowFinding("line-break", column, "A field must not contain a line break.")
        elif any(character < " " or "\x7f" <= character < "\xa0" for character in field):
            yield RowFinding("control-character", column, "Control characters were removed.", rejects=False)


def _values(line: Sequence[str]) -> Iterator[RowFinding]:
    if not line[CATEGORY].strip():
        yield RowFinding("category-missing", CATEGORY, "The category is missing.", rejects=False)
    price, month = line[GROSS_PRICE], line[FIRST_REGISTRATION]
    if not PRICE.fullmatch(price) or not price.strip("0.,"):
        yield RowFinding("price-invalid", GROSS_PRICE, "The price must be a number above 0.")
    if line[MILEAGE] and not WHOLE.fullmatch(line[MILEAGE]):
        yield RowFinding("mileage-invalid", MILEAGE, "The mileage must be a whole number.")
    if month and not MONTH.fullmatch(month):
        yield RowFinding("first-registration-invalid", FIRST_REGISTRATION, "The form is mm.yyyy.")
    elif month and datetime.strptime(month, "%m.%Y").date() > datetime.now().date():  # noqa: DTZ005, DTZ007
        yield RowFinding("first-registration-in-future", FIRST_REGISTRATION, "It lies in the future.")
    if line[VIN] and len(line[VIN]) != 17:
        yield RowFinding(
            "vin-unusual", VIN, "A vehicle identification number has 17 characters.", rejects=False
        )
