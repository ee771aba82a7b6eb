"""The platform's list is read whole, matched with our stock and kept; what is left over is for the dealer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from portal.exports.core.remote_list import note_bookings, read_twice, with_details
from portal.exports.planning.cases import Outdated
from portal.exports.planning.queue import store_checks
from portal.exports.reconciliation import control, finish, sides
from portal.exports.reconciliation.assignment import Assignment
from portal.exports.reconciliation.matching import (
    MatchedPair,
    MatchMethod,
    MatchResult,
    OurVehicle,
    match_stocks,
)
from portal.exports.reconciliation.sides import MatchDecision, OurStock
from portal.models.base import any_of
from portal.models.exports import RunState
from portal.models.runs import Match, Run
from portal.models.vehicles import Vehicle
from portal.notifications.problems import ProblemKind, open_problem
from portal.platforms.contract import RemoteFacts, RemoteListing

ANALYZE_FROM = 500
ANALYZE = text("ANALYZE match, publication, vehicle")
CONFIRMED_METHODS = (MatchMethod.BY_HAND, MatchMethod.SUGGESTION)


@dataclass(frozen=True)
class MatchedStocks:
    listings: Sequence[RemoteListing]
    stock: OurStock
    wanted: Sequence[OurVehicle]
    matched: MatchResult


def read_and_match(assignment: Assignment) -> None:
    """Raises LeaseLost, Outdated or ReferenceUnavailable."""
    with assignment.client() as client:
        remote = read_twice(client)
        if remote.failure is None and assignment.lists_summaries:
            remote = with_details(client, remote, {one.listing_id for one in remote.listings})
    if remote.failure is not None:
        assignment.note_failure(remote.failure)
        return
    found = _match_with_stock(assignment, remote.listings)
    with assignment.writing() as (session, activation, run):
        run.started_at, run.not_before, run.message = func.now(), None, ""
        _keep(session, run, found)
        _note_checks(session, assignment, run, found.stock)
        if finish.needs_no_decision(session, activation, run, len(found.listings)):
            finish.complete_automatically(session, activation, run, len(found.listings))
            return
        run.state = RunState.HELD
        session.flush()
        counts = finish.open_counts(session, activation, run)
        run.counts = run.counts | counts
        open_problem(session, activation, ProblemKind.RECONCILIATION, subject_id=run.id, detail=counts)


def _match_with_stock(assignment: Assignment, listings: Sequence[RemoteListing]) -> MatchedStocks:
    """Apart from what was decided already where the list is read again. Who decided that a vehicle is to be
    made anew had not seen what has come since: that is matched with it all the same."""
    with assignment.runtime.sessions() as session:
        of_run = Match.run_id == assignment.run.id
        decided = select(Match.vehicle_id, Match.listing_id, Match.decision).where(of_run, _is_settled())
        settled = session.execute(decided).all()
        seen = set(session.scalars(select(Match.listing_id).where(of_run, Match.listing_id.is_not(None))))
    to_create = {row.vehicle_id for row in settled if row.decision == MatchDecision.CREATE}
    vehicles = {row.vehicle_id for row in settled if row.vehicle_id} - to_create
    keys = {row.listing_id for row in settled if row.listing_id}
    activation = assignment.context.activation
    here = sides.load_stock(
        assignment.runtime.sessions, assignment.context, assignment.mapper(), sides.candidate_ids(activation)
    )
    wanted = [one for one in here.wanted if one.vehicle_id not in vehicles]
    others = [one for one in here.others if one.vehicle_id not in vehicles]
    free = [one for one in listings if one.listing_id not in keys]
    matched = match_stocks([*wanted, *sides.known_only(others)], free)

    def is_news(pair: MatchedPair) -> bool:
        return pair.vehicle_id not in to_create or pair.listing_id not in seen

    matched = MatchResult(tuple(filter(is_news, matched.pairs)), tuple(filter(is_news, matched.suggestions)))
    return MatchedStocks(listings, here, wanted, _with_unreleased(matched, others, free))


def _with_unreleased(
    matched: MatchResult, others: Collection[OurVehicle], free: Collection[RemoteListing]
) -> MatchResult:
    """What is left there may be a vehicle that is in stock and not released: worth saying, never taken."""
    taken = {pair.listing_id for pair in (*matched.pairs, *matched.suggestions)}
    left = [one for one in free if one.listing_id not in taken]
    hints = match_stocks(others, left).pairs
    unreleased = (MatchedPair(one.vehicle_id, one.listing_id, MatchMethod.NOT_RELEASED) for one in hints)
    return MatchResult(matched.pairs, (*matched.suggestions, *unreleased))


def _is_settled() -> ColumnElement[bool]:
    """Of a match: somebody has confirmed it, or decided about it."""
    return or_(Match.method.in_(CONFIRMED_METHODS), Match.decision != "")


def _keep(session: Session, run: Run, found: MatchedStocks) -> None:
    """Replace what an earlier look found; what was decided stays, unless the listing is gone. The pages join
    what is written here: with the statistics of before they take the square of it."""
    paired = [pair.vehicle_id for pair in found.matched.pairs]
    no_more_alone = and_(Match.listing_id.is_(None), any_of(Match.vehicle_id, paired))
    session.execute(delete(Match).where(Match.run_id == run.id, or_(~_is_settled(), no_more_alone)))
    there = {one.listing_id for one in found.listings}
    left = select(Match.id, Match.listing_id).where(Match.run_id == run.id, Match.listing_id.is_not(None))
    settled = {listing_id: key for key, listing_id in session.execute(left)}
    gone = [key for listing_id, key in settled.items() if listing_id not in there]
    session.execute(delete(Match).where(Match.id.in_(gone)))
    store_matches(session, run, [one for one in found.listings if one.listing_id not in settled], found)
    if len(found.listings) + len(found.wanted) >= ANALYZE_FROM:
        session.execute(ANALYZE)


def store_matches(
    session: Session, run: Run, listings: Sequence[RemoteListing], found: MatchedStocks
) -> None:
    """A row for each listing, in the order of their titles, and one for each vehicle that is only here."""
    pairs = {pair.listing_id: pair for pair in found.matched.pairs}
    hints = {pair.listing_id: pair for pair in found.matched.suggestions}
    place = {"run_id": run.id, "activation_id": run.activation_id}
    ordered = sorted(listings, key=lambda one: (one.title.casefold(), one.listing_id))
    rows = [place | _row(one, pairs.get(one.listing_id), hints.get(one.listing_id)) for one in ordered]
    if rows:
        session.execute(insert(Match), rows)
    decided = select(Match.vehicle_id).where(Match.run_id == run.id, Match.listing_id.is_(None))
    known = {pair.vehicle_id for pair in found.matched.pairs} | set(session.scalars(decided))
    alone = [place | {"vehicle_id": one.vehicle_id} for one in found.wanted if one.vehicle_id not in known]
    if alone:
        session.execute(insert(Match), alone)


def _row(listing: RemoteListing, pair: MatchedPair | None, hint: MatchedPair | None) -> dict[str, Any]:
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


def match_latecomers(assignment: Assignment) -> None:
    """Vehicles that were released after the platform's list was read: matched with what is still open there.
    What was changed since is checked again, so that the numbers to be confirmed are those that happen.

    Raises LeaseLost, Outdated or ReferenceUnavailable."""
    with assignment.runtime.sessions() as session:
        new = set(_unmatched_vehicles(session, assignment))
        listings = _open_listings(session, assignment.run) if new else []
        changed = set(session.scalars(_changed_vehicles(assignment)))
    if not new | changed:
        return
    here = sides.load_stock(
        assignment.runtime.sessions, assignment.context, assignment.mapper(), new | changed
    )
    matched = match_stocks([one for one in here.wanted if one.vehicle_id in new], listings)
    with assignment.writing() as (session, _activation, run):
        _note_checks(session, assignment, run, here)
        # The dealer went on deciding while we matched: only what is still open takes part.
        open_ones = {one.listing_id for one in _open_listings(session, run)}
        missing = set(_unmatched_vehicles(session, assignment))
        pairs = [one for one in matched.pairs if one.listing_id in open_ones and one.vehicle_id in missing]
        hints = [one for one in matched.suggestions if one.listing_id in open_ones]
        for one in pairs:
            _update_listing(session, run, one, vehicle_id=one.vehicle_id, suggested_id=None)
        for one in hints:
            _update_listing(session, run, one, suggested_id=one.vehicle_id)
        place = {"run_id": run.id, "activation_id": run.activation_id}
        if alone := missing - {one.vehicle_id for one in pairs}:
            session.execute(insert(Match), [place | {"vehicle_id": key} for key in sorted(alone)])


def take_over_as_decided(assignment: Assignment) -> bool:
    """Look at the platform's list once more, then take over. False where it cannot be read.

    Raises LeaseLost or Outdated, the latter also where listings have come and something was to be made anew:
    then the list is read as at the beginning, and the dealer is asked again."""
    asked = assignment.clock.now()
    with assignment.client() as client:
        remote = client.remote_listings()
    if remote.failure is not None:
        assignment.note_failure(remote.failure)
        return False
    with assignment.writing() as (session, activation, run):
        ours = select(Match.listing_id, Match.vehicle_id).where(
            Match.run_id == run.id, Match.listing_id.is_not(None)
        )
        vehicles = {row.listing_id: row.vehicle_id for row in session.execute(ours)}
        came = sum(one.listing_id not in vehicles for one in remote.listings)
        asked_again = bool(came and run.counts["new"] + run.counts.get("blocked", 0))
        if asked_again:
            control.ask_again(session, activation, run, came)
        else:
            finish.take_over(session, activation, run)
            # Extras that run by now: the first update of what was taken over must not drop them.
            pairs = ((vehicles.get(one.listing_id), one) for one in remote.listings)
            note_bookings(session, activation.id, asked, ((key, one) for key, one in pairs if key))
    if asked_again:
        raise Outdated(assignment.lease.activation_id)
    return True


CHECKED_AT = "checked_at"
STILL_BEING_SAVED = timedelta(minutes=1)
"""A vehicle may carry the beginning of the transaction that was committed after we looked."""


def _note_checks(session: Session, assignment: Assignment, run: Run, stock: OurStock) -> None:
    store_checks(session, run.activation_id, stock.checks, stock.noted)
    checked_at = assignment.clock.now() - STILL_BEING_SAVED
    run.counts = run.counts | {CHECKED_AT: checked_at.isoformat()}


def _changed_vehicles(assignment: Assignment) -> Select[UUID]:
    wanted = sides.wanted_ids(assignment.context.activation, assignment.context.rules)
    since = assignment.run.counts.get(CHECKED_AT)
    return wanted.where(Vehicle.updated_at > datetime.fromisoformat(since)) if since else wanted


def _unmatched_vehicles(session: Session, assignment: Assignment) -> Sequence[UUID]:
    known = select(Match.vehicle_id).where(Match.run_id == assignment.run.id, Match.vehicle_id.is_not(None))
    wanted = sides.wanted_ids(assignment.context.activation, assignment.context.rules)
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
    return [
        RemoteListing(
            listing_id=row.listing_id or "",
            internal_number=row.internal_number,
            vin=row.vin,
            url=row.url,
            title=row.title,
            facts=RemoteFacts(**row.facts),
        )
        for row in rows
    ]


def _update_listing(session: Session, run: Run, pair: MatchedPair, **columns: UUID | None) -> None:
    here = (Match.run_id == run.id, Match.listing_id == pair.listing_id)
    session.execute(update(Match).where(*here).values(method=pair.method, distance=pair.distance, **columns))
