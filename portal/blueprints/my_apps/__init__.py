"""The apps that a dealer has activated: health, head of their pages, listings, settings, end."""

from portal.blueprints.my_apps import (
    checks,
    ending,
    failing,
    full_transfer,
    overview,
    previewing,
    run_list,
    runs,
    settings,
)
from portal.blueprints.my_apps.base import blueprint

__all__ = [
    "blueprint",
    "checks",
    "ending",
    "failing",
    "full_transfer",
    "overview",
    "previewing",
    "run_list",
    "runs",
    "settings",
]
