"""From decisions to listings, once. In the caller's transaction; activation and run are held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.activation_log import log_at
from portal.audit import PORTAL, Who
from portal.exports.core import remote_list
from portal.exports.planning.cases import rules_of
from portal.exports.reconciliation import control
from portal.exports.reconciliation.sides import MatchDecision, SideCounts, Sides, count_sides
from portal.mandate import demand_consent
from portal.messages import Wording, say
from portal.models.exports import Activation, ActivationState, Listing, ListingState, RunState, Trigger
from portal.models.plans import refresh_statistics
from portal.models.runs import Match, Run
from portal.models.vehicles import Publication
from portal.notifications.problems import ProblemKind, close_problem
from portal.outbox import note_activation, ring_after_commit

MAX_LIST_AGE = timedelta(seconds=20)
"""What was read before is looked at once more: while a dealer decides, listings come and paid extras change,
and half a list may come twice in a row."""


class FinishStatus(StrEnum):
    """OPEN: something is undecided. CHANGED: not what was shown. CLOSED: somebody was faster."""

    DONE = "done"
    OPEN = "open"
    CHANGED = "changed"
    CLOSED = "closed"


@dataclass(frozen=True)
class FinishResult:
    how: FinishStatus
    counts: SideCounts | None = None


def finish(session: Session, activation: Activation, who: Who, shown: str) -> FinishResult:
    """End the reconciliation as it was shown (`confirmation_key` of its counts). A second click finds it
    closed."""
    sides = control.hold_sides(session, activation)
    if sides is None:
        return FinishResult(FinishStatus.CLOSED)
    counts = count_sides(session, sides)
    if counts.open:
        return FinishResult(FinishStatus.OPEN, counts)
    if confirmation_key(counts) != shown:
        return FinishResult(FinishStatus.CHANGED, counts)
    if counts.of(MatchDecision.CREATE) or counts.of(MatchDecision.DELETE):
        demand_consent(session)
    run = sides.run
    run.counts, run.attempts, run.attempt_count = _decided_counts(counts), [], 0
    close_problem(session, activation.id, ProblemKind.RECONCILIATION, "finished")
    log_at(session, who, "reconciliation.finished", activation, run.id, run.counts)
    long_ago = session.scalar(select(Run.started_at < func.now() - MAX_LIST_AGE).where(Run.id == run.id))
    if counts.of(MatchDecision.DELETE) or (long_ago and (counts.matched or counts.of(MatchDecision.CREATE))):
        run.state = RunState.RUNNING
        ring_after_commit(session, [activation.id])
    else:
        take_over(session, activation, run)
        conclude(session, activation, run)
    return FinishResult(FinishStatus.DONE, counts)


def confirmation_key(counts: SideCounts) -> str:
    """What a confirmation is bound to: these numbers."""
    return "-".join(str(number) for number in (*_decided_counts(counts).values(), counts.leaving))


def needs_no_decision(session: Session, activation: Activation, run: Run, listings: int) -> bool:
    """The platform holds nothing, or everything matched by itself and nothing is left on either side."""
    if not listings:
        return True
    counts = count_sides(session, _sides(run, activation))
    return not (counts.open or counts.only_here or counts.only_there)


def complete_automatically(session: Session, activation: Activation, run: Run, listings: int) -> None:
    """Without a question. Of an empty platform nothing can be doubled: everything here is new there."""
    here = (Match.run_id == run.id, Match.listing_id.is_(None))
    session.execute(update(Match).where(*here).values(decision=MatchDecision.CREATE))
    counts = count_sides(session, _sides(run, activation))
    run.counts = _decided_counts(counts)
    take_over(session, activation, run)
    log_at(session, PORTAL, "reconciliation.completed", activation, run.id, run.counts)
    conclude(session, activation, run)
    if not listings:
        run.message = _all_new(counts)
    else:
        run.message = say(
            "Alle Inserate der Plattform wurden von selbst zugeordnet: {matched}.", matched=counts.matched
        )


def _all_new(counts: SideCounts) -> Wording:
    if counts.new_blocked:
        return say(
            "Die Plattform hatte keine Inserate. Neu eingestellt werden: {vehicles}. "
            "Nicht gesendet, weil Angaben fehlen: {blocked}.",
            vehicles=counts.new,
            blocked=counts.new_blocked,
        )
    return say("Die Plattform hatte keine Inserate. Neu eingestellt werden: {vehicles}.", vehicles=counts.new)


def conclude(session: Session, activation: Activation, run: Run) -> None:
    """The last step: from now on is sent, and what changed meanwhile goes out."""
    counts = run.counts
    refused = counts.get("refused", 0)
    run.state = RunState.PARTIAL if refused else RunState.DONE
    run.finished_at, run.not_before = func.now(), None
    run.total = run.accepted = counts["adopted"]
    run.message = say(
        "Übernommen: {adopted}. Neu: {new}. Nicht gesendet, weil Angaben fehlen: {blocked}. "
        "Nicht veröffentlicht: {withheld}. "
        "Auf der Plattform belassen: {kept}. Dort gelöscht: {deleted}.",
        blocked=counts.get("blocked", 0),  # decided in a version that did not count them
        adopted=counts["adopted"],
        new=counts["new"],
        withheld=counts["withheld"],
        kept=counts["kept"],
        deleted=counts["deleted"] - refused,
    )
    activation.state = ActivationState.ACTIVE
    # What is new was shown and confirmed: for the mass-change guard this is a first transfer, from now on.
    activation.activated_at = func.now()
    activation.counted_from = None
    note_activation(session, activation, Trigger.BY_HAND)


def open_counts(session: Session, activation: Activation, run: Run) -> dict[str, int]:
    """What waits for a decision."""
    counts = count_sides(session, _sides(run, activation))
    return {
        "matched": counts.matched,
        "suggested": counts.suggested,
        "here": counts.only_here,
        "there": counts.only_there,
    }


def _sides(run: Run, activation: Activation) -> Sides:
    return Sides(run, activation, rules_of(activation.dealer))


def _decided_counts(counts: SideCounts) -> dict[str, int]:
    return {
        "adopted": counts.matched,
        "new": counts.new,
        "blocked": counts.new_blocked,
        "withheld": counts.of(MatchDecision.WITHHOLD),
        "kept": counts.of(MatchDecision.KEEP),
        "deleted": counts.of(MatchDecision.DELETE),
    }


def take_over(session: Session, activation: Activation, run: Run) -> None:
    """Pairs become our listings; what is withheld is released no more. Harmless to repeat. First the rows
    that wait, then publications and listings: the order in which a worker locks them."""
    note_activation(session, activation, Trigger.BY_HAND)
    withheld = select(Match.vehicle_id).where(
        Match.run_id == run.id, Match.decision == MatchDecision.WITHHOLD
    )
    session.execute(
        update(Publication)
        .where(Publication.activation_id == activation.id, Publication.vehicle_id.in_(withheld))
        .values(released=False)
    )
    # Listings of an earlier activation that the platform's whole list does not show any more.
    paired = exists().where(
        Match.run_id == run.id, Match.vehicle_id == Listing.vehicle_id, Match.listing_id.is_not(None)
    )
    session.execute(
        update(Listing)
        .where(Listing.activation_id == activation.id, Listing.state != ListingState.ABSENT, ~paired)
        .values(_ABSENT)
    )
    _adopt(session, run)


def _adopt(session: Session, run: Run) -> None:
    """A pair becomes our listing: online under the platform's id, never created. Without `sent_hash`
    today's data follow as an update."""
    pairs = select(
        Match.activation_id,
        Match.vehicle_id,
        Match.listing_id,
        Match.url,
        Match.internal_number,
        literal(str(ListingState.ONLINE), String),
    ).where(Match.run_id == run.id, Match.listing_id.is_not(None), Match.vehicle_id.is_not(None))
    columns = ["activation_id", "vehicle_id", "listing_id", "url", "internal_number", "state"]
    statement = insert(Listing).from_select(columns, pairs)
    taken = {name: statement.excluded[name] for name in columns[2:]}
    adopted = statement.on_conflict_do_update(
        index_elements=["activation_id", "vehicle_id"], set_={**taken, **_UNKNOWN_CONTENT}
    )
    refresh_statistics(session, len(session.scalars(adopted.returning(Listing.id)).all()), Listing)
    remote_list.adopt_bookings(session, run.id)


_UNKNOWN_CONTENT: dict[str, Any] = {
    "creation_id": None,
    "pending_hash": None,
    "sent_hash": None,
    "refused_hash": None,
    "vanished_at": None,
}
_ABSENT: dict[str, Any] = _UNKNOWN_CONTENT | {
    "state": ListingState.ABSENT,
    "listing_id": None,
    "url": None,
    "online_since": None,
    "bookings": [],
    "kept_bookings": [],
}
