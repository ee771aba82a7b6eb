"""The drift check (Bestand prüfen): the platform's own list, whole, beside the listings that we know.

It reads and compares, it never deletes or creates: what differs is noted on the listing, and the dealer
decides what is to be done (`control.py`). While the list is read no transaction is open.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from portal.exports.core import remote_list, retries
from portal.exports.core.lease import Lease
from portal.exports.core.remote_list import read_whole, with_details
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.drift.compare import DriftFinding, DriftVerdict, SentListing, compare_listing
from portal.exports.drift.control import CHECKED_STATES
from portal.exports.drift.summaries import changed_elsewhere, note_protection
from portal.exports.reconciliation.sides import MatchDecision, left_there_ids
from portal.exports.trouble import breaker_state, platform_state, stopping
from portal.exports.trouble.breaker import PlatformTrouble
from portal.models.base import any_of
from portal.models.exports import (
    Activation,
    Listing,
    ListingState,
    RunKind,
    RunState,
    Transfer,
    TransferState,
)
from portal.models.runs import RUN_UNDER_WAY, Match, Run
from portal.platforms import APPS
from portal.platforms.contract import Account, Json, RemoteListing, Retry, Stop
from portal.translations.message import as_json

LISTINGS_AT_ONCE = 1_000
"""Listings compared in one transaction."""
MAY_HAVE_ARRIVED = (ListingState.CREATING, ListingState.MISSING)
Comparable = Callable[[Json], Json]


@dataclass(frozen=True)
class CheckedListing:
    id: UUID
    vehicle_id: UUID
    state: str
    listing_id: str | None
    sent_payload: Json
    sent_hash: str | None
    sent_at: datetime | None
    busy: bool

    def ours(self, comparable: Comparable) -> SentListing:
        sent = comparable(self.sent_payload)
        known = self.sent_hash is not None
        return SentListing(self.vehicle_id, self.state, sent, known, self.sent_at, self.busy)

    def shown(self, listings: Mapping[str, RemoteListing], comparable: Comparable) -> Json | None:
        listing = listings.get(self.listing_id or "")
        return None if listing is None else comparable(listing.data)


def known_ids(session: Session, activation_id: UUID) -> frozenset[str]:
    """The platform's ids of our listings."""
    here = (Listing.activation_id == activation_id, Listing.listing_id.is_not(None))
    return frozenset(key for key in session.scalars(select(Listing.listing_id).where(*here)) if key)


def listing_keys(session: Session, activation_id: UUID) -> list[UUID]:
    """Of the listings that are, or may be, at the platform. Read once: to ask for the next thousand again and
    again may have PostgreSQL sort all that are left each time."""
    here = (Listing.activation_id == activation_id, Listing.state != ListingState.ABSENT)
    return sorted(session.scalars(select(Listing.id).where(*here)))


def load_listings(session: Session, keys: Sequence[UUID]) -> list[CheckedListing]:
    """Those that are there still."""
    busy = exists().where(
        Transfer.activation_id == Listing.activation_id,
        Transfer.vehicle_id == Listing.vehicle_id,
        Transfer.state == TransferState.SENDING,
    )
    statement = (
        select(
            Listing.id,
            Listing.vehicle_id,
            Listing.state,
            Listing.listing_id,
            Listing.sent_payload,
            Listing.sent_hash,
            Listing.sent_at,
            busy,
        )
        .where(any_of(Listing.id, keys), Listing.state != ListingState.ABSENT)
        .order_by(Listing.id)
    )
    return [CheckedListing(*row) for row in session.execute(statement)]


def write_findings(
    session: Session, activation_id: UUID, began: datetime, findings: Sequence[DriftFinding]
) -> None:
    """One statement for each verdict. A listing that was sent since then keeps what it has."""
    by: defaultdict[DriftVerdict, list[DriftFinding]] = defaultdict(list)
    for finding in findings:
        by[finding.verdict].append(finding)
    gone: dict[str, Any] = {"drift": [], "vanished_at": func.coalesce(Listing.vanished_at, began)}
    seen: dict[str, Any] = {"drift": [], "vanished_at": None, "confirmed_at": began}
    for verdict, values in ((DriftVerdict.CONFIRMED, seen), (DriftVerdict.VANISHED, gone)):
        if by[verdict]:
            session.execute(
                update(Listing)
                .where(
                    Listing.activation_id == activation_id,
                    Listing.vehicle_id.in_([finding.vehicle_id for finding in by[verdict]]),
                    Listing.state == ListingState.ONLINE,
                    func.coalesce(Listing.sent_at < began, True),
                )
                .values(values)
            )
    if by[DriftVerdict.DRIFTED]:
        rows = [{"vehicle_id": str(one.vehicle_id), "drift": one.drift} for one in by[DriftVerdict.DRIFTED]]
        session.execute(_WRITE_DRIFT, {"activation": activation_id, "began": began, "rows": json.dumps(rows)})


_WRITE_DRIFT = text(
    """
    UPDATE listing AS l SET drift = r.drift, vanished_at = NULL
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(vehicle_id uuid, drift jsonb) CROSS JOIN LATERAL (
        SELECT id FROM listing WHERE activation_id = :activation AND vehicle_id = r.vehicle_id OFFSET 0) AS k
    WHERE l.id = k.id AND l.state = 'online' AND coalesce(l.sent_at < :began, true)
    """
)
"""OFFSET 0 keeps it a look-up for one vehicle after the other: joined, PostgreSQL reads all of an activation
that it takes for a small one."""


