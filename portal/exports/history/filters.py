"""The state of the history page is its URL: read it, write it. Pure.

What a URL says that is not on offer falls back to the default; the page never fails over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from portal.models.exports import TransferState, Trigger
from portal.platforms.contract import Action

HISTORY_PERIODS = (24, 48, 72, 120)
"""Hours."""
ROWS_PER_PAGE = (20, 50, 100)
HELD = "held"
"""A transfer that waits because of a lock: a state of its own for readers, a mark in the table."""
SHOWN_STATES: frozenset[str] = frozenset({*TransferState, HELD})
STATES_OF_RESULT: dict[str, frozenset[str]] = {
    "not_ok": SHOWN_STATES - {TransferState.OK},
    "all": SHOWN_STATES,
    "ok": frozenset({TransferState.OK}),
    "warning": frozenset({TransferState.WARNING}),
    "rejected": frozenset({TransferState.REJECTED}),
    "failed": frozenset({TransferState.FAILED}),
    "waiting": frozenset({TransferState.WAITING, TransferState.SENDING, TransferState.PENDING}),
    "held": frozenset({HELD}),
}
HISTORY_ACTIONS = tuple(str(action) for action in Action)
HISTORY_TRIGGERS = tuple(str(trigger) for trigger in Trigger)
LONGEST_SEARCH = 60


@dataclass(frozen=True)
class HistoryChoices:
    """What the dealer may choose from at this activation."""

    customers: tuple[str, ...] = ()
    """Customer numbers at the same platform; offered when there are several."""
    locations: tuple[str, ...] = ()
    """Codes of the dealer's locations."""
    longest: int = HISTORY_PERIODS[-1]
    """Hours that the history is kept; no URL looks back further."""

    @property
    def periods(self) -> tuple[int, ...]:
        return tuple(hours for hours in HISTORY_PERIODS if hours <= self.longest) or (self.longest,)


@dataclass(frozen=True)
class HistoryFilter:
    """`before` and `after` are ids of transfers: the page lies on the older or newer side of it.

    `run` is a full transfer: only what belongs to it.
    """

    period: int = HISTORY_PERIODS[0]
    rows: int = ROWS_PER_PAGE[0]
    result: str = "not_ok"
    action: str = ""
    customer: str = ""
    location: str = ""
    trigger: str = ""
    search: str = ""
    run: UUID | None = None
    before: UUID | None = None
    after: UUID | None = None

    @property
    def states(self) -> frozenset[str]:
        return STATES_OF_RESULT[self.result]

    @property
    def narrowed(self) -> bool:
        """Whether anything but period and result hides rows."""
        return any((self.action, self.customer, self.location, self.trigger, self.search, self.run))

    @property
    def everything(self) -> HistoryFilter:
        """All that there is of the same accounts in the same period, from its first page on."""
        return HistoryFilter(period=self.period, rows=self.rows, result="all", customer=self.customer)


DEFAULT_FILTER = HistoryFilter()


def shown_state(state: str, *, held: bool) -> str:
    """The state as readers know it: the mark says nothing once a transfer is on its way."""
    return HELD if held and state == TransferState.WAITING else state


def from_query_args(args: Mapping[str, str], choices: HistoryChoices) -> HistoryFilter:
    """The filter that a query string describes."""
    period = _whole(args.get("period"), choices.periods, min(DEFAULT_FILTER.period, choices.longest))
    after = _uuid(args.get("after"))
    return HistoryFilter(
        period=period,
        rows=_whole(args.get("rows"), ROWS_PER_PAGE, DEFAULT_FILTER.rows),
        result=_one_of(args.get("result"), tuple(STATES_OF_RESULT), DEFAULT_FILTER.result),
        action=_one_of(args.get("action"), HISTORY_ACTIONS),
        customer=_one_of(args.get("customer"), choices.customers),
        location=_one_of(args.get("location"), choices.locations),
        trigger=_one_of(args.get("trigger"), HISTORY_TRIGGERS),
        # PostgreSQL knows no NUL; nobody's number is longer.
        search=" ".join(args.get("search", "").replace("\0", " ").split())[:LONGEST_SEARCH],
        run=_uuid(args.get("run")),
        before=None if after else _uuid(args.get("before")),
        after=after,
    )


def to_query_args(filter: HistoryFilter, **changed: object) -> dict[str, str]:
    """The query arguments of a filter; defaults are left out, so equal pages have equal URLs.

    A change of the filter itself leads to the first page; `before` or `after` ask for another one.
    """
    wanted = replace(filter, **({"before": None, "after": None} | changed))  # type: ignore[arg-type]
    return {
        name: str(value)
        for name, value in wanted.__dict__.items()
        if value != getattr(DEFAULT_FILTER, name) and value is not None
    }


def _one_of(value: str | None, offered: tuple[str, ...], default: str = "") -> str:
    return value if value in offered and value is not None else default


def _whole(value: str | None, offered: tuple[int, ...], default: int) -> int:
    return int(value) if value in {str(number) for number in offered} and value else default


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None
