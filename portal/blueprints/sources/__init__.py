"""Sources: where a dealer's stock is fetched from by itself; pages of the settings."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.sources.labels import TEMPLATE_GLOBALS

blueprint = Blueprint("sources", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(TEMPLATE_GLOBALS))
