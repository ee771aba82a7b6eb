"""What happened at an activation: the transfers of an API app, the files of a file app, runs."""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.history.labels import FILE_GLOBALS, TEMPLATE_GLOBALS
from portal.blueprints.history.lines import history_lines

blueprint = Blueprint("history", __name__)
blueprint.record_once(
    lambda state: state.app.jinja_env.globals.update(
        FILE_GLOBALS | TEMPLATE_GLOBALS, history_lines=history_lines
    )
)
