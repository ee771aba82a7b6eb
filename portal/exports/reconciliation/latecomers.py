"""Vehicles that were released after the platform's list was read: matched with what is still open there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.exports.matching import Pair, match
from portal.exports.reconciliation import stock
from portal.exports.reconciliation.assignment import Assignment
from portal.models.runs import Match, Run
from portal.platforms.contract import RemoteFacts, RemoteListing


def match_latecomers(assignment: Assignment) -> None:
    """Raises LeaseLost, Outdated or ReferenceUnavailable."""
    with assignment.runtime.sessions() as session:
        new = _new(session, assignment)
        listings = _open_listings(session, assignment.run) if new else []
    if not new:
        return
    here = stock.load(assignment.runtime.sessions, assignment.context, assignment.mapper(), new)
    matched = match(here.wanted, listings)
    with assignment.writing() as (session, _activation, run):
        open_ones = {one.listing_id for one in _open_listings(session, run)}
        missing = set(_new(session, assignment))
        pairs = [one for one in matched.pairs if one.listing_id in open_ones and one.vehicle_id in missing]
        hints = [one for one in matched.suggestions if one.listing_id in open_ones]
        _write(session, run, pairs, hints, missing)


def _new(session: Session, assignment: Assignment) -> Sequence[UUID]:
    known = select(Match.vehicle_id).where(Match.run_id == assignment.run.id, Match.vehicle_id.is_not(None))
    wanted = stock.wanted_ids(assignment.context.activation, assignment.context.rules)
    return session.scalars(wanted.except_(known)).all()


def _open_listings(session: Session, run: Run) -> list[RemoteListing]:
    """As the platform listed them, undecided and without a suggestion of a vehicle that is released."""
    rows = session.scalars(
        select(Match).where(
            Match.run_id == run.id,
            Match.listing_id.is_not(None),
            Match.vehicle_id.is_(None),
            Match.decision == "",
        )
    )
    return [_listing(row) for row in rows]


def _listing(row: Match) -> RemoteListing:
    facts = RemoteFacts(**row.facts)
    return RemoteListing(row.listing_id or "", row.internal_number, row.vin, row.url, row.title, {}, facts)


def _write(session: Session, run: Run, pairs: Sequence[Pair], hints: Sequence[Pair], new: set[UUID]) -> None:
    for one in pairs:
        _update(session, run, one, vehicle_id=one.vehicle_id, suggested_id=None)
    for one in hints:
        _update(session, run, one, suggested_id=one.vehicle_id)
    alone = new - {one.vehicle_id for one in pairs}
    place = {"run_id": run.id, "activation_id": run.activation_id}
    if alone:
        session.execute(insert(Match), [place | {"vehicle_id": key} for key in sorted(alone)])


def _update(session: Session, run: Run, pair: Pair, **columns: UUID | None) -> None:
    here = (Match.run_id == run.id, Match.listing_id == pair.listing_id)
    session.execute(update(Match).where(*here).values(method=pair.method, distance=pair.distance, **columns))
