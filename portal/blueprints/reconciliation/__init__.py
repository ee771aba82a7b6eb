"""The reconciliation: what matches, what is only here, what is only there."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.reconciliation.labels import TEMPLATE_GLOBALS

blueprint = Blueprint("reconciliation", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(TEMPLATE_GLOBALS))
