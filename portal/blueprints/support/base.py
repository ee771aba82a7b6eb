from __future__ import annotations

from flask import Blueprint

from portal.blueprints.support.words import TEMPLATE_GLOBALS

blueprint = Blueprint("support", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(TEMPLATE_GLOBALS))
