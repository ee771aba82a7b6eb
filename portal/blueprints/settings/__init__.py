"""Einstellungen: one module for each entry of their side menu."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.settings.menu import TEMPLATE_GLOBALS

blueprint = Blueprint("settings", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(TEMPLATE_GLOBALS))
