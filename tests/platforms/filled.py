"""An app's settings as a dealer would fill them in: what has no default gets a plausible value."""

from __future__ import annotations

from typing import Any

from portal.platforms.contract import ExportApp
from portal.platforms.contract.fields import defaults, validate

PLAUSIBLE: dict[str, Any] = {
    "customer_number": "4711001",
    "location": "HH",
    "host": "upload.beispiel.de",
    "upload_url": "https://upload.beispiel.de/bestand",
    "recipients": "bestand@beispiel.de",
    "vehicle_url": "https://www.autohaus-muster.de/fahrzeuge/{number}",
    "store_code": "HH-1",
    "target_campaign": "Gebrauchtwagen",
    "mobile_export": "none",
}
NUMBERS: dict[str, dict[str, Any]] = {
    "dealer-website": {"customer_number": "www.autohaus-muster.de"},
}


def filled(app: ExportApp, **changed: Any) -> dict[str, Any]:
    """Valid settings, complete; `changed` wins."""
    given = {
        field.name: PLAUSIBLE[field.name] for field in app.fields if field.name in PLAUSIBLE
    } | NUMBERS.get(app.slug, {})
    clean, errors = validate(app.fields, defaults(app.fields) | given | changed)
    assert errors == []
    return clean
