"""What a stock check reads of our listings, and writes to them and to its run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.orm import Session

from portal.exports.comparing import Finding, Ours, Verdict
from portal.exports.reconciliation.kept import left_there
from portal.models.exports import Listing, ListingState, RunKind, Transfer, TransferState
from portal.models.runs import Match, Run
from portal.platforms.contract import Json, RemoteListing

CHUNK = 1_000
"""Listings compared in one transaction."""
UNSURE = (ListingState.CREATING, ListingState.MISSING)
Spell = Callable[[Json], Json]


@dataclass(frozen=True)
class Row:
    id: UUID
    vehicle_id: UUID
    state: str
    listing_id: str | None
    sent_payload: Json
    sent_hash: str | None
    sent_at: datetime | None
    busy: bool

    def ours(self, comparable: Spell) -> Ours:
        sent = comparable(self.sent_payload)
        known = self.sent_hash is not None
        return Ours(self.vehicle_id, self.state, sent, known, self.sent_at, self.busy)

    def shown(self, listings: Mapping[str, RemoteListing], comparable: Spell) -> Json | None:
        listing = listings.get(self.listing_id or "")
        return None if listing is None else comparable(listing.data)


def known_ids(session: Session, activation_id: UUID) -> frozenset[str]:
    """The platform's ids of our listings."""
    here = (Listing.activation_id == activation_id, Listing.listing_id.is_not(None))
    return frozenset(key for key in session.scalars(select(Listing.listing_id).where(*here)) if key)


def load(session: Session, activation_id: UUID, after: UUID | None) -> list[Row]:
    """The next listings that are, or may be, at the platform."""
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
        .where(Listing.activation_id == activation_id, Listing.state != ListingState.ABSENT)
        .order_by(Listing.id)
        .limit(CHUNK)
    )
    if after is not None:
        statement = statement.where(Listing.id > after)
    return [Row(*row) for row in session.execute(statement)]


def write(session: Session, activation_id: UUID, began: datetime, findings: Sequence[Finding]) -> None:
    """One statement for each verdict. A listing that was sent since then keeps what it has."""
    by: defaultdict[Verdict, list[Finding]] = defaultdict(list)
    for finding in findings:
        by[finding.verdict].append(finding)
    gone: dict[str, Any] = {"drift": [], "vanished_at": func.coalesce(Listing.vanished_at, began)}
    seen: dict[str, Any] = {"drift": [], "vanished_at": None, "confirmed_at": began}
    for verdict, values in ((Verdict.CONFIRMED, seen), (Verdict.VANISHED, gone)):
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
    if by[Verdict.DRIFTED]:
        rows = [{"vehicle_id": str(one.vehicle_id), "drift": one.drift} for one in by[Verdict.DRIFTED]]
        session.execute(_WRITE_DRIFT, {"activation": activation_id, "began": began, "rows": json.dumps(rows)})


_WRITE_DRIFT = text(
    """
    UPDATE listing AS l SET drift = r.drift, vanished_at = NULL
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(vehicle_id uuid, drift jsonb)
    WHERE l.activation_id = :activation AND l.vehicle_id = r.vehicle_id AND l.state = 'online'
        AND coalesce(l.sent_at < :began, true)
    """
)


def unknown(
    session: Session, activation_id: UUID, known_before: frozenset[str], listings: Sequence[RemoteListing]
) -> list[RemoteListing]:
    """Listings of the platform that belong to no vehicle of ours: neither before nor after the list was
    read, nor to one whose creation may have arrived; and that nobody left there on purpose."""
    known = known_before | known_ids(session, activation_id) | set(session.scalars(left_there(activation_id)))
    may_be_ours = select(Listing.internal_number).where(
        Listing.activation_id == activation_id, Listing.state.in_(UNSURE)
    )
    numbers = set(session.scalars(may_be_ours)) - {""}
    return [one for one in listings if one.listing_id not in known and one.internal_number not in numbers]


def write_unknown(
    session: Session, activation_id: UUID, run_id: UUID, listings: Sequence[RemoteListing]
) -> None:
    """As matches of this run; those of earlier checks are forgotten."""
    earlier = select(Run.id).where(
        Run.activation_id == activation_id, Run.kind == RunKind.CHECK, Run.id != run_id
    )
    session.execute(delete(Match).where(Match.run_id.in_(earlier)))
    rows = [_match(activation_id, run_id, listing) for listing in listings]
    if rows:
        session.execute(insert(Match), rows)


def _match(activation_id: UUID, run_id: UUID, listing: RemoteListing) -> dict[str, Any]:
    return {
        "activation_id": activation_id,
        "run_id": run_id,
        "listing_id": listing.listing_id,
        "internal_number": listing.internal_number[:80],
        "vin": listing.vin[:20],
        "title": listing.title[:300],
        "url": listing.url[:500],
    }
