"""Which transfers a page shows and how many there are, whatever the size of the table.

Time is the order of the ids (UUIDv7), so a period is a range of ids and a page begins at an id. A page is the
merge of a few short walks over an index; what is walked over are the facets, the few combinations of
location, state, held, action and trigger that an activation has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from portal.exports.history.filters import HistoryFilter, shown_state
from portal.models import Vehicle
from portal.models.prepared import Question, array_of, question

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
    return tuple(count_question(*(one.kind for one in walks)).ask(session, **values).one())


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
    return list(ids_question(walks.kind, ascending=ascending).ask(session, **walks.values()).scalars())


def _walks(query: HistoryQuery, limit: int) -> Walks:
    vehicle_ids = None if query.vehicle_ids is None else query.vehicle_ids[:SEARCH_LIMIT]
    return Walks(query.filter, query.scope, query.facets, vehicle_ids, query.first, limit)


# The walks that a page is merged from, as SQL that is written once: only the values differ. To build them
# anew as expressions took longer than to answer them.


FIRST, LAST = UUID(int=0), UUID(int=(1 << 128) - 1)

# What is walked over, and which transfers belong to each of its keys. `{n}` keeps the values of several
# walks in one statement apart.
_FACET_WALK = (
    """unnest(<activations{n}:uuid[]>, <locations{n}:uuid[]>, <states{n}:text[]>, <held{n}:boolean[]>,
        <actions{n}:text[]>, <triggers{n}:text[]>)
        AS k(activation_id, location_id, state, held, action, trigger)""",
    """t.activation_id = k.activation_id AND t.location_id = k.location_id AND t.state = k.state
        AND t.held = k.held AND t.action = k.action AND t.trigger = k.trigger""",
)
_NARROWED = """t.activation_id = ANY (<scope{n}:uuid[]>)
        AND CASE WHEN t.held AND t.state = 'waiting' THEN 'held' ELSE t.state END
            = ANY (<shown{n}:text[]>)
        AND (<location{n}:uuid> IS NULL OR t.location_id = <location{n}:uuid>)
        AND (<action{n}:text> = '' OR t.action = <action{n}:text>)
        AND (<trigger{n}:text> = '' OR t.trigger = <trigger{n}:text>)"""
_VEHICLES = (
    "unnest(<vehicles{n}:uuid[]>) AS k(vehicle_id)",
    f"t.vehicle_id = k.vehicle_id AND {_NARROWED}",
)
_RUN = (
    "unnest(<runs{n}:uuid[]>) AS k(run_id)",
    f"t.run_id = k.run_id AND {_NARROWED}",
)
_RUN_SEARCHED = (
    _RUN[0],
    f"{_RUN[1]} AND t.vehicle_id = ANY (<vehicles{{n}}:uuid[]>)",
)
_WALKS = """SELECT walk.id FROM {keys} CROSS JOIN LATERAL (
        SELECT t.id FROM transfer AS t
        WHERE {same} AND t.id >= <first{n}:uuid> AND t.id < <before{n}:uuid> AND t.id > <after{n}:uuid>
        ORDER BY t.id {order} LIMIT <most{n}:bigint>
    ) AS walk"""


@dataclass(frozen=True)
class Walks:
    """One walk of at most `most` ids over an index for each facet, for a run, or for each vehicle searched
    for; `first` is the oldest id of the period."""

    filter: HistoryFilter
    scope: HistoryScope
    facets: tuple[Facet, ...]
    vehicle_ids: tuple[UUID, ...] | None
    first: UUID
    most: int

    @property
    def kind(self) -> tuple[str, str]:
        if self.filter.run is not None:
            return _RUN if self.vehicle_ids is None else _RUN_SEARCHED
        return _FACET_WALK if self.vehicle_ids is None else _VEHICLES

    def values(self, n: int = 0) -> dict[str, Any]:
        chosen = self._keys() if self.kind is _FACET_WALK else self._narrowing()
        bounds = {
            "first": self.first,
            "before": self.filter.before or LAST,
            "after": self.filter.after or FIRST,
            "most": self.most,
        }
        return {f"{name}{n}": value for name, value in (chosen | bounds).items()}

    def _keys(self) -> dict[str, Any]:
        facets = matching(self.facets, self.filter, self.scope)
        return {
            "activations": array_of(facet.activation_id for facet in facets),
            "locations": array_of(facet.location_id for facet in facets),
            "states": array_of(facet.state for facet in facets),
            "held": array_of(facet.held for facet in facets),
            "actions": array_of(facet.action for facet in facets),
            "triggers": array_of(facet.trigger for facet in facets),
        }

    def _narrowing(self) -> dict[str, Any]:
        wanted = self.filter
        return {
            "scope": array_of(self.scope.activation_ids),
            "shown": array_of(wanted.states),
            "location": self.scope.location_id,
            "action": wanted.action,
            "trigger": wanted.trigger,
            "runs": array_of([wanted.run] if wanted.run else ()),
            "vehicles": array_of(self.vehicle_ids or ()),
        }


@lru_cache
def ids_question(kind: tuple[str, str], *, ascending: bool) -> Question:
    order = "ASC" if ascending else "DESC"
    found = f"SELECT id FROM ({_walked(kind, 0, order)}) AS found ORDER BY id {order} LIMIT <most0:bigint>"  # noqa: S608
    return question(text(found), planned_once=False)


@lru_cache
def count_question(*kinds: tuple[str, str]) -> Question:
    """As many counts, none of them above its `most`."""
    counts = (
        f"""(SELECT count(*) FROM (
            SELECT 1 FROM ({_walked(kind, n, "DESC")}) AS found LIMIT <most{n}:bigint>
        ) AS few)"""  # noqa: S608
        for n, kind in enumerate(kinds)
    )
    return question(text(f"SELECT {', '.join(counts)}"), planned_once=False)


def _walked(kind: tuple[str, str], n: int, order: str) -> str:
    keys, same = (part.format(n=n) for part in kind)
    return _WALKS.format(keys=keys, same=same, n=n, order=order)


# Which kinds of transfers an activation has. The index `ix_transfer_facets` holds the transfers of each
# combination in the order of time. Whatever is filtered, a page costs the same with a thousand rows and with
# millions, and a filter that matches nothing is found empty at once.


class Facet(NamedTuple):
    activation_id: UUID
    location_id: UUID
    state: str
    held: bool
    action: str
    trigger: str

    @property
    def shown(self) -> str:
        """The state as readers know it."""
        return shown_state(self.state, held=self.held)


@dataclass(frozen=True)
class HistoryScope:
    """The activations and, where one is chosen, the location that a filter's names stand for."""

    activation_ids: tuple[UUID, ...]
    location_id: UUID | None = None


def load_facets(session: Session, activation_ids: Collection[UUID]) -> list[Facet]:
    """One index probe for each combination that exists, however many transfers there are."""
    return [Facet(*row) for row in _FACETS.ask(session, activations=array_of(activation_ids))]


_FACETS = question(
    text(
        """
    SELECT facet.* FROM unnest(<activations:uuid[]>) AS a(id) CROSS JOIN LATERAL (
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
    """
    ),
    planned_once=False,
)


def matching(facets: Iterable[Facet], wanted: HistoryFilter, scope: HistoryScope) -> list[Facet]:
    """The facets that a filter lets through. Pure."""
    return [
        facet
        for facet in facets
        if facet.activation_id in scope.activation_ids
        and facet.shown in wanted.states
        and facet.location_id == (scope.location_id or facet.location_id)
        and facet.action == (wanted.action or facet.action)
        and facet.trigger == (wanted.trigger or facet.trigger)
    ]
