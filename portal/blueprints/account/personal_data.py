"""Meine Daten: what the portal holds about a person, as a file."""

from __future__ import annotations

from flask import Response
from flask_login import current_user

from portal import audit
from portal.blueprints.account import blueprint
from portal.blueprints.account.profile import me
from portal.extensions import db, limiter
from portal.models import User
from portal.people.personal_data import as_document, held_about
from portal.web.access import account, who


@blueprint.get("/account/data.json")
@account
@limiter.limit("30 per hour", key_func=lambda: f"personal data {current_user.id}")
def my_data() -> Response:
    return download(me())


def download(user: User) -> Response:
    """On record, with who took it."""
    answer = Response(as_document(held_about(db.session(), user)), mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"daten-{user.login}.json")
    answer.headers["Cache-Control"] = "no-store"
    audit.log(
        db.session(),
        who(),
        "user.data_exported",
        dealer_id=user.dealer_id,
        object_id=user.id,
        label=user.login,
    )
    db.session.commit()
    return answer
