"""The drift check (Bestand prüfen): the platform's own list, whole, beside the listings that we know.

It reads and compares, it never deletes or creates: what differs is noted on the listing, and the dealer
decides what is to be done (`control.py`). While the list is read no transaction is open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from portal.exports.core import remote_list, retries
from portal.exports.core.lease import Lease
from portal.exports.core.remote_list import CONFIRMED_AFTER, read_whole, with_details
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.drift.compare import DriftVerdict, compare_listing
from portal.exports.drift.control import CHECKED_STATES
from portal.exports.drift.listings import (
    awaits_confirmation,
    changed_elsewhere,
    find_unknown,
    known_ids,
    listing_keys,
    load_listings,
    note_protection,
    write_findings,
    write_unknown,
)
from portal.exports.trouble import breaker_state, platform_state, stopping
from portal.exports.trouble.breaker import PlatformTrouble
from portal.messages import as_json
from portal.models.exports import (
    Activation,
    RunKind,
    RunState,
)
from portal.models.runs import RUN_UNDER_WAY, Run
from portal.platforms import APPS
from portal.platforms.contract import Account, RemoteListing, Retry, Stop

LISTINGS_AT_ONCE = 1_000
"""Listings compared in one transaction."""


@dataclass(frozen=True)
class BegunCheck:
    """A check that has begun; `known` are the platform's ids of our listings by then."""

    run_id: UUID
    activation_id: UUID
    began: datetime
    app: str
    account: Account
    known: frozenset[str]


