"""Which transfers a page shows and how many there are, whatever the size of the table.

Time is the order of the ids (UUIDv7), so a period is a range of ids and a page begins at an id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, case, cast, column, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from portal.exports.history.facets import Facet, Scope, matching
from portal.exports.history.filters import HELD, HistoryFilter
from portal.models import Transfer, Vehicle
from portal.models.exports import TransferState

COUNT_LIMIT = 10_000
"""Counting stops here; beyond it the exact number helps nobody and would cost a scan."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEARCH_LIMIT = 200
"""Vehicles that a search may mean; more of them need a more exact search."""


@dataclass(frozen=True)
class Query:
    """A filter with everything that its names stand for. `vehicle_ids` is None without a search."""

    filter: HistoryFilter
    scope: Scope
    facets: tuple[Facet, ...]
    """Those of the activations in scope, before filtering."""
    now: datetime
    vehicle_ids: tuple[UUID, ...] | None = None

    @property
    def first(self) -> UUID:
        return first_id(self.now - timedelta(hours=self.filter.period))


@dataclass(frozen=True)
class Page:
    """Ids, newest first; where a neighbouring page begins, None where there is none."""

    ids: tuple[UUID, ...]
    newer: UUID | None = None
    older: UUID | None = None


@dataclass(frozen=True)
class Counts:
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


def find_page(session: Session, query: Query) -> Page:
    """A page that `after` leaves too short is the newest one, and is shown full."""
    wanted = query.filter
    if wanted.after is None:
        return _older_page(session, query)
    ids = _ids(session, query, wanted.rows + 1, ascending=True)
    if len(ids) <= wanted.rows:
        return _older_page(session, replace(query, filter=replace(wanted, after=None)))
    shown = tuple(reversed(ids[: wanted.rows]))
    return Page(shown, newer=shown[0], older=shown[-1])


def _older_page(session: Session, query: Query) -> Page:
    wanted = query.filter
    ids = _ids(session, query, wanted.rows + 1)
    shown = tuple(ids[: wanted.rows])
    newer = None if wanted.before is None else (shown[0] if shown else wanted.before)
    return Page(shown, newer=newer, older=shown[-1] if len(ids) > wanted.rows else None)


def count(session: Session, query: Query) -> Counts:
    """Both counts in one query; where the filter lets everything through they are the same."""
    whole = HistoryFilter(period=query.filter.period, result="all")
    everything = Query(whole, replace(query.scope, location_id=None), query.facets, query.now)
    if _lets_all_through(query):
        total = session.scalar(select(_counted(everything))) or 0
        return Counts(total, total)
    return Counts(*session.execute(select(_counted(query), _counted(everything))).one())


def _lets_all_through(query: Query) -> bool:
    passing = matching(query.facets, query.filter, query.scope)
    chosen = query.vehicle_ids is not None or query.filter.run is not None
    return not chosen and len(passing) == len(query.facets)


def walk(session: Session, query: Query, chunk: int = 1000) -> Iterator[list[UUID]]:
    """All ids of a filter, newest first, in chunks: memory stays flat and no transaction grows old.

    Transfers that arrive meanwhile are newer than the first chunk and do not disturb.
    """
    here = replace(query, filter=replace(query.filter, before=None, after=None))
    while ids := _ids(session, here, chunk):
        yield ids
        here = replace(here, filter=replace(here.filter, before=ids[-1]))


def _ids(session: Session, query: Query, limit: int, *, ascending: bool = False) -> list[UUID]:
    found = _walks(query, limit, ascending=ascending)
    order = found.c.id.asc() if ascending else found.c.id.desc()
    return list(session.scalars(select(found.c.id).order_by(order).limit(limit)))


def _counted(query: Query) -> Any:
    every = replace(query, filter=replace(query.filter, before=None, after=None))
    some = select(_walks(every, COUNT_LIMIT + 1).c.id).limit(COUNT_LIMIT + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _walks(query: Query, limit: int, *, ascending: bool = False) -> Any:
    """One walk of at most `limit` ids over an index for each facet, for a run, or for each vehicle
    searched for."""
    keys, same = _keys(query)
    order = Transfer.id.asc() if ascending else Transfer.id.desc()
    walk = select(Transfer.id).where(*same, *_range(query)).order_by(order).limit(limit).lateral()
    return select(walk.c.id).select_from(keys).join(walk, true()).subquery()


def _keys(query: Query) -> tuple[Any, list[Any]]:
    if query.filter.run is not None:
        return _of_run(query, query.filter.run)
    return _searched(query) if query.vehicle_ids is not None else _faceted(query)


def _of_run(query: Query, run_id: UUID) -> tuple[Any, list[Any]]:
    """Served by the index ix_transfer_run, in the order of time."""
    keys = _unnest({"run_id": [run_id]})
    searched = () if query.vehicle_ids is None else (Transfer.vehicle_id.in_(query.vehicle_ids),)
    return keys, [Transfer.run_id == keys.c.run_id, *searched, *_narrowed(query)]


def _faceted(query: Query) -> tuple[Any, list[Any]]:
    facets = matching(query.facets, query.filter, query.scope)
    columns = (
        Transfer.activation_id,
        Transfer.location_id,
        Transfer.state,
        Transfer.held,
        Transfer.action,
        Transfer.trigger,
    )
    keys = _unnest({column.key: [getattr(facet, column.key) for facet in facets] for column in columns})
    return keys, [column == keys.c[column.key] for column in columns]


def _searched(query: Query) -> tuple[Any, list[Any]]:
    keys = _unnest({"vehicle_id": list((query.vehicle_ids or ())[:SEARCH_LIMIT])})
    return keys, [Transfer.vehicle_id == keys.c.vehicle_id, *_narrowed(query)]


def _narrowed(query: Query) -> list[Any]:
    """The filter as conditions, where the facets are not what is walked over."""
    wanted, scope = query.filter, query.scope
    same = [Transfer.activation_id.in_(scope.activation_ids), _shown_in(wanted.states)]
    chosen = (
        (Transfer.location_id, scope.location_id),
        (Transfer.action, wanted.action),
        (Transfer.trigger, wanted.trigger),
    )
    return same + [column == value for column, value in chosen if value]


def _shown_in(states: frozenset[str]) -> Any:
    """Transfers in one of these states, as `shown_state` knows them."""
    held = Transfer.held & (Transfer.state == TransferState.WAITING)
    return case((held, HELD), else_=Transfer.state).in_(states)


def _unnest(columns: dict[str, list[Any]]) -> Any:
    """A table from lists of equal length; `_type` knows what each holds."""
    types = {name: _type(name) for name in columns}
    arrays = [
        cast(literal(values, ARRAY(types[name])), ARRAY(types[name])) for name, values in columns.items()
    ]
    return (
        func.unnest(*arrays).table_valued(*(column(name, types[name]) for name in columns)).render_derived()
    )


def _type(name: str) -> Any:
    if name == "held":
        return Boolean()
    return Uuid() if name.endswith("_id") else Text()


def _range(query: Query) -> list[Any]:
    wanted = query.filter
    bounds = [Transfer.id >= query.first]
    if wanted.before:
        bounds.append(Transfer.id < wanted.before)
    if wanted.after:
        bounds.append(Transfer.id > wanted.after)
    return bounds
