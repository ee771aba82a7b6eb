"""A support session: begun with a reason, for 60 minutes, read-only until changes are turned on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID

from flask import Response, abort, current_app, flash, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import audit, changes
from portal.blueprints.support import blueprint
from portal.extensions import db
from portal.models import Dealer, LoginSession, SupportRequest, SupportSession, User
from portal.notifications.emails import Recipient, queue_email
from portal.web import sessions, support_session
from portal.web.access import support, who
from portal.web.forms import one_line
from portal.web.responses import go

LENGTH = timedelta(minutes=60)
SHORTEST_REASON, LONGEST_REASON = 10, 500


@blueprint.get("/support/dealers/<uuid:support_dealer_id>")
@support
def begin(support_dealer_id: UUID) -> Response:
    return _form(_dealer(support_dealer_id))


@blueprint.post("/support/dealers/<uuid:support_dealer_id>")
@support
def start(support_dealer_id: UUID) -> Response:
    dealer = _dealer(support_dealer_id)
    reason = one_line(request.form.get("reason"))
    if not dealer.support_allowed:
        return _form(dealer, reason, _("Dieser Händler hat Support-Zugriffe nicht erlaubt."))
    if len(reason) < SHORTEST_REASON:
        return _form(dealer, reason, _("Bitte geben Sie den Grund in einem Satz an. Der Händler liest ihn."))
    if len(reason) > LONGEST_REASON:
        return _form(dealer, reason, _("Höchstens %(longest)s Zeichen.", longest=LONGEST_REASON))
    _end_open("by_agent")
    ongoing = SupportSession(
        login_session_id=_login_id(),
        agent_id=current_user.id,
        dealer_id=dealer.id,
        reason=reason,
        expires_at=datetime.now(UTC) + LENGTH,
        address=(request.remote_addr or "")[:45],
    )
    db.session.add(ongoing)
    try:
        db.session.flush()
    except IntegrityError:  # a double click: the other one has begun it
        db.session.rollback()
        return go(url_for("overview.page"))
    _record("support.started", ongoing, dealer, {"reason": reason})
    _tell(dealer, ongoing)
    db.session.commit()
    return go(url_for("overview.page"))


@blueprint.get("/support/changes")
@support
def ask_for_changes() -> Response:
    ongoing = support_session.current()
    if ongoing is None:
        return go(url_for("support.page"))
    return make_response(render_template("support/changes.html", support_session=ongoing, error=""))


@blueprint.post("/support/changes")
@support
def allow_changes() -> Response:
    """The second confirmation: from now on what the agent does counts."""
    ongoing = support_session.current()
    if ongoing is None:
        return go(url_for("support.page"))
    if "confirmed" not in request.form:
        error = _("Bitte bestätigen Sie, dass Sie für den Händler handeln.")
        return make_response(
            render_template("support/changes.html", support_session=ongoing, error=error), 422
        )
    if ongoing.changes_since is None:
        ongoing.changes_since = datetime.now(UTC)
        _record("support.changes_on", ongoing, ongoing.dealer, {})
        db.session.commit()
    flash(_("Änderungen sind eingeschaltet. Jede wird mit Ihrem Namen festgehalten."))
    return go(url_for("overview.page"))


@blueprint.post("/support/end")
@support
def end() -> Response:
    ongoing = support_session.current()
    if ongoing is not None:
        _record("support.ended", ongoing, ongoing.dealer, {})
        _end_open("by_agent")
        db.session.commit()
        g.pop("dealer", None)
        flash(_("Die Support-Sitzung bei %(dealer)s ist beendet.", dealer=ongoing.dealer.name), "success")
    return go(url_for("support.page"))


def _dealer(key: UUID) -> Dealer:
    return db.session.get(Dealer, key) or abort(404)


def _login_id() -> UUID | None:
    return db.session.scalar(
        select(LoginSession.id).where(LoginSession.token_hash == sessions.current_hash())
    )


def _end_open(how: str) -> None:
    """Whatever session this login has open, also one that has run out."""
    mine = SupportSession.login_session_id == _login_id(), SupportSession.ended_at.is_(None)
    db.session.execute(update(SupportSession).where(*mine).values(ended_at=func.now(), ended_how=how))
    g.pop("support_session", None)
    changes.note(db.session(), changes.ChangeKind.USER, [current_user.id])


def _record(what: str, ongoing: SupportSession, dealer: Dealer, detail: dict[str, str]) -> None:
    author = audit.Who(current_user.id, current_user.display_name, ongoing.id, who().address)
    audit.log(
        db.session(),
        author,
        what,
        dealer_id=dealer.id,
        object_id=ongoing.id,
        label=dealer.name,
        detail=detail,
    )


def _tell(dealer: Dealer, ongoing: SupportSession) -> None:
    """By mail, where the dealer wants it: to those who manage his users."""
    if not dealer.support_mail:
        return
    settings = current_app.extensions["settings"]
    managers = select(User).where(
        User.dealer_id == dealer.id, User.active, User.rights.contains(["manage_users"])
    )
    for user in db.session.scalars(managers):
        queue_email(
            db.session(),
            settings,
            Recipient.of(user),
            "support",
            name=user.display_name,
            agent=current_user.display_name,
            dealer=dealer.name,
            reason=ongoing.reason,
            url=f"{settings.portal_url}{url_for('settings.support_sessions')}",
        )


def _form(dealer: Dealer, reason: str = "", error: str = "") -> Response:
    page = render_template(
        "support/begin.html", dealer=dealer, reason=reason, error=error, longest=LONGEST_REASON
    )
    return make_response(page, 422 if error else 200)


# The bar on every page of a support session, and the record of every request.


LONGEST_PATH = 300
SERVER_ERROR = 500


@blueprint.app_context_processor
def banner() -> dict[str, object]:
    return {"open_support_session": support_session.current, "minutes_left": minutes_left}


blueprint.record_once(
    lambda state: state.app.jinja_env.globals.update(support_session_id=support_session.current_id)
)


def minutes_left(ongoing: SupportSession) -> int:
    return max(ceil((ongoing.expires_at - datetime.now(UTC)).total_seconds() / 60), 0)


@blueprint.after_app_request
def record(response: Response) -> Response:
    """With agent and dealer, in a transaction of its own: a request that failed is on record as well."""
    # Also where no view asked for it; after a failure nothing more is asked of the database.
    asked = "support_session" in g or "_login_user" not in g or response.status_code >= SERVER_ERROR
    ongoing: SupportSession | None = g.get("support_session") if asked else support_session.current()
    if ongoing is None or request.endpoint == "static":
        return response
    row = {
        "support_session_id": ongoing.id,
        "method": request.method,
        "path": request.path[:LONGEST_PATH],
        "status": response.status_code,
        "activation_id": (request.view_args or {}).get("activation_id"),
    }
    with db.engine.begin() as connection:
        connection.execute(insert(SupportRequest).values(**row))
    return response
