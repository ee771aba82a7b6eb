from __future__ import annotations

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from portal.blueprints.file_runs import words

blueprint = Blueprint("file_runs", __name__)


@blueprint.record_once
def _offer_words(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(words.TEMPLATE_GLOBALS)
