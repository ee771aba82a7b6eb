"""The filter of the vehicle list as data, and as the query of a URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.vehicles.data import Kind
from portal.vehicles.standing import Standing

PAGE = 50
COUNT_LIMIT = 10_000
LAST_PAGE = COUNT_LIMIT // PAGE
LONGEST_TEXT = 100


class State(StrEnum):
    """PROBLEM: whatever a dealer should look at, so INCOMPLETE, ERROR and VANISHED together."""

    ONLINE = Standing.ONLINE
    OPEN = Standing.OPEN
    ERROR = Standing.ERROR
    VANISHED = Standing.VANISHED
    INCOMPLETE = Standing.INCOMPLETE
    NOT_RELEASED = Standing.NOT_RELEASED
    PROBLEM = "problem"


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    NUMBER = "number"


@dataclass(frozen=True)
class VehicleFilter:
    """`activation` narrows `state` to one activation; `problem` and `field` are those of a `Feedback`."""

    text: str = ""
    location: UUID | None = None
    kind: Kind | None = None
    online: bool | None = None
    state: State | None = None
    activation: UUID | None = None
    problem: str = ""
    field: str = ""
    sort: Sort = Sort.NEWEST
    page: int = 1

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> VehicleFilter:
        """Read the query of a URL; what cannot be understood is left out."""
        return cls(
            text=_text(args.get("q", "")),
            location=_uuid(args.get("location", "")),
            kind=_one_of(Kind, args.get("kind", "")),
            online={"yes": True, "no": False}.get(args.get("online", "")),
            state=_one_of(State, args.get("state", "")),
            activation=_uuid(args.get("activation", "")),
            problem=_text(args.get("problem", "")),
            field=_text(args.get("field", "")),
            sort=_one_of(Sort, args.get("sort", "")) or Sort.NEWEST,
            page=_page(args.get("page", "")),
        )

    def as_args(self) -> dict[str, str]:
        """The query of the URL that shows the same; defaults are left out."""
        online = {True: "yes", False: "no", None: ""}[self.online]
        args = {
            "q": self.text,
            "location": str(self.location or ""),
            "kind": self.kind or "",
            "online": online,
            "state": self.state or "",
            "activation": str(self.activation or ""),
            "problem": self.problem,
            "field": self.field,
            "sort": "" if self.sort == Sort.NEWEST else self.sort,
            "page": "" if self.page == 1 else str(self.page),
        }
        return {name: str(value) for name, value in args.items() if value}

    def on_page(self, page: int) -> VehicleFilter:
        return replace(self, page=page)

    @property
    def narrows(self) -> bool:
        return replace(self, sort=Sort.NEWEST, page=1) != VehicleFilter()


def _text(value: str) -> str:
    return value.replace("\x00", "").strip()[:LONGEST_TEXT]


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _one_of(kind: type[Any], value: str) -> Any:
    return next((member for member in kind if member == value), None)


def _page(value: str) -> int:
    """Pages are bounded: further back one finds by filtering."""
    return min(max(int(value), 1), LAST_PAGE) if value.isdecimal() and len(value) < 6 else 1
