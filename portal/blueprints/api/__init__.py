"""The interface for dealers' own tools: vehicles and pictures in, states and transfers out. JSON, keys.

Its errors are problem documents, whatever raises them (`portal.web.problem_documents`).
"""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.api import documents, pictures, reference, stock, transfers, vehicles
from portal.extensions import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)

for module in (vehicles, stock, pictures, reference, transfers, documents):
    module.register(blueprint)
