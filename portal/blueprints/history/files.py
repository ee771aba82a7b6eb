"""File apps: their history, one run with its vehicles and its file, run now, the schedule, the feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal
from uuid import UUID

from flask import Response, current_app, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session, joinedload, sessionmaker
from werkzeug.datastructures import MultiDict

from portal import audit
from portal.blueprints.activations.head import app_head
from portal.blueprints.history import blueprint, labels
from portal.blueprints.history.filters import (
    ALL_CUSTOMERS,
    FilterContext,
    history_days,
    load_filter_context,
)
from portal.blueprints.history.labels import FILE_RESULTS
from portal.exports.stock_files import build, control, feeds, run_history, storage
from portal.exports.stock_files.build import file_side
from portal.exports.stock_files.rules import run_window
from portal.exports.stock_files.run_history import FileRunPage
from portal.exports.stock_files.target import chosen_transport
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import ActivationState, AppKind, Trigger
from portal.models.runs import Run
from portal.platforms.contract.files import Transport
from portal.web import access
from portal.web.access import dealer, load_activation, who
from portal.web.downloads import csv_download
from portal.web.responses import fragment, go
from portal.web.wording import translator


def history_page(activation: Activation) -> ResponseReturnValue:
    """The history of a file app: its runs, newest first."""
    view = load_runs_view(activation, request.args)
    if fragment():
        return render_template("history/_files.html", view=view)
    return render_template(
        "history/files.html",
        view=view,
        schedule=schedule_of(activation),
        tab="history",
        **app_head(activation),
    )


def run_page(run: Run) -> ResponseReturnValue:
    """One run: its numbers, the vehicles behind one of them, its file and its confirmation."""
    activation = run.activation
    chosen = request.args.get("result", "")
    results = (chosen,) if chosen in FILE_RESULTS else build.IN_FILE
    after = request.args.get("after", type=UUID)
    here = partial(url_for, "history.run", activation_id=activation.id, run_id=run.id)
    vehicles, more = run_history.find_vehicles(db.session(), run.id, results, after)
    shown: dict[str, Any] = {
        "row": run_history.find_run(db.session(), run.id),
        "vehicles": vehicles,
        "result": chosen if chosen in FILE_RESULTS else "",
        "more_url": here(result=chosen or None, after=more) if more else None,
        "fetches": run_history.find_fetches(db.session(), run.id),
        "published": activation.published_run_id == run.id,
    }
    if fragment():
        return render_template("history/_file_vehicles.html", activation=activation, **shown)
    return render_template("history/file_run.html", tab="history", **app_head(activation), **shown)


@blueprint.get("/apps/<uuid:activation_id>/runs/<uuid:run_id>/file")
@access.dealer("view")
def file(activation_id: UUID, run_id: UUID) -> Response:
    """Byte for byte what was, or would have been, handed over."""
    run = access.load_run(activation_id, run_id)
    found = storage.find_file(db.session(), run.id)
    if found is None:
        flash(_("Dieser Durchgang hat keine Datei."))
        return go(url_for("history.run", activation_id=activation_id, run_id=run_id))
    pieces = storage.plain_pieces(sessionmaker(db.engine), found)
    response = Response(pieces, mimetype="application/octet-stream")
    response.content_length = found.size
    response.headers.set("Content-Disposition", "attachment", filename=found.name)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/apps/<uuid:activation_id>/runs/<uuid:run_id>/vehicles.csv")
@access.dealer("view")
def vehicles_csv(activation_id: UUID, run_id: UUID) -> Response:
    """All vehicles of a run for a spreadsheet, with what was said to each."""
    run = access.load_run(activation_id, run_id)
    header = [_("Nummer"), _("Fahrzeugnummer"), _("Fahrzeug"), _("Ergebnis"), _("Antwort")]
    words = {key: str(text.label) for key, text in FILE_RESULTS.items()}
    return csv_download(f"lauf-{run.created_at:%Y-%m-%d-%H%M}.csv", header, _lines(run.id, words))


def _lines(run_id: UUID, words: dict[str, str]) -> Iterator[list[str]]:
    translate, engine = translator(), db.engine

    def lines() -> Iterator[list[str]]:
        after: UUID | None = None
        while True:
            with Session(engine) as session:
                found, after = run_history.find_vehicles(session, run_id, tuple(FILE_RESULTS), after)
            for one in found:
                said = " | ".join(translate(item.get("text", "")) for item in one.entry.feedback)
                word = words.get(one.entry.result, one.entry.result)
                yield [one.entry.number, one.vehicle.offer_number, one.title, word, said]
            if after is None:
                return

    return lines()


# Everything that the history of a file app shows.


WHILE_OPEN, WHILE_QUIET = 2, 15
"""Seconds between two looks of an open page."""
RUNNABLE = (ActivationState.ACTIVE, ActivationState.LOCKED)


@dataclass(frozen=True)
class RunFilter:
    """`period` in hours, `customer` another number of the dealer at the same platform or all of them."""

    period: int = 120
    customer: str = ""
    before: UUID | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str], around: FilterContext) -> RunFilter:
        periods = {str(hours): hours for hours in around.choices.periods}
        customer = args.get("customer", "")
        return cls(
            periods.get(args.get("period", ""), around.choices.periods[-1]),
            customer if customer in around.choices.customers else "",
            args.get("before", type=UUID),
        )


@dataclass(frozen=True)
class RunsView:
    around: FilterContext
    filter: RunFilter
    found: FileRunPage

    @property
    def activation(self) -> Activation:
        return self.around.activation

    @property
    def days(self) -> int:
        return history_days()

    @property
    def time(self) -> object:
        return labels.IN_THE_LAST.get(self.filter.period, _("In dieser Zeit"))

    @property
    def several_numbers(self) -> bool:
        return self.filter.customer == ALL_CUSTOMERS

    @property
    def refresh_seconds(self) -> int | None:
        """When the table should look again; an older page, whose runs are over, never does."""
        if any(row.open for row in self.found.rows):
            return WHILE_OPEN
        return None if self.filter.before else WHILE_QUIET

    def url(self, **changed: object) -> str:
        known = {"period": self.filter.period, "customer": self.filter.customer or None}
        values: dict[str, Any] = {"activation_id": self.activation.id, **known, **changed}
        return url_for("history.page", **values)


@dataclass(frozen=True)
class Schedule:
    """When the next file is due, and what can be done about it."""

    activation: Activation
    times: tuple[str, ...]
    paused: bool
    pulled: bool

    @property
    def windows(self) -> list[str]:
        """When runs begin: "02:00 und 02:45"."""
        spans = (run_window(local) for local in self.times)
        return [_("%(start)s und %(end)s", start=start, end=end) for start, end in spans]

    @property
    def runnable(self) -> bool:
        return self.activation.state in RUNNABLE


def load_runs_view(activation: Activation, args: MultiDict[str, str]) -> RunsView:
    around = load_filter_context(activation)
    wanted = RunFilter.from_args(args, around)
    since = datetime.now(UTC) - timedelta(hours=wanted.period)
    ids = around.account_ids(wanted.customer)
    return RunsView(around, wanted, run_history.find_runs(db.session(), ids, since, wanted.before))


def schedule_of(activation: Activation) -> Schedule:
    return Schedule(
        activation,
        tuple(sorted(control.run_times(activation))),
        control.is_paused(activation),
        chosen_transport(activation) == Transport.PULL,
    )


# What can be done: run now, pause the schedule, take a new address for a feed.


@blueprint.post("/apps/<uuid:activation_id>/run-now")
@dealer("edit_vehicles")
def run_now(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    if not _runs(activation):
        flash(_("Zurzeit wird nichts übertragen: Die App ist nicht aktiv."), "error")
        return _back(activation)
    control.request_run(db.session(), activation.id, Trigger.BY_HAND, current_user.id)
    _note(activation, "run.requested")
    db.session.commit()
    flash(_("Die Datei wird jetzt erstellt und übertragen."), "success")
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/schedule/pause")
@dealer("activate_apps")
def pause_schedule(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    if _runs(activation):
        control.pause_schedule(activation)
        _note(activation, "schedule.paused")
        db.session.commit()
        flash(_("Der Zeitplan ruht. Die zuletzt veröffentlichte Datei bleibt, wie sie ist."), "success")
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/schedule/resume")
@dealer("activate_apps")
def resume_schedule(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    if _runs(activation):
        control.resume_schedule(activation)
        _note(activation, "schedule.resumed")
        db.session.commit()
        flash(_("Der Zeitplan läuft wieder."), "success")
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/feed-address")
@dealer("activate_apps")
def feed_address(activation_id: UUID) -> Response:
    """The address of a feed, made anew and shown this once: only its digest is kept."""
    activation = _load(activation_id)
    if activation.kind != AppKind.FILE or Transport.PULL not in file_side(activation).transports:
        return _back(activation)
    token = feeds.renew_address(activation)
    _note(activation, "feed.renewed")
    db.session.commit()
    portal_url = current_app.extensions["settings"].portal_url
    name = build.usual_file_name(db.session(), activation, portal_url)
    # What stands at the end of the address is for the receiver only.
    plain = "".join(char for char in name if char.isascii() and (char.isalnum() or char in "._-")).strip(".")
    path = url_for("feeds.feed", token=token, file_name=plain or "stock")
    page = render_template(
        "history/feed_address.html",
        address=f"{portal_url}{path}",
        schedule=schedule_of(activation),
        tab="history",
        **app_head(activation),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _load(activation_id: UUID) -> Activation:
    return load_activation(activation_id, joinedload(Activation.location))


def _runs(activation: Activation) -> bool:
    return activation.kind == AppKind.FILE and activation.state in RUNNABLE


def _note(
    activation: Activation,
    what: Literal["run.requested", "schedule.paused", "schedule.resumed", "feed.renewed"],
) -> None:
    audit.log(
        db.session(),
        who(),
        what,
        dealer_id=activation.dealer_id,
        object_id=activation.id,
        activation_id=activation.id,
        label=f"{activation.app} {activation.customer_number}",
    )


def _back(activation: Activation) -> Response:
    return go(url_for("history.page", activation_id=activation.id))
