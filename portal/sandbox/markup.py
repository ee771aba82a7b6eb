"""The description's markup, taken apart for the template, which escapes every piece.

Two backslashes or a line break end a line, two asterisks make bold, a leading `* ` makes a list item.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BREAK = re.compile(r"\\\\|\r\n|\r|\n")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True)
class MarkupPiece:
    text: str
    bold: bool = False


@dataclass(frozen=True)
class MarkupLine:
    pieces: tuple[MarkupPiece, ...]
    item: bool = False


def lines(description: str) -> list[MarkupLine]:
    return [line(text.strip(), "* ") for text in _BREAK.split(description)]


def line(text: str, mark: str) -> MarkupLine:
    """`mark` begins a list item."""
    parts = _BOLD.split(text.removeprefix(mark))
    # The pattern has one group: every second part is what stood between asterisks.
    pieces = (MarkupPiece(part, bold=index % 2 == 1) for index, part in enumerate(parts) if part)
    return MarkupLine(tuple(pieces), item=text.startswith(mark))
