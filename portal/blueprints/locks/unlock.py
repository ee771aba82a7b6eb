"""The page behind the link in the mail: one lock, no login. GET shows and asks, POST acts once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask import Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError, validate_csrf
from sqlalchemy.orm import joinedload
from wtforms import ValidationError

from portal.audit import Who
from portal.blueprints.locks import blueprint, labels
from portal.blueprints.locks.panel import numbers_of_form, panel_of
from portal.exports.mass_change import lock as mass_change_lock
from portal.exports.mass_change import read
from portal.exports.mass_change.lock import LockDecision
from portal.extensions import csrf, db, limiter
from portal.models import Activation, Dealer, Lock, User
from portal.models.exports import LockEnd
from portal.models.realm import Realm
from portal.platforms import get_app
from portal.security.links import UNLOCK_PATH, Validity, bearer, read_unlock
from portal.web.access import public


class LinkCase(StrEnum):
    """How it stands with a link. VOID: whoever it was mailed to may not lift locks any more.
    SUPERSEDED: its lock is closed, and another one is open. USED: lifted through a link before.
    GONE: what it was about has been deleted."""

    FORGED = "forged"
    EXPIRED = "expired"
    GONE = "gone"
    VOID = "void"
    OPEN = "open"
    SUPERSEDED = "superseded"
    USED = "used"
    APPROVED = "approved"
    DISCARDED = "discarded"
    HEALED = "healed"
    ENDED = "ended"


STATUS = {
    LinkCase.OPEN: 200,
    LinkCase.FORGED: 404,
    LinkCase.GONE: 410,
    LinkCase.EXPIRED: 410,
    LinkCase.VOID: 403,
}
ENDS = {
    LockEnd.APPROVED: LinkCase.APPROVED,
    LockEnd.DISCARDED: LinkCase.DISCARDED,
    LockEnd.HEALED: LinkCase.HEALED,
    LockEnd.ENDED: LinkCase.ENDED,
}


@dataclass(frozen=True)
class Opened:
    """A link with what it leads to; nothing but the case where it leads nowhere."""

    case: LinkCase
    lock: Lock | None = None
    recipient: User | None = None
    may_lift: bool = False
    """Whoever it was mailed to has the right to unlock now; the others who were to be informed only look."""


def case_of(validity: Validity, lock: Lock | None, *, entitled: bool, another_open: bool) -> LinkCase:
    """Pure. `entitled`: whoever it was mailed to may still lift the lock."""
    if validity != Validity.GOOD:
        return LinkCase.EXPIRED if validity == Validity.EXPIRED else LinkCase.FORGED
    if lock is None:
        return LinkCase.GONE
    if not entitled:
        return LinkCase.VOID
    if lock.closed_at is None:
        return LinkCase.OPEN
    if another_open:
        return LinkCase.SUPERSEDED
    end = ENDS[LockEnd(lock.closed_how)]
    return LinkCase.USED if end == LinkCase.APPROVED and lock.by_mail else end


@blueprint.get(f"{UNLOCK_PATH}<token>")
@public
@limiter.limit("60 per minute")
def unlock_page(token: str) -> Response:
    """Changes nothing: scanners of mails open links."""
    return _answer(_open(token))


@blueprint.post(f"{UNLOCK_PATH}<token>")
@public
@limiter.limit("10 per minute")
def unlock(token: str) -> Response:
    _check_form()
    opened = _open(token)
    if opened.case != LinkCase.OPEN or opened.lock is None or not opened.may_lift:
        return _answer(opened)
    # Nobody is logged in: the link speaks for whom it was mailed to.
    user = opened.recipient
    who = Who(name=bearer(user.display_name if user else ""), address=request.remote_addr or "")
    decision, lock = mass_change_lock.approve_lock(
        db.session(), opened.lock.id, numbers_of_form(), who, by_mail=True
    )
    if decision == LockDecision.DONE:
        done = labels.approved_text(read.view_of(db.session(), lock.activation, lock))
        db.session.commit()
        return _render("locks/unlocked.html", 200, text=done, case=LinkCase.OPEN)
    db.session.rollback()
    if decision == LockDecision.GROWN:
        return _answer(opened, grown=True)
    return _answer(_open(token))


csrf.exempt(unlock)


def _check_form() -> None:
    """In place of Flask-WTF's own check: that one also wants a Referer where the portal is reached by
    https, and this page forbids browsers to send one."""
    if current_app.config.get("WTF_CSRF_ENABLED", True):
        try:
            validate_csrf(request.form.get("csrf_token"))
        except ValidationError as error:
            raise CSRFError(str(error)) from error


def _open(token: str) -> Opened:
    """Everything that is to be known of a link: nothing is looked up for one that is not good."""
    found = read_unlock(current_app.extensions["settings"], token)
    whose = joinedload(Lock.activation).options(
        joinedload(Activation.dealer), joinedload(Activation.location)
    )
    lock = db.session.get(Lock, found.lock_id, options=[whose]) if found.lock_id else None
    recipient = db.session.get(User, found.recipient) if found.recipient else None
    case = case_of(
        found.validity,
        lock,
        entitled=_entitled(recipient, lock),
        another_open=lock is not None
        and mass_change_lock.find_open_lock(db.session(), lock.activation_id) not in (None, lock),
    )
    return Opened(case, lock, recipient, may_lift=recipient is not None and recipient.may("unlock"))


def _entitled(user: User | None, lock: Lock | None) -> bool:
    """May look: still a user of this dealer and of this location, with the right or picked to be informed."""
    if user is None or lock is None or not user.active:
        return False
    dealer: Dealer = lock.activation.dealer
    if not Realm(dealer.id, tuple(user.location_ids)).includes(lock.activation.location_id):
        return False
    return user.dealer_id == dealer.id and (user.may("unlock") or user.id in dealer.inform_on_lock)


def _answer(opened: Opened, *, grown: bool = False) -> Response:
    """The lock, or why this link does nothing; nothing of the dealer where it is not good."""
    lock = opened.lock
    if opened.case != LinkCase.OPEN or lock is None:
        text = ""
        if lock is not None and lock.closed_at is not None:
            text = labels.closed_text(lock, read.name_of_closer(db.session(), lock))
        return _render("locks/unlocked.html", STATUS.get(opened.case, 410), case=opened.case, text=text)
    view = read.view_of(db.session(), lock.activation, lock)
    numbers = numbers_of_form()
    error = labels.grown_text((numbers.deletions, numbers.creations), view) if grown else ""
    refused = request.method == "POST" and not opened.may_lift
    return _render(
        "locks/unlock.html",
        403 if refused else 409 if grown else 200,
        panel=panel_of(view),
        recipient=opened.recipient,
        may_lift=opened.may_lift,
        app=get_app(lock.activation.app),
        error=error,
    )


def _render(template: str, status: int, **more: object) -> Response:
    """Without the frame: whoever holds the link is not logged in by it."""
    answer = make_response(render_template(template, bare=True, **more), status)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
