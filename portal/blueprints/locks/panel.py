"""The panel of the app: look at what is held back, let it through or discard it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from sqlalchemy.orm import joinedload

from portal.blueprints.locks import blueprint, words
from portal.blueprints.my_apps import lock_panel
from portal.blueprints.my_apps.lock_panel import Panel
from portal.exports.drift import control
from portal.exports.mass_change import decision as mass_change_decision
from portal.exports.mass_change import read
from portal.exports.mass_change.decision import LockDecision, ShownNumbers
from portal.exports.mass_change.read import LockView
from portal.extensions import db
from portal.models import Activation, Lock
from portal.platforms import get_app
from portal.web import access
from portal.web.answers import go

LONGEST_NUMBER = 9


@blueprint.get("/apps/<uuid:activation_id>/lock")
@access.dealer("view")
def page(activation_id: UUID) -> Response:
    """Every vehicle that is held back, a page at a time."""
    activation = _load(activation_id)
    number = request.args.get("page", "1")
    panel = lock_panel.load(activation, int(number) if _is_number(number) else 1)
    return _page(activation, panel) if panel else _to_app(activation)


@blueprint.post("/apps/<uuid:activation_id>/lock/approve")
@access.dealer("unlock")
def approve(activation_id: UUID) -> Response:
    """Let through what was shown; the form carries the numbers."""
    numbers = numbers_of_form()
    return _decide(
        activation_id,
        lambda lock: mass_change_decision.approve_lock(db.session(), lock.id, numbers, access.who()),
        words.approved_text,
    )


@blueprint.post("/apps/<uuid:activation_id>/lock/discard")
@access.dealer("unlock")
def discard(activation_id: UUID) -> Response:
    return _decide(
        activation_id,
        lambda lock: mass_change_decision.discard_lock(db.session(), lock.id, access.who()),
        words.discarded_text,
    )


def numbers_of_form() -> ShownNumbers:
    """What stood on the page; what is no number counts as nothing, and then more would happen than that."""
    values = [request.form.get(name, "") for name in ("deletions", "creations")]
    return ShownNumbers(*(int(value) if _is_number(value) else 0 for value in values))


def _decide(
    activation_id: UUID, act: Callable[[Lock], tuple[LockDecision, Lock]], said: Callable[[LockView], str]
) -> Response:
    activation = _load(activation_id)
    lock = access.load_lock(activation, request.form.get("lock_id", ""))
    if lock is None:
        return _to_app(activation)
    decision, lock = act(lock)
    if decision == LockDecision.GROWN:
        db.session.rollback()
        return _grown(activation)
    if decision == LockDecision.CLOSED:
        text = words.closed_text(lock, read.name_of_closer(db.session(), lock))
        db.session.rollback()
        flash(text, "info")
        return _to_app(activation)
    done = said(read.view_of(db.session(), activation, lock))
    db.session.commit()
    flash(done, "success")
    return _to_app(activation)


def _grown(activation: Activation) -> Response:
    panel = lock_panel.load(activation, 1)
    if panel is None:
        return _to_app(activation)
    numbers = numbers_of_form()
    error = words.grown_text((numbers.deletions, numbers.creations), panel.view)
    return _page(activation, panel, error, 409)


def _page(activation: Activation, panel: Panel, error: str = "", status: int = 200) -> Response:
    page = render_template(
        "locks/page.html",
        activation=activation,
        app=get_app(activation.app),
        lock_panel=panel,
        checkable=control.can_check(activation),
        error=error,
    )
    return make_response(page, status)


def _load(activation_id: UUID) -> Activation:
    return access.load_activation(activation_id, joinedload(Activation.location))


def _to_app(activation: Activation) -> Response:
    return go(url_for("history.page", activation_id=activation.id))


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= LONGEST_NUMBER
