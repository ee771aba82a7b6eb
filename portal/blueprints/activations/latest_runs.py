"""The last stock check and the open runs of activations: one query for all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import any_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.models.exports import RunKind, RunState
from portal.models.prepared import array_of, places, question
from portal.models.runs import RUN_UNDER_WAY, Run

ENDED_RUNS = (RunState.DONE, RunState.FAILED)


class LatestRun(NamedTuple):
    """What pages of an activation show of it."""

    id: UUID
    activation_id: UUID
    kind: str
    state: str
    total: int
    accepted: int
    counts: dict[str, Any]
    started_at: datetime | None


@dataclass(frozen=True)
class LatestRuns:
    """`checked` read the whole list, `failed` is a later check that could not; the others are under way."""

    checked: LatestRun | None = None
    failed: LatestRun | None = None
    checking: LatestRun | None = None
    full: LatestRun | None = None
    releasing: LatestRun | None = None

    def followed_by(self, run: LatestRun) -> LatestRuns:
        """With a run that is newer than all of these."""
        if run.kind == RunKind.FULL:
            return replace(self, full=run) if run.state in RUN_UNDER_WAY else self
        if run.kind == RunKind.RELEASE:
            return replace(self, releasing=run) if run.state in RUN_UNDER_WAY else self
        if run.state in RUN_UNDER_WAY:
            return replace(self, checking=run)
        if run.state == RunState.DONE:
            return replace(self, checked=run, failed=None)
        return replace(self, failed=run)


NO_RUNS = LatestRuns()


def load_latest_runs(session: Session, activation_ids: Collection[UUID]) -> dict[UUID, LatestRuns]:
    newest = [LatestRun(*row) for row in _NEWEST.ask(session, activations=array_of(activation_ids))]
    found: dict[UUID, LatestRuns] = {}
    for run in sorted(newest, key=lambda run: run.id):
        found[run.activation_id] = found.get(run.activation_id, NO_RUNS).followed_by(run)
    return found


_NEWEST = question(
    select(*(getattr(Run, name) for name in LatestRun._fields))
    .ext(distinct_on(Run.activation_id, Run.kind, Run.state))
    .where(
        Run.activation_id == any_(places("activations")),
        Run.kind.in_((RunKind.CHECK, RunKind.FULL, RunKind.RELEASE)),
        Run.state.in_((*RUN_UNDER_WAY, *ENDED_RUNS)),
    )
    .order_by(Run.activation_id, Run.kind, Run.state, Run.id.desc()),
    planned_once=False,
)
