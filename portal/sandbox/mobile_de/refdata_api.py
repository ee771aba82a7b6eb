"""Reference lists over HTTP, without login."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal.sandbox import exchange
from portal.sandbox.mobile_de.answers import answer, error_answer
from portal.sandbox.mobile_de.dialect import SELLER_API
from portal.sandbox.mobile_de.refdata import shown
from portal.sandbox.mobile_de.state import state

refdata = Blueprint("refdata", __name__, url_prefix="/refdata")
exchange.frame(refdata, SELLER_API)


@refdata.get("/<path:path>")
def reference_list(path: str) -> Response:
    values = state().refdata.values(path)
    if values is None:
        return error_answer(404, "reference-list-not-found")
    german = request.accept_languages.best_match(["de", "en"], "de") == "de"
    found = answer(shown(path, values, request.host_url.rstrip("/"), german=german))
    found.headers["Vary"] = "Accept-Language"
    return found