def find_unknown(
    session: Session, activation_id: UUID, known_before: frozenset[str], listings: Sequence[RemoteListing]
) -> list[RemoteListing]:
    """Listings of the platform that belong to no vehicle of ours: neither before nor after the list was
    read, nor to one whose creation may have arrived. Also those that somebody left there on purpose."""
    known = known_before | known_ids(session, activation_id)
    may_be_ours = select(Listing.internal_number).where(
        Listing.activation_id == activation_id, Listing.state.in_(MAY_HAVE_ARRIVED)
    )
    numbers = set(session.scalars(may_be_ours)) - {""}
    return [one for one in listings if one.listing_id not in known and one.internal_number not in numbers]


def write_unknown(
    session: Session, activation_id: UUID, run_id: UUID, listings: Sequence[RemoteListing]
) -> dict[str, int]:
    """As matches of this run; those of earlier checks are forgotten. What a reconciliation left there on
    purpose is marked as such and counted apart: it is no surprise, and yet it is there."""
    left_there = set(session.scalars(left_there_ids(activation_id)))
    earlier = select(Run.id).where(
        Run.activation_id == activation_id, Run.kind == RunKind.CHECK, Run.id != run_id
    )
    session.execute(delete(Match).where(Match.run_id.in_(earlier)))
    rows = [
        {
            "activation_id": activation_id,
            "run_id": run_id,
            "listing_id": listing.listing_id,
            "internal_number": listing.internal_number[:80],
            "vin": listing.vin[:20],
            "title": listing.title[:300],
            "url": listing.url[:500],
            "decision": MatchDecision.KEEP if listing.listing_id in left_there else "",
        }
        for listing in listings
    ]
    if rows:
        session.execute(insert(Match), rows)
    kept = sum(1 for row in rows if row["decision"])
    return {"unknown": len(rows) - kept, "kept": kept}


@dataclass(frozen=True)
class BegunCheck:
    """A check that has begun; `known` are the platform's ids of our listings by then."""

    run_id: UUID
    activation_id: UUID
    began: datetime
    app: str
    account: Account
    known: frozenset[str]


def check_drift(runtime: Runtime, lease: Lease) -> None:
    """Read the list and compare, when it is due or somebody asked for it."""
    begun = _begin(runtime, lease)
    if begun is None:
        return
    client = runtime.platform(begun.app).open(begun.account, runtime.stores(begun.app))
    try:
        remote = read_whole(client, begun.known)
        if remote.failure is None and runtime.app(begun.app).lists_summaries:
            remote = with_details(
                client, remote, changed_elsewhere(runtime, begun.activation_id, remote.listings)
            )
    finally:
        client.close()
    if remote.failure is not None:
        _note_failure(runtime, lease, begun, remote.failure)
    else:
        counts = _compare(runtime, lease, begun, remote.listings)
        with runtime.sessions.begin() as session:
            lease.guard(session)
            note_protection(session, begun.activation_id, begun.began, remote.listings)
        _finish(runtime, lease, begun, remote.listings, counts)


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


def _begin(runtime: Runtime, lease: Lease) -> BegunCheck | None:
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        if session.scalar(check_due().where(Activation.id == activation.id)) is None:
            return None
        # The run that waits, or was left by a worker that died; by the clock a new one.
        run = session.scalars(
            select(Run).where(
                Run.activation_id == activation.id, Run.kind == RunKind.CHECK, Run.state.in_(RUN_UNDER_WAY)
            )
        ).one_or_none()
        if run is None and activation.next_check_at is None:
            # It never had its turn. Activations that began together must not all be checked at once.
            activation.next_check_at = func.now() + _shift(activation.id) * _interval(runtime)
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


def _interval(runtime: Runtime) -> timedelta:
    return timedelta(hours=runtime.settings.check_hours)


def _shift(activation_id: UUID) -> float:
    """Between 0 and 1, always the same for an activation: not all are checked at once."""
    return activation_id.int % 1000 / 1000


def _compare(
    runtime: Runtime, lease: Lease, begun: BegunCheck, listings: Sequence[RemoteListing]
) -> Counter[DriftVerdict]:
    """Some at a time, each a transaction: the findings of one are written before the next is read."""
    platform, labels = runtime.platform(begun.app), runtime.app(begun.app).labels
    shown = {listing.listing_id: listing for listing in listings}
    counts: Counter[DriftVerdict] = Counter()
    with runtime.sessions() as session:
        keys = listing_keys(session, begun.activation_id)
    for start in range(0, len(keys), LISTINGS_AT_ONCE):
        with runtime.sessions.begin() as session:
            lease.guard(session)
            rows = load_listings(session, keys[start : start + LISTINGS_AT_ONCE])
            findings = [
                compare_listing(
                    row.ours(platform.comparable), row.shown(shown, platform.comparable), begun.began, labels
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


def _finish(
    runtime: Runtime,
    lease: Lease,
    begun: BegunCheck,
    listings: Sequence[RemoteListing],
    counts: Counter[DriftVerdict],
) -> None:
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        run = session.get_one(Run, begun.run_id)
        if run.state == RunState.CANCELLED:
            return  # the app was deactivated while the list was read
        unknown = find_unknown(session, begun.activation_id, begun.known, listings)
        beyond = write_unknown(session, begun.activation_id, begun.run_id, unknown)
        run.state, run.total, run.message = RunState.DONE, len(listings), ""
        run.counts = {**{str(one): counts[one] for one in DriftVerdict}, **beyond}
        run.finished_at = func.now()
        activation.checked_at = begun.began  # what happens since the question is not in the answer
        _plan_next(activation, runtime)


def _plan_next(activation: Activation, runtime: Runtime) -> None:
    activation.next_check_at = func.now() + _interval(runtime) * (1 + _shift(activation.id) / 10)


def _note_failure(runtime: Runtime, lease: Lease, begun: BegunCheck, failure: Stop | Retry) -> None:
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
            _plan_next(activation, runtime)
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
