"""Files in layouts of others: what their columns mean is said once on a page, with a preview, and kept."""

from __future__ import annotations

from contextlib import AbstractContextManager
from itertools import islice
from typing import BinaryIO
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from portal.blueprints.vehicles import blueprint, layout_form
from portal.blueprints.vehicles.taking import most_bytes, take_file
from portal.extensions import db
from portal.formats.foreign_layouts.layout import Layout, from_json, signature
from portal.formats.foreign_layouts.reader import LayoutReader
from portal.formats.foreign_layouts.suggestion import suggested_layout
from portal.formats.foreign_layouts.survey import Survey, survey
from portal.formats.foreign_layouts.survey import from_json as survey_from_json
from portal.formats.mobile_de_csv import StockRow, UnreadableFile
from portal.models import Location, StockLayout, StockUpload
from portal.vehicles import stock_uploads
from portal.vehicles.import_preview import Opened
from portal.vehicles.known_models import works_everywhere
from portal.vehicles.stock_layouts import layout_of, open_rows, save_layout, survey_foreign
from portal.web import audit
from portal.web.access import (
    current_realm,
    dealer,
    load_stock_layout,
    load_stock_upload,
    require_everywhere,
)
from portal.web.responses import UNPROCESSABLE, fragment, go
from portal.web.wording import translated

PREVIEWED = 10
"""Vehicles."""
SHOWN_TARGETS = 14
"""Columns of the preview: what a screen holds."""


def keep_foreign(stream: BinaryIO, location: Location, file_name: str, partial: bool) -> StockUpload | None:
    """The file, kept until its columns are known; None where it is read without. Raises UnreadableFile."""
    return stock_uploads.keep_unknown(db.session(), stream, location, file_name, partial, most_bytes())


def is_unknown(stream: BinaryIO) -> bool:
    """Whether nobody has said yet what the columns of this foreign file mean. Raises UnreadableFile."""
    surveyed = survey_foreign(stream, most_bytes())
    return surveyed is not None and _layout_of(surveyed) is None


def known_rows(stream: BinaryIO, most_bytes: int) -> AbstractContextManager[Opened]:
    """By mobile.de's layout, or by one of the dealer's."""
    return open_rows(db.session(), current_realm().dealer_id, stream, most_bytes)


@blueprint.get("/vehicles/import/layouts")
@dealer("edit_vehicles")
def layouts_page() -> str:
    mine = select(StockLayout).where(current_realm().of(StockLayout)).order_by(StockLayout.name)
    everywhere = works_everywhere(db.session(), current_realm())
    return render_template(
        "vehicles/layouts.html", layouts=db.session.scalars(mine).all(), everywhere=everywhere
    )


@blueprint.get("/vehicles/import/layouts/<uuid:layout_id>")
@dealer("edit_vehicles")
def edit_layout(layout_id: UUID) -> str:
    """What is kept of a file names vehicles, of whichever location."""
    kept = load_stock_layout(layout_id)
    require_everywhere()
    return _page(survey_from_json(kept.survey), from_json(kept.definition), kept.name, {}, kept=kept)


@blueprint.post("/vehicles/import/layouts/<uuid:layout_id>")
@dealer("edit_vehicles")
def save_edited_layout(layout_id: UUID) -> Response | tuple[str, int]:
    kept = load_stock_layout(layout_id)
    require_everywhere()
    surveyed, name = survey_from_json(kept.survey), request.form.get("name", "").strip()
    filled = layout_form.read_layout(request.form, surveyed)
    errors = layout_form.errors_of(filled, name, surveyed, _is_taken(name, kept.signature))
    if errors:
        return _page(surveyed, filled, name, errors, kept=kept), UNPROCESSABLE
    _save(name, filled, surveyed)
    db.session.commit()
    flash(_("Das Importprofil ist gespeichert."), "success")
    return go(url_for("vehicles.layouts_page"))


@blueprint.post("/vehicles/import/layouts/<uuid:layout_id>/delete")
@dealer("edit_vehicles")
def delete_layout(layout_id: UUID) -> Response:
    kept = load_stock_layout(layout_id)
    require_everywhere()
    audit.log_action("vehicle.layout_deleted", kept.id, kept.name)
    db.session.delete(kept)
    db.session.commit()
    flash(_("Das Importprofil ist gelöscht."), "success")
    return go(url_for("vehicles.layouts_page"))


@blueprint.get("/vehicles/import/uploads/<uuid:upload_id>")
@dealer("edit_vehicles")
def map_columns(upload_id: UUID) -> str:
    upload = _upload(upload_id)
    surveyed = survey_from_json(upload.survey)
    known = _layout_of(surveyed)
    layout = from_json(known.definition) if known else suggested_layout(surveyed)
    return _page(surveyed, layout, known.name if known else "", {}, upload=upload)


