"""The life of an activation: draft, active, stopped and resumed, changed, deactivated.

Pure decisions first, then effects on the session; the caller commits. There is one row for each
dealer, app and customer number for ever: an app that is activated again finds the listings that
it left online and creates none of them a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from portal.audit import Who
from portal.exports.drift.control import cancel_questions
from portal.exports.lifecycle import customer_numbers
from portal.exports.lifecycle.releasing import cancel_release, release_stock
from portal.exports.mass_change import lock
from portal.exports.reconciliation import control as reconciliation_control
from portal.exports.stock_files import control as stock_files_control
from portal.exports.stock_files.prepared import forget_entries
from portal.exports.trouble import stopping
from portal.mandate import demand_consent, demand_dealer
from portal.messages import say
from portal.models.customer_numbers import CustomerNumber
from portal.models.exports import (
    LIVE,
    Activation,
    ActivationState,
    AppKind,
    Listing,
    RunKind,
    Transfer,
    TransferState,
    Trigger,
)
from portal.models.runs import Run
from portal.notifications.problems import ProblemKind, close_problem
from portal.outbox import note_activation, ring_after_commit
from portal.platforms import APPS, get_app
from portal.platforms.contract import Account, ExportApp, Stop, StopCause
from portal.platforms.contract.fields import SettingField
from portal.vehicles import export_limit
from portal.vehicles.release import keep_existing_as_they_are


@dataclass(frozen=True)
class ActivationRequest:
    """What a dealer fills in: which app, for which account and location, with which settings."""

    dealer_id: UUID
    app: ExportApp
    customer_number: str
    location_id: UUID
    settings: Mapping[str, Any]

    @property
    def number_scope(self) -> str:
        """Numbers that a receiver gives hold there alone: another dealer may have the same elsewhere."""
        return str(self.dealer_id) if self.app.own_numbers else ""


class NumberInUse(Exception):
    """An app is live for this customer number already: `app` is its slug. `own` is None when another dealer
    has it."""

    def __init__(self, own: UUID | None, app: str) -> None:
        super().__init__("customer number is taken")
        self.own = own
        self.app = app


class WrongState(Exception):
    """The activation has changed meanwhile, so that this is no longer possible."""


def changed_settings(
    fields: Sequence[SettingField], before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[SettingField, ...]:
    return tuple(f for f in fields if f.name in after and before.get(f.name, f.default) != after[f.name])


def costly_changes(
    fields: Sequence[SettingField], before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[SettingField, ...]:
    """Changed settings that the dealer is warned of before they are saved."""
    return tuple(f for f in changed_settings(fields, before, after) if f.change_warning)


def _demand(
    session: Session, activation: Activation, fields: Sequence[SettingField], after: Mapping[str, Any]
) -> None:
    """Whoever sets this may: where the dealer's data go, and what costs them at an app that was ever live.

    Raises mandate.Refused.
    """
    before = activation.settings or {}
    if any(field.target for field in changed_settings(fields, before, after)):
        demand_dealer(session)
    if activation.activated_at is not None and costly_changes(fields, before, after):
        demand_consent(session)


def may_delete_listings(state: str) -> bool:
    """Only what may send can delete at the platform."""
    return state == ActivationState.ACTIVE


def activate(session: Session, request: ActivationRequest, account: Account) -> Activation:
    """Make it live, release by its presets and note every vehicle; a large stock is left to workers. Raises
    NumberInUse or NotBound.

    Where the platform's list can be matched with our stock, that comes first (RECONCILING). The
    same request a second time (a double click) returns the activation that it made.
    """
    _one_at_a_time(session, request)
    customer_numbers.demand_bound(session, request.app, request.dealer_id, request.customer_number)
    live = _live(session, request)
    if live is not None:
        # A second click finds what the first one made.
        own = live.dealer_id == request.dealer_id
        same = live.app == request.app.slug and live.location_id == request.location_id
        going_on = live.state in (ActivationState.RECONCILING, ActivationState.ACTIVE)
        if own and same and going_on and live.settings == dict(request.settings):
            return live
        raise NumberInUse(live.id if own else None, live.app)
    if request.settings.get("bookings", "none") != "none":
        demand_consent(session)
    activation = _row(session, request)
    activation.state = ActivationState.RECONCILING if request.app.reconciles else ActivationState.ACTIVE
    activation.activated_at = func.now()
    activation.counted_from = None  # what is new was shown and confirmed: for the guard a first transfer
    _mark_healthy(activation, account)
    session.flush()
    if activation.state == ActivationState.RECONCILING:
        # Its task takes it up: nothing is sent until the stocks are matched.
        session.add(Run(activation_id=activation.id, kind=RunKind.RECONCILIATION, trigger=Trigger.BY_HAND))
    export_limit.take_back(session, activation)
    release_stock(session, activation)
    if activation.kind == AppKind.FILE:
        stock_files_control.start_runs(session, activation, Trigger.BY_HAND)
    return activation


def save_draft(session: Session, request: ActivationRequest) -> Activation:
    """Keep what was filled in; nothing is sent. Raises NumberInUse.

    Whether another dealer uses the number is not told: drafts may be made of numbers that nobody vouched for.
    """
    _one_at_a_time(session, request)
    live = _live(session, request)
    if live is not None and live.dealer_id == request.dealer_id:
        raise NumberInUse(live.id, live.app)
    activation = _row(session, request)
    activation.state = ActivationState.DRAFT
    session.flush()
    return activation


def change(session: Session, activation: Activation, settings: Mapping[str, Any]) -> bool:
    """Take over new settings and note every vehicle; what stays equal is not sent. False: no change."""
    _lock(session, activation)
    if activation.state not in (*LIVE, ActivationState.DRAFT):
        raise WrongState
    after = {**activation.settings, **settings}
    if after == activation.settings:
        return False
    _demand(session, activation, get_app(activation.app).fields, after)
    if activation.state in LIVE and after.get("kinds") != activation.settings.get("kinds"):
        keep_existing_as_they_are(session, activation)
    activation.settings = after
    if activation.next_run_at is not None:
        stock_files_control.resume_schedule(activation)
    if activation.state in LIVE:
        note_activation(session, activation, Trigger.BY_HAND)
    reconciliation_control.read_again(session, activation)
    return True


def try_at_once(session: Session, activation: Activation) -> None:
    """Whoever corrects the access does not wait for the next look, nor for the next attempt by plan."""
    paused = stopping.stopped_by_hand(activation)
    if activation.state == ActivationState.STOPPED and activation.recheck_at is not None and not paused:
        activation.recheck_at = func.now()
    if activation.state == ActivationState.ACTIVE and activation.kind == AppKind.FILE:
        stock_files_control.hurry_retry(session, activation.id)
    ring_after_commit(session, [activation.id])


def stop_by_hand(session: Session, activation: Activation, until: datetime | None) -> None:
    """Nothing is sent until then, or until somebody lets it go on; changes wait. Raises WrongState."""
    _lock(session, activation)
    if not stopping.stop_by_hand(session, activation, until):
        raise WrongState


def resume(session: Session, activation: Activation, account: Account) -> None:
    """The cause of the stop is gone: it goes on where it was stopped, and what waits goes out.

    Raises WrongState or NotBound.
    """
    _lock(session, activation)
    if activation.state != ActivationState.STOPPED:
        raise WrongState
    app = get_app(activation.app)
    customer_numbers.demand_bound(session, app, activation.dealer_id, activation.customer_number)
    # A lock that was opened meanwhile holds nothing any more.
    was_locked = activation.stopped_from == ActivationState.LOCKED
    if was_locked and not lock.find_open_lock(session, activation.id):
        activation.state = ActivationState.ACTIVE
    else:
        activation.state = activation.stopped_from or ActivationState.ACTIVE
    _mark_healthy(activation, account)
    _end_trouble(session, activation, "resolved")
    if activation.kind == AppKind.FILE:
        stock_files_control.request_run(session, activation.id, Trigger.BY_HAND)
    ring_after_commit(session, [activation.id])


def _end_trouble(session: Session, activation: Activation, how: str) -> None:
    for kind in (ProblemKind.STOPPED, ProblemKind.FAILING):
        close_problem(session, activation.id, kind, how)


def deactivate(session: Session, activation: Activation) -> None:
    """Stop only: nothing waits any more, the listings stay at the platform and stay known."""
    _lock(session, activation)
    if activation.state not in LIVE:
        raise WrongState
    activation.state = ActivationState.DEACTIVATED
    session.flush()
    lock.end_lock(session, activation)
    _end_trouble(session, activation, "ended")
    reconciliation_control.cancel(session, activation.id)
    cancel_questions(session, activation.id)
    cancel_release(session, activation.id)
    stock_files_control.pause_schedule(activation)
    stock_files_control.cancel_run(session, activation.id, say("Die App wurde deaktiviert."))
    forget_entries(session, activation.id)
    session.execute(
        update(Transfer)
        .where(Transfer.activation_id == activation.id, Transfer.state == TransferState.WAITING)
        .values(state=TransferState.DISCARDED, finished_at=func.now())
    )


def close(session: Session, activation: Activation) -> None:
    """Stop and delete: the engine removes every listing, then the activation is deactivated.

    To have them online again costs new ones. Raises WrongState or mandate.Refused.
    """
    demand_consent(session)
    _lock(session, activation)
    if not may_delete_listings(activation.state):
        raise WrongState
    activation.state = ActivationState.CLOSING
    cancel_questions(session, activation.id)
    cancel_release(session, activation.id)
    if activation.kind == AppKind.FILE:
        stock_files_control.start_runs(session, activation, Trigger.BY_HAND)
    note_activation(session, activation, Trigger.BY_HAND)


def discard_draft(session: Session, activation: Activation) -> None:
    """A draft of an app that was active before goes back to being deactivated: its listings stay known."""
    _lock(session, activation)
    if activation.state != ActivationState.DRAFT:
        raise WrongState
    if session.scalar(select(exists().where(Listing.activation_id == activation.id))):
        activation.state = ActivationState.DEACTIVATED
    else:
        session.delete(activation)


def release_number(session: Session, who: Who, number: CustomerNumber) -> bool:
    """Nobody vouches for the number any more: what is served under it stops. False: it was released before.

    Listings stay at the platform, whose account they lie in; deletions that were on their way are called off.
    """
    if not customer_numbers.end_binding(session, who, number):
        return False
    slugs = [app.slug for app in APPS.values() if app.platform == number.platform]
    served = select(Activation).where(
        Activation.dealer_id == number.dealer_id,
        Activation.app.in_(slugs),
        Activation.customer_number == number.number,
        Activation.state.in_(LIVE),
    )
    for activation in session.scalars(served).all():
        if activation.state == ActivationState.CLOSING:
            deactivate(session, activation)
        else:
            _lock(session, activation)
            stopping.stop_for_good(session, activation, Stop(StopCause.NUMBER_RELEASED, ""))
    return True


def _one_at_a_time(session: Session, request: ActivationRequest) -> None:
    """Until the commit nobody else activates an app of this platform for this number; the unique index stands
    behind it."""
    customer_numbers.hold_number(
        session, request.app.platform, f"{request.number_scope}{request.customer_number}"
    )


def _lock(session: Session, activation: Activation) -> None:
    """The activation as it is now, and nobody else's until the commit."""
    session.refresh(activation, with_for_update={"of": Activation, "key_share": True})


