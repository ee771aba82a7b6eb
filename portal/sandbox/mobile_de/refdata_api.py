"""Reference lists over HTTP, without login."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal.sandbox import exchange
from portal.sandbox.mobile_de.answers import MEDIA_TYPE, answer, error_answer
from portal.sandbox.mobile_de.dialect import SELLER_API
from portal.sandbox.mobile_de.refdata import shown, shown_as_xml
from portal.sandbox.mobile_de.state import state

XML = "application/xml"
refdata = Blueprint("refdata", __name__, url_prefix="/refdata")
exchange.frame(refdata, SELLER_API)


@refdata.get("/<path:path>")
def reference_list(path: str) -> Response:
    values = state().refdata.values(path)
    if values is None:
        return error_answer(404, "reference-list-not-found")
    german = request.accept_languages.best_match(["de", "en"], "de") == "de"
    base = request.host_url.rstrip("/")
    if request.accept_mimetypes.best_match([MEDIA_TYPE, "application/json", XML]) == XML:
        found = Response(shown_as_xml(path, values, base, german=german), content_type=XML)
    else:
        found = answer(shown(path, values, base, german=german))
    found.headers["Vary"] = "Accept, Accept-Language"
    return found
