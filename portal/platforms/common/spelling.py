"""Cells into the charset of a file; what a reader would notice becomes a hint on the vehicle."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.formats.charset import clean, encodable, fitted
from portal.platforms.common.view import View

SHOWN = 12
_BREAKS = re.compile(r" *\n\s*")


def spelled(view: View, cells: Sequence[str], charset: str, *, one_line: bool = False) -> tuple[str, ...]:
    """`one_line`: for formats that have no line breaks inside a field."""
    whole = "".join(cells)
    fits = encodable(whole, charset)
    if fits and whole.isprintable():
        return tuple(cells)
    lost: dict[str, None] = {}
    found = []
    for cell in cells:
        if fits and cell.isprintable():
            found.append(cell)
            continue
        text = clean(cell)
        text, changed = fitted(_BREAKS.sub(" ", text) if one_line else text, charset)
        found.append(text)
        lost.update(dict.fromkeys(changed))
    if lost:
        _tell(view, "".join(lost), charset)
    return tuple(found)


def _tell(view: View, lost: str, charset: str) -> None:
    shown = " ".join(lost[:SHOWN]) + (" …" if len(lost) > SHOWN else "")
    text = f"Zeichen, die es in {charset.upper()} nicht gibt, werden ersetzt oder entfallen: {shown}"
    view.hint("characters-replaced", f"{text}.", "description")
