"""The catalogues for people: which feeds are fetched, and each row with its faults."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from portal.sandbox.catalogues import CATALOGUES
from portal.sandbox.parts import parts

catalogue_pages = Blueprint("catalogue_pages", __name__, url_prefix="/kataloge")
MOST_ROWS = 500


@catalogue_pages.get("")
def overview() -> str:
    books = parts().catalogues
    feeds = [(CATALOGUES[feed.catalogue], feed, books.fetches(feed)) for feed in books.feeds()]
    return render_template("sandbox/catalogues.html", feeds=feeds)


@catalogue_pages.get("/<int:feed_id>")
def feed(feed_id: int) -> str:
    """`?faulty=1`: only rows with faults."""
    books, faulty = parts().catalogues, "faulty" in request.args
    found = books.find(feed_id) or abort(404)
    rows = [row for row in books.rows(found) if row["findings"] or not faulty]
    return render_template(
        "sandbox/catalogue.html",
        catalogue=CATALOGUES[found.catalogue],
        feed=found,
        rows=rows[:MOST_ROWS],
        total=len(rows),
        faulty=faulty,
    )
