"""Trial transfer (Testübertragung): one chosen vehicle is sent to where the platform keeps listings that
nobody sees, and taken away again.

It tells what the platform says of the data, and it changes nothing: neither what we know of the vehicle's
listing, nor what waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import Who
from portal.exports.core import retries
from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.full_transfer.control import trigger_of
from portal.exports.planning.cases import Release, load_cases, rules_of, stored_releases
from portal.exports.planning.outcome import serialize_attempt, serialize_feedback
from portal.exports.trial_leftovers import TrialLeft, is_taken_away, note_left
from portal.exports.trouble import platform_state
from portal.messages import Wording, say
from portal.models.exports import AT_WORK, Activation, RunKind, RunState
from portal.models.runs import OPEN_RUN, RUN_UNDER_WAY, Run, RunVehicle
from portal.models.vehicles import Vehicle
from portal.outbox import ring_after_commit
from portal.platforms import APPS
from portal.platforms.contract import (
    Accepted,
    Account,
    Answer,
    Client,
    Exchange,
    Feedback,
    ImageStore,
    Json,
    Outcome,
    Pending,
    Prepared,
    Protected,
    ReferenceUnavailable,
    Rejected,
    Retry,
    Rules,
    Stop,
    Subject,
    TrialPlatform,
)

MOST_ATTEMPTS = 4
"""Somebody waits in front of the page: what the platform does not take within minutes is said."""
WAITED_FOR = timedelta(minutes=10)
"""For an answer that comes later."""
LOST = say("Die Plattform kennt das Testinserat nicht mehr. Bitte versuchen Sie es noch einmal.")
NO_ANSWER = say("Die Plattform hat das Testinserat gespeichert, aber noch nicht fertig geprüft.")


class TrialResult(StrEnum):
    """LEFT_OUT: our own look found what the platform would refuse, so nothing was sent."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    HINTED = "hinted"
    REJECTED = "rejected"
    LEFT_OUT = "left_out"
    FAILED = "failed"


def keeps_trials_apart(activation: Activation) -> bool:
    """Whether its platform has a place for listings that nobody sees."""
    return APPS[activation.app].keeps_trials_apart


def can_try(activation: Activation) -> bool:
    return keeps_trials_apart(activation) and activation.state in AT_WORK


def request_trial(session: Session, activation: Activation, vehicle: Vehicle, who: Who) -> UUID | None:
    """Have one vehicle tried; None where another trial of this app is under way."""
    run_id: UUID | None = session.scalar(
        insert(Run)
        .values(activation_id=activation.id, kind=RunKind.TRIAL, trigger=trigger_of(who), user_id=who.user_id)
        .on_conflict_do_nothing(index_elements=["activation_id", "kind"], index_where=text(OPEN_RUN))
        .returning(Run.id)
    )
    if run_id is not None:
        number = vehicle.offer_number
        session.add(
            RunVehicle(run_id=run_id, vehicle_id=vehicle.id, number=number, result=TrialResult.WAITING)
        )
        ring_after_commit(session, [activation.id])
    return run_id


