"""AutoScout24's text mark-up: real line breaks, asterisks make bold, an escaped one begins an entry.

The limit counts bytes: an umlaut counts as two.
"""

from __future__ import annotations

from portal.platforms.common.markup import Markup

MARKUP = Markup(line_break="\n", entry="\\* ")


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
