"""From facts to a row of the format. Written for whole stocks: a row visits only what its facts concern."""

from __future__ import annotations

from portal.formats.mobile_de_csv.column import FEATURE, StatedFacts, StockColumn
from portal.formats.mobile_de_csv.columns import COLUMNS, CUSTOMER_NUMBER, PICTURES, WIDTH


def _by_root() -> dict[str, tuple[StockColumn, ...]]:
    """Columns by the first part of the facts they carry, search criteria apart."""
    found: dict[str, list[StockColumn]] = {}
    for column in COLUMNS:
        for root in {path.split(".")[0] for path in column.paths if not path.startswith(FEATURE)}:
            found.setdefault(root, []).append(column)
    return {root: tuple(columns) for root, columns in found.items()}


def _features() -> dict[str, tuple[int, int, str]]:
    """Search criterion → its rank, its column and what is written there; the lowest rank counts."""
    carried = [
        (path.removeprefix(FEATURE), column)
        for column in COLUMNS
        for path in column.paths
        if path.startswith(FEATURE)
    ]
    return {
        code: (rank, column.index, column.write({"equipment": {"features": [code]}}))
        for rank, (code, column) in enumerate(carried)
    }


def _blank() -> list[str]:
    """A row with what stands in every one, such as the currency."""
    row = [""] * WIDTH
    for column in COLUMNS:
        if not column.paths:
            row[column.index] = column.write({})
    return row


_BY_ROOT = _by_root()
_FEATURES = _features()
_BLANK = _blank()


def header_row() -> list[str]:
    """Names of the columns, for receivers who want them: the format itself has no such row. Positions that
    nobody confirms have no name."""
    row = [""] * WIDTH
    for column in COLUMNS:
        row[column.index] = column.name
    return row


def write_row(facts: StatedFacts, customer_number: str = "", picture_name: str = "") -> list[str]:
    """The cells of a row; positions that we know nothing for stay empty.

    Besides JSON the facts may hold what `VehicleData` does: Decimal, enumerations, tuples.
    """
    row = _BLANK.copy()
    for root in facts:
        for column in _BY_ROOT.get(root, ()):
            row[column.index] = column.write(facts)
    present = (facts.get("equipment") or {}).get("features") or ()
    for _rank, index, text in sorted(_FEATURES[code] for code in present if code in _FEATURES):
        row[index] = row[index] or text
    row[CUSTOMER_NUMBER.index] = customer_number
    row[PICTURES.index] = picture_name
    return row
