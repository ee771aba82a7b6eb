"""Everything that the page shows, loaded with a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from portal.blueprints.reconciliation import rows
from portal.blueprints.reconciliation.rows import Found, Row
from portal.blueprints.reconciliation.wanted import Tab, Wanted
from portal.exports.planning.cases import rules_of
from portal.exports.reconciliation.control import newest_run
from portal.exports.reconciliation.sides import SideCounts, Sides, count_sides
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import ActivationState, RunState
from portal.models.runs import Run
from portal.platforms import get_app
from portal.platforms.contract import ExportApp
from portal.web.access import current_dealer


@dataclass(frozen=True)
class Screen:
    activation: Activation
    app: ExportApp
    run: Run
    counts: SideCounts
    tab: Tab
    wanted: Wanted
    found: Found
    partner: Row | None
    editable: bool

    def here(self, **changed: Any) -> str:
        """Address of this page with something else; what stays is what is shown and searched."""
        args = {"tab": self.tab, "q": self.wanted.text or None} | changed
        return url_for("reconciliation.page", activation_id=self.activation.id, **args)

    @property
    def same(self) -> str:
        """Address of exactly this page."""
        return self.here(after=self.wanted.after, before=self.wanted.before, **{"for": self.wanted.partner})


def sides_of(activation: Activation) -> Sides | None:
    """The reconciliation that is open, or the last one; None when there never was one."""
    run = db.session.scalars(newest_run(activation.id)).one_or_none()
    return Sides(run, activation, rules_of(current_dealer())) if run else None


def load(activation: Activation, wanted: Wanted, may_decide: bool) -> Screen | None:
    """Five queries at most."""
    sides = sides_of(activation)
    if sides is None:
        return None
    counts = count_sides(db.session(), sides)
    tab = wanted.or_first(counts)
    return Screen(
        activation=activation,
        app=get_app(activation.app),
        run=sides.run,
        counts=counts,
        tab=tab,
        wanted=wanted,
        found=rows.load(db.session(), sides, tab, wanted),
        partner=rows.partner(db.session(), sides, tab, wanted.partner),
        editable=may_decide and is_open(activation, sides.run),
    )


def is_open(activation: Activation, run: Run) -> bool:
    return activation.state == ActivationState.RECONCILING and run.state == RunState.HELD
