"""mobile.de's text markup: two backslashes break a line, asterisks make bold and lists.

Which markup the description takes is an assumption, see docs/protocols.md.
"""

from __future__ import annotations

import re

from portal.formats.plain_text import ENTRY
from portal.platforms.common.texts import published

BREAK = "\\\\"
_STARS = re.compile(r"\s*\*{2,}\s*")


def lines(text: str) -> str:
    """A dealer's text as mark-up: its line breaks, its list entries, and nothing that would be taken for
    mark-up though it only decorates."""
    return BREAK.join(map(_line, published(text).split("\n")))


def _line(line: str) -> str:
    bare = _STARS.sub(" ", line).strip()
    return item(bare.removeprefix(ENTRY)) if bare.startswith(ENTRY) else bare


def bold(text: str) -> str:
    return f"**{text}**"


def item(text: str) -> str:
    return f"* {text}"


def paragraph(*parts: str) -> str:
    """Parts with an empty line between them; empty ones vanish."""
    return (BREAK * 2).join(part for part in parts if part)
