"""The page of one run: a full transfer with its progress, a stock check with what it found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.blueprints.file_runs import pages as file_pages
from portal.blueprints.history import blueprint
from portal.blueprints.my_apps import listing_rows
from portal.blueprints.my_apps.head import app_head
from portal.blueprints.my_apps.listing_rows import Check, ListingFilter
from portal.exports.full_transfer.control import REASON_TEXTS, FullTransferReason
from portal.exports.full_transfer.task import count_transfers
from portal.extensions import db
from portal.models import Activation, Match, Run, User
from portal.models.exports import RunKind, RunState
from portal.web.access import dealer, load_activation, load_run
from portal.web.answers import fragment

OPEN = (RunState.WAITING, RunState.RUNNING)
SHOWN = 50
"""Unknown listings that are named on the page."""


@blueprint.get("/apps/<uuid:activation_id>/runs/<uuid:run_id>")
@dealer("view")
def run(activation_id: UUID, run_id: UUID) -> ResponseReturnValue:
    activation = load_activation(activation_id, joinedload(Activation.location))
    found = load_run(activation, run_id)
    if found.kind == RunKind.FILE:
        return file_pages.run_page(activation, found)
    if found.kind == RunKind.FULL:
        return _page("full", activation, found, **_of_full(found))
    if found.kind != RunKind.CHECK:
        abort(404)
    return _page("check", activation, found, **_of_check(activation, found))


def _page(kind: str, activation: Activation, run: Run, **facts: Any) -> str:
    """The page, or to HTMX the part that changes while it runs."""
    facts |= {"run": run, "running": run.finished_at is None, "by": _name(run.user_id)}
    if fragment():
        return render_template(f"my_apps/_run_{kind}.html", activation=activation, **facts)
    return render_template("my_apps/run.html", kind=kind, **app_head(activation), **facts)


def _of_full(run: Run) -> dict[str, Any]:
    reason = run.counts.get("reason")
    return {
        "tally": count_transfers(db.session(), run),
        "reason": REASON_TEXTS[FullTransferReason(reason)] if reason in set(FullTransferReason) else "",
        "open": run.state in OPEN,
    }


def _of_check(activation: Activation, run: Run) -> dict[str, Any]:
    """What still differs, and what the platform has beyond our listings as this check saw it."""
    session = db.session()
    here = Match.run_id == run.id
    return {
        "open": run.state in OPEN,
        "drifted": listing_rows.load(session, activation.id, ListingFilter(check=Check.DRIFTED)),
        "vanished": listing_rows.load(session, activation.id, ListingFilter(check=Check.VANISHED)),
        "unknown": session.scalars(select(Match).where(here).order_by(Match.id).limit(SHOWN)).all(),
        "kept": _kept(activation),
    }


def _kept(activation: Activation) -> frozenset[str]:
    """Listings that a reconciliation left at the platform on purpose."""
    decided = select(Match.listing_id).where(
        Match.activation_id == activation.id, Match.decision == "keep", Match.listing_id.is_not(None)
    )
    return frozenset(key for key in db.session.scalars(decided) if key)


def _name(user_id: UUID | None) -> str:
    shown = func.coalesce(func.nullif(User.name, ""), User.login)
    return db.session.scalar(select(shown).where(User.id == user_id)) or "" if user_id else ""
