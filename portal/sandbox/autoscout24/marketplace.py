"""AutoScout24 in the sandbox: what its folder hands the registry."""

from __future__ import annotations

from portal.sandbox.autoscout24.api import as24
from portal.sandbox.autoscout24.control import as24_control
from portal.sandbox.autoscout24.customers import DATA
from portal.sandbox.autoscout24.pages import as24_pages
from portal.sandbox.autoscout24.state import SLUG, new_state
from portal.sandbox.marketplace import Marketplace

autoscout24 = Marketplace(
    slug=SLUG,
    name="AutoScout24",
    blueprints=(as24, as24_control, as24_pages),
    state=new_state,
    schema=DATA / "schema.sql",
    home="as24_pages.customers",
    machine_paths=("/autoscout24/customers", "/autoscout24/references"),
)
