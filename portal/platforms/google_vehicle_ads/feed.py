"""Vehicle + settings → row of the feed. Attributes are those of docs/protocols.md, "Google"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.formats.records import Dialect
from portal.messages import say
from portal.platforms.common import feed, preflight
from portal.platforms.common.feed import FeedCell, FeedWriter, page_template, vehicle_link
from portal.platforms.common.vehicle_view import FileContext, VehicleView, describe
from portal.platforms.contract import Account, Rules
from portal.platforms.contract.fields import defaults
from portal.platforms.contract.files import Surroundings
from portal.platforms.google_vehicle_ads import germany
from portal.platforms.google_vehicle_ads.settings import FIELDS
from portal.vehicle_facts.data import Kind

DIALECT = Dialect(separator="\t", charset="utf-8", quoting="needed", line_end="\n")
MOST_PICTURES = 10
"""Additional ones, beside the first."""
CARS = "916"
"""Google's product category "Cars, Trucks & Vans"."""


def writer(
    settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings
) -> FeedWriter:
    complete = {**defaults(FIELDS), **settings}
    page = page_template(complete)
    return FeedWriter(
        context=FileContext("Google", complete, account, rules, surroundings),
        cells={**CELLS, "link": lambda view: vehicle_link(view, page)},
        check=_check,
        dialect=DIALECT,
        file_name=f"{account.customer_number}.txt",
        media_type="text/tab-separated-values; charset=utf-8",
        one_line=True,
        unique=lambda view: (say("Fahrgestellnummer {vin}", vin=view.vin),) if view.vin else (),
    )


def _check(view: VehicleView) -> None:
    preflight.for_sale(view)
    _allowed(view)
    preflight.priced(view)
    preflight.labelled(view)
    if preflight.is_not_taken(view):
        return
    preflight.registered_by_now(view)
    preflight.stated(view, required=("make", "model"), recommended=("colour",))
    if feed.stated_mileage(view.vehicle) is None:
        view.missing("mileage")
    germany.check(view)
    if not view.subject.images:
        view.missing("images")
    elif len(view.subject.images) > MOST_PICTURES + 1:
        text = say(
            "Zu Google gehen höchstens {most} Bilder, die übrigen werden nicht übertragen.",
            most=MOST_PICTURES + 1,
        )
        view.hint("images-cut", text, "images")


def _allowed(view: VehicleView) -> None:
    """Only cars that are for sale now."""
    preflight.cars_only(view, say("Google nimmt in Fahrzeuganzeigen nur Pkw und Pickups an."))
    if view.vehicle.reserved:
        text = say("Das Fahrzeug ist reserviert. Google zeigt nur Fahrzeuge, die verfügbar sind.")
        view.block("reserved", text, "reserved")
    if view.vehicle.roadworthy is False:
        text = say("Das Fahrzeug ist nicht fahrtauglich. Google nimmt solche Fahrzeuge nicht an.")
        view.block("not-roadworthy", text, "roadworthy")


CELLS: dict[str, FeedCell] = {
    "id": lambda view: view.number,
    "vin": lambda view: view.vin,
    "store_code": lambda view: view.context.settings["store_code"],
    "google_product_category": lambda _view: CARS,
    "brand": lambda view: view.vehicle.make,
    "model": lambda view: view.vehicle.model,
    "year": lambda view: feed.model_year(view.vehicle, view.context.surroundings.month),
    "trim": lambda view: view.vehicle.trim_line,
    "condition": lambda view: "New" if view.vehicle.kind is Kind.NEW else "Used",
    "mileage": lambda view: feed.measured(feed.stated_mileage(view.vehicle), "km"),
    "color": lambda view: view.vehicle.colour_name or view.vehicle.colour,
    "price": lambda view: feed.amount_with_currency(view.price),
    "vehicle_msrp": lambda view: feed.amount_with_currency(view.vehicle.prices.msrp),
    "image_link": lambda view: next(iter(view.picture_urls), ""),
    "additional_image_link": lambda view: ",".join(view.picture_urls[1 : MOST_PICTURES + 1]),
    "link": lambda _view: "",
    "description": lambda view: describe(view, view.context.longest_text, heading=view.vehicle.title),
    **germany.CELLS,
}
