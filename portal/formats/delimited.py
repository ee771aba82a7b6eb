"""Delimited text: rows of cells with a separator, in a charset. Streaming, byte-exact.

Nothing is disarmed here: a cell that begins with `=` goes out as it is. Downloads for people have a
writer of their own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal


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
