"""What an app is called on pages, and its icon; one that is in the registry no more goes by its slug."""

from __future__ import annotations

from portal.platforms import APPS
from portal.web.wording import translated


def app_name(slug: str) -> str:
    return translated(APPS[slug].name) if slug in APPS else slug


def app_icon(slug: str) -> str:
    return APPS[slug].icon if slug in APPS else "world"
