"""What the address of the page asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from werkzeug.datastructures import MultiDict

from portal.exports.reconciliation.sides import SideCounts

LONGEST_TEXT = 100


class Tab(StrEnum):
    SUGGESTED = "suggested"
    MATCHED = "matched"
    HERE = "here"
    THERE = "there"


@dataclass(frozen=True)
class Wanted:
    """`before` and `after` are keys of rows: the page shows the ones before or after them. `partner` is a
    vehicle or a listing that looks for its other half on this tab."""

    tab: Tab | None = None
    text: str = ""
    before: UUID | None = None
    after: UUID | None = None
    partner: UUID | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> Wanted:
        """What cannot be understood is left out."""
        return cls(
            tab=next((tab for tab in Tab if tab == args.get("tab")), None),
            text=args.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT],
            before=args.get("before", type=UUID),
            after=args.get("after", type=UUID),
            partner=args.get("for", type=UUID),
        )

    def or_first(self, counts: SideCounts) -> Tab:
        """The tab that is asked for, or the first on which something is open."""
        if self.tab:
            return self.tab
        if counts.suggested:
            return Tab.SUGGESTED
        if counts.here.get(""):
            return Tab.HERE
        return Tab.THERE if counts.there.get("") else Tab.MATCHED


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
