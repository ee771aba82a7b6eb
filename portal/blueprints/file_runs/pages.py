"""What can be looked at: the history of a file app, one run, its file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session, sessionmaker

from portal.blueprints.file_runs.view import load_view, schedule_of
from portal.blueprints.file_runs.words import RESULTS
from portal.blueprints.history import blueprint
from portal.blueprints.my_apps.head import app_head
from portal.exports.stock_files import build, run_history, storage
from portal.extensions import db
from portal.models import Activation
from portal.models.runs import Run
from portal.web import access
from portal.web.answers import fragment, go
from portal.web.downloads import csv_download
from portal.web.wording import translator


def history_page(activation: Activation) -> ResponseReturnValue:
    """The history of a file app: its runs, newest first."""
    view = load_view(activation, request.args)
    if fragment():
        return render_template("file_runs/_table.html", view=view)
    return render_template(
        "file_runs/page.html",
        view=view,
        schedule=schedule_of(activation),
        tab="history",
        **app_head(activation),
    )


def run_page(activation: Activation, run: Run) -> ResponseReturnValue:
    """One run: its numbers, the vehicles behind one of them, its file and its confirmation."""
    chosen = request.args.get("result", "")
    results = (chosen,) if chosen in RESULTS else build.IN_FILE
    after = request.args.get("after", type=UUID)
    vehicles, more = run_history.find_vehicles(db.session(), run.id, results, after)
    shown: dict[str, Any] = {
        "row": run_history.find_run(db.session(), run.id),
        "vehicles": vehicles,
        "result": chosen if chosen in RESULTS else "",
        "more_url": _url(activation, run, result=chosen or None, after=more) if more else None,
        "fetches": run_history.find_fetches(db.session(), run.id),
        "published": activation.published_run_id == run.id,
    }
    if fragment():
        return render_template("file_runs/_vehicles.html", activation=activation, **shown)
    return render_template("file_runs/run.html", tab="history", **app_head(activation), **shown)


@blueprint.get("/apps/<uuid:activation_id>/runs/<uuid:run_id>/file")
@access.dealer("view")
def file(activation_id: UUID, run_id: UUID) -> Response:
    """Byte for byte what was, or would have been, handed over."""
    run = _load(activation_id, run_id)
    found = storage.find_file(db.session(), run.id)
    if found is None:
        flash(_("Dieser Lauf hat keine Datei."))
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
    run = _load(activation_id, run_id)
    header = [_("Nummer"), _("Fahrzeugnummer"), _("Fahrzeug"), _("Ergebnis"), _("Rückmeldung")]
    words = {key: str(text.label) for key, text in RESULTS.items()}
    return csv_download(f"lauf-{run.created_at:%Y-%m-%d-%H%M}.csv", header, _lines(run.id, words))


def _lines(run_id: UUID, words: dict[str, str]) -> Iterator[list[str]]:
    translate, engine = translator(), db.engine

    def lines() -> Iterator[list[str]]:
        after: UUID | None = None
        while True:
            with Session(engine) as session:
                found, after = run_history.find_vehicles(session, run_id, tuple(RESULTS), after)
            for one in found:
                said = " | ".join(translate(str(item.get("text", ""))) for item in one.entry.feedback)
                word = words.get(one.entry.result, one.entry.result)
                yield [one.entry.number, one.vehicle.offer_number, one.title, word, said]
            if after is None:
                return

    return lines()


def _load(activation_id: UUID, run_id: UUID) -> Run:
    return access.load_run(access.load_activation(activation_id), run_id)


def _url(activation: Activation, run: Run, **values: Any) -> str:
    return url_for("history.run", activation_id=activation.id, run_id=run.id, **values)
