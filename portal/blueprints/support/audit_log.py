"""Protokoll for agents: what was done anywhere in the portal."""

from __future__ import annotations

from flask import Response, render_template, request, url_for

from portal.audit.log import MOST_LINES, PERIODS, AuditFilter, read_all, read_page
from portal.blueprints.support import words
from portal.blueprints.support.base import blueprint
from portal.blueprints.support.words import address
from portal.extensions import db
from portal.web.access import support
from portal.web.downloads import csv_download


@blueprint.get("/support/audit")
@support
def audit_log() -> str:
    wanted = AuditFilter.from_args(request.args, None)
    return render_template(
        "support/audit.html",
        wanted=wanted,
        page=read_page(db.session(), wanted),
        periods=PERIODS,
        abouts=words.ABOUTS,
        here=url_for("support.audit_log"),
        csv_url=address("support.audit_csv", wanted),
        dealers=True,
    )


@blueprint.get("/support/audit.csv")
@support
def audit_csv() -> Response:
    wanted = AuditFilter.from_args(request.args, None)
    return csv_download(
        "protokoll.csv", words.csv_header(), words.csv_rows(read_all(db.session(), wanted, MOST_LINES))
    )
