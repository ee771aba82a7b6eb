"""Protokoll for agents: what was done anywhere in the portal."""

from __future__ import annotations

from flask import Response, request

from portal.audit.reading import AuditFilter
from portal.blueprints.audit.log import log_csv, log_page
from portal.blueprints.support import blueprint
from portal.web.access import support


@blueprint.get("/support/audit")
@support
def audit_log() -> str:
    return log_page("support/audit.html", _wanted(), "support.audit_log", "support.audit_csv")


@blueprint.get("/support/audit.csv")
@support
def audit_csv() -> Response:
    return log_csv(_wanted())


def _wanted() -> AuditFilter:
    return AuditFilter.from_args(request.args, None)
