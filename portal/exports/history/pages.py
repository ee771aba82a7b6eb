"""Which transfers a page shows and how many there are, whatever the size of the table.

Time is the order of the ids (UUIDv7), so a period is a range of ids and a page begins at an id. A page is the
merge of a few short walks over an index; what is walked over are the facets, the few combinations of
location, state, held, action and trigger that an activation has. Everything happens in one statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from portal.exports.history.filters import HistoryFilter
from portal.exports.history.rows import HistoryRow, rows_of
from portal.models import Vehicle
from portal.models.listing_conditions import FAILED_AT_ONE, MOST_COUNTED
from portal.models.prepared import Question, array_of, question

COUNT_LIMIT = 10_000
"""Counting stops here; beyond it the exact number helps nobody and would cost a scan."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEARCH_LIMIT = 200
"""Vehicles that a search may mean; more of them need a more exact search."""


@dataclass(frozen=True)
class HistoryScope:
    """The activations and, where one is chosen, the location that a filter's names stand for."""

    activation_ids: tuple[UUID, ...]
    location_id: UUID | None = None


@dataclass(frozen=True)
class HistoryQuery:
    """A filter with everything that its names stand for. `vehicle_ids` is None without a search."""

    filter: HistoryFilter
    scope: HistoryScope
    now: datetime
    vehicle_ids: tuple[UUID, ...] | None = None

    @property
    def first_page(self) -> HistoryQuery:
        return replace(self, filter=replace(self.filter, before=None, after=None))

    @property
    def whole_period(self) -> HistoryQuery:
        """Everything of the same activations and the same period."""
        return HistoryQuery(self.filter.everything, replace(self.scope, location_id=None), self.now)


@dataclass(frozen=True)
class HistoryPage:
    """Newest first; where a neighbouring page begins, None where there is none."""

    rows: Sequence[HistoryRow]
    newer: UUID | None = None
    older: UUID | None = None


@dataclass(frozen=True)
class HistoryCounts:
    """Where one is its limit and one more, there are more. `total` is everything of the period."""

    matched: int
    total: int
    failed: int
    """Vehicles whose last transfer to the activation could not be delivered, whatever is shown."""


