"""The apps that a dealer has activated: health, head of their pages, listings, settings, end."""

from portal.blueprints.my_apps import ending, overview, settings
from portal.blueprints.my_apps.base import blueprint

__all__ = ["blueprint", "ending", "overview", "settings"]