def last_trial(session: Session, activation_id: UUID) -> tuple[Run, RunVehicle, Vehicle] | None:
    """The newest one, with its vehicle."""
    statement = (
        select(Run, RunVehicle, Vehicle)
        .join(RunVehicle, RunVehicle.run_id == Run.id)
        .join(Vehicle, Vehicle.id == RunVehicle.vehicle_id)
        .where(Run.activation_id == activation_id, Run.kind == RunKind.TRIAL)
        .order_by(Run.id.desc())
        .limit(1)
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def trial_due() -> Select[UUID]:
    """Asked for, or to be looked at again."""
    waits = select(Run.id).where(
        Run.activation_id == Activation.id,
        Run.kind == RunKind.TRIAL,
        Run.state.in_(RUN_UNDER_WAY),
        func.coalesce(Run.not_before, func.now()) <= func.now(),
    )
    return select(Activation.id).where(
        Activation.app.in_([slug for slug, app in APPS.items() if app.keeps_trials_apart]),
        Activation.state.in_(AT_WORK),
        platform_state.is_well(),
        waits.exists(),
    )


@dataclass(frozen=True)
class BegunTrial:
    """`listing_id` of the listing that waits for the platform's answer; empty before it was sent."""

    run_id: UUID
    app: str
    account: Account
    settings: Json
    rules: Rules
    subject: Subject | None
    """None: the vehicle is gone for good."""
    listing_id: str
    is_last_look: bool
    """Whatever the platform answers, it is not asked again."""

    def look(self, client: Client, prepared: Prepared) -> TrialAnswer:
        """What became of one that the platform was not done with."""
        answer, left = client.poll({self.listing_id: prepared.payload})[self.listing_id], False
        if self.is_last_look or not isinstance(answer.outcome, (Pending, Retry)):
            left = not is_taken_away(client.delete(self.listing_id))
        return TrialAnswer(answer.outcome, prepared, answer.exchanges, left)

    def send(self, client: Client, prepared: Prepared, our_key: str) -> TrialAnswer:
        # A worker that died may have left one there, and nothing tells two creations of one vehicle apart.
        there = client.remote_listings()
        if there.failure is not None:
            return TrialAnswer(there.failure, prepared)
        before = [listing.listing_id for listing in there.listings if listing.our_key == our_key]
        left = [key for key in before if not is_taken_away(client.delete(key))]
        answer = client.create(prepared.payload, str(self.run_id))
        if isinstance(answer.outcome, Accepted):
            created = answer.outcome.listing_id
            left += [] if is_taken_away(client.delete(created)) else [created]
        unknown = isinstance(answer.outcome, Retry)  # it may have been stored all the same
        return TrialAnswer(answer.outcome, prepared, answer.exchanges, bool(left) or unknown)

    def as_left(self) -> TrialLeft:
        number = self.subject.vehicle.offer_number if self.subject else ""
        return TrialLeft(self.subject.key if self.subject else "", self.listing_id, number)


@dataclass(frozen=True)
class TrialAnswer:
    """What was found out; `prepared` None where nothing could be mapped."""

    outcome: Outcome
    prepared: Prepared | None = None
    exchanges: tuple[Exchange, ...] = ()
    left: bool = False
    """A test listing of this vehicle may still be there, although nothing is to be asked of it any more."""


def try_vehicle(runtime: Runtime, lease: Lease) -> None:
    """Send it, or ask what became of it; no transaction is open meanwhile."""
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        if session.scalar(trial_due().where(Activation.id == activation.id)) is None:
            return
        begun = _begin(session, activation)
    answer = TrialAnswer(Rejected((VEHICLE_GONE,)), left=bool(begun.listing_id))
    if begun.subject is not None:
        answer = _ask(runtime, begun, begun.subject)
    with runtime.sessions.begin() as session:
        lease.lock_activation(session)
        run = session.get_one(Run, begun.run_id, with_for_update=True)
        if run.state in RUN_UNDER_WAY:
            _note(session, run, answer)
            if answer.left and run.finished_at is not None:
                note_left(run, begun.as_left())


trial_task = Task("trial transfer", trial_due, try_vehicle)
VEHICLE_GONE = Feedback("vehicle-gone", say("Das Fahrzeug ist inzwischen gelöscht."))


def _begin(session: Session, activation: Activation) -> BegunTrial:
    open_run = (Run.activation_id == activation.id, Run.kind == RunKind.TRIAL, Run.state.in_(RUN_UNDER_WAY))
    run = session.scalars(select(Run).where(*open_run)).one()
    chosen = list(session.scalars(select(RunVehicle.vehicle_id).where(RunVehicle.run_id == run.id)))
    rules = rules_of(activation.dealer)
    stored = stored_releases(session, activation.id, chosen)
    # As if it were released here, without what costs: no extra is part of a trial.
    releases = {
        key: replace(stored.get(key, Release()), released=True, bookings=frozenset()) for key in chosen
    }
    cases = load_cases(session, activation, rules, chosen, releases)
    clock = session.execute(select(func.now())).scalar_one()
    run.state, run.not_before = RunState.RUNNING, None
    run.started_at = func.coalesce(Run.started_at, func.now())
    return BegunTrial(
        run.id,
        activation.app,
        Account.from_json(activation.account),
        activation.settings,
        rules,
        replace(cases[0].subject, carried=frozenset(), ending=frozenset()) if cases else None,
        str(run.counts.get("listing_id", "")),
        clock >= run.created_at + WAITED_FOR or _failures(run) + 1 >= MOST_ATTEMPTS,
    )


def _ask(runtime: Runtime, begun: BegunTrial, subject: Subject) -> TrialAnswer:
    platform, stores = cast(TrialPlatform, runtime.platform(begun.app)), runtime.stores(begun.app)
    try:
        prepared = platform.mapper(begun.settings, begun.account, begun.rules, stores)(subject)
    except ReferenceUnavailable:
        return TrialAnswer(Retry(say("Die Plattform antwortet zurzeit nicht.")))
    if prepared.problems and not begun.listing_id:
        return TrialAnswer(Rejected(prepared.problems), prepared)
    client = platform.open_for_trials(begun.account, replace(stores, images=TrialImages(stores.images)))
    try:
        if begun.listing_id:
            return begun.look(client, prepared)
        return begun.send(client, prepared, subject.key)
    finally:
        client.close()


def _note(session: Session, run: Run, answer: TrialAnswer) -> None:
    now = session.execute(select(func.now())).scalar_one()
    outcome, hints = answer.outcome, answer.prepared.hints if answer.prepared else ()
    run.attempt_count += 1
    run.attempts = [*run.attempts, serialize_attempt(Answer(outcome, answer.exchanges), now)]
    match outcome:
        case Pending() if now < run.created_at + WAITED_FOR:
            run.counts = {**run.counts, "listing_id": outcome.listing_id}
            _later(run, outcome.after, outcome.text)
        case Pending():
            _end(session, run, TrialResult.FAILED, (), NO_ANSWER)
        case Retry() if _failures(run) + 1 < MOST_ATTEMPTS:
            run.counts = {**run.counts, "failures": _failures(run) + 1}
            _later(run, retries.pause(_failures(run), outcome.after), outcome.reason)
        case Retry():
            _end(session, run, TrialResult.FAILED, (), outcome.reason)
        case Stop():
            _end(session, run, TrialResult.FAILED, (), outcome.detail)
        case Accepted():
            said = (*outcome.warnings, *outcome.blocked, *hints)
            _end(session, run, TrialResult.HINTED if said else TrialResult.ACCEPTED, said)
        case Rejected():
            result = TrialResult.REJECTED if answer.exchanges else TrialResult.LEFT_OUT
            _end(session, run, result, (*outcome.feedback, *hints))
        case Protected():
            _end(session, run, TrialResult.REJECTED, (outcome.feedback,))
        case _:
            _end(session, run, TrialResult.FAILED, (), LOST)


def _failures(run: Run) -> int:
    return int(run.counts.get("failures", 0))


def _later(run: Run, seconds: float, why: Wording) -> None:
    run.state, run.message = RunState.WAITING, why
    run.not_before = func.now() + timedelta(seconds=seconds)


def _end(
    session: Session, run: Run, result: TrialResult, said: Sequence[Feedback], message: Wording = ""
) -> None:
    run.state = RunState.FAILED if result == TrialResult.FAILED else RunState.DONE
    run.message, run.finished_at, run.not_before = message, func.now(), None
    here = update(RunVehicle).where(RunVehicle.run_id == run.id)
    session.execute(here.values(result=result, feedback=serialize_feedback(said)))


@dataclass
class TrialImages:
    """Pictures of a trial: those of a real listing are named again, but what is uploaded for the trial is
    dropped by the platform with its listing, so nobody else must go by its names."""

    store: ImageStore
    names: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def jpeg(self, sha256: str) -> bytes | None:
        return self.store.jpeg(sha256)

    def known_ref(self, account: str, sha256: str) -> str | None:
        if (account, sha256) in self.names:
            return self.names[account, sha256]
        return self.store.known_ref(account, sha256)

    def remember_ref(self, account: str, sha256: str, ref: str) -> None:
        self.names[account, sha256] = ref

    def forget_ref(self, account: str, sha256: str) -> None:
        self.names[account, sha256] = None
