"""AutoScout24's text mark-up: real line breaks, asterisks make bold, an escaped one begins an entry.

The limit counts bytes: an umlaut counts as two.
"""

from __future__ import annotations

import re

BREAK = "\n"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def lines(text: str) -> str:
    """A dealer's text with its line breaks and without control characters."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return BREAK.join(line.strip() for line in clean.split("\n"))


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
