"""A refusal: a code of the documented list and a message. The attribute is named in the message only."""

from __future__ import annotations

from dataclasses import dataclass

GERMAN = {
    "mandatory-attribute-missing": "Das Attribut '{0}' fehlt, ist aber ein Pflichtfeld",
    "forbidden-attribute-present": "Das Attribut '{0}' ist bei diesem Fahrzeugtyp nicht erlaubt",
    "minimum-value-exceeded": "Der Wert des Attributs '{0}' ist zu klein",
    "maximum-value-exceeded": "Der Wert des Attributs '{0}' ist zu groß",
    "invalid-field-length": "Die Länge des Attributs '{0}' ist nicht zulässig",
    "attribute-contains-prohibited-content": "Das Attribut '{0}' enthält unzulässige Inhalte",
    "invalid-listing-payload": "Das Attribut '{0}' ist nicht lesbar oder nicht vorgesehen",
    "wltp-and-nedc-set-error": "WLTP- und NEFZ-Werte dürfen nicht zusammen übertragen werden",
    "listing-does-not-exist": "Das Inserat {0} gibt es nicht",
    "listing-does-not-exist-or-has-overwrite-protection": (
        "Das Inserat {0} gibt es nicht, oder es ist gegen Überschreiben geschützt"
    ),
    "customer-not-found-error": "Den Kunden {0} gibt es nicht",
    "statistics-not-found": "Für den Kunden {0} gibt es noch keine Zahlen",
}
ENGLISH = {
    "mandatory-attribute-missing": "The property '{0}' could not be found",
    "forbidden-attribute-present": "The property '{0}' is forbidden for this vehicle type",
    "minimum-value-exceeded": "The value of the property '{0}' is too small",
    "maximum-value-exceeded": "The value of the property '{0}' is too large",
    "invalid-field-length": "The length of the property '{0}' is not allowed",
    "attribute-contains-prohibited-content": "The property '{0}' contains prohibited content",
    "invalid-listing-payload": "The property '{0}' is not readable or not supported",
    "wltp-and-nedc-set-error": "WLTP and NEDC values must not be set together",
    "listing-does-not-exist": "The listing {0} does not exist",
    "listing-does-not-exist-or-has-overwrite-protection": (
        "The listing {0} does not exist or has overwrite protection"
    ),
    "customer-not-found-error": "The customer {0} does not exist",
    "statistics-not-found": "There are no figures of the customer {0} yet",
}


@dataclass(frozen=True)
class Finding:
    """`place` is a member of the listing, with dots for the inner ones, or what else the message names."""

    code: str
    place: str = ""


def message(finding: Finding, culture: str) -> str:
    german = culture in ("de-DE", "de-AT")
    texts = GERMAN if german else ENGLISH
    usual = "Der Wert des Attributs '{0}' ist ungültig" if german else "The value of '{0}' is invalid"
    return texts.get(finding.code, usual).format(finding.place)


def as_json(finding: Finding, culture: str) -> dict[str, str]:
    return {"code": finding.code, "message": message(finding, culture)}
