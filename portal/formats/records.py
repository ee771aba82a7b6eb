"""Rows of named values as delimited text, JSON or XML. Streaming, byte-exact.

A format spells a record by itself, and puts any number of them together into a file: what was spelled for one
file is good for the next.

Nothing is disarmed here: a cell that begins with `=` goes out as it is. Downloads for people have a
writer of their own.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, Literal, Protocol
from xml.sax.saxutils import escape, quoteattr


@dataclass(frozen=True)
class Dialect:
    """How the rows are spelled. `quoting`: every cell, or only those that need it."""

    separator: str = ";"
    charset: str = "utf-8"
    mark: bool = False
    """A byte order mark in front; Unicode charsets only."""
    quoting: Literal["all", "needed"] = "all"
    line_end: str = "\r\n"


class RecordFormat(Protocol):
    def record(self, values: Sequence[Any]) -> bytes:
        """How a row stands in a file."""

    def write(self, records: Iterable[bytes], stream: BinaryIO) -> None:
        """The whole file, with what stands before, between and after its records."""


@dataclass(frozen=True)
class CsvFormat:
    """Delimited text. The cells have to be spelled for the charset before (`charset.fitted`)."""

    dialect: Dialect = Dialect()
    head: tuple[str, ...] = ()
    """The names of the columns, where they stand in the first row."""

    def record(self, values: Sequence[Any]) -> bytes:
        spelled: str = self._writer.writerow(values)
        return spelled.encode(self.dialect.charset, "replace")

    def write(self, records: Iterable[bytes], stream: BinaryIO) -> None:
        if self.dialect.mark:
            stream.write("\ufeff".encode(self.dialect.charset))
        if self.head:
            stream.write(self.record(self.head))
        for record in records:
            stream.write(record)

    @cached_property
    def _writer(self) -> Any:
        """What it writes a row to decides what `writerow` returns."""
        dialect = self.dialect
        return csv.writer(
            _Handed(),
            delimiter=dialect.separator,
            quoting=csv.QUOTE_ALL if dialect.quoting == "all" else csv.QUOTE_MINIMAL,
            lineterminator=dialect.line_end,
        )


class _Handed:
    def write(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class JsonFormat:
    """An array of objects, in UTF-8; values without a statement are left out."""

    keys: tuple[str, ...]

    def record(self, values: Sequence[Any]) -> bytes:
        stated = {
            key: value
            for key, value in zip(self.keys, values, strict=True)
            if value not in (None, "", (), [])
        }
        return json.dumps(stated, ensure_ascii=False, separators=(",", ":")).encode()

    def write(self, records: Iterable[bytes], stream: BinaryIO) -> None:
        before = b"[\n"
        for record in records:
            stream.write(before + record)
            before = b",\n"
        stream.write(b"[]\n" if before == b"[\n" else b"\n]\n")


@dataclass(frozen=True)
class XmlFormat:
    """`<vehicles><vehicle><Marke>VW</Marke>…`; a list has an `<item>` for each of its entries."""

    keys: tuple[str, ...]
    charset: str = "utf-8"

    def record(self, values: Sequence[Any]) -> bytes:
        fields = "".join(_element(name, value) for name, value in zip(self._names, values, strict=True))
        return f"<vehicle>{fields}</vehicle>\n".encode(self.charset, "xmlcharrefreplace")

    def write(self, records: Iterable[bytes], stream: BinaryIO) -> None:
        known_as = {"cp1252": "windows-1252"}.get(self.charset, self.charset)
        head = f"<?xml version='1.0' encoding={quoteattr(known_as)}?>\n<vehicles>\n"
        stream.write(head.encode(self.charset))
        for record in records:
            stream.write(record)
        stream.write(b"</vehicles>\n")

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return element_names(self.keys)


_FOREIGN = re.compile(r"[^A-Za-z0-9_ÄÖÜäöüß.-]+")


def element_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels as names of elements: `Preis (brutto)` → `Preis_brutto`; a second one gets a number."""
    found: dict[str, None] = {}
    for label in labels:
        name = _FOREIGN.sub("_", label).strip("_.-") or "Feld"
        name = name if name[0].isalpha() or name[0] == "_" else f"_{name}"
        unique, count = name, 1
        while unique in found:
            count += 1
            unique = f"{name}_{count}"
        found[unique] = None
    return tuple(found)


def _element(name: str, value: Any) -> str:
    if value in (None, "", (), []):
        return f"<{name}/>"
    if isinstance(value, list | tuple):
        return f"<{name}>{''.join(_element('item', entry) for entry in value)}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"
