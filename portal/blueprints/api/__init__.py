"""The interface for dealers' own tools: vehicles in, transfers out. JSON, a key per dealer."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from portal.blueprints.api import documents, transfers, vehicles
from portal.blueprints.api.keys import problem
from portal.extensions import csrf

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
