"""The platform's list is read whole, matched with our stock and kept: for people, if anything is left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, text
from sqlalchemy.orm import Session

from portal.exports.listing_list import read_twice
from portal.exports.matching import Matched, Method, Ours, Pair, match
from portal.exports.reconciliation import finishing, stock
from portal.exports.reconciliation.assignment import Assignment
from portal.models.exports import Activation, RunState
from portal.models.runs import Match, Run
from portal.notices.problems import ProblemKind, open_problem
from portal.platforms.contract import RemoteListing

MANY = 500
ANALYZE = text("ANALYZE match, publication, vehicle")
"""The pages join what has just been written: with statistics of an empty table that takes seconds."""
CONFIRMED = (Method.BY_HAND, Method.SUGGESTION)


@dataclass(frozen=True)
class Found:
    listings: Sequence[RemoteListing]
    wanted: Sequence[Ours]
    matched: Matched


def read_and_match(assignment: Assignment) -> None:
    """Raises LeaseLost, Outdated or ReferenceUnavailable."""
    with assignment.client() as client:
        remote = read_twice(client)
    if remote.failure is not None:
        assignment.note_failure(remote.failure)
        return
    found = _match(assignment, remote.listings)
    with assignment.writing() as (session, activation, run):
        run.started_at, run.not_before, run.message = func.now(), None, ""
        _keep(session, run, found)
        if len(found.listings) + len(found.wanted) >= MANY:
            session.execute(ANALYZE)
        _go_on(session, activation, run, found)


def _match(assignment: Assignment, listings: Sequence[RemoteListing]) -> Found:
    with assignment.runtime.sessions() as session:
        vehicles, keys = _settled(session, assignment.run.id)
    activation = assignment.context.activation
    here = stock.load(
        assignment.runtime.sessions, assignment.context, assignment.mapper(), stock.candidates(activation)
    )
    wanted = [one for one in here.wanted if one.vehicle_id not in vehicles]
    others = [one for one in here.others if one.vehicle_id not in vehicles]
    free = [one for one in listings if one.listing_id not in keys]
    matched = match([*wanted, *stock.known_only(others)], free)
    return Found(listings, wanted, _with_unreleased(matched, others, free))


def _with_unreleased(matched: Matched, others: Collection[Ours], free: Collection[RemoteListing]) -> Matched:
    """What is left there may be a vehicle that is in stock and not released: worth saying, never taken."""
    taken = {pair.listing_id for pair in (*matched.pairs, *matched.suggestions)}
    left = [one for one in free if one.listing_id not in taken]
    hints = match(others, left).pairs
    unreleased = (Pair(one.vehicle_id, one.listing_id, Method.NOT_RELEASED) for one in hints)
    return Matched(matched.pairs, (*matched.suggestions, *unreleased))


def _settled(session: Session, run_id: UUID) -> tuple[set[UUID], set[str]]:
    """Vehicles and listings of which people have said what is to become."""
    rows = session.execute(
        select(Match.vehicle_id, Match.listing_id).where(Match.run_id == run_id, _is_settled())
    ).all()
    return {row[0] for row in rows if row[0]}, {row[1] for row in rows if row[1]}


def _is_settled() -> Any:
    return or_(Match.method.in_(CONFIRMED), Match.decision != "")


def _keep(session: Session, run: Run, found: Found) -> None:
    """Replace what an earlier look found; what people have decided stays, unless it is gone there."""
    session.execute(delete(Match).where(Match.run_id == run.id, ~_is_settled()))
    there = {one.listing_id for one in found.listings}
    left = select(Match.id, Match.listing_id).where(Match.run_id == run.id, Match.listing_id.is_not(None))
    settled = {listing_id: key for key, listing_id in session.execute(left)}
    gone = [key for listing_id, key in settled.items() if listing_id not in there]
    session.execute(delete(Match).where(Match.id.in_(gone)))
    store(session, run, [one for one in found.listings if one.listing_id not in settled], found)


def store(session: Session, run: Run, listings: Sequence[RemoteListing], found: Found) -> None:
    """A row for each listing, in the order of their titles, and one for each vehicle that is only here."""
    pairs = {pair.listing_id: pair for pair in found.matched.pairs}
    hints = {pair.listing_id: pair for pair in found.matched.suggestions}
    place = {"run_id": run.id, "activation_id": run.activation_id}
    ordered = sorted(listings, key=lambda one: (one.title.casefold(), one.listing_id))
    rows = [place | _row(one, pairs.get(one.listing_id), hints.get(one.listing_id)) for one in ordered]
    if rows:
        session.execute(insert(Match), rows)
    paired = {pair.vehicle_id for pair in found.matched.pairs}
    alone = [place | {"vehicle_id": one.vehicle_id} for one in found.wanted if one.vehicle_id not in paired]
    if alone:
        session.execute(insert(Match), alone)


def _row(listing: RemoteListing, pair: Pair | None, hint: Pair | None) -> dict[str, Any]:
    how = pair or hint
    return {
        "listing_id": listing.listing_id,
        "vehicle_id": pair.vehicle_id if pair else None,
        "suggested_id": hint.vehicle_id if hint and not pair else None,
        "method": how.method if how else "",
        "distance": how.distance if how else None,
        "internal_number": listing.internal_number[:80],
        "vin": listing.vin[:20],
        "title": listing.title[:300],
        "url": listing.url[:500],
        "facts": asdict(listing.facts),
        "bookings": None if listing.bookings is None else list(listing.bookings),
    }


def _go_on(session: Session, activation: Activation, run: Run, found: Found) -> None:
    """Complete by itself where there is nothing to ask, else wait for the dealer."""
    if finishing.needs_nobody(session, activation, run, len(found.listings)):
        finishing.complete_by_itself(session, activation, run, len(found.listings))
        return
    run.state = RunState.HELD
    session.flush()
    detail = finishing.numbers(session, activation, run)
    run.counts = detail
    open_problem(session, activation, ProblemKind.RECONCILIATION, subject_id=run.id, detail=detail)
