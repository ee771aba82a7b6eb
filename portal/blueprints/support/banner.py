"""The bar on every page of a support session, and the record of every request."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

from flask import Response, g, request
from sqlalchemy import insert

from portal.blueprints.support import blueprint
from portal.extensions import db
from portal.models import SupportRequest, SupportSession
from portal.web import acting

LONGEST_PATH = 300
SERVER_ERROR = 500


@blueprint.app_context_processor
def banner() -> dict[str, object]:
    return {"open_support_session": acting.visit, "minutes_left": minutes_left}


blueprint.record_once(lambda state: state.app.jinja_env.globals.update(support_session_id=acting.visit_id))


def minutes_left(ongoing: SupportSession) -> int:
    return max(ceil((ongoing.expires_at - datetime.now(UTC)).total_seconds() / 60), 0)


def _support_session(status: int) -> SupportSession | None:
    """Also where no view asked for it; after a failure nothing more is asked of the database."""
    if "support_session" in g or "_login_user" not in g or status >= SERVER_ERROR:
        found: SupportSession | None = g.get("support_session")
        return found
    return acting.visit()


@blueprint.after_app_request
def record(response: Response) -> Response:
    """With agent and dealer, in a transaction of its own: a request that failed is on record as well."""
    ongoing = _support_session(response.status_code)
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
