"""Vehicle + settings → row of the feed. Columns and values are those of docs/protocols.md, "Meta"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.formats.delimited import Dialect
from portal.platforms.common import basics, preflight
from portal.platforms.common.feed import Cell, FeedWriter
from portal.platforms.common.template import parts_of
from portal.platforms.common.view import Frame, View
from portal.platforms.common.web import link
from portal.platforms.contract import Account, Rules
from portal.platforms.contract.fields import defaults
from portal.platforms.contract.files import Surroundings
from portal.platforms.meta_catalog import vocabulary
from portal.platforms.meta_catalog.settings import FIELDS

DIALECT = Dialect(separator=",", charset="utf-8", quoting="needed", line_end="\n")
MOST_PICTURES = 20
COUNTRY = "DE"


def writer(
    settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings
) -> FeedWriter:
    complete = {**defaults(FIELDS), **settings}
    page = parts_of(str(complete["vehicle_url"] or ""))
    pictures = {f"image[{place}].url": _picture(place) for place in range(MOST_PICTURES)}
    return FeedWriter(
        frame=Frame("Meta", complete, account, rules, surroundings),
        cells={**CELLS, "url": lambda view: link(view, page), **pictures},
        check=_check,
        dialect=DIALECT,
        file_name=f"{account.customer_number}.csv",
        media_type="text/csv; charset=utf-8",
    )


def _check(view: View) -> None:
    preflight.for_sale(view)
    preflight.priced(view)
    preflight.labelled(view)
    preflight.stated(view, required=("make", "model"), recommended=("colour",))
    if not basics.year(view.vehicle, view.frame.surroundings.today):
        view.recommended("first_registration")
    if not view.subject.images:
        view.recommended("images")
    elif len(view.subject.images) > MOST_PICTURES:
        text = f"Zu Meta gehen höchstens {MOST_PICTURES} Bilder, die übrigen werden nicht übertragen."
        view.hint("images-cut", text, "images")


def _picture(place: int) -> Cell:
    return lambda view: view.picture_urls[place] if place < len(view.picture_urls) else ""


def _mileage(view: View) -> int | None:
    return basics.mileage(view.vehicle)


def _around(name: str) -> Cell:
    return lambda view: getattr(view.frame.surroundings, name)


CELLS: dict[str, Cell] = {
    "vehicle_id": lambda view: view.number,
    "title": lambda view: view.vehicle.title,
    "description": lambda view: view.description or view.vehicle.title,
    "url": lambda _view: "",
    "make": lambda view: view.vehicle.make,
    "model": lambda view: view.vehicle.model,
    "trim": lambda view: view.vehicle.trim_line,
    "year": lambda view: basics.year(view.vehicle, view.frame.surroundings.today),
    "mileage.value": _mileage,
    "mileage.unit": lambda view: "KM" if _mileage(view) is not None else "",
    "price": lambda view: basics.price(view.price),
    "vin": lambda view: view.vin,
    "state_of_vehicle": lambda view: vocabulary.state(view.vehicle),
    "availability": lambda view: "PENDING" if view.vehicle.reserved else "AVAILABLE",
    "body_style": lambda view: vocabulary.body(view.vehicle),
    "vehicle_type": lambda view: vocabulary.TYPES[view.vehicle.vehicle_class],
    "fuel_type": lambda view: vocabulary.fuel(view.vehicle, view.frame.rules.mild_hybrid_as),
    "transmission": lambda view: vocabulary.transmission(view.vehicle),
    "drivetrain": lambda view: vocabulary.drivetrain(view.vehicle),
    "exterior_color": lambda view: view.vehicle.colour_name or view.vehicle.colour,
    "interior_color": lambda view: view.vehicle.interior_colour,
    "date_first_on_lot": lambda view: view.vehicle.stock_date or "",
    "address.addr1": _around("street"),
    "address.city": _around("city"),
    "address.postal_code": _around("postal_code"),
    "address.country": lambda view: COUNTRY if view.frame.surroundings.city else "",
    "dealer_name": _around("dealer_name"),
    "dealer_phone": _around("phone"),
    "dealer_email": _around("email"),
    "legal_disclosure_impressum_url": lambda view: view.frame.settings["imprint_url"] or "",
}
