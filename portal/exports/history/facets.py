"""Which kinds of transfers an activation has: the few combinations of location, state, held, action, trigger.

The index `ix_transfer_facets` holds the transfers of each combination in the order of time. Whatever is
filtered, a page is then the merge of a few short walks over that index: it costs the same with a
thousand rows and with millions, and a filter that matches nothing is found empty at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.exports.history.filters import HistoryFilter, shown_state


@dataclass(frozen=True)
class Facet:
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
    return [Facet(*row) for row in session.execute(_FACETS, {"activations": list(activation_ids)})]


_FACETS = text(
    """
    SELECT facet.* FROM unnest(CAST(:activations AS uuid[])) AS a(id) CROSS JOIN LATERAL (
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
