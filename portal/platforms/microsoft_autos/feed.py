"""Vehicle + settings → row of the feed. Columns are those of docs/protocols.md, "Microsoft"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.formats.records import Dialect
from portal.messages import say
from portal.platforms.common import feed, preflight
from portal.platforms.common.feed import FeedCell, FeedWriter, page_template, vehicle_link
from portal.platforms.common.vehicle_view import FileContext, VehicleView
from portal.platforms.contract import Account, Rules
from portal.platforms.contract.fields import defaults
from portal.platforms.contract.files import Surroundings
from portal.platforms.meta_catalog import vocabulary
from portal.platforms.microsoft_autos.settings import FIELDS

DIALECT = Dialect(separator="\t", charset="utf-8", quoting="needed", line_end="\n")
LONGEST_PICTURES = 2048
"""Characters of the column of pictures."""


def writer(
    settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings
) -> FeedWriter:
    complete = {**defaults(FIELDS), **settings}
    page = page_template(complete)
    return FeedWriter(
        context=FileContext("Microsoft", complete, account, rules, surroundings),
        cells={**CELLS, "Final URL": lambda view: vehicle_link(view, page)},
        check=_check,
        dialect=DIALECT,
        file_name=f"{account.customer_number}.tsv",
        media_type="text/tab-separated-values; charset=utf-8",
        one_line=True,
    )


def _check(view: VehicleView) -> None:
    preflight.for_sale(view)
    preflight.cars_only(view, say("Microsoft nimmt in Fahrzeuganzeigen nur Pkw an."))
    preflight.priced(view)
    preflight.labelled(view)
    if preflight.is_not_taken(view):
        return
    preflight.registered_by_now(view)
    preflight.stated(view, required=("make", "model"), recommended=("colour", "mileage"))
    if not view.subject.images:
        view.missing("images")
    elif len(shown := pictures(view)) < len(view.subject.images):
        text = say(
            "Zu {platform} gehen höchstens {most} Bilder, die übrigen werden nicht übertragen.",
            platform="Microsoft",
            most=len(shown),
        )
        view.hint("images-cut", text, "images")


def pictures(view: VehicleView) -> tuple[str, ...]:
    """As many addresses as the column holds; a comma in one is encoded."""
    fitting: list[str] = []
    for address in view.picture_urls:
        encoded = address.replace(",", "%2C")
        if len(";".join((*fitting, encoded))) > LONGEST_PICTURES:
            break
        fitting.append(encoded)
    return tuple(fitting)


def _around(name: str) -> FeedCell:
    return lambda view: getattr(view.context.surroundings, name)


CELLS: dict[str, FeedCell] = {
    "Country": lambda _view: "DE",
    "Final URL": lambda _view: "",
    "Image URL": lambda view: ";".join(pictures(view)),
    "Make": lambda view: view.vehicle.make,
    "Model": lambda view: view.vehicle.model,
    "Target campaign": lambda view: view.context.settings["target_campaign"],
    # From here on assumed, most from the list of a feed service: which are required could not be read.
    "Vehicle Id": lambda view: view.number,
    "Title": lambda view: view.vehicle.title,
    "Description": lambda view: view.description or view.vehicle.title,
    "VIN": lambda view: view.vin,
    "Year": lambda view: feed.model_year(view.vehicle, view.context.surroundings.month),
    "Price": lambda view: "" if view.price is None else f"{view.price:.2f} EUR",
    "Mileage value": lambda view: feed.stated_mileage(view.vehicle),
    "Mileage unit": lambda view: "" if feed.stated_mileage(view.vehicle) is None else "KM",
    "State of vehicle": lambda view: vocabulary.state(view.vehicle).lower(),
    "Transmission": lambda view: vocabulary.transmission(view.vehicle).capitalize(),
    "Drivetrain": lambda view: vocabulary.drivetrain(view.vehicle),
    "Fuel type": lambda view: vocabulary.fuel(view.vehicle, view.context.rules.mild_hybrid_as),
    "Exterior color": lambda view: view.vehicle.colour_name or view.vehicle.colour,
    "Availability": lambda view: "PENDING" if view.vehicle.reserved else "AVAILABLE",
    "Dealer name": _around("dealer_name"),
    "Address": _around("street"),
    "City": _around("city"),
    "Zip code": _around("postal_code"),
    "Phone": _around("phone"),
}
