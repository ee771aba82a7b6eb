"""Stock check (Bestand prüfen): the platform's own list, whole, beside the listings that we know.

It reads and compares, it never deletes or creates: what differs is noted on the listing, and people say
what is to be done (`repairing.py`). While the list is read no transaction is open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from portal.exports import check_rows, extras, failing, halting, retries
from portal.exports.breaker import Trouble
from portal.exports.check_requests import CHECKED
from portal.exports.comparing import Verdict, judge
from portal.exports.duties import Duty
from portal.exports.lease import Lease
from portal.exports.listing_list import read_whole
from portal.exports.runtime import Runtime
from portal.models.exports import Activation, RunKind, RunState
from portal.models.runs import RUN_UNDER_WAY, Run
from portal.platforms import APPS
from portal.platforms.contract import Account, RemoteListing, Retry, Stop


@dataclass(frozen=True)
class Check:
    """A check that has begun; `known` are the platform's ids of our listings by then."""

    run_id: UUID
    activation_id: UUID
    began: datetime
    app: str
    account: Account
    known: frozenset[str]


def check(runtime: Runtime, lease: Lease) -> None:
    """The duty itself: read the list and compare, when it is due or somebody asked for it."""
    begun = _begin(runtime, lease)
    if begun is None:
        return
    client = runtime.platform(begun.app).open(begun.account, runtime.stores(begun.app))
    try:
        remote = read_whole(client, begun.known)
    finally:
        client.close()
    if remote.failure is not None:
        _note_failure(runtime, lease, begun, remote.failure)
    else:
        counts = _compare(runtime, lease, begun, remote.listings)
        _finish(runtime, lease, begun, remote.listings, counts)


def due() -> Select[UUID]:
    """By the clock, asked for, or to be tried again."""
    open_run = select(Run.id).where(
        Run.activation_id == Activation.id, Run.kind == RunKind.CHECK, Run.state.in_(RUN_UNDER_WAY)
    )
    by_the_clock = _past(Activation.next_check_at) & ~open_run.exists()
    return select(Activation.id).where(
        Activation.app.in_([slug for slug, app in APPS.items() if app.kind == "api"]),
        Activation.state.in_(CHECKED),
        _past(Activation.paused_until),
        or_(by_the_clock, open_run.where(_past(Run.not_before)).exists()),
    )


def _past(moment: Any) -> ColumnElement[bool]:
    """Over, or never set."""
    return func.coalesce(moment, func.now()) <= func.now()


checking = Duty("stock check", due, check)


def _begin(runtime: Runtime, lease: Lease) -> Check | None:
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        if session.scalar(due().where(Activation.id == activation.id)) is None:
            return None
        run = _open_run(session, activation)
        if run is None:
            activation.next_check_at = func.now() + _shift(activation.id) * _interval(runtime)
            return None
        run.state, run.started_at, run.not_before = RunState.RUNNING, func.now(), None
        session.flush()
        return Check(
            run.id,
            activation.id,
            session.execute(select(Run.started_at).where(Run.id == run.id)).scalar_one(),  # type: ignore[arg-type]
            activation.app,
            Account.from_json(activation.account),
            check_rows.known_ids(session, activation.id),
        )


def _open_run(session: Session, activation: Activation) -> Run | None:
    """The run that waits, or was left by a worker that died; a new one by the clock.

    None when the activation has never had its turn: it gets one.
    """
    run = session.scalars(
        select(Run).where(
            Run.activation_id == activation.id, Run.kind == RunKind.CHECK, Run.state.in_(RUN_UNDER_WAY)
        )
    ).one_or_none()
    if run is None and activation.next_check_at is not None:
        run = Run(activation_id=activation.id, kind=RunKind.CHECK, counts={})
        session.add(run)
        session.flush()
    return run


def _interval(runtime: Runtime) -> timedelta:
    return timedelta(hours=runtime.settings.check_hours)


def _shift(activation_id: UUID) -> float:
    """Between 0 and 1, always the same for an activation: not all are checked at once."""
    return activation_id.int % 1000 / 1000


def _compare(
    runtime: Runtime, lease: Lease, begun: Check, listings: Sequence[RemoteListing]
) -> Counter[Verdict]:
    """Listing by listing, some in each transaction; what this says is written at once."""
    platform, labels = runtime.platform(begun.app), runtime.app(begun.app).labels
    shown = {listing.listing_id: listing for listing in listings}
    counts: Counter[Verdict] = Counter()
    last = None
    while True:
        with runtime.sessions.begin() as session:
            lease.guard(session)
            rows = check_rows.load(session, begun.activation_id, last)
            findings = [
                judge(
                    row.ours(platform.comparable), row.shown(shown, platform.comparable), begun.began, labels
                )
                for row in rows
            ]
            check_rows.write(session, begun.activation_id, begun.began, findings)
            there = [
                (row.vehicle_id, shown[row.listing_id])
                for row in rows
                if row.listing_id in shown and not row.busy
            ]
            extras.note_seen(session, begun.activation_id, begun.began, there)
        counts.update(finding.verdict for finding in findings)
        if len(rows) < check_rows.CHUNK:
            return counts
        last = rows[-1].id


def _finish(
    runtime: Runtime,
    lease: Lease,
    begun: Check,
    listings: Sequence[RemoteListing],
    counts: Counter[Verdict],
) -> None:
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        run = session.get_one(Run, begun.run_id)
        if run.state == RunState.CANCELLED:
            return
        unknown = check_rows.unknown(session, begun.activation_id, begun.known, listings)
        check_rows.write_unknown(session, begun.activation_id, begun.run_id, unknown)
        run.state, run.total, run.message = RunState.DONE, len(listings), ""
        run.counts = {**{str(one): counts[one] for one in Verdict}, "unknown": len(unknown)}
        run.finished_at = func.now()
        activation.checked_at = begun.began
        _next(activation, runtime)


def _next(activation: Activation, runtime: Runtime) -> None:
    activation.next_check_at = func.now() + _interval(runtime) * (1 + _shift(activation.id) / 10)


def _note_failure(runtime: Runtime, lease: Lease, begun: Check, failure: Stop | Retry) -> None:
    """A list that could not be read whole says nothing: the run says why and is tried again."""
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        run = session.get_one(Run, begun.run_id)
        if run.state == RunState.CANCELLED:
            return
        run.attempt_count += 1
        wait = retries.delay(run.attempt_count, failure.after) if isinstance(failure, Retry) else None
        run.message = failure.reason if isinstance(failure, Retry) else failure.detail
        if wait is None:
            run.state, run.finished_at = RunState.FAILED, func.now()
            _next(activation, runtime)
        else:
            run.state, run.not_before = RunState.WAITING, func.now() + timedelta(seconds=wait)
        run.attempts = [*run.attempts, {"at": begun.began.isoformat(), "detail": run.message}]
        session.flush()
        if isinstance(failure, Stop):
            halting.stop(session, begun.activation_id, failure)
        elif failure.platform_wide:
            failing.note_failure(session, begun.activation_id, Trouble(failure.reason, failure.after))
