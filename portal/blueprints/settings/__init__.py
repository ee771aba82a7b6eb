"""Einstellungen: one module for each entry of their side menu."""

from portal.blueprints.settings import api_keys, export, lms, locations, notifications, presets, users
from portal.blueprints.settings.base import blueprint

__all__ = ["api_keys", "blueprint", "export", "lms", "locations", "notifications", "presets", "users"]
