"""mobile.de in the sandbox: what its folder hands the registry."""

from __future__ import annotations

from portal.sandbox.marketplace import Marketplace
from portal.sandbox.mobile_de.accounts import DATA
from portal.sandbox.mobile_de.api import api
from portal.sandbox.mobile_de.control import seller_control
from portal.sandbox.mobile_de.refdata_api import refdata
from portal.sandbox.mobile_de.shop import shop
from portal.sandbox.mobile_de.state import SLUG, new_state

mobile_de = Marketplace(
    slug=SLUG,
    name="mobile.de",
    blueprints=(api, refdata, seller_control, shop),
    state=new_state,
    schema=DATA / "schema.sql",
    home="shop.sellers",
    machine_paths=("/seller-api/", "/refdata/"),
)
