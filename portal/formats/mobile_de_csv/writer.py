"""From facts to a row of the format."""

from __future__ import annotations

from portal.formats.mobile_de_csv.columns import COLUMNS, CUSTOMER_NUMBER, WIDTH, Facts


def write_row(facts: Facts, customer_number: str = "") -> list[str]:
    """The cells of a row; positions that we know nothing for stay empty."""
    row = [""] * WIDTH
    for column in COLUMNS:
        row[column.index] = column.write(facts)
    row[CUSTOMER_NUMBER.index] = customer_number
    return row
