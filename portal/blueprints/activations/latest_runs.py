"""The last stock check and the open runs of activations: one query for all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.models.exports import RunKind, RunState
from portal.models.runs import RUN_UNDER_WAY, Run

ENDED_RUNS = (RunState.DONE, RunState.FAILED)


@dataclass(frozen=True)
class LatestRuns:
    """`checked` read the whole list, `failed` is a later check that could not; the others are under way."""

    checked: Run | None = None
    failed: Run | None = None
    checking: Run | None = None
    full: Run | None = None
    releasing: Run | None = None

    def followed_by(self, run: Run) -> LatestRuns:
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
    newest = session.scalars(_NEWEST, {"activations": activation_ids})
    found: dict[UUID, LatestRuns] = {}
    for run in sorted(newest, key=lambda run: run.id):
        found[run.activation_id] = found.get(run.activation_id, NO_RUNS).followed_by(run)
    return found


_NEWEST = (
    select(Run)
    .ext(distinct_on(Run.activation_id, Run.kind, Run.state))
    .where(
        Run.activation_id.in_(bindparam("activations", expanding=True)),
        Run.kind.in_((RunKind.CHECK, RunKind.FULL, RunKind.RELEASE)),
        Run.state.in_((*RUN_UNDER_WAY, *ENDED_RUNS)),
    )
    .order_by(Run.activation_id, Run.kind, Run.state, Run.id.desc())
)
