"""The lock: the panel of the app, and the page behind the link in the mail."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.locks.labels import TEMPLATE_GLOBALS

blueprint = Blueprint("locks", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(TEMPLATE_GLOBALS))
