"""Zugriffe: which agents were here and what they did; the dealer's consent."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from portal import audit, changes
from portal.audit.reading import AuditFilter, read_page
from portal.blueprints.settings import blueprint
from portal.blueprints.settings.forms import ConsentForm
from portal.extensions import db
from portal.models import AuditEvent, SupportRequest, SupportSession
from portal.vehicles.release import changed_values
from portal.web.access import current_dealer, dealer, load_support_session, who
from portal.web.audit import log_settings
from portal.web.responses import go

SHOWN = 50
MOST_REQUESTS = 500


@blueprint.get("/settings/access")
@dealer("settings")
def support_sessions() -> str:
    changes = (
        select(func.count())
        .where(AuditEvent.support_session_id == SupportSession.id, ~AuditEvent.what.startswith("support."))
        .scalar_subquery()
    )
    found = db.session.execute(
        select(SupportSession, changes)
        .where(SupportSession.dealer_id == current_dealer().id)
        .options(joinedload(SupportSession.agent))
        .order_by(SupportSession.id.desc())
        .limit(SHOWN)
    ).all()
    return render_template("settings/support_sessions.html", support_sessions=found, owner=current_dealer())


@blueprint.get("/settings/access/<uuid:support_session_id>")
@dealer("settings")
def support_session(support_session_id: UUID) -> str:
    found = load_support_session(support_session_id)
    requests = db.session.scalars(
        select(SupportRequest)
        .where(SupportRequest.support_session_id == found.id)
        .order_by(SupportRequest.id.desc())
        .limit(MOST_REQUESTS)
    ).all()
    wanted = AuditFilter(dealer_id=found.dealer_id, days=365, support_session_id=found.id)
    changes = read_page(db.session(), wanted).events
    return render_template(
        "settings/support_session.html", support_session=found, requests=requests, changes=changes
    )


@blueprint.post("/settings/access/consent")
@dealer("settings")
def save_consent() -> Response:
    """Whoever takes the consent back ends the sessions that are open."""
    owner = current_dealer()
    form = ConsentForm()
    before = {name: getattr(owner, name) for name in form.data}
    form.populate_obj(owner)
    changes = changed_values(before, form.data)
    log_settings(changes, _("Zugriffe"))
    if not owner.support_allowed:
        _end(SupportSession.dealer_id == owner.id)
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.support_sessions"))


@blueprint.post("/settings/access/<uuid:support_session_id>/end")
@dealer("settings")
def end_support_session(support_session_id: UUID) -> Response:
    found = load_support_session(support_session_id)
    if found.ended_at is None:
        _end(SupportSession.id == found.id)
        audit.log(
            db.session(),
            who(),
            "support.ended",
            dealer_id=found.dealer_id,
            object_id=found.id,
            label=current_dealer().name,
        )
        db.session.commit()
    flash(_("Die Support-Sitzung ist beendet."), "success")
    return go(url_for("settings.support_sessions"))


def _end(which: object) -> None:
    open_ones = update(SupportSession).where(which, SupportSession.ended_at.is_(None))  # type: ignore[arg-type]
    ended = open_ones.values(ended_at=func.now(), ended_how="by_dealer").returning(SupportSession.agent_id)
    changes.note(db.session(), changes.ChangeKind.USER, db.session.scalars(ended))