@dataclass(frozen=True)
class DriftCheck:
    """Read the list and compare, when it is due or somebody asked for it."""

    runtime: Runtime
    lease: Lease

    def take(self) -> None:
        begun = self.begin()
        if begun is None:
            return
        client = self.runtime.platform(begun.app).open(begun.account, self.runtime.stores(begun.app))
        try:
            remote = read_whole(client, begun.known)
            if remote.failure is None and self.runtime.app(begun.app).lists_summaries:
                remote = with_details(
                    client, remote, changed_elsewhere(self.runtime, begun.activation_id, remote.listings)
                )
        finally:
            client.close()
        if remote.failure is not None:
            self._note_failure(begun, remote.failure)
        else:
            counts = self.compare(begun, remote.listings)
            with self.runtime.sessions.begin() as session:
                self.lease.guard(session)
                note_protection(session, begun.activation_id, begun.began, remote.listings)
            self.finish(begun, remote.listings, counts)

    def begin(self) -> BegunCheck | None:
        with self.runtime.sessions.begin() as session:
            activation = self.lease.lock_activation(session)
            if session.scalar(check_due().where(Activation.id == activation.id)) is None:
                return None
            # The run that waits, or was left by a worker that died; by the clock a new one.
            run = session.scalars(
                select(Run).where(
                    Run.activation_id == activation.id,
                    Run.kind == RunKind.CHECK,
                    Run.state.in_(RUN_UNDER_WAY),
                )
            ).one_or_none()
            if run is None and activation.next_check_at is None:
                # It never had its turn. Activations that began together must not all be checked at once.
                activation.next_check_at = func.now() + _shift(activation.id) * self._interval
                return None
            if run is None:
                run = Run(activation_id=activation.id, kind=RunKind.CHECK, counts={})
                session.add(run)
                session.flush()
            run.state, run.started_at, run.not_before = RunState.RUNNING, func.now(), None
            session.flush()
            return BegunCheck(
                run.id,
                activation.id,
                session.execute(select(Run.started_at).where(Run.id == run.id)).scalar_one(),  # type: ignore[arg-type]
                activation.app,
                Account.from_json(activation.account),
                known_ids(session, activation.id),
            )

    def compare(self, begun: BegunCheck, listings: Sequence[RemoteListing]) -> Counter[DriftVerdict]:
        """Some at a time, each a transaction: the findings of one are written before the next is read."""
        platform, labels = self.runtime.platform(begun.app), self.runtime.app(begun.app).labels
        shown = {listing.listing_id: listing for listing in listings}
        counts: Counter[DriftVerdict] = Counter()
        with self.runtime.sessions() as session:
            keys = listing_keys(session, begun.activation_id)
        for start in range(0, len(keys), LISTINGS_AT_ONCE):
            with self.runtime.sessions.begin() as session:
                self.lease.guard(session)
                rows = load_listings(session, keys[start : start + LISTINGS_AT_ONCE])
                findings = [
                    compare_listing(
                        row.ours(platform.comparable),
                        row.shown(shown, platform.comparable),
                        begun.began,
                        labels,
                    )
                    for row in rows
                ]
                write_findings(session, begun.activation_id, begun.began, findings)
                # What is being sent right now will have its bookings from the answer, which is newer.
                there = [
                    (row.vehicle_id, shown[row.listing_id])
                    for row in rows
                    if row.listing_id in shown and not row.busy
                ]
                remote_list.note_bookings(session, begun.activation_id, begun.began, there)
            counts.update(finding.verdict for finding in findings)
        return counts

    def finish(
        self,
        begun: BegunCheck,
        listings: Sequence[RemoteListing],
        counts: Counter[DriftVerdict],
    ) -> None:
        with self.runtime.sessions.begin() as session:
            activation = self.lease.lock_activation(session)
            run = session.get_one(Run, begun.run_id)
            if run.state == RunState.CANCELLED:
                return  # the app was deactivated while the list was read
            unknown = find_unknown(session, begun.activation_id, begun.known, listings)
            beyond = write_unknown(session, begun.activation_id, begun.run_id, unknown)
            run.state, run.total, run.message = RunState.DONE, len(listings), ""
            run.counts = {**{str(one): counts[one] for one in DriftVerdict}, **beyond}
            run.finished_at = func.now()
            activation.checked_at = begun.began  # what happens since the question is not in the answer
            self._plan_next(activation, confirm=awaits_confirmation(session, activation.id, begun.began))

    def _note_failure(self, begun: BegunCheck, failure: Stop | Retry) -> None:
        """A list that could not be read whole says nothing: the run says why and is tried again."""
        with self.runtime.sessions.begin() as session:
            activation = self.lease.lock_activation(session)
            run = session.get_one(Run, begun.run_id)
            if run.state == RunState.CANCELLED:
                return
            run.attempt_count += 1
            wait = retries.delay(run.attempt_count, failure.after) if isinstance(failure, Retry) else None
            run.message = failure.reason if isinstance(failure, Retry) else failure.detail
            if wait is None:
                run.state, run.finished_at = RunState.FAILED, func.now()
                self._plan_next(activation)
            else:
                run.state, run.not_before = RunState.WAITING, func.now() + timedelta(seconds=wait)
            run.attempts = [*run.attempts, {"at": begun.began.isoformat(), "detail": as_json(run.message)}]
            session.flush()
            if isinstance(failure, Stop):
                stopping.stop(session, begun.activation_id, failure)
            elif failure.platform_wide:
                breaker_state.note_failure(
                    session,
                    begun.activation_id,
                    PlatformTrouble(failure.reason, failure.after),
                    for_all=True,
                )

    def _plan_next(self, activation: Activation, *, confirm: bool = False) -> None:
        """`confirm`: something was not found, which another look has to say as well."""
        pause = self._interval * (1 + _shift(activation.id) / 10)
        activation.next_check_at = func.now() + (min(pause, CONFIRMED_AFTER) if confirm else pause)

    @property
    def _interval(self) -> timedelta:
        return timedelta(hours=self.runtime.settings.check_hours)


def check_drift(runtime: Runtime, lease: Lease) -> None:
    DriftCheck(runtime, lease).take()


def check_due() -> Select[UUID]:
    """By the clock, asked for, or to be tried again."""
    open_run = select(Run.id).where(
        Run.activation_id == Activation.id, Run.kind == RunKind.CHECK, Run.state.in_(RUN_UNDER_WAY)
    )
    by_the_clock = _past(Activation.next_check_at) & ~open_run.exists()
    return select(Activation.id).where(
        Activation.app.in_([slug for slug, app in APPS.items() if app.kind == "api"]),
        Activation.state.in_(CHECKED_STATES),
        _past(Activation.paused_until),
        platform_state.is_well(),
        or_(by_the_clock, open_run.where(_past(Run.not_before)).exists()),
    )


def _past(moment: Any) -> ColumnElement[bool]:
    """Over, or never set."""
    return func.coalesce(moment, func.now()) <= func.now()


drift_check_task = Task("drift check", check_due, check_drift)


def _shift(activation_id: UUID) -> float:
    """Above 0 and up to 1, always the same for an activation: not all are checked at once, and none in the
    moment in which its first check is planned."""
    return (activation_id.int % 1000 + 1) / 1000
