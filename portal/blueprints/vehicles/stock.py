"""The list of vehicles: the URL is its state."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for

from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.context import STANDINGS, app_name, cause_text, rows_of
from portal.blueprints.vehicles.form_cards import KIND
from portal.extensions import db
from portal.vehicles.publication import live_activations
from portal.vehicles.search import LARGEST_COUNT, LAST_PAGE, PAGE_SIZE, VehicleFilter, find_vehicles
from portal.web.access import current_dealer, current_locations, current_realm, dealer
from portal.web.answers import fragment


@blueprint.get("/vehicles")
@dealer("view")
def page() -> Response:
    realm = current_realm()
    wanted = VehicleFilter.from_args(request.args)
    found = find_vehicles(db.session(), current_dealer(), realm, wanted)
    activations = live_activations(db.session(), realm)
    rows = rows_of(found.vehicles, activations)
    html = render_template(
        "vehicles/_results.html" if fragment() else "vehicles/page.html",
        wanted=wanted,
        found=found,
        rows=rows,
        cause=cause_text(rows, wanted.problem, wanted.field) if wanted.problem or wanted.field else None,
        activations=activations,
        locations=current_locations(),
        kinds=KIND.options,
        standings=STANDINGS,
        app_name=app_name,
        count_limit=LARGEST_COUNT,
        first=(wanted.page - 1) * PAGE_SIZE + 1,
        newer=_page_url(wanted, wanted.page - 1) if wanted.page > 1 else None,
        older=_page_url(wanted, wanted.page + 1) if found.more and wanted.page < LAST_PAGE else None,
    )
    response = make_response(html)
    if fragment():
        response.headers["HX-Push-Url"] = _page_url(wanted, wanted.page)
    return response


def _page_url(wanted: VehicleFilter, page: int) -> str:
    return url_for("vehicles.page", **wanted.on_page(page).as_args())  # type: ignore[arg-type]
