"""Einstellungen: one module for each entry of their side menu."""

from portal.blueprints.settings import (
    api_keys,
    audit_log,
    export,
    lms,
    locations,
    notifications,
    presets,
    users,
    visits,
)
from portal.blueprints.settings.base import blueprint

__all__ = [
    "api_keys",
    "audit_log",
    "blueprint",
    "export",
    "lms",
    "locations",
    "notifications",
    "presets",
    "users",
    "visits",
]
