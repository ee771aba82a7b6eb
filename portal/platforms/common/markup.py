"""The mark-up of a description: both platforms that have one make bold by asterisks and a list by lines that
begin in a way of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.formats.plain_text import ENTRY
from portal.platforms.common.texts import equipment_groups, published
from portal.vehicle_facts.data import Equipment

_STARS = re.compile(r"\s*\*{2,}\s*")


def bold(text: str) -> str:
    return f"**{text}**"


@dataclass(frozen=True)
class Markup:
    line_break: str
    entry: str
    """How an entry of a list begins."""

    def item(self, text: str) -> str:
        return f"{self.entry}{text}"

    def lines(self, text: str) -> str:
        """A dealer's text as mark-up: its line breaks, its list entries, and nothing that would be taken for
        mark-up though it only decorates."""
        bare = (_STARS.sub(" ", line).strip() for line in published(text).split("\n"))
        return self.line_break.join(
            self.item(line.removeprefix(ENTRY)) if line.startswith(ENTRY) else line for line in bare
        )

    def paragraph(self, *parts: str) -> str:
        """Parts with an empty line between them; empty ones vanish."""
        return (self.line_break * 2).join(part for part in parts if part)

    def example(self, heading: str, facts: list[str]) -> str:
        return self.line_break.join([bold(heading), *facts])

    def equipment(self, equipment: Equipment, form: str) -> str:
        """The equipment in one of the formats of the setting; search criteria alone need no text."""
        groups = equipment_groups(equipment)
        if not groups or form == "criteria_only":
            return ""
        if form == "grouped":
            return self.paragraph(
                *(f"{bold(heading)}{self.line_break}{', '.join(g)}" for heading, g in groups.items())
            )
        everything = [entry for entries in groups.values() for entry in entries]
        if form == "lines":
            return self.line_break.join([bold("Ausstattung"), *map(self.item, everything)])
        return f"{bold('Ausstattung:')} {', '.join(everything)}"
