"""Rows of named values as delimited text, JSON or XML. Streaming, byte-exact.

Nothing is disarmed here: a cell that begins with `=` goes out as it is. Downloads for people have a
writer of their own.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal
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


def write_rows(rows: Iterable[Sequence[str]], stream: BinaryIO, dialect: Dialect) -> None:
    """Every row, header included. The cells have to be spelled for the charset before (`charset.fitted`)."""
    text = io.TextIOWrapper(stream, encoding=dialect.charset, errors="replace", newline="")
    try:
        if dialect.mark:
            text.write("\ufeff")
        writer = csv.writer(
            text,
            delimiter=dialect.separator,
            quoting=csv.QUOTE_ALL if dialect.quoting == "all" else csv.QUOTE_MINIMAL,
            lineterminator=dialect.line_end,
        )
        writer.writerows(rows)
        text.flush()
    finally:
        text.detach()


# Rows as JSON or XML, each row a record of named values. Streaming.


_FOREIGN = re.compile(r"[^A-Za-z0-9_ÄÖÜäöüß.-]+")


def write_json(keys: Sequence[str], rows: Iterable[Sequence[Any]], stream: BinaryIO) -> None:
    """An array of objects, in UTF-8; values without a statement are left out."""
    before = "[\n"
    for row in rows:
        record = {key: value for key, value in zip(keys, row, strict=True) if value not in (None, "", (), [])}
        stream.write((before + json.dumps(record, ensure_ascii=False, separators=(",", ":"))).encode())
        before = ",\n"
    stream.write(b"[]\n" if before == "[\n" else b"\n]\n")


def write_xml(keys: Sequence[str], rows: Iterable[Sequence[Any]], stream: BinaryIO, charset: str) -> None:
    """`<vehicles><vehicle><Marke>VW</Marke>…`; a list has an `<item>` for each of its entries."""
    names = element_names(keys)
    known_as = {"cp1252": "windows-1252"}.get(charset, charset)
    stream.write(f"<?xml version='1.0' encoding={quoteattr(known_as)}?>\n<vehicles>\n".encode(charset))
    for row in rows:
        fields = "".join(_element(name, value) for name, value in zip(names, row, strict=True))
        stream.write(f"<vehicle>{fields}</vehicle>\n".encode(charset, "xmlcharrefreplace"))
    stream.write(b"</vehicles>\n")


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
