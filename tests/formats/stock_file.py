"""Files in the mobile.de CSV layout: a test names the cells that matter by their letter."""

from __future__ import annotations

import io
from itertools import count

from portal.formats.mobile_de_csv.columns import COLUMNS, WIDTH

_INDEX = {column.letter: column.index for column in COLUMNS}
_numbers = count(1)
PLAUSIBLE = {
    "A": "4711",
    "C": "Limousine",
    "D": "VW",
    "E": "Golf",
    "F": "92",
    "I": "05.2018",
    "J": "64500",
    "K": "12990",
    "L": "1",
    "P": "0",
    "Z": "Golf 1.4 TSI Comfortline",
    "AC": "EUR",
    "DF": "1",
    "DG": "1",
}


def cells(**by_letter: str) -> list[str]:
    """A row that is taken; `cells(K="0")` is one that is not."""
    row = [""] * WIDTH
    for letter, text in {"B": f"N{next(_numbers)}", **PLAUSIBLE, **by_letter}.items():
        row[_INDEX[letter]] = text
    return row


def line(**by_letter: str) -> str:
    return joined(cells(**by_letter))


def joined(row: list[str]) -> str:
    quoted = (f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row)
    return ";".join(quoted) + "\r\n"


def file(*lines: str, charset: str = "iso-8859-15") -> io.BytesIO:
    return io.BytesIO("".join(lines).encode(charset))
