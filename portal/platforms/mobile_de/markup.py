"""mobile.de's text mark-up (documented): two backslashes break a line, `----` is a rule, `**bold**`, and
a list entry is `* text` with its line break. Nothing else: HTML tags would be shown as text."""

from __future__ import annotations

from portal.platforms.common.markup import Markup

MARKUP = Markup(line_break="\\\\", entry="* ")


def closed(text: str) -> str:
    """A list entry ends with its line break, also as the last line of all."""
    last = text.rpartition(MARKUP.line_break)[2]
    return text + MARKUP.line_break if last.startswith(MARKUP.entry) else text
