"""The interface for dealers' own tools: vehicles in, transfers out. JSON, a key per dealer."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from portal.blueprints.api import documents, transfers, vehicles
from portal.blueprints.api.keys import problem
from portal.extensions import csrf
from portal.outages import DATABASE, is_database_away

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)

for module in (vehicles, transfers, documents):
    module.register(blueprint)


@blueprint.errorhandler(HTTPException)
def _as_json(error: HTTPException) -> Response:
    """Programs get a problem document, never a page."""
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    return problem(error.code or 500, error.name)


@blueprint.errorhandler(SQLAlchemyError)
def _database_error(error: SQLAlchemyError) -> Response:
    """What is sent again a moment later goes through."""
    if not is_database_away(error):
        raise error
    DATABASE.began(error)
    answer = problem(503, "Service Unavailable", "The database does not answer right now. Send it again.")
    answer.headers["Retry-After"] = "5"
    return answer
