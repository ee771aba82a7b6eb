"""The registry: one line for each platform."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from portal.messages import Message, say
from portal.platforms.contract import ExportApp, Platform
from portal.platforms.contract.environment import BASE_URL, read_variables

FOLDERS = (
    "mobile_de",
    "autoscout24",
    "autoscout24_ch",
    "mobile_de_csv",
    "kleinanzeigen",
    "dealer_website",
    "meta_catalog",
    "google_vehicle_ads",
    "tiktok_automotive",
    "microsoft_autos",
    "generic",
    "email",
    "configurator",
)
"""In the order of the store."""


APPS: dict[str, ExportApp] = {
    app.slug: app for app in (import_module(f"portal.platforms.{folder}").app for folder in FOLDERS)
}


def get_app(slug: str) -> ExportApp:
    """The app behind a slug; KeyError for one that is not in the store."""
    return APPS[slug]


def number_text(slug: str, customer_number: str) -> Message:
    """A customer number by the name that its platform has for it: "Kd-Nr. 1000471", "Adresse der Website
    www.autohaus-muster.de"."""
    fields = APPS[slug].fields if slug in APPS else ()
    label = next((one.label for one in fields if one.name == "customer_number"), "")
    if not label or str(label).startswith("Kd-Nr."):
        return say("Kd-Nr. {number}", number=customer_number)
    return say("{label} {number}", label=label, number=customer_number)


def connect(slug: str, settings: Any) -> Platform:
    """The API behind a slug; `settings` is the process's `config.Settings`. ValueError for a file app."""
    return get_app(slug).api(settings)


def read_environment(environ: Mapping[str, str], sandbox_url: str) -> Mapping[str, Mapping[str, str]]:
    """What the platforms declare, by slug; an app that needs nothing is not in it."""
    return MappingProxyType(
        {
            app.slug: MappingProxyType(read_variables(app.environment, environ, sandbox_url))
            for app in APPS.values()
            if app.environment
        }
    )


def source_of(slug: str, settings: Any) -> str:
    """Names where reference lists and uploaded pictures come from: a cache of one base URL never serves
    another. A file app has none."""
    base_url = settings.platforms.get(slug, {}).get(BASE_URL, "")
    return f"{slug} {base_url}".strip()
