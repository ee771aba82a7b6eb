"""Webhooks: where a dealer's tools are told what happens; pages of the settings."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.webhooks.labels import TEMPLATE_GLOBALS

blueprint = Blueprint("webhooks", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(TEMPLATE_GLOBALS))
