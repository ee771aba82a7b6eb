"""The panel of a lock: look at what is held back, let it through or discard it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Response, current_app, flash, make_response, render_template, request, url_for
from sqlalchemy import any_, func, or_, select
from sqlalchemy.orm import joinedload

from portal.blueprints.locks import blueprint, labels
from portal.exports.drift import control
from portal.exports.mass_change import lock as mass_change_lock
from portal.exports.mass_change import read
from portal.exports.mass_change.clearance import COSTLY_ONLY, SCOPE
from portal.exports.mass_change.lock import LockDecision, ShownNumbers
from portal.exports.mass_change.read import LockView
from portal.exports.mass_change.rules import GuardLimits, guard_limits, share
from portal.extensions import db
from portal.models import Activation, Lock, User
from portal.platforms import get_app
from portal.web import access
from portal.web.access import may
from portal.web.responses import fragment, go

LONGEST_NUMBER = 9


@blueprint.get("/apps/<uuid:activation_id>/lock")
@access.dealer("view")
def page(activation_id: UUID) -> Response:
    """Every vehicle that is held back, a page at a time; to an open page, what became of the lock."""
    activation = _load(activation_id)
    if fragment():
        return _panel_alone(activation)
    number = request.args.get("page", "1")
    panel = load_panel(activation, int(number) if _is_number(number) else 1)
    return _page(activation, panel) if panel else _to_app(activation)


def _panel_alone(activation: Activation) -> Response:
    """Once somebody has decided elsewhere the buttons are gone, and the page says who it was."""
    panel = load_panel(activation)
    if panel is None:
        lock = read.last_lock(db.session(), activation.id)
        name = read.name_of_closer(db.session(), lock) if lock else ""
        return make_response(render_template("locks/_over.html", activation=activation, lock=lock, name=name))
    html = render_template(
        "locks/_panel.html",
        activation=activation,
        app=get_app(activation.app),
        lock_panel=panel,
        checkable=control.can_check(activation),
    )
    return make_response(html)


@blueprint.post("/apps/<uuid:activation_id>/lock/approve")
@access.dealer("unlock")
def approve(activation_id: UUID) -> Response:
    """Let through what was shown; the form carries the numbers."""
    numbers = numbers_of_form()
    return _decide(
        activation_id,
        lambda lock: mass_change_lock.approve_lock(db.session(), lock.id, numbers, access.who()),
        labels.approved_text,
    )


@blueprint.post("/apps/<uuid:activation_id>/lock/discard")
@access.dealer("unlock")
def discard(activation_id: UUID) -> Response:
    return _decide(
        activation_id,
        lambda lock: mass_change_lock.discard_lock(db.session(), lock.id, access.who()),
        labels.discarded_text,
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
        panel = load_panel(activation, 1)
        if panel is None:
            return _to_app(activation)
        numbers = numbers_of_form()
        error = labels.grown_text((numbers.deletions, numbers.creations), panel.view)
        return _page(activation, panel, error, 409)
    if decision == LockDecision.CLOSED:
        text = labels.closed_text(lock, read.name_of_closer(db.session(), lock))
        db.session.rollback()
        flash(text, "info")
        return _to_app(activation)
    done = said(read.view_of(db.session(), activation, lock))
    db.session.commit()
    flash(done, "success")
    return _to_app(activation)


def _page(activation: Activation, panel: LockPanel, error: str = "", status: int = 200) -> Response:
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


# What the panel and the page behind the link show of a lock.


MOST_NAMED = 5
MAY_BE_OPEN = ("locked", "stopped")
"""States of an activation in which a lock can be open."""


@dataclass(frozen=True)
class LockPanel:
    """A lock with the constants of the rule. `deciders`: who may lift it, where the reader may not."""

    view: LockView
    limits: GuardLimits
    deciders: tuple[str, ...] = ()

    @property
    def lock(self) -> Lock:
        return self.view.lock

    @property
    def of_file(self) -> bool:
        """What is held back is a file of the whole stock, not single transfers."""
        return self.lock.run_id is not None

    @property
    def costly_only(self) -> bool:
        """Changes that cost nothing go out all the same."""
        return self.view.activation.settings.get(SCOPE) == COSTLY_ONLY

    @property
    def deletions_approved(self) -> bool:
        """Whether the limit is the ceiling of an approval, not what is normal."""
        limits = self.limits
        normal = share(limits.deletions, limits.deletion_percent, self.lock.online)
        return self.lock.deletion_limit > normal

    @property
    def creations_approved(self) -> bool:
        limits = self.limits
        normal = share(limits.creations, limits.creation_percent, self.lock.online)
        return self.lock.creation_limit > normal


def load_panel(activation: Activation, page: int = 0) -> LockPanel | None:
    """The panel of the open lock, for who may not lift it with the names of those who may: no query where
    there can be none."""
    if activation.state not in MAY_BE_OPEN:
        return None
    view = read.open_view(db.session(), activation, page)
    if view is None:
        return None
    if may("unlock"):
        return panel_of(view)
    everywhere = func.cardinality(User.location_ids) == 0
    here = or_(everywhere, any_(User.location_ids) == activation.location_id)
    deciders = (
        select(User.display_name)
        .where(User.dealer_id == activation.dealer_id, User.active, any_(User.rights) == "unlock", here)
        .order_by(User.name, User.login)
        .limit(MOST_NAMED)
    )
    return panel_of(view, tuple(db.session.scalars(deciders)))


def panel_of(view: LockView, deciders: tuple[str, ...] = ()) -> LockPanel:
    return LockPanel(view, guard_limits(current_app.extensions["settings"]), deciders)
