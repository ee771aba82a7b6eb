"""mobile.de's text markup: two backslashes break a line, asterisks make bold and lists.

Which markup the description takes is an assumption, see docs/protocols.md.
"""

from __future__ import annotations

import re

BREAK = "\\\\"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def lines(text: str) -> str:
    """A dealer's text with its line breaks as markup and without control characters."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return BREAK.join(line.strip() for line in clean.split("\n"))


def bold(text: str) -> str:
    return f"**{text}**"


def item(text: str) -> str:
    return f"* {text}"


def paragraph(*parts: str) -> str:
    """Parts with an empty line between them; empty ones vanish."""
    return (BREAK * 2).join(part for part in parts if part)