def first_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: 48 bits of milliseconds, version, variant, nothing random."""
    return UUID(int=(moment - EPOCH) // timedelta(milliseconds=1) << 80 | 7 << 76 | 2 << 62)


def find_vehicles(session: Session, dealer_id: UUID, search: str) -> tuple[UUID, ...]:
    """Vehicles whose number or VIN contains the text as it stands, also those no longer in stock.

    One more than SEARCH_LIMIT says that there are more.
    """
    statement = (
        select(Vehicle.id)
        .where(
            Vehicle.dealer_id == dealer_id,
            or_(
                Vehicle.offer_number.icontains(search, autoescape=True),
                Vehicle.vin.icontains(search, autoescape=True),
            ),
        )
        .limit(SEARCH_LIMIT + 1)
    )
    return tuple(session.scalars(statement))


def find_page(session: Session, query: HistoryQuery) -> HistoryPage:
    """A page that `after` leaves too short is the newest one, and is shown full."""
    wanted = query.filter
    if wanted.after is None:
        return _older_page(session, query)
    rows = _rows(session, query, wanted.rows + 1, ascending=True)
    if len(rows) <= wanted.rows:
        return _older_page(session, replace(query, filter=replace(wanted, after=None)))
    shown = rows[1:]
    return HistoryPage(shown, newer=shown[0].id, older=shown[-1].id)


def _older_page(session: Session, query: HistoryQuery) -> HistoryPage:
    wanted = query.filter
    rows = _rows(session, query, wanted.rows + 1)
    shown = rows[: wanted.rows]
    newer = None if wanted.before is None else (shown[0].id if shown else wanted.before)
    return HistoryPage(shown, newer=newer, older=shown[-1].id if len(rows) > wanted.rows else None)


def find_page_as_seen(session: Session, query: HistoryQuery, seen: UUID) -> tuple[HistoryPage, int]:
    """The newest page without what came after the row `seen`, and how many those are: at most a page and one,
    which means more. The newest page as it is where nothing came, and where nothing else is left to show."""
    wanted = query.filter
    later = replace(query, filter=replace(wanted, after=seen))
    newer = _rows(session, later, wanted.rows + 1, ascending=True)
    if not newer:
        return find_page(session, query), 0
    up_to = UUID(int=seen.int + 1)
    page = _older_page(session, replace(query, filter=replace(wanted, before=up_to)))
    return (replace(page, newer=None), len(newer)) if page.rows else (find_page(session, query), 0)


def count_matches(session: Session, query: HistoryQuery, activation_id: UUID) -> HistoryCounts:
    """All counts in one query; where the filter lets everything through it is counted once."""
    chosen, whole = query.first_page, query.whole_period
    walks = [Walks(one, COUNT_LIMIT + 1) for one in ((whole,) if chosen == whole else (chosen, whole))]
    values: dict[str, Any] = {"activation": activation_id, "most": MOST_COUNTED}
    for n, one in enumerate(walks):
        values |= one.values(n)
    *found, failed = count_question(*(one.kind for one in walks)).ask(session, **values).one()
    return HistoryCounts(found[0], found[-1], failed)


def walk_rows(session: Session, query: HistoryQuery, chunk: int = 1000) -> Iterator[list[HistoryRow]]:
    """All rows of a filter, newest first, in chunks: memory stays flat and no transaction grows old.

    Transfers that arrive meanwhile are newer than the first chunk and do not disturb.
    """
    here = query.first_page
    while rows := _rows(session, here, chunk):
        yield rows
        here = replace(here, filter=replace(here.filter, before=rows[-1].id))


def _rows(session: Session, query: HistoryQuery, limit: int, *, ascending: bool = False) -> list[HistoryRow]:
    """The newest that the filter lets through, its oldest where `ascending`; always newest first."""
    walks = Walks(query, limit)
    found = rows_question(walks.kind, ascending=ascending).ask(session, **walks.values())
    return [HistoryRow(*row) for row in found]


# The walks that a page is merged from, as SQL that is written once: only the values differ. To build them
# anew as expressions took longer than to answer them. Where values are those of one of several walks in a
# statement, `{n}` keeps them apart.


FIRST, LAST = UUID(int=0), UUID(int=(1 << 128) - 1)

# Which kinds of transfers an activation has: one probe of an index for each combination that exists, however
# many transfers there are. `ix_transfer_facets` holds those of each combination in the order of time:
# whatever is filtered, a page costs the same with a thousand rows and with millions, and a filter that
# matches nothing is found empty at once.
_FACETS = """WITH facet AS (
    SELECT facet.* FROM unnest(<scope:uuid[]>) AS a(id) CROSS JOIN LATERAL (
        WITH RECURSIVE facet AS (
            (SELECT activation_id, location_id, state, held, action, trigger FROM transfer
             WHERE activation_id = a.id
             ORDER BY location_id, state, held, action, trigger LIMIT 1)
            UNION ALL
            SELECT following.* FROM facet CROSS JOIN LATERAL (
                SELECT t.activation_id, t.location_id, t.state, t.held, t.action, t.trigger FROM transfer AS t
                WHERE t.activation_id = a.id AND (t.location_id, t.state, t.held, t.action, t.trigger)
                    > (facet.location_id, facet.state, facet.held, facet.action, facet.trigger)
                ORDER BY t.location_id, t.state, t.held, t.action, t.trigger LIMIT 1
            ) AS following
        )
        SELECT * FROM facet
    ) AS facet
)"""


def _passes(row: str) -> str:
    """Whether the filter lets a facet or a transfer through; its state is the one that readers know."""
    return f"""CASE WHEN {row}.held AND {row}.state = 'waiting' THEN 'held' ELSE {row}.state END
            = ANY (<shown{{n}}:text[]>)
        AND (<location{{n}}:uuid> IS NULL OR {row}.location_id = <location{{n}}:uuid>)
        AND (<action{{n}}:text> = '' OR {row}.action = <action{{n}}:text>)
        AND (<trigger{{n}}:text> = '' OR {row}.trigger = <trigger{{n}}:text>)"""


class WalkKind(NamedTuple):
    """What is walked over, and which transfers belong to each of its keys."""

    keys: str
    same: str
    ascending: str = "ASC"
    descending: str = "DESC"


_HERE = f"t.activation_id = ANY (<scope:uuid[]>) AND {_passes('t')}"
_OVER_FACETS = WalkKind(
    f"(SELECT * FROM facet WHERE {_passes('facet')}) AS k",  # noqa: S608
    """t.activation_id = k.activation_id AND t.location_id = k.location_id AND t.state = k.state
        AND t.held = k.held AND t.action = k.action AND t.trigger = k.trigger""",
    # As `ix_transfer_facets` has it and the primary key has not: while one large app is all that PostgreSQL
    # knows, it would look for a small one's transfers among those of all.
    ascending="ASC NULLS FIRST",
    descending="DESC NULLS LAST",
)
_OVER_VEHICLES = WalkKind(
    "unnest(<vehicles{n}:uuid[]>) AS k(vehicle_id)", f"t.vehicle_id = k.vehicle_id AND {_HERE}"
)
_OF_RUN = WalkKind("unnest(<runs{n}:uuid[]>) AS k(run_id)", f"t.run_id = k.run_id AND {_HERE}")
_OF_RUN_SEARCHED = WalkKind(_OF_RUN.keys, f"{_OF_RUN.same} AND t.vehicle_id = ANY (<vehicles{{n}}:uuid[]>)")
_WALKS = """SELECT walk.id FROM {keys} CROSS JOIN LATERAL (
        SELECT t.id FROM transfer AS t
        WHERE {same} AND t.id >= <first{n}:uuid> AND t.id < <before{n}:uuid> AND t.id > <after{n}:uuid>
        ORDER BY t.id {order} LIMIT <most{n}:bigint>
    ) AS walk"""


@dataclass(frozen=True)
class Walks:
    """One walk of at most `most` ids over an index for each facet, for a run, or for each vehicle searched
    for."""

    query: HistoryQuery
    most: int

    @property
    def kind(self) -> WalkKind:
        searched = self.query.vehicle_ids is not None
        if self.query.filter.run is not None:
            return _OF_RUN_SEARCHED if searched else _OF_RUN
        return _OVER_VEHICLES if searched else _OVER_FACETS

    def values(self, n: int = 0) -> dict[str, Any]:
        query, wanted = self.query, self.query.filter
        own = {
            "shown": array_of(wanted.states),
            "location": query.scope.location_id,
            "action": wanted.action,
            "trigger": wanted.trigger,
            "runs": array_of([wanted.run] if wanted.run else ()),
            "vehicles": array_of((query.vehicle_ids or ())[:SEARCH_LIMIT]),
            "first": first_id(query.now - timedelta(hours=wanted.period)),
            "before": wanted.before or LAST,
            "after": wanted.after or FIRST,
            "most": self.most,
        }
        return {f"{name}{n}": value for name, value in own.items()} | {
            "scope": array_of(query.scope.activation_ids)
        }


@lru_cache
def rows_question(kind: WalkKind, *, ascending: bool) -> Question:
    order = "ASC" if ascending else "DESC"
    walked = _walked(kind, 0, ascending=ascending)
    return rows_of(f"{_FACETS} SELECT id FROM ({walked}) AS found ORDER BY id {order} LIMIT <most0:bigint>")  # noqa: S608


@lru_cache
def count_question(*kinds: WalkKind) -> Question:
    """As many counts, none of them above its `most`, and what could not be delivered to one activation."""
    counts = (
        f"""(SELECT count(*) FROM (
            SELECT 1 FROM ({_walked(kind, n)}) AS found LIMIT <most{n}:bigint>
        ) AS few)"""  # noqa: S608
        for n, kind in enumerate(kinds)
    )
    failed = f"(SELECT count(*) FROM ({FAILED_AT_ONE}) AS failed)"  # noqa: S608
    return question(text(f"{_FACETS} SELECT {', '.join((*counts, failed))}"), planned_once=False)


def _walked(kind: WalkKind, n: int, *, ascending: bool = False) -> str:
    order = kind.ascending if ascending else kind.descending
    return _WALKS.format(keys=kind.keys.format(n=n), same=kind.same.format(n=n), n=n, order=order)
