"""A feed as it was fetched: its rows, or the reason why nobody can read it."""

from __future__ import annotations

import csv
import io

from portal.sandbox.catalogues.catalogue import Catalogue, Row


class Unreadable(Exception):
    """Carries a text for people."""


def rows_of(catalogue: Catalogue, content: bytes) -> list[Row]:
    """Raises Unreadable. A header alone is a stock without vehicles."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("Die Datei ist nicht in UTF-8 geschrieben.") from error
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=catalogue.separator, restkey="", strict=True
    )
    try:
        if not reader.fieldnames or catalogue.key not in reader.fieldnames:
            raise Unreadable(f"Die Datei hat keine Kopfzeile mit {catalogue.key}.")
        rows: list[Row] = list(reader)
    except csv.Error as error:
        raise Unreadable(f"Die Tabelle ist nicht lesbar: {error}.") from error
    if broken := [line for line, row in enumerate(rows, start=2) if "" in row or None in row.values()]:
        raise Unreadable(f"Zeile {broken[0]} hat nicht so viele Felder wie die Kopfzeile.")
    return rows
