"""A file as it was brought: its rows, or the reason why nobody can read it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass

CHARSET = "iso-8859-15"
LARGEST = 500 * 1024 * 1024
"""Bytes of the CSV in a zip."""
PICTURE = re.compile(r"[A-Za-z0-9_-]+_\d{1,2}\.jpe?g", re.IGNORECASE)
csv.field_size_limit(1_000_000)


class Unreadable(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True)
class Inventory:
    lines: list[list[str]]
    pictures: frozenset[str] | None
    """Names in the zip; None for a bare CSV."""


def read(name: str, content: bytes) -> Inventory:
    """An empty file is an inventory without vehicles. Raises Unreadable."""
    if not content:
        return Inventory([], None)
    if not name.lower().endswith(".zip"):
        return Inventory(_lines(content), None)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _archive(archive)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise Unreadable("zip-unreadable", "The zip is damaged or incomplete.") from error


def _archive(archive: zipfile.ZipFile) -> Inventory:
    names = archive.namelist()
    if any("/" in name or "\\" in name for name in names):
        raise Unreadable("zip-not-flat", "The zip has folders.")
    tables = [name for name in names if name.lower().endswith(".csv")]
    if len(tables) != 1:
        raise Unreadable("zip-without-csv", f"The zip has {len(tables)} CSV files instead of one.")
    if archive.getinfo(tables[0]).file_size > LARGEST:
        raise Unreadable("file-too-large", "The CSV in the zip is too large.")
    damaged = archive.testzip()
    if damaged:
        raise Unreadable("zip-unreadable", f"{damaged} in the zip is damaged.")
    pictures = frozenset(name for name in names if PICTURE.fullmatch(name))
    return Inventory(_lines(archive.read(tables[0])), pictures)


def _lines(content: bytes) -> list[list[str]]:
    text = io.StringIO(content.decode(CHARSET), newline="")
    try:
        return [line for line in csv.reader(text, delimiter=";", strict=True) if line]
    except csv.Error as error:
        raise Unreadable("csv-unreadable", f"The CSV cannot be read: {error}.") from error
