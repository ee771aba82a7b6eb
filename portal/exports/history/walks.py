"""The walks that a page is merged from, as SQL that is written once: only the values differ.

To build them anew as expressions took longer than to answer them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from portal.exports.history.facets import Facet, HistoryScope, matching
from portal.exports.history.filters import HistoryFilter

FIRST, LAST = UUID(int=0), UUID(int=(1 << 128) - 1)

# What is walked over, and which transfers belong to each of its keys. `{n}` keeps the values of several
# walks in one statement apart.
_FACET_WALK = (
    """unnest(CAST(:activations{n} AS uuid[]), CAST(:locations{n} AS uuid[]), CAST(:states{n} AS text[]),
        CAST(:held{n} AS boolean[]), CAST(:actions{n} AS text[]), CAST(:triggers{n} AS text[]))
        AS k(activation_id, location_id, state, held, action, trigger)""",
    """t.activation_id = k.activation_id AND t.location_id = k.location_id AND t.state = k.state
        AND t.held = k.held AND t.action = k.action AND t.trigger = k.trigger""",
)
_NARROWED = """t.activation_id = ANY (CAST(:scope{n} AS uuid[]))
        AND CASE WHEN t.held AND t.state = 'waiting' THEN 'held' ELSE t.state END
            = ANY (CAST(:shown{n} AS text[]))
        AND (CAST(:location{n} AS uuid) IS NULL OR t.location_id = CAST(:location{n} AS uuid))
        AND (:action{n} = '' OR t.action = :action{n}) AND (:trigger{n} = '' OR t.trigger = :trigger{n})"""
_VEHICLES = (
    "unnest(CAST(:vehicles{n} AS uuid[])) AS k(vehicle_id)",
    f"t.vehicle_id = k.vehicle_id AND {_NARROWED}",
)
_RUN = (
    "unnest(CAST(:runs{n} AS uuid[])) AS k(run_id)",
    f"t.run_id = k.run_id AND {_NARROWED}",
)
_RUN_SEARCHED = (
    _RUN[0],
    f"{_RUN[1]} AND t.vehicle_id = ANY (CAST(:vehicles{{n}} AS uuid[]))",
)
_WALKS = """SELECT walk.id FROM {keys} CROSS JOIN LATERAL (
        SELECT t.id FROM transfer AS t
        WHERE {same} AND t.id >= :first{n} AND t.id < :before{n} AND t.id > :after{n}
        ORDER BY t.id {order} LIMIT :most{n}
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
            "activations": [facet.activation_id for facet in facets],
            "locations": [facet.location_id for facet in facets],
            "states": [facet.state for facet in facets],
            "held": [facet.held for facet in facets],
            "actions": [facet.action for facet in facets],
            "triggers": [facet.trigger for facet in facets],
        }

    def _narrowing(self) -> dict[str, Any]:
        wanted = self.filter
        return {
            "scope": list(self.scope.activation_ids),
            "shown": list(wanted.states),
            "location": self.scope.location_id,
            "action": wanted.action,
            "trigger": wanted.trigger,
            "runs": [wanted.run],
            "vehicles": list(self.vehicle_ids or ()),
        }


@lru_cache
def ids_statement(kind: tuple[str, str], *, ascending: bool) -> TextClause:
    order = "ASC" if ascending else "DESC"
    return text(f"SELECT id FROM ({_walks(kind, 0, order)}) AS found ORDER BY id {order} LIMIT :most0")  # noqa: S608


@lru_cache
def count_statement(*kinds: tuple[str, str]) -> TextClause:
    """As many counts, none of them above its `most`."""
    counts = (
        f"(SELECT count(*) FROM (SELECT 1 FROM ({_walks(kind, n, 'DESC')}) AS found LIMIT :most{n}) AS few)"  # noqa: S608
        for n, kind in enumerate(kinds)
    )
    return text(f"SELECT {', '.join(counts)}")


def _walks(kind: tuple[str, str], n: int, order: str) -> str:
    keys, same = (part.format(n=n) for part in kind)
    return _WALKS.format(keys=keys, same=same, n=n, order=order)
