"""The panel on the app's page: where its reconciliation stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, make_response, render_template
from sqlalchemy.orm import joinedload

from portal.blueprints.reconciliation import blueprint
from portal.blueprints.reconciliation.screen import sides_of
from portal.exports.reconciliation.sides import SideCounts, count_sides
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import ActivationState, RunState
from portal.models.runs import Run
from portal.web.access import dealer, load_activation


@dataclass(frozen=True)
class Panel:
    """`counts` only while people are asked."""

    run: Run
    counts: SideCounts | None = None

    @property
    def works(self) -> bool:
        """A worker is at it: the panel looks again by itself."""
        return self.run.state in (RunState.WAITING, RunState.RUNNING) and not self.next_attempt

    @property
    def next_attempt(self) -> datetime | None:
        return self.run.not_before


def load(activation: Activation) -> Panel | None:
    """None where nothing is open; then it costs no query."""
    if activation.state != ActivationState.RECONCILING:
        return None
    sides = sides_of(activation)
    if sides is None:
        return None
    held = sides.run.state == RunState.HELD
    return Panel(sides.run, count_sides(db.session(), sides) if held else None)


@blueprint.get("/apps/<uuid:activation_id>/reconciliation/panel")
@dealer("view")
def panel(activation_id: UUID) -> Response:
    """Asked again while a worker is at it. What comes after changes the whole page."""
    activation = load_activation(activation_id, joinedload(Activation.location))
    found = load(activation)
    if found is not None and found.works:
        return make_response(
            render_template("my_apps/_reconciliation.html", activation=activation, reconciliation=found)
        )
    answer = make_response("", 200)
    answer.headers["HX-Refresh"] = "true"
    return answer
