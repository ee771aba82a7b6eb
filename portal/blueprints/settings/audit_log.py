"""Protokoll: who did what at this dealer."""

from __future__ import annotations

from flask import Response, request

from portal.audit.reading import AuditFilter
from portal.blueprints.audit.log import log_csv, log_page
from portal.blueprints.settings import blueprint
from portal.web.access import current_dealer, dealer


@blueprint.get("/settings/audit")
@dealer("settings")
def audit_log() -> str:
    return log_page("settings/audit.html", _wanted(), "settings.audit_log", "settings.audit_csv")


@blueprint.get("/settings/audit.csv")
@dealer("settings")
def audit_csv() -> Response:
    return log_csv(_wanted())


def _wanted() -> AuditFilter:
    return AuditFilter.from_args(request.args, current_dealer().id)
