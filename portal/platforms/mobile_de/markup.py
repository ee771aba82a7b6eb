"""mobile.de's text mark-up (documented): two backslashes break a line, `----` is a rule, `**bold**`, and
a list entry is `* text` with its line break. Nothing else: HTML tags would be shown as text."""

from __future__ import annotations

import re

from portal.formats.plain_text import ENTRY
from portal.platforms.common.texts import published

BREAK = "\\\\"
_STARS = re.compile(r"\s*\*{2,}\s*")


def lines(text: str) -> str:
    """A dealer's text as mark-up: its line breaks, its list entries, and nothing that would be taken for
    mark-up though it only decorates."""
    bare = (_STARS.sub(" ", line).strip() for line in published(text).split("\n"))
    return BREAK.join(item(line.removeprefix(ENTRY)) if line.startswith(ENTRY) else line for line in bare)


def bold(text: str) -> str:
    return f"**{text}**"


def item(text: str) -> str:
    return f"* {text}"


def closed(text: str) -> str:
    """A list entry ends with its line break, also as the last line of all."""
    return text + BREAK if text.rpartition(BREAK)[2].startswith("* ") else text


def paragraph(*parts: str) -> str:
    """Parts with an empty line between them; empty ones vanish."""
    return (BREAK * 2).join(part for part in parts if part)