@blueprint.post("/vehicles/import/uploads/<uuid:upload_id>/preview")
@dealer("edit_vehicles")
def preview_columns(upload_id: UUID) -> str:
    """What the file means by what is filled in, also where its first row is a header or is none."""
    upload = _upload(upload_id)
    surveyed, form = survey_from_json(upload.survey), request.form
    said = {"yes": True, "no": False}.get(form.get("header", ""))
    if said is None or said == surveyed.heading.is_header:
        filled = layout_form.read_layout(form, surveyed)
    else:
        surveyed = _surveyed_anew(upload, said)
        filled = suggested_layout(surveyed)
    return _page(surveyed, filled, form.get("name", "").strip(), {}, upload=upload)


@blueprint.post("/vehicles/import/uploads/<uuid:upload_id>")
@dealer("edit_vehicles")
def import_mapped(upload_id: UUID) -> Response | tuple[str, int]:
    """Keep what was said of the columns, and import the file by it."""
    upload = _upload(upload_id)
    surveyed, name = survey_from_json(upload.survey), request.form.get("name", "").strip()
    if _layout_of(surveyed) is not None:
        require_everywhere()
    filled = layout_form.read_layout(request.form, surveyed)
    errors = layout_form.errors_of(filled, name, surveyed, _is_taken(name, signature(surveyed.heading)))
    if errors:
        return _page(surveyed, filled, name, errors, upload=upload), UNPROCESSABLE
    _save(name, filled, surveyed)
    with stock_uploads.opened(db.session(), upload) as stream:
        report = take_file(stream, upload.location, upload.file_name, partial=upload.partial)
    if not report.error:
        db.session.delete(upload)
    db.session.commit()
    if report.error:
        flash(translated(report.error), "error")
    else:
        flash(_("Die Datei ist importiert, das Importprofil gespeichert."), "success")
    return go(url_for("vehicles.import_report", import_id=report.id))


@blueprint.post("/vehicles/import/uploads/<uuid:upload_id>/discard")
@dealer("edit_vehicles")
def discard_upload(upload_id: UUID) -> Response:
    db.session.delete(_upload(upload_id))
    db.session.commit()
    flash(_("Die Datei ist verworfen. Es wurde nichts importiert."), "success")
    return go(url_for("vehicles.import_page"))


def _upload(key: UUID) -> StockUpload:
    return load_stock_upload(key, joinedload(StockUpload.location))


def _layout_of(surveyed: Survey) -> StockLayout | None:
    return layout_of(db.session(), current_realm().dealer_id, surveyed)


def _is_taken(name: str, own: str) -> bool:
    others = current_realm().of(StockLayout), StockLayout.name == name, StockLayout.signature != own
    return bool(db.session.scalar(select(func.count()).select_from(StockLayout).where(*others)))


def _save(name: str, layout: Layout, surveyed: Survey) -> None:
    kept, is_new = save_layout(db.session(), current_realm().dealer_id, name, layout, surveyed)
    audit.log_action(
        "vehicle.layout_made" if is_new else "vehicle.layout_changed",
        kept.id,
        name,
        columns=len(layout.columns),
    )


def _surveyed_anew(upload: StockUpload, has_header: bool) -> Survey:
    try:
        with stock_uploads.read_again(db.session(), upload, most_bytes()) as table:
            surveyed = survey(table, has_header)
    except UnreadableFile:
        return survey_from_json(upload.survey)
    upload.survey = surveyed.as_json()
    db.session.commit()
    return surveyed


def _page(
    surveyed: Survey,
    layout: Layout,
    name: str,
    errors: dict[str, str],
    upload: StockUpload | None = None,
    kept: StockLayout | None = None,
) -> str:
    shown = list(layout.targets.values())[:SHOWN_TARGETS]
    rows, unreadable = _previewed(upload, layout) if upload else ([], "")
    values = {
        "survey": surveyed,
        "convention": layout.convention,
        "columns": layout_form.mapped_columns(surveyed, layout),
        "groups": layout_form.option_groups(),
        "name": name,
        "errors": errors,
        "upload": upload,
        "layout": kept,
        "rows": [(row, [layout_form.worded(target, row.facts) for target in shown]) for row in rows],
        "shown": [layout_form.label_of(target) for target in shown],
        "unreadable": unreadable,
    }
    template = "vehicles/_layout.html" if fragment() and not errors else "vehicles/layout.html"
    return render_template(template, **values)


def _previewed(upload: StockUpload, layout: Layout) -> tuple[list[StockRow], str]:
    """The first vehicles, or why none can be read."""
    try:
        with stock_uploads.read_again(db.session(), upload, most_bytes()) as table:
            return list(islice(LayoutReader(table, layout), PREVIEWED)), ""
    except UnreadableFile as error:
        return [], translated(error.reason)
