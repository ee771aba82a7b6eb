"""Vehicle + settings → row of the feed: Meta's format with columns of its own (docs/protocols.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.platforms.common.feed import FeedCell, FeedWriter
from portal.platforms.common.vehicle_view import FileContext
from portal.platforms.contract import Account, Rules
from portal.platforms.contract.fields import defaults
from portal.platforms.contract.files import Surroundings
from portal.platforms.meta_catalog.feed import CELLS as META
from portal.platforms.meta_catalog.feed import catalogue, picture
from portal.platforms.meta_catalog.vocabulary import body
from portal.platforms.tiktok_automotive.settings import FIELDS
from portal.vehicle_facts.data import Drive, Gearbox

MOST_PICTURES = 1
GEARBOXES = {Gearbox.MANUAL: "manual", Gearbox.SEMI_AUTOMATIC: "automatic", Gearbox.AUTOMATIC: "automatic"}
DRIVES = {Drive.FRONT: "FWD", Drive.REAR: "RWD", Drive.ALL_WHEEL: "AWD"}
READ = ("vehicle_id", "title", "description", "url", "make", "model", "year", "mileage.value", "mileage.unit")
ASSUMED = (
    *("price", "exterior_color", "availability"),
    *("address.addr1", "address.city", "address.postal_code", "address.country"),
)
"""Not readable in the operator's page: sent under Meta's names."""

CELLS: dict[str, FeedCell] = {
    **{name: META[name] for name in READ},
    "image_link": picture(0),
    "body_style": lambda view: body(view.vehicle).lower(),
    "transmission": lambda view: GEARBOXES[view.vehicle.gearbox] if view.vehicle.gearbox else "",
    "drivetrain": lambda view: DRIVES[view.vehicle.drive] if view.vehicle.drive else "",
    "vin": lambda view: view.vin,
    "state_of_vehicle": lambda view: str(META["state_of_vehicle"](view)).capitalize(),
    **{name: META[name] for name in ASSUMED},
}


def writer(
    settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings
) -> FeedWriter:
    complete = {**defaults(FIELDS), **settings}
    return catalogue(FileContext("TikTok", complete, account, rules, surroundings), CELLS, MOST_PICTURES)
