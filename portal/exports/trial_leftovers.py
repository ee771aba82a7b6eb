"""Test listings that a trial could not take away: tried again until they are gone, and told after some tries.

What is left is noted with the run of the trial, so that no worker's end forgets it. Buyers see none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from portal.exports.core import retries
from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.trouble import platform_state
from portal.messages import say
from portal.models.accounts import User
from portal.models.exports import SERVED, Activation, RunKind
from portal.models.notifications import Notification
from portal.models.runs import RUN_UNDER_WAY, Run
from portal.platforms import APPS
from portal.platforms.contract import Accepted, Account, Answer, Client, Gone, TrialPlatform

LEFT = "left"
"""In `run.counts`: what is left, as `TrialLeft`."""
TOLD_AFTER = 4
"""Tries in vain."""


@dataclass(frozen=True)
class TrialLeft:
    """A test listing that may still be there: by our key or, where we know it, by the platform's id."""

    key: str
    listing_id: str = ""
    number: str = ""
    tries: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"key": self.key, "listing_id": self.listing_id, "number": self.number, "tries": self.tries}

    @classmethod
    def of(cls, run: Run) -> TrialLeft:
        stored: Mapping[str, Any] = run.counts[LEFT]
        return cls(**stored)


def is_taken_away(answer: Answer) -> bool:
    return isinstance(answer.outcome, (Accepted, Gone))


def note_left(run: Run, left: TrialLeft) -> None:
    """It is tried again; with each try in vain after a longer pause."""
    run.counts = {**run.counts, LEFT: left.as_json()}
    run.not_before = func.now() + timedelta(seconds=retries.pause(left.tries))


def leftovers_due() -> Select[UUID]:
    """While a trial is under way what it has sent is its own."""
    trials = (Run.activation_id == Activation.id, Run.kind == RunKind.TRIAL)
    left = select(Run.id).where(*trials, Run.counts.has_key(LEFT), Run.not_before <= func.now())
    under_way = select(Run.id).where(*trials, Run.state.in_(RUN_UNDER_WAY))
    return select(Activation.id).where(
        Activation.app.in_([slug for slug, app in APPS.items() if app.keeps_trials_apart]),
        Activation.state.in_(SERVED),
        platform_state.is_well(),
        left.exists(),
        ~under_way.exists(),
    )


def take_away(runtime: Runtime, lease: Lease) -> None:
    """One run's; no transaction is open while the platform is asked. A worker that is killed leaves it due
    after the pause."""
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        due = select(Run).where(Run.activation_id == activation.id, Run.kind == RunKind.TRIAL)
        due = due.where(Run.counts.has_key(LEFT), Run.not_before <= func.now()).order_by(Run.id).limit(1)
        run = session.scalar(due)
        if run is None:
            return
        run_id, left, app = run.id, TrialLeft.of(run), activation.app
        account = Account.from_json(activation.account)
        note_left(run, left)
    platform = cast(TrialPlatform, runtime.platform(app))
    client = platform.open_for_trials(account, runtime.stores(app))
    try:
        gone = _is_gone(client, left)
    finally:
        client.close()
    with runtime.sessions.begin() as session:
        lease.lock_activation(session)
        _note(session, session.get_one(Run, run_id, with_for_update=True), left, gone=gone)


def _is_gone(client: Client, left: TrialLeft) -> bool:
    there = client.remote_listings()
    if there.failure is not None:
        return False
    ours = [
        one.listing_id
        for one in there.listings
        if one.listing_id == left.listing_id or (left.key and one.our_key == left.key)
    ]
    answers = [client.delete(listing_id) for listing_id in ours]
    return all(map(is_taken_away, answers))


def _note(session: Session, run: Run, left: TrialLeft, *, gone: bool) -> None:
    if gone:
        run.counts = {name: value for name, value in run.counts.items() if name != LEFT}
        run.not_before = None
        return
    tries = left.tries + 1
    note_left(run, TrialLeft(left.key, left.listing_id, left.number, tries))
    if tries == TOLD_AFTER:
        _tell(session, run, left)


def _tell(session: Session, run: Run, left: TrialLeft) -> None:
    """A line in the inbox and the next digest of everybody who may try vehicles there."""
    activation = run.activation
    here = or_(User.location_ids == [], User.location_ids.contains([activation.location_id]))
    able = User.dealer_id == activation.dealer_id, User.active, User.rights.contains(["edit_vehicles"])
    title = say("{app}: Ein Testinserat ist vielleicht noch da", app=APPS[activation.app].name)
    body = say(
        "Das Testinserat von „{number}“ ließ sich nicht löschen. Käufer sehen es nicht. "
        "Der Versuch wird wiederholt; Sie können es auch selbst bei {app} löschen.",
        number=left.number,
        app=APPS[activation.app].name,
    )
    for user_id in session.scalars(select(User.id).where(*able, here).order_by(User.id)):
        line = Notification(user_id=user_id, kind="trial", title=title, body=body, digest=True)
        line.url = f"/apps/{activation.id}/trial"
        session.add(line)


leftover_task = Task("test listings left behind", leftovers_due, take_away)
