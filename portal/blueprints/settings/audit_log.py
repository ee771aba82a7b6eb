"""Protokoll: who did what at this dealer."""

from __future__ import annotations

from flask import Response, render_template, request, url_for

from portal.audit.log import MOST_LINES, PERIODS, AuditFilter, read_all, read_page
from portal.blueprints.settings.base import blueprint
from portal.blueprints.support import words
from portal.blueprints.support.words import address
from portal.extensions import db
from portal.web.access import current_dealer, dealer
from portal.web.downloads import csv_download


@blueprint.get("/settings/audit")
@dealer("settings")
def audit_log() -> str:
    wanted = AuditFilter.from_args(request.args, current_dealer().id)
    return render_template(
        "settings/audit.html",
        wanted=wanted,
        page=read_page(db.session(), wanted),
        periods=PERIODS,
        abouts=words.ABOUTS,
        here=url_for("settings.audit_log"),
        csv_url=address("settings.audit_csv", wanted),
        dealers=False,
    )


@blueprint.get("/settings/audit.csv")
@dealer("settings")
def audit_csv() -> Response:
    wanted = AuditFilter.from_args(request.args, current_dealer().id)
    lines = read_all(db.session(), wanted, MOST_LINES)
    return csv_download("protokoll.csv", words.csv_header(), words.csv_rows(lines))
