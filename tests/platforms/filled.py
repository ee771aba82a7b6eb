"""An app's settings as a dealer would fill them in: what has no default gets a plausible value."""

from __future__ import annotations

from typing import Any

from portal.platforms.base import ExportApp
from portal.platforms.fields import defaults, validate

PLAUSIBLE: dict[str, Any] = {
    "customer_number": "4711001",
    "location": "HH",
    "host": "upload.beispiel.de",
    "upload_url": "https://upload.beispiel.de/bestand",
    "recipients": "bestand@beispiel.de",
}


def filled(app: ExportApp, **changed: Any) -> dict[str, Any]:
    """Valid settings, complete; `changed` wins."""
    given = {field.name: PLAUSIBLE[field.name] for field in app.fields if field.name in PLAUSIBLE}
    clean, errors = validate(app.fields, defaults(app.fields) | given | changed)
    assert errors == []
    return clean