def _live(session: Session, request: ActivationRequest) -> Activation | None:
    """What serves the number now, by this app or by another of the same platform: two would overwrite each
    other's listings."""
    slugs = [app.slug for app in APPS.values() if app.platform == request.app.platform]
    live = select(Activation).where(
        Activation.app.in_(slugs),
        Activation.number_scope == request.number_scope,
        Activation.customer_number == request.customer_number,
        Activation.state.in_(LIVE),
    )
    return session.scalar(live.order_by(Activation.app != request.app.slug).limit(1))


def _row(session: Session, request: ActivationRequest) -> Activation:
    """The dealer's row for this number, new or from an earlier time, with what was filled in."""
    row = session.scalar(
        select(Activation)
        .where(
            Activation.dealer_id == request.dealer_id,
            Activation.app == request.app.slug,
            Activation.customer_number == request.customer_number,
        )
        .with_for_update()
    )
    if row is None:
        row = Activation(
            dealer_id=request.dealer_id, app=request.app.slug, customer_number=request.customer_number
        )
        row.account = {}
        session.add(row)
    _demand(session, row, request.app.fields, request.settings)
    row.kind, row.number_scope = request.app.kind, request.number_scope
    row.location_id = request.location_id
    row.settings = dict(request.settings)
    return row


def _mark_healthy(activation: Activation, account: Account) -> None:
    activation.account = account.as_json()
    activation.stop_cause = ""
    activation.stop_detail = ""
    activation.stopped_at = None
    activation.stopped_from = ""
    activation.recheck_at = None
    activation.failing_since = None
    activation.shares_trouble = False
    activation.failures = 0
    activation.paused_until = None
    activation.pause_reason = ""
