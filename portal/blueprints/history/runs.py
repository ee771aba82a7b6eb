"""Durchgänge: everything that was done over the whole stock of an app, and the page of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import abort, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import select, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from portal.blueprints.activations import listings
from portal.blueprints.activations.head import app_head
from portal.blueprints.activations.listings import ListingCheck, ListingFilter
from portal.blueprints.history import blueprint
from portal.blueprints.history import files as file_pages
from portal.exports.full_transfer.control import REASON_TEXTS, FullTransferReason
from portal.exports.full_transfer.task import count_transfers
from portal.extensions import db
from portal.models import Activation, Match, Run, User
from portal.models.exports import AppKind, RunKind, RunState
from portal.web.access import dealer, load_activation, load_run
from portal.web.responses import fragment, go

MOST = 100
RUN_KINDS: Mapping[str, LazyString] = {
    RunKind.FULL: _("Komplettübertragung"),
    RunKind.CHECK: _("Bestandsprüfung"),
    RunKind.RECONCILIATION: _("Bestandsabgleich"),
    RunKind.FILE: _("Datei"),
    RunKind.TRIAL: _("Testübertragung"),
    RunKind.RELEASE: _("Freigabe des Bestands"),
}


@dataclass(frozen=True)
class RunRow:
    run: Run
    by: str

    @property
    def kind(self) -> LazyString:
        return RUN_KINDS[self.run.kind]

    @property
    def url(self) -> str:
        if self.run.kind == RunKind.RECONCILIATION:
            return url_for("reconciliation.page", activation_id=self.run.activation_id)
        if self.run.kind == RunKind.TRIAL:
            return url_for("activations.trial", activation_id=self.run.activation_id)
        if self.run.kind == RunKind.RELEASE:
            return url_for("history.page", activation_id=self.run.activation_id)
        return url_for("history.run", activation_id=self.run.activation_id, run_id=self.run.id)


@blueprint.get("/apps/<uuid:activation_id>/runs")
@dealer("view")
def runs(activation_id: UUID) -> ResponseReturnValue:
    activation = load_activation(activation_id, joinedload(Activation.location))
    if activation.kind == AppKind.FILE:
        return go(url_for("history.page", activation_id=activation_id))
    days = current_app.extensions["settings"].history_days
    rows = load_runs(db.session(), activation.id, datetime.now(UTC) - timedelta(days=days))
    return render_template("history/runs.html", rows=rows, days=days, tab="runs", **app_head(activation))


def load_runs(session: Session, activation_id: UUID, since: datetime) -> Sequence[RunRow]:
    """One query."""
    statement = (
        select(Run, User.display_name)
        .outerjoin(User, User.id == Run.user_id)
        .where(Run.activation_id == activation_id, Run.created_at >= since)
        .order_by(Run.id.desc())
        .limit(MOST)
    )
    return [RunRow(run, by or "") for run, by in session.execute(statement)]


# The page of one run: a full transfer with its progress, a stock check with what it found.


OPEN_RUNS = (RunState.WAITING, RunState.RUNNING)
SHOWN = 50
"""Unknown listings that are named on the page."""


@blueprint.get("/apps/<uuid:activation_id>/runs/<uuid:run_id>")
@dealer("view")
def run(activation_id: UUID, run_id: UUID) -> ResponseReturnValue:
    found = load_run(activation_id, run_id)
    if found.kind == RunKind.FILE:
        return file_pages.run_page(found)
    if found.kind == RunKind.FULL:
        reason = found.counts.get("reason")
        return _page(
            "full",
            found,
            tally=count_transfers(db.session(), found),
            reason=REASON_TEXTS[FullTransferReason(reason)] if reason in set(FullTransferReason) else "",
            open=found.state in OPEN_RUNS,
        )
    if found.kind != RunKind.CHECK:
        abort(404)
    return _page("check", found, **_of_check(found))


def _page(kind: str, run: Run, **facts: Any) -> str:
    """The page, or to HTMX the part that changes while it runs."""
    by = run.user.display_name if run.user else ""
    facts |= {"run": run, "running": run.finished_at is None, "by": by}
    if fragment():
        return render_template(f"history/_run_{kind}.html", activation=run.activation, **facts)
    return render_template("history/run.html", kind=kind, **app_head(run.activation), **facts)


def _of_check(run: Run) -> dict[str, Any]:
    """What still differs, and what the platform has beyond our listings as this check saw it; what a
    reconciliation left there on purpose (`kept`) apart."""
    session = db.session()
    drifted, vanished = (
        listings.load_listings(session, run.activation_id, ListingFilter(check=check))
        for check in (ListingCheck.DRIFTED, ListingCheck.VANISHED)
    )
    beyond = _beyond(session, run)
    return {
        "open": run.state in OPEN_RUNS,
        "drifted": drifted,
        "vanished": vanished,
        "unknown": [match for match in beyond if not match.decision],
        "kept": [match for match in beyond if match.decision],
    }


def _beyond(session: Session, run: Run) -> Sequence[Match]:
    """As many as are named of those that nobody knows, and as many of those that were kept: one query."""
    some = select(Match).where(Match.run_id == run.id).order_by(Match.id).limit(SHOWN)
    both = union_all(some.where(Match.decision == ""), some.where(Match.decision != ""))
    match = aliased(Match, both.subquery())
    found = select(match).order_by(match.id)
    return session.scalars(found).all()
