"""What stands above every page of an activated app: state, progress, a platform that does not answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy import Select, Uuid, case, func, literal, literal_column, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from portal.blueprints.activations import blueprint, cards
from portal.blueprints.activations.latest_runs import NO_RUNS, load_latest_runs
from portal.blueprints.locks import panel
from portal.blueprints.reconciliation import page as reconciliation_panel
from portal.exports.drift.control import can_check
from portal.exports.mass_change.clearance import COSTLY_ONLY, SCOPE
from portal.extensions import db
from portal.models import Activation, Transfer
from portal.models.exports import ActivationState, AppKind, TransferState
from portal.models.prepared import Question, place, question
from portal.platforms import get_app
from portal.web.access import current_dealer, current_realm, dealer, load_activation
from portal.web.templating import since


def app_head(activation: Activation) -> dict[str, Any]:
    """What `activations/_head.html` shows: two queries, three more for an open lock and for an open
    reconciliation. What they cost does not grow with stock or history.

    The counts of vehicles follow in the fragment that the head asks for.
    """
    return {
        "activation": activation,
        "app": get_app(activation.app),
        "progress": load_progress(db.session(), activation),
        "paused": is_paused(activation),
        "lock_panel": panel.load_panel(activation),
        "reconciliation": reconciliation_panel.load_panel(activation),
        "latest": load_latest_runs(db.session(), [activation.id]).get(activation.id, NO_RUNS),
        "checkable": can_check(activation),
    }


@blueprint.get("/apps/<uuid:activation_id>/progress")
@dealer("view")
def progress_fragment(activation_id: UUID) -> str:
    activation = load_activation(activation_id, joinedload(Activation.location))
    found = cards.load_health(db.session(), current_dealer(), current_realm().at(activation.location_id))
    return render_template(
        "activations/_progress.html",
        **app_head(activation),
        health=found.get(activation.id, cards.Health()),
    )


# What runs right now at one activation: one query over the rows of the present batch.


OPEN_STATES = (TransferState.WAITING, TransferState.SENDING)
SENDS = (ActivationState.ACTIVE, ActivationState.CLOSING)
LATER, HELD = "later", "held"
LAST_ID = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True)
class Progress:
    """`open` are due or being sent, `done` those of the same batch with a result,
    `later` wait for their next attempt, `held` are held back by a lock. Nothing is `running` while the
    activation may not send."""

    open: int = 0
    done: int = 0
    later: int = 0
    held: int = 0
    next_attempt: datetime | None = None
    running: bool = False

    @property
    def total(self) -> int:
        return self.open + self.done

    @property
    def waiting(self) -> int:
        return self.open + self.later


def load_progress(session: Session, activation: Activation) -> Progress:
    counts: dict[str, int] = {}
    next_attempt = None
    for bucket, count, earliest in _BUCKETS.ask(session, activation=activation.id):
        counts[bucket] = count
        if bucket == LATER:
            next_attempt = earliest
    # A lock that holds only what costs lets changes pass.
    changes_pass = activation.settings.get(SCOPE) == COSTLY_ONLY
    sends = activation.state in SENDS or (activation.state == ActivationState.LOCKED and changes_pass)
    open_now = sum(counts.pop(state, 0) for state in OPEN_STATES)
    later, held = counts.pop(LATER, 0), counts.pop(HELD, 0)
    return Progress(
        open=open_now,
        done=sum(counts.values()),
        later=later,
        held=held,
        next_attempt=next_attempt,
        running=bool(open_now) and sends and not is_paused(activation),
    )


def is_paused(activation: Activation) -> bool:
    """Whether the platform as a whole is being left alone for a while."""
    return activation.paused_until is not None and activation.paused_until > datetime.now(UTC)


def _buckets() -> Question:
    """The open rows, and those of the batch that have a result. Of the batch both ends are named: of a range
    that begins at a moment which it does not know yet the planner expects a third of the table, of one that
    ends as well next to nothing, and takes the index."""
    here = Transfer.activation_id == place("activation")
    is_open = Transfer.state.in_(OPEN_STATES)
    later = (Transfer.state == TransferState.WAITING) & (Transfer.not_before > func.now())
    held = (Transfer.state == TransferState.WAITING) & Transfer.held
    bucket = case((held, HELD), (later, LATER), else_=Transfer.state).label("bucket")
    open_rows = select(bucket, Transfer.not_before).where(here, is_open)
    since = Transfer.id.between(_batch_start().scalar_subquery(), literal(LAST_ID, Uuid))
    done = select(Transfer.state, Transfer.not_before).where(here, ~is_open, since)
    found = union_all(open_rows, done).subquery()
    counted = select(found.c.bucket, func.count(), func.min(found.c.not_before)).group_by(found.c.bucket)
    return question(counted, planned_once=False)


def _batch_start() -> Select[UUID]:
    """The smallest id that a row noted together with the oldest due one can have: ids carry their
    moment, so the history's index finds the batch. No row when nothing is due."""
    waits_for_its_time = Transfer.not_before > func.now()
    ready = waits_for_its_time.is_not(True) & Transfer.held.is_(False)
    due = or_(Transfer.state == TransferState.SENDING, ready)
    shift = Transfer.created_at - func.clock_timestamp() - literal_column("interval '1 millisecond'")
    return (
        select(func.uuidv7(shift))
        .where(Transfer.activation_id == place("activation"), Transfer.state.in_(OPEN_STATES), due)
        .order_by(Transfer.id)
        .limit(1)
    )


_BUCKETS = _buckets()


# What people read about a platform that does not answer: since when, and when it is asked next.


MAY_FAIL = (
    ActivationState.ACTIVE,
    ActivationState.LOCKED,
    ActivationState.RECONCILING,
    ActivationState.CLOSING,
)


@blueprint.app_template_global()
def is_failing(activation: Activation) -> bool:
    """Whether its breaker is not closed; a stop has a cause of its own."""
    return activation.failing_since is not None and activation.state in MAY_FAIL


@blueprint.app_template_global()
def failing_text(activation: Activation, app: str) -> str:
    began, until = since(activation.failing_since), activation.paused_until
    if activation.kind == AppKind.FILE:
        return _("Die Datei lässt sich seit %(since)s nicht abliefern, die vorige gilt weiter.", since=began)
    if until is None or until <= datetime.now(UTC):
        return _("%(app)s antwortet seit %(since)s nicht, der nächste Versuch läuft.", app=app, since=began)
    return _(
        "%(app)s antwortet seit %(since)s nicht, nächster Versuch %(next)s.",
        app=app,
        since=began,
        next=since(until),
    )
