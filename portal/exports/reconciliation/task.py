"""What a worker does of a reconciliation, before anything is sent: read, match latecomers, delete, conclude.

Listings that are to be deleted have no vehicle here, so no transfer either. The task itself deletes them
before the activation becomes active, a handful at a time; each request is accounted on the run. Repeated
after a crash: what is gone already counts as deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from portal.exports.core import retries
from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.planning.cases import Outdated
from portal.exports.reconciliation.assignment import Assignment, take_up
from portal.exports.reconciliation.finish import conclude
from portal.exports.reconciliation.read import match_latecomers, read_and_match, take_over_as_decided
from portal.exports.reconciliation.sides import MatchDecision
from portal.exports.trouble import breaker_state, platform_state, stopping
from portal.exports.trouble.breaker import PlatformTrouble
from portal.models.exports import Activation, ActivationState, RunKind, RunState
from portal.models.runs import RUN_UNDER_WAY, Match, Run
from portal.platforms.contract import (
    Accepted,
    Answer,
    Gone,
    ReferenceUnavailable,
    Rejected,
    Retry,
    Stop,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Deletions:
    """The listings that the dealer wants gone, a handful at a time. Raises LeaseLost or Outdated."""

    assignment: Assignment

    def carry_out(self) -> bool:
        """False when the rest has to wait."""
        assignment = self.assignment
        size = assignment.runtime.app(assignment.context.activation.app).parallel
        with assignment.client() as client:
            while batch := self.next_batch(size):
                with ThreadPoolExecutor(len(batch)) as pool:
                    answers = list(pool.map(client.delete, batch))
                if not self.write(list(zip(batch, answers, strict=True))):
                    return False
        return True

    def next_batch(self, size: int) -> Sequence[str]:
        with self.assignment.runtime.sessions() as session:
            return session.scalars(_left_to_delete(self.assignment.run).limit(size)).all()

    def write(self, asked: Sequence[tuple[str, Answer]]) -> bool:
        """Account for what was asked; False when the rest has to wait."""
        now = self.assignment.clock.now()
        with self.assignment.writing() as (session, activation, run):
            attempts = [
                {
                    "at": now.isoformat(),
                    "action": "delete",
                    "listing_id": listing_id,
                    "outcome": type(answer.outcome).__name__.lower(),
                    "exchanges": [exchange.as_json() for exchange in answer.exchanges],
                }
                for listing_id, answer in asked
            ]
            run.attempts = [*run.attempts, *attempts]
            _decide(session, run, MatchDecision.DELETED, _keys(asked, Accepted, Gone))
            _decide(session, run, MatchDecision.REFUSED, _keys(asked, Rejected))
            later = [answer.outcome for _, answer in asked if isinstance(answer.outcome, (Retry, Stop))]
            return not later or _wait(session, activation, run, later, now)


def delete_and_conclude(assignment: Assignment) -> None:
    """Raises LeaseLost or Outdated."""
    deleting = any("listing_id" in attempt for attempt in assignment.run.attempts)
    if not deleting and not take_over_as_decided(assignment):
        return
    if not Deletions(assignment).carry_out():
        return
    with assignment.writing() as (session, activation, run):
        refused = select(func.count()).where(Match.run_id == run.id, Match.decision == MatchDecision.REFUSED)
        run.counts = run.counts | {"refused": session.scalar(refused) or 0}
        conclude(session, activation, run)


def _left_to_delete(run: Run) -> Any:
    to_delete = (Match.run_id == run.id, Match.decision == MatchDecision.DELETE)
    return select(Match.listing_id).where(*to_delete).order_by(Match.id)


def _keys(asked: Sequence[tuple[str, Answer]], *outcomes: type) -> list[str]:
    return [key for key, answer in asked if isinstance(answer.outcome, outcomes)]


def _decide(session: Session, run: Run, decision: MatchDecision, listing_ids: Sequence[str]) -> None:
    here = (Match.run_id == run.id, Match.listing_id.in_(listing_ids))
    session.execute(update(Match).where(*here).values(decision=decision))


def _wait(
    session: Session, activation: Activation, run: Run, later: Sequence[Retry | Stop], now: datetime
) -> bool:
    """Until the next attempt by the plan; where it is used up, what is left is given up and said so."""
    stops = [outcome for outcome in later if isinstance(outcome, Stop)]
    if stops:
        session.flush()
        stopping.stop(session, activation.id, stops[0])
        return False
    retry = next(outcome for outcome in later if isinstance(outcome, Retry))
    if retry.platform_wide:
        trouble = PlatformTrouble(retry.reason, retry.after)
        breaker_state.note_failure(session, activation.id, trouble, for_all=True)
    run.attempt_count += 1
    run.message = retry.reason
    # A platform that is down as a whole is asked for ever, a single refused deletion is not.
    plan = retries.pause if retry.platform_wide else retries.delay
    wait = plan(run.attempt_count, retry.after)
    if wait is None:
        left = session.scalars(_left_to_delete(run)).all()
        _decide(session, run, MatchDecision.REFUSED, left)
        return True
    run.not_before = now + timedelta(seconds=wait)
    return False


STEP_OF_STATE: dict[str, Callable[[Assignment], None]] = {
    RunState.WAITING: read_and_match,
    RunState.HELD: match_latecomers,
    RunState.RUNNING: delete_and_conclude,
}
"""HELD: the dealer is asked; what is released meanwhile is matched too."""


def reconcile(runtime: Runtime, lease: Lease) -> None:
    """One step of the reconciliation that is open, if there is one."""
    while assignment := take_up(runtime, lease):
        try:
            try:
                STEP_OF_STATE[assignment.run.state](assignment)
            except ReferenceUnavailable as error:
                assignment.note_failure(Retry(str(error)))
            return
        except Outdated:
            log.info("%s changed during its reconciliation", lease.activation_id)


def reconciliation_due() -> Select[UUID]:
    """Where the platform is to be asked. What waits for the dealer's decision is not due."""
    return _open_in(*RUN_UNDER_WAY)


def worth_a_look() -> Select[UUID]:
    """The same for a ring: what was released while the dealer decides is matched too."""
    return _open_in(*RUN_UNDER_WAY, RunState.HELD)


def _open_in(*states: RunState) -> Select[UUID]:
    run = select(Run.id).where(
        Run.activation_id == Activation.id,
        Run.kind == RunKind.RECONCILIATION,
        Run.state.in_(states),
        func.coalesce(Run.not_before, func.now()) <= func.now(),
    )
    return select(Activation.id).where(
        Activation.state == ActivationState.RECONCILING, platform_state.is_well(), run.exists()
    )


reconciliation_task = Task("reconciliation", reconciliation_due, reconcile, worth_a_look)
