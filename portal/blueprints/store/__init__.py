"""The app store: find an export, read what it does, activate it."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.store.labels import TEMPLATE_GLOBALS

blueprint = Blueprint("store", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(TEMPLATE_GLOBALS))
