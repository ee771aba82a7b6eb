"""Errors and warnings in the platform's shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TEXTS = {
    "missing-field": "Pflichtfeld nicht ausgefüllt.",
    "make-empty": "Die Marke fehlt.",
    "model-empty": "Das Modell fehlt.",
    "damageunrepaired-empty": "Es fehlt die Angabe, ob ein unreparierter Schaden vorliegt.",
    "countryversion-missing": "Bei Neufahrzeugen muss die Länderversion angegeben werden.",
    "envkv-values-required": "Bei Neufahrzeugen müssen die EnVKV-Werte angegeben werden.",
    "invalid-reference-data-value": "Der Wert steht nicht in der Referenzliste.",
    "invalid-model-for-make": "Das Modell gehört nicht zu dieser Marke.",
    "modeldescription-contains-phone": "Die Modellbeschreibung enthält eine Telefonnummer.",
    "modeldescription-contains-email": "Die Modellbeschreibung enthält eine E-Mail-Adresse.",
    "modeldescription-contains-url": "Die Modellbeschreibung enthält eine Internetadresse.",
    "field-too-long": "Der Text ist zu lang.",
    "invalid-format": "Der Wert hat nicht das erwartete Format.",
    "value-out-of-range": "Der Wert liegt außerhalb des zulässigen Bereichs.",
    "first-registration-in-future": "Die Erstzulassung liegt in der Zukunft.",
    "consumer-price-not-in-range": "Der Preis liegt außerhalb des zulässigen Bereichs.",
    "vehicle-not-eligible-for-e-car-attributes": "Das Fahrzeug darf keine Angaben für Elektroautos haben.",
    "damage-contradicts": "Ein unbeschädigtes Fahrzeug ist fahrtauglich.",
    "field-ignored": "Die Angabe wird nicht mehr ausgewertet.",
    "leasing_overwrite_protection": "Das Leasingangebot wurde im Händlerbereich angelegt.",
    "too-many-images": "Es sind mehr Bilder angegeben, als für das Konto zulässig sind.",
    "unknown-image-ref": "Das Bild ist nicht bekannt.",
    "too-many-highlights": "Es sind mehr Highlights angegeben, als für das Konto zulässig sind.",
    "image-type-not-supported": "Bilder werden nur als image/jpeg angenommen.",
    "image-too-large": "Das Bild ist größer als 2 MB.",
    "image-not-readable": "Das Bild ist keine lesbare JPEG-Datei.",
    "unauthorized": "Die Zugangsdaten sind ungültig.",
    "seller-not-linked": "Der Händler ist diesem Konto nicht zugeordnet.",
    "seller-read-only": "Für diesen Händler ist nur Lesen erlaubt.",
    "seller-not-found": "Der Händler ist nicht bekannt.",
    "ad-not-found": "Das Inserat ist nicht bekannt.",
    "unsupported-media-type": "Der Inhaltstyp wird nicht unterstützt.",
    "malformed-json": "Der Inhalt ist kein lesbares JSON-Objekt.",
    "too-many-requests": "Zu viele Anfragen.",
    "sandbox-fault": "Eine in der Sandbox eingestellte Störung.",
    "sandbox-rejection": "Eine in der Sandbox eingestellte Ablehnung.",
    "reference-list-not-found": "Diese Referenzliste gibt es nicht.",
}

OUTSIDE_THE_VEHICLE = frozenset(
    {
        "price",
        "images",
        "description",
        "highlights",
        "internalNumber",
        "mobileFeatures",
        "financing",
        "leasing",
        "reserved",
        "deliveryOption",
        "multiLocation",
        "obs",
    }
)


@dataclass(frozen=True)
class AdFinding:
    """`field` is a member of the ad, with dots for the inner ones."""

    key: str
    field: str | None = None
    value: str | None = None
    message: str | None = None


def path(field: str) -> str:
    """`gearbox` → `ad.vehicle.gearbox`, `price.vatRate` → `ad.price.vatRate`."""
    if field.startswith("ad."):
        return field
    inside = field.partition(".")[0].partition("[")[0] not in OUTSIDE_THE_VEHICLE
    return f"ad.vehicle.{field}" if inside else f"ad.{field}"


def as_json(finding: AdFinding) -> dict[str, Any]:
    args = []
    if finding.field is not None:
        args.append({"key": "path", "value": path(finding.field)})
    if finding.value is not None:
        args.append({"key": "value", "value": finding.value})
    message = finding.message or TEXTS.get(finding.key, finding.key)
    return {"key": finding.key, "message": message, "args": args}
