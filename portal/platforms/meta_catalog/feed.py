"""Vehicle + settings → row of the feed. Columns and values are those of docs/protocols.md, "Meta"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.formats.addresses import ascii_url
from portal.formats.records import Dialect
from portal.messages import say
from portal.platforms.common import feed, preflight
from portal.platforms.common.feed import FeedCell, FeedWriter, page_template, vehicle_link
from portal.platforms.common.vehicle_view import FileContext, VehicleView
from portal.platforms.contract import Account, Rules
from portal.platforms.contract.fields import defaults
from portal.platforms.contract.files import Surroundings
from portal.platforms.meta_catalog import vocabulary
from portal.platforms.meta_catalog.settings import FIELDS
from portal.vehicle_facts.data import VehicleClass
from portal.vehicle_facts.identity import class_of

DIALECT = Dialect(separator=",", charset="utf-8", quoting="needed", line_end="\n")
MOST_PICTURES = 20
COUNTRY = "DE"
LONGEST_TRIM = 50
VIN = 17
"""Characters; a shorter one, of before the standard, is not taken."""


def writer(
    settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings
) -> FeedWriter:
    complete = {**defaults(FIELDS), **settings}
    pictures = {f"image[{place}].url": picture(place) for place in range(MOST_PICTURES)}
    context = FileContext("Meta", complete, account, rules, surroundings)
    return catalogue(context, {**CELLS, **pictures}, MOST_PICTURES)


def catalogue(context: FileContext, cells: Mapping[str, FeedCell], most_pictures: int) -> FeedWriter:
    """Also for others who take this format, with columns of their own."""
    page = page_template(context.settings)
    return FeedWriter(
        context=context,
        cells={**cells, "url": lambda view: vehicle_link(view, page)},
        check=lambda view: _check(view, most_pictures),
        dialect=DIALECT,
        file_name=f"{context.account.customer_number}.csv",
        media_type="text/csv; charset=utf-8",
    )


def _check(view: VehicleView, most_pictures: int) -> None:
    platform = view.context.platform
    preflight.for_sale(view)
    if class_of(view.vehicle) not in vocabulary.TYPES:
        text = say(
            "{platform} nimmt in den Fahrzeugkatalog nur Pkw, Motorräder, Transporter und Wohnmobile auf.",
            platform=platform,
        )
        view.block(preflight.NOT_TAKEN, text, "vehicle_class")
    preflight.priced(view)
    preflight.labelled(view)
    preflight.without_links(
        view,
        say("{platform} erlaubt in der Beschreibung weder Links noch Kontaktdaten.", platform=platform),
    )
    if preflight.is_not_taken(view):
        return
    preflight.registered_by_now(view)
    _required(view)
    if len(view.subject.images) > most_pictures:
        text = say(
            "Zu {platform} gehen höchstens {most} Bilder, die übrigen werden nicht übertragen.",
            platform=platform,
            most=most_pictures,
        )
        view.hint("images-cut", text, "images")


def _required(view: VehicleView) -> None:
    """The columns without which the receiver drops a vehicle."""
    body = ("body_type",) if class_of(view.vehicle) is VehicleClass.CAR else ()
    preflight.stated(view, required=("make", "model", *body))
    if not view.vehicle.colour and not view.vehicle.colour_name:
        view.missing("colour")
    if not feed.model_year(view.vehicle, view.context.surroundings.month):
        view.missing("first_registration")
    if _mileage(view) is None:
        view.missing("mileage")
    if not view.subject.images:
        view.missing("images")


def picture(place: int) -> FeedCell:
    return lambda view: view.picture_urls[place] if place < len(view.picture_urls) else ""


def _mileage(view: VehicleView) -> int | None:
    return feed.stated_mileage(view.vehicle)


def _around(name: str) -> FeedCell:
    return lambda view: getattr(view.context.surroundings, name)


CELLS: dict[str, FeedCell] = {
    "vehicle_id": lambda view: view.number,
    "title": lambda view: view.vehicle.title,
    "description": lambda view: view.description or view.vehicle.title,
    "url": lambda _view: "",
    "make": lambda view: view.vehicle.make,
    "model": lambda view: view.vehicle.model,
    "trim": lambda view: view.vehicle.trim_line[:LONGEST_TRIM],
    "year": lambda view: feed.model_year(view.vehicle, view.context.surroundings.month),
    "mileage.value": _mileage,
    "mileage.unit": lambda view: "KM" if _mileage(view) is not None else "",
    "price": lambda view: feed.amount_with_currency(view.price),
    "vin": lambda view: view.vin if len(view.vin) == VIN else "",
    "state_of_vehicle": lambda view: vocabulary.state(view.vehicle),
    "availability": lambda view: "PENDING" if view.vehicle.reserved else "AVAILABLE",
    "body_style": lambda view: vocabulary.body(view.vehicle),
    "vehicle_type": lambda view: vocabulary.TYPES.get(class_of(view.vehicle), "OTHER"),
    "fuel_type": lambda view: vocabulary.fuel(view.vehicle, view.context.rules.mild_hybrid_as),
    "transmission": lambda view: vocabulary.transmission(view.vehicle),
    "drivetrain": lambda view: vocabulary.drivetrain(view.vehicle),
    "exterior_color": lambda view: view.vehicle.colour_name or view.vehicle.colour,
    "interior_color": lambda view: view.vehicle.interior_colour,
    "date_first_on_lot": lambda view: view.vehicle.stock_date or "",
    "address.addr1": _around("street"),
    "address.city": _around("city"),
    "address.postal_code": _around("postal_code"),
    "address.country": lambda view: COUNTRY if view.context.surroundings.city else "",
    "dealer_name": _around("dealer_name"),
    "dealer_phone": _around("phone"),
    "dealer_email": _around("email"),
    "legal_disclosure_impressum_url": lambda view: (
        ascii_url(str(view.context.settings["imprint_url"] or "")) or ""
    ),
}
