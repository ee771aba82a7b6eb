"""Protokoll for agents: what was done anywhere in the portal."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from portal import audit
from portal.audit.reading import AuditFilter
from portal.blueprints.audit.log import log_csv, log_page
from portal.blueprints.support import blueprint
from portal.extensions import db
from portal.web.access import support, who


@blueprint.get("/support/audit")
@support
def audit_log() -> str:
    _record()
    return log_page("support/audit.html", _wanted(), "support.audit_log", "support.audit_csv")


@blueprint.get("/support/audit.csv")
@support
def audit_csv() -> Response:
    _record()
    return log_csv(_wanted())


def _record() -> None:
    """Without a visit nothing else says that somebody looked."""
    asked = {name: value for name, value in _wanted().as_args().items() if name != "days"}
    audit.log(db.session(), who(), "support.log_read", dealer_id=None, detail=asked)
    db.session.commit()


def _wanted() -> AuditFilter:
    return replace(AuditFilter.from_args(request.args, None), of_all=True)
