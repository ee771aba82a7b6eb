"""What stands above every page of an activated app."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template
from sqlalchemy.orm import joinedload

from portal.blueprints.my_apps import blueprint, health, lock_panel, progress
from portal.blueprints.reconciliation import panel as reconciliation_panel
from portal.exports import runs
from portal.exports.drift.control import can_check
from portal.exports.runs import NO_RUNS
from portal.extensions import db
from portal.models import Activation
from portal.platforms import get_app
from portal.web.access import current_dealer, current_realm, dealer, load_activation


def app_head(activation: Activation) -> dict[str, Any]:
    """What `my_apps/_head.html` shows: three queries, four more for an open lock, three for an open
    reconciliation. What they cost does not grow with stock or history.

    The counts of vehicles follow in the fragment that the head asks for.
    """
    return {
        "activation": activation,
        "app": get_app(activation.app),
        "progress": progress.load(db.session(), activation),
        "paused": progress.paused(activation),
        "lock_panel": lock_panel.load(activation),
        "reconciliation": reconciliation_panel.load(activation),
        "latest": runs.load_latest_runs(db.session(), [activation.id]).get(activation.id, NO_RUNS),
        "checkable": can_check(activation),
    }


@blueprint.get("/apps/<uuid:activation_id>/progress")
@dealer("view")
def progress_fragment(activation_id: UUID) -> str:
    activation = load_activation(activation_id, joinedload(Activation.location))
    found = health.load(db.session(), current_dealer(), current_realm().at(activation.location_id))
    return render_template(
        "my_apps/_progress.html",
        **app_head(activation),
        health=found.get(activation.id, health.Health()),
    )
