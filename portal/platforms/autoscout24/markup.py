"""AutoScout24's text mark-up: real line breaks, asterisks make bold, an escaped one begins an entry.

The limit counts bytes: an umlaut counts as two.
"""

from __future__ import annotations

import re

from portal.formats.plain_text import ENTRY
from portal.platforms.common.texts import published

BREAK = "\n"
_STARS = re.compile(r"\s*\*{2,}\s*")


def lines(text: str) -> str:
    """A dealer's text as mark-up: its line breaks, its list entries, and nothing that would be taken for
    mark-up though it only decorates."""
    bare = (_STARS.sub(" ", line).strip() for line in published(text).split("\n"))
    return BREAK.join(item(line.removeprefix(ENTRY)) if line.startswith(ENTRY) else line for line in bare)


def bold(text: str) -> str:
    return f"**{text}**"


def item(text: str) -> str:
    return f"\\* {text}"


def paragraph(*parts: str) -> str:
    """Parts with an empty line between them; empty ones vanish."""
    return (BREAK * 2).join(part for part in parts if part)


def size(text: str) -> int:
    """As the platform counts."""
    return len(text.encode())


def cut(text: str, longest: int) -> str:
    """The beginning that fits, at a word where there is one."""
    if size(text) <= longest:
        return text
    head = text.encode()[: max(longest, 0)].decode("utf-8", "ignore")
    whole, blank, _ = head.rpartition(" ")
    return (whole if blank and len(whole) > len(head) // 2 else head).rstrip(" ,;-/\n\\*")
