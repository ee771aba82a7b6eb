"""The registry: one line for each platform."""

from __future__ import annotations

from portal.platforms.base import ExportApp
from portal.platforms.mobile_de import app as mobile_de

APPS: dict[str, ExportApp] = {app.slug: app for app in (mobile_de,)}


def get_app(slug: str) -> ExportApp:
    """The app behind a slug; KeyError for one that is not in the store."""
    return APPS[slug]
