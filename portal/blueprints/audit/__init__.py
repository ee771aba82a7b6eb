"""The audit log: its words, the page with its filter, what was done at one app."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.audit.labels import detail_lines, readable, what_text

blueprint = Blueprint("audit", __name__)
blueprint.record_once(
    lambda state: state.app.jinja_env.globals.update(
        what_text=what_text, detail_lines=detail_lines, readable=readable
    )
)
