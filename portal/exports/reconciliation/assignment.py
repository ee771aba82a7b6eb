"""What a worker knows when it takes up a reconciliation, and the check that it still holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.exports.core import retries
from portal.exports.core.lease import DatabaseClock, Lease, read_clock
from portal.exports.core.runtime import Runtime
from portal.exports.planning.cases import ExportContext, Outdated, rules_of
from portal.exports.reconciliation.control import open_run
from portal.exports.trouble import breaker_state, stopping
from portal.exports.trouble.breaker import PlatformTrouble
from portal.messages import as_json
from portal.models.exports import Activation, ActivationState
from portal.models.runs import Run
from portal.platforms.contract import Account, Client, Mapper, Retry, Stop

ATTEMPTS_KEPT = 20
"""Failed looks at the platform that a run remembers."""


@dataclass(frozen=True)
class Assignment:
    """`context` and `run` are detached, as they were when it was taken up."""

    runtime: Runtime
    lease: Lease
    context: ExportContext
    run: Run
    clock: DatabaseClock

    @contextmanager
    def writing(self) -> Iterator[tuple[Session, Activation, Run]]:
        """A transaction in which lease, settings and the run's state are still what they were.

        Raises LeaseLost or Outdated.
        """
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease, to_change=True)
            run = session.scalars(open_run(self.lease.activation_id).with_for_update()).one_or_none()
            if run is None or (run.id, run.state) != (self.run.id, self.run.state):
                raise Outdated(self.lease.activation_id)
            yield session, session.get_one(Activation, self.lease.activation_id), run

    @property
    def lists_summaries(self) -> bool:
        return self.runtime.app(self.context.activation.app).lists_summaries

    @contextmanager
    def client(self) -> Iterator[Client]:
        slug = self.context.activation.app
        client = self.runtime.platform(slug).open(self.context.account, self.runtime.stores(slug))
        try:
            yield client
        finally:
            client.close()

    def mapper(self) -> Mapper:
        """Raises ReferenceUnavailable."""
        context, slug = self.context, self.context.activation.app
        platform, stores = self.runtime.platform(slug), self.runtime.stores(slug)
        return platform.mapper(context.activation.settings, context.account, context.rules, stores)

    def note_failure(self, failure: Stop | Retry) -> None:
        """Keep the run with its reason and its next attempt; what stops the account stops the activation."""
        now = self.clock.now()
        with self.writing() as (session, activation, run):
            run.attempt_count += 1
            if isinstance(failure, Stop):
                run.message, run.not_before = failure.detail, None  # asked again when the activation goes on
            else:
                # A platform that is down is asked by the plan, for ever: nobody has to come back for it.
                pause = timedelta(seconds=retries.pause(run.attempt_count, failure.after))
                run.message, run.not_before = failure.reason, now + pause
                if failure.platform_wide:
                    trouble = PlatformTrouble(failure.reason, failure.after)
                    breaker_state.note_failure(session, activation.id, trouble, for_all=True)
            attempt = {
                "at": now.isoformat(),
                "outcome": type(failure).__name__.lower(),
                "detail": as_json(run.message),
                "not_before": run.not_before.isoformat() if run.not_before else None,
            }
            run.attempts = [*run.attempts, attempt][-ATTEMPTS_KEPT:]
            if isinstance(failure, Stop):
                session.flush()
                stopping.stop(session, activation.id, failure)


def take_up(runtime: Runtime, lease: Lease) -> Assignment | None:
    """None where no reconciliation is open, or its next attempt is not due."""
    with runtime.sessions() as session:
        clock = read_clock(session)
        activation = session.scalars(
            select(Activation)
            .where(Activation.id == lease.activation_id, Activation.state == ActivationState.RECONCILING)
            .options(selectinload(Activation.dealer))
        ).one_or_none()
        run = session.scalars(open_run(lease.activation_id)).one_or_none()
        if activation is None or run is None:
            return None
        if run.not_before is not None and run.not_before > clock.now():
            return None
        context = ExportContext(
            activation, Account.from_json(activation.account), rules_of(activation.dealer), clock
        )
        session.expunge_all()
    return Assignment(runtime, lease, context, run, clock)
