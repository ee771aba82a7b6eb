"""What a drift check reads of our listings and writes to them, and what it finds beyond them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.orm import Session

from portal.exports.core.remote_list import CONFIRMED_AFTER
from portal.exports.core.runtime import Runtime
from portal.exports.drift.compare import DriftFinding, DriftVerdict, SentListing
from portal.exports.reconciliation.sides import MatchDecision, left_there_ids
from portal.models.base import any_of
from portal.models.exports import (
    Listing,
    ListingState,
    RunKind,
    Transfer,
    TransferState,
    Trigger,
)
from portal.models.runs import Match, Run
from portal.outbox import note_forced
from portal.platforms.contract import Json, RemoteListing

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


def awaits_confirmation(session: Session, activation_id: UUID, began: datetime) -> bool:
    """Whether something that the check of this moment did not find was missed by no check long enough before,
    so that it still counts as known (`remote_list.online_ids`)."""
    missed_lately = Listing.vanished_at > began - CONFIRMED_AFTER
    return bool(session.scalar(select(exists().where(Listing.activation_id == activation_id, missed_lately))))


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


# Of a list that only names its listings: which of them have to be read whole, and which the dealer locked.


CLOCKS_APART = timedelta(minutes=2)
"""A change that the platform dates so shortly after ours is ours."""


def changed_elsewhere(runtime: Runtime, activation_id: UUID, listings: Sequence[RemoteListing]) -> set[str]:
    """Ids of our listings that the platform says were changed after we sent them last."""
    with runtime.sessions() as session:
        rows = session.execute(
            select(Listing.listing_id, Listing.sent_at).where(
                Listing.activation_id == activation_id, Listing.listing_id.is_not(None)
            )
        )
        sent = {row.listing_id: row.sent_at for row in rows}
    return {
        one.listing_id
        for one in listings
        if one.changed_at is not None
        and (ours := sent.get(one.listing_id)) is not None
        and one.changed_at > ours + CLOCKS_APART
    }


def note_protection(
    session: Session, activation_id: UUID, began: datetime, listings: Sequence[RemoteListing]
) -> None:
    """Locks by dealers that the list shows: nothing is sent for these. Where one is gone, what waited for it
    is sent."""
    locked = [one.listing_id for one in listings if one.protected]
    here = (Listing.activation_id == activation_id, Listing.state == ListingState.ONLINE)
    sent_before = func.coalesce(Listing.sent_at < began, True)
    session.execute(
        update(Listing)
        .where(*here, Listing.listing_id.in_(locked), Listing.protected_at.is_(None), sent_before)
        .values(protected_at=began)
    )
    free = select(Listing.vehicle_id).where(
        *here, Listing.protected_at < began, Listing.listing_id.not_in(locked)
    )
    vehicle_ids = list(session.scalars(free))
    if vehicle_ids:
        # First the rows that wait, then the listings: the order in which a worker locks them.
        note_forced(session, activation_id, Trigger.SCHEDULE, vehicle_ids)
        session.execute(
            update(Listing)
            .where(*here, Listing.vehicle_id.in_(vehicle_ids))
            .values(protected_at=None, last_result="", last_feedback=[], last_transfer_id=None)
        )
