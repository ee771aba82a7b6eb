"""Control of the catalogues: have one fetch a feed, and read what it found."""

from __future__ import annotations

import httpx
from flask import Blueprint, Response, abort, jsonify, request

from portal.sandbox.catalogues import CATALOGUES
from portal.sandbox.catalogues.catalogue import Catalogue
from portal.sandbox.catalogues.fetching import FeedAddress, fetch
from portal.sandbox.catalogues.visiting import PAGES, PICTURES
from portal.sandbox.control import bad, camel, json_body, only_from_this_machine, only_json
from portal.sandbox.parts import parts

catalogue_control = Blueprint("catalogue_control", __name__, url_prefix="/control/catalogues/<slug>")
for guard in (only_from_this_machine, only_json):
    catalogue_control.before_request(guard)


@catalogue_control.post("/fetch")
def fetch_feed(slug: str) -> Response | tuple[Response, int]:
    """`url`, `username` and `password` where it needs them, `look` at `pictures` and `pages`."""
    catalogue, body = _catalogue(slug), json_body()
    url, look = body.get("url"), body.get("look", [])
    if not isinstance(url, str) or not isinstance(look, list) or not set(look) <= {PICTURES, PAGES}:
        return bad("url must be a text, look a list of pictures and pages.")
    login = (str(body["username"]), str(body.get("password", ""))) if body.get("username") else None
    try:
        told = fetch(parts().catalogues, catalogue, FeedAddress(url, login), frozenset(look))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return bad(str(error), 502)
    return jsonify(told)


@catalogue_control.get("/rows")
def rows(slug: str) -> Response:
    """Of the feed at `?url=`: the rows of its last file with their faults."""
    books, wanted = parts().catalogues, (_catalogue(slug).slug, request.args.get("url"))
    feed = next((one for one in books.feeds() if (one.catalogue, one.url) == wanted), None) or abort(404)
    rows = books.rows(feed)
    for row in rows:
        row["findings"] = [
            {"code": one.code, "column": one.column, "text": one.text} for one in row["findings"]
        ]
    return jsonify(rows=[camel(row) for row in rows])


def _catalogue(slug: str) -> Catalogue:
    return CATALOGUES.get(slug) or abort(404)
