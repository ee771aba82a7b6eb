"""From facts to a row of the format."""

from __future__ import annotations

from portal.formats.mobile_de_csv.columns import COLUMNS, CUSTOMER_NUMBER, PICTURES, WIDTH, Column, Facts


def _by_root() -> dict[str, tuple[Column, ...]]:
    """Columns by the first part of the facts they carry: a row visits those of its facts only."""
    found: dict[str, list[Column]] = {}
    for column in COLUMNS:
        for root in {path.replace(":", ".").split(".")[0] for path in column.paths}:
            found.setdefault(root, []).append(column)
    return {root: tuple(columns) for root, columns in found.items()}


_BY_ROOT = _by_root()
_ALWAYS = tuple(column for column in COLUMNS if not column.paths)


def write_row(facts: Facts, customer_number: str = "", picture_name: str = "") -> list[str]:
    """The cells of a row; positions that we know nothing for stay empty."""
    row = [""] * WIDTH
    for column in _ALWAYS:
        row[column.index] = column.write(facts)
    for root in facts:
        for column in _BY_ROOT.get(root, ()):
            row[column.index] = column.write(facts)
    row[CUSTOMER_NUMBER.index] = customer_number
    row[PICTURES.index] = picture_name
    return row
