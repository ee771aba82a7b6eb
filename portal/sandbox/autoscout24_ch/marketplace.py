"""AutoScout24 Schweiz in the sandbox: what its folder hands the registry."""

from __future__ import annotations

from portal.sandbox.autoscout24_ch.api import as24ch
from portal.sandbox.autoscout24_ch.clients import DATA
from portal.sandbox.autoscout24_ch.control import as24ch_control
from portal.sandbox.autoscout24_ch.pages import as24ch_pages
from portal.sandbox.autoscout24_ch.state import SLUG, new_state
from portal.sandbox.marketplace import Marketplace

autoscout24_ch = Marketplace(
    slug=SLUG,
    name="AutoScout24 Schweiz",
    blueprints=(as24ch, as24ch_control, as24ch_pages),
    state=new_state,
    schema=DATA / "schema.sql",
    home="as24ch_pages.sellers",
    machine_paths=("/autoscout24-ch/public/",),
)
