"""Import of a stock from a file: the upload, the report of each import, its refused rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import abort, current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Engine, Row, func, select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.wrappers import Response

from portal.blueprints.vehicles import blueprint, understood
from portal.blueprints.vehicles.layouts import is_unknown, keep_foreign, known_rows
from portal.blueprints.vehicles.taking import most_bytes, take_file
from portal.extensions import db
from portal.formats.mobile_de_csv import UnreadableFile
from portal.messages import Wording
from portal.models import ImportRow, Location, Vehicle, VehicleImport
from portal.vehicles.import_preview import ImportPreview, preview_stock
from portal.vehicles.incoming_pictures import count_waiting
from portal.vehicles.repair import count_spoilt, repair_texts
from portal.web import attention, audit
from portal.web.access import current_realm, dealer, find_locations, load_import
from portal.web.bodies import takes_files
from portal.web.downloads import csv_download
from portal.web.responses import UNPROCESSABLE, fragment, go
from portal.web.wording import translated, translator

PAGE = 100
LATEST = 20
"""Imports that the upload page lists."""
COMPLETE, PARTIAL = "complete", "partial"
REFUSED, REMARKS = "refused", "remarks"
"""Which rows of a report are shown: the refused ones, or what was not read of those that were taken."""


@dataclass(frozen=True)
class Upload:
    """What the form holds; `errors` maps a field to its text."""

    file: FileStorage | None
    location: Location | None
    scope: str
    errors: dict[str, str]

    @classmethod
    def from_request(cls) -> Upload:
        file, scope = request.files.get("file"), request.form.get("scope", "")
        code = request.form.get("location")
        location = next((each for each in find_locations() if str(each.id) == code), None)
        errors = {}
        if file is None or not file.filename:
            errors["file"] = _("Bitte wählen Sie eine Datei.")
        if location is None:
            errors["location"] = _("Bitte wählen Sie einen Standort.")
        if scope not in (COMPLETE, PARTIAL):
            errors["scope"] = _("Bitte wählen Sie, ob die Datei den ganzen Bestand enthält.")
        return cls(file, location, scope, errors)


@dataclass(frozen=True)
class RowFilter:
    """Which rows of a report are shown: `shown` is REFUSED or REMARKS; of one column, or of all."""

    report: VehicleImport
    shown: str
    column: str
    page: int

    @classmethod
    def from_args(cls, args: MultiDict[str, str], report: VehicleImport) -> RowFilter:
        """Where nobody has chosen, the remarks of an import that refused nothing."""
        remarked = (report.remarked or report.pictures_refused) and not report.rejected
        shown = args.get("rows") or (REMARKS if remarked else REFUSED)
        if shown not in (REFUSED, REMARKS):
            abort(404)
        return cls(report, shown, args.get("column", ""), max(args.get("page", 1, int), 1))

    def url(self, page: int) -> str:
        return url_for(
            "vehicles.import_report",
            import_id=self.report.id,
            rows=self.shown,
            column=self.column or None,
            page=page,
        )

    def rows(self) -> Sequence[ImportRow]:
        """One more than the page shows."""
        rows = select(ImportRow).where(*self._mine).order_by(ImportRow.line, ImportRow.id)
        if self.column:
            rows = rows.where(ImportRow.column == self.column)
        return db.session.scalars(rows.offset((self.page - 1) * PAGE).limit(PAGE + 1)).all()

    def counts_by_column(self) -> Sequence[Row[str, int]]:
        counted = (
            select(ImportRow.column, func.count())
            .where(*self._mine, ImportRow.column != "")
            .group_by(ImportRow.column)
            .order_by(func.count().desc(), ImportRow.column)
        )
        return db.session.execute(counted).all()

    @property
    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return ImportRow.import_id == self.report.id, ImportRow.refused.is_(self.shown == REFUSED)


@blueprint.get("/vehicles/import")
@dealer("edit_vehicles")
def import_page() -> str:
    return _upload_page(chosen=request.args.get("location", ""), scope="", errors={})


@blueprint.post("/vehicles/import")
@takes_files
@dealer("edit_vehicles")
def import_file() -> Response | tuple[str, int]:
    upload = Upload.from_request()
    if upload.errors or upload.file is None or upload.location is None:
        return _refused(upload, upload.errors)
    stream, name = cast(BinaryIO, upload.file.stream), upload.file.filename or ""
    partial = upload.scope == PARTIAL
    try:
        waiting = keep_foreign(stream, upload.location, name, partial)
    except UnreadableFile as error:
        return _refused(upload, {"file": translated(error.reason)})
    if waiting:
        db.session.commit()
        return go(url_for("vehicles.map_columns", upload_id=waiting.id))
    report = take_file(stream, upload.location, name, partial=partial)
    db.session.commit()
    if report.error:
        return _refused(upload, {"file": translated(report.error)})
    flash(_("Die Datei ist importiert."), "success")
    return go(url_for("vehicles.import_report", import_id=report.id))


@blueprint.post("/vehicles/import/preview")
@takes_files
@dealer("edit_vehicles")
def preview_file() -> tuple[str, int]:
    """What would be imported: nothing is. The form stays as it is, so that it can be sent after that."""
    file = request.files.get("file")
    if file is None or not file.filename:
        found = ImportPreview(error=_("Bitte wählen Sie eine Datei."))
    else:
        found = _previewed(cast(BinaryIO, file.stream))
    status = UNPROCESSABLE if found.error else 200
    shown = {
        "preview": found,
        "columns": understood.COLUMNS,
        "cells": understood.cells_of_layout if found.layout else understood.cells,
    }
    if fragment():
        return render_template("vehicles/_import_preview.html", **shown), status
    form = request.form
    return _upload_page(
        chosen=form.get("location", ""), scope=form.get("scope", ""), errors={}, **shown
    ), status


def _previewed(stream: BinaryIO) -> ImportPreview:
    try:
        if is_unknown(stream):
            hint = _(
                "Diese Datei hat einen eigenen Aufbau. Wählen Sie „Datei importieren“: Vor dem Import ordnen "
                "Sie ihre Spalten zu und sehen die ersten Fahrzeuge."
            )
            return ImportPreview(error=hint)
    except UnreadableFile as error:
        return ImportPreview(error=error.reason)
    return preview_stock(stream, most_bytes(), known_rows)


@blueprint.get("/vehicles/imports/<uuid:import_id>")
@dealer("edit_vehicles")
def import_report(import_id: UUID) -> str:
    report = load_import(import_id, joinedload(VehicleImport.location))
    wanted = RowFilter.from_args(request.args, report)
    found, columns = wanted.rows(), wanted.counts_by_column()
    if wanted.column and wanted.column not in {name for name, _count in columns}:
        abort(404)
    return render_template(
        "vehicles/import_report.html",
        report=report,
        halted=attention.current(current_realm()).halted,
        shown=wanted.shown,
        spoilt=count_spoilt(db.session(), report.dealer_id, report.location_id),
        waiting=count_waiting(db.session(), report.id),
        rows=found[:PAGE],
        first=(wanted.page - 1) * PAGE + 1,
        columns=columns,
        chosen=wanted.column,
        newer=wanted.url(wanted.page - 1) if wanted.page > 1 else None,
        older=wanted.url(wanted.page + 1) if len(found) > PAGE else None,
    )


@blueprint.get("/vehicles/imports/<uuid:import_id>/pictures")
@dealer("edit_vehicles")
def import_pictures(import_id: UUID) -> str:
    """How far the pictures of an import are."""
    report = load_import(import_id)
    waiting = count_waiting(db.session(), report.id)
    return render_template("vehicles/_import_pictures.html", report=report, waiting=waiting)


@blueprint.post("/vehicles/imports/<uuid:import_id>/repair-texts")
@dealer("edit_vehicles")
def import_repair_texts(import_id: UUID) -> Response:
    """Take the offered repair for every spoilt text of the location."""
    report = load_import(import_id)
    count = repair_texts(db.session(), report.dealer_id, report.location_id)
    if count:
        audit.log_action("vehicle.texts_repaired", report.id, report.file_name, vehicles=count)
    db.session.commit()
    flash(
        ngettext(
            "Die Texte von %(num)s Fahrzeug sind repariert.",
            "Die Texte von %(num)s Fahrzeugen sind repariert.",
            count,
        ),
        "success",
    )
    return go(url_for("vehicles.import_report", import_id=report.id))


@blueprint.get("/vehicles/imports/<uuid:import_id>/refused.csv")
@dealer("edit_vehicles")
def import_refused(import_id: UUID) -> Response:
    """All refused rows of an import, or all remarks about those that were taken."""
    report = load_import(import_id)
    refused = request.args.get("rows") != REMARKS
    header = (_("Zeile"), _("Spalte"), _("Interne Nummer"), _("Wert"), _("Grund"))
    return csv_download(
        f"{'abgelehnt' if refused else 'bemerkungen'}-{report.created_at:%Y-%m-%d}.csv",
        header,
        _lines_of_report(db.engine, report.id, refused, translator()),
    )


def _lines_of_report(
    engine: Engine, import_id: UUID, refused: bool, translate: Callable[[Wording], str]
) -> Iterator[Sequence[object]]:
    """Read while they are sent, on a connection of their own: a bad file has as many as it has rows."""
    cells = select(
        ImportRow.line, ImportRow.column, ImportRow.offer_number, ImportRow.value, ImportRow.reason
    ).where(ImportRow.import_id == import_id, ImportRow.refused.is_(refused))
    with engine.connect() as connection:
        reading = connection.execution_options(yield_per=1000)
        for *found, reason in reading.execute(cells.order_by(ImportRow.line, ImportRow.id)):
            yield *found, translate(reason)


def _refused(upload: Upload, errors: dict[str, str]) -> tuple[str, int]:
    chosen = str(upload.location.id) if upload.location else ""
    return _upload_page(chosen=chosen, scope=upload.scope, errors=errors), UNPROCESSABLE


def _upload_page(**values: Any) -> str:
    """With the last imports, and how many vehicles of each location a complete one could withdraw."""
    in_stock = (
        select(Vehicle.location_id, func.count())
        .where(current_realm().of(Vehicle), Vehicle.withdrawn_at.is_(None))
        .group_by(Vehicle.location_id)
    )
    latest = (
        select(VehicleImport)
        .where(current_realm().of(VehicleImport))
        .options(joinedload(VehicleImport.location))
        .order_by(VehicleImport.created_at.desc())
        .limit(LATEST)
    )
    return render_template(
        "vehicles/import.html",
        locations=find_locations(),
        in_stock=dict(db.session.execute(in_stock).all()),
        imports=db.session.scalars(latest).all(),
        most_mb=current_app.extensions["settings"].max_upload_mb,
        **values,
    )
