"""Einstellungen: one module for each entry of their side menu."""

from portal.blueprints.settings import export, lms, locations, notifications, presets
from portal.blueprints.settings.base import blueprint

__all__ = ["blueprint", "export", "lms", "locations", "notifications", "presets"]
