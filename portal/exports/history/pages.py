"""Which transfers a page shows and how many there are, whatever the size of the table.

Time is the order of the ids (UUIDv7), so a period is a range of ids and a page begins at an id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.exports.history.facets import Facet, HistoryScope, matching
from portal.exports.history.filters import HistoryFilter
from portal.exports.history.walks import Walks, count_statement, ids_statement
from portal.models import Vehicle

COUNT_LIMIT = 10_000
"""Counting stops here; beyond it the exact number helps nobody and would cost a scan."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEARCH_LIMIT = 200
"""Vehicles that a search may mean; more of them need a more exact search."""


@dataclass(frozen=True)
class HistoryQuery:
    """A filter with everything that its names stand for. `vehicle_ids` is None without a search."""

    filter: HistoryFilter
    scope: HistoryScope
    facets: tuple[Facet, ...]
    """Those of the activations in scope, before filtering."""
    now: datetime
    vehicle_ids: tuple[UUID, ...] | None = None

    @property
    def first(self) -> UUID:
        return first_id(self.now - timedelta(hours=self.filter.period))


@dataclass(frozen=True)
class HistoryPage:
    """Ids, newest first; where a neighbouring page begins, None where there is none."""

    ids: tuple[UUID, ...]
    newer: UUID | None = None
    older: UUID | None = None


@dataclass(frozen=True)
class HistoryCounts:
    """Both at most COUNT_LIMIT + 1, which means: more. `total` is everything of the period."""

    matched: int
    total: int


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
    ids = _ids(session, query, wanted.rows + 1, ascending=True)
    if len(ids) <= wanted.rows:
        return _older_page(session, replace(query, filter=replace(wanted, after=None)))
    shown = tuple(reversed(ids[: wanted.rows]))
    return HistoryPage(shown, newer=shown[0], older=shown[-1])


def _older_page(session: Session, query: HistoryQuery) -> HistoryPage:
    wanted = query.filter
    ids = _ids(session, query, wanted.rows + 1)
    shown = tuple(ids[: wanted.rows])
    newer = None if wanted.before is None else (shown[0] if shown else wanted.before)
    return HistoryPage(shown, newer=newer, older=shown[-1] if len(ids) > wanted.rows else None)


def find_page_as_seen(session: Session, query: HistoryQuery, seen: UUID) -> tuple[HistoryPage, int]:
    """The newest page without what came after the row `seen`, and how many those are: at most a page and one,
    which means more. The newest page as it is where nothing came, and where nothing else is left to show."""
    wanted = query.filter
    newer = _ids(session, replace(query, filter=replace(wanted, after=seen)), wanted.rows + 1, ascending=True)
    if not newer:
        return find_page(session, query), 0
    up_to = UUID(int=seen.int + 1)
    page = _older_page(session, replace(query, filter=replace(wanted, before=up_to)))
    return (replace(page, newer=None), len(newer)) if page.ids else (find_page(session, query), 0)


def count_matches(session: Session, query: HistoryQuery) -> HistoryCounts:
    """Both counts in one query; where the filter lets everything through they are the same."""
    whole = HistoryFilter(period=query.filter.period, result="all")
    everything = HistoryQuery(whole, replace(query.scope, location_id=None), query.facets, query.now)
    passing = matching(query.facets, query.filter, query.scope)
    chosen = query.vehicle_ids is not None or query.filter.run is not None
    if not chosen and len(passing) == len(query.facets):
        [total] = _count(session, everything)
        return HistoryCounts(total, total)
    every = replace(query, filter=replace(query.filter, before=None, after=None))
    return HistoryCounts(*_count(session, every, everything))


def _count(session: Session, *queries: HistoryQuery) -> tuple[int, ...]:
    walks = [_walks(query, COUNT_LIMIT + 1) for query in queries]
    values: dict[str, Any] = {}
    for n, one in enumerate(walks):
        values |= one.values(n)
    return tuple(session.execute(count_statement(*(one.kind for one in walks)), values).one())


def walk_ids(session: Session, query: HistoryQuery, chunk: int = 1000) -> Iterator[list[UUID]]:
    """All ids of a filter, newest first, in chunks: memory stays flat and no transaction grows old.

    Transfers that arrive meanwhile are newer than the first chunk and do not disturb.
    """
    here = replace(query, filter=replace(query.filter, before=None, after=None))
    while ids := _ids(session, here, chunk):
        yield ids
        here = replace(here, filter=replace(here.filter, before=ids[-1]))


def _ids(session: Session, query: HistoryQuery, limit: int, *, ascending: bool = False) -> list[UUID]:
    walks = _walks(query, limit)
    return list(session.scalars(ids_statement(walks.kind, ascending=ascending), walks.values()))


def _walks(query: HistoryQuery, limit: int) -> Walks:
    vehicle_ids = None if query.vehicle_ids is None else query.vehicle_ids[:SEARCH_LIMIT]
    return Walks(query.filter, query.scope, query.facets, vehicle_ids, query.first, limit)
