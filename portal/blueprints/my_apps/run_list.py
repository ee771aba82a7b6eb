"""Läufe: everything that was done over the whole stock of an API app, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.blueprints.history import blueprint
from portal.blueprints.my_apps.head import app_head
from portal.extensions import db
from portal.models import Activation, Run, User
from portal.models.exports import AppKind, RunKind
from portal.web.access import dealer, load_activation
from portal.web.answers import go

MOST = 100
KINDS: Mapping[str, LazyString] = {
    RunKind.FULL: _("Komplettübertragung"),
    RunKind.CHECK: _("Bestandsprüfung"),
    RunKind.RECONCILIATION: _("Bestandsabgleich"),
    RunKind.FILE: _("Datei"),
}


@dataclass(frozen=True)
class Row:
    run: Run
    by: str

    @property
    def kind(self) -> LazyString:
        return KINDS[self.run.kind]

    @property
    def url(self) -> str:
        if self.run.kind == RunKind.RECONCILIATION:
            return url_for("reconciliation.page", activation_id=self.run.activation_id)
        return url_for("history.run", activation_id=self.run.activation_id, run_id=self.run.id)


@blueprint.get("/apps/<uuid:activation_id>/runs")
@dealer("view")
def runs(activation_id: UUID) -> ResponseReturnValue:
    activation = load_activation(activation_id, joinedload(Activation.location))
    if activation.kind == AppKind.FILE:
        return go(url_for("history.page", activation_id=activation_id))
    days = current_app.extensions["settings"].history_days
    rows = load(db.session(), activation.id, datetime.now(UTC) - timedelta(days=days))
    return render_template("my_apps/runs.html", rows=rows, days=days, tab="runs", **app_head(activation))


def load(session: Session, activation_id: UUID, since: datetime) -> Sequence[Row]:
    """One query."""
    name = func.coalesce(func.nullif(User.name, ""), User.login)
    statement = (
        select(Run, name)
        .outerjoin(User, User.id == Run.user_id)
        .where(Run.activation_id == activation_id, Run.created_at >= since)
        .order_by(Run.id.desc())
        .limit(MOST)
    )
    return [Row(run, by or "") for run, by in session.execute(statement)]
