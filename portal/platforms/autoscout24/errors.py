"""What AutoScout24 refuses, in words a dealer understands: its errors and our preflight speak through the
same table. An error names the attribute in its message only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from portal.messages import Message, say
from portal.platforms.autoscout24 import fields
from portal.platforms.common.answers import cleaned
from portal.platforms.contract import Actor, Feedback

MOST_ERRORS = 50
PROTECTED = "overwrite-protection"
ON_HOLD, EXISTS = "listing-on-hold-cannot-be-updated", "vin-already-exists"
UNKNOWN_PICTURE = ("image-does-not-exist", "images-not-found")

# code → text; {label} is the field's name, {value} what was refused.
TEXTS: dict[str, Message] = {
    "mandatory-attribute-missing": say("{label} fehlt: AutoScout24 verlangt diese Angabe."),
    "forbidden-attribute-present": say("{label} nimmt AutoScout24 bei dieser Fahrzeugart nicht an."),
    "attribute-contains-prohibited-content": (
        say(
            "{label} enthält eine E-Mail-Adresse, eine Internetadresse oder die Zeichen < und >. "
            "Das erlaubt AutoScout24 nicht, bitte entfernen Sie sie."
        )
    ),
    "first-registration-date-too-old": say("Die Erstzulassung ist für diese Fahrzeugart zu alt."),
    "first-registration-date-too-modern": say("Die Erstzulassung ist für diese Fahrzeugart zu neu."),
    "registration-in-future": say("Die Erstzulassung liegt in der Zukunft."),
    "invalid-make": say("Die Marke „{value}“ gibt es bei AutoScout24 für diese Fahrzeugart nicht."),
    "invalid-model": say("Das Modell „{value}“ gibt es bei AutoScout24 nicht zu dieser Marke."),
    "invalid-mileage": (
        say(
            "AutoScout24 nimmt als Neufahrzeug nur Fahrzeuge unter 1.000 km an. Bitte prüfen Sie Zustand und "
            "Kilometerstand."
        )
    ),
    "invalid-price-value": say("Der Preis liegt außerhalb dessen, was AutoScout24 annimmt (ab 1 €)."),
    "price-on-request": (
        say("„Preis auf Anfrage“ gibt es bei AutoScout24 nicht: Das Inserat braucht einen Preis.")
    ),
    "envkv-values-required": (
        say(
            "Die EnVKV-Werte sind unvollständig: {label} fehlt. "
            "Ohne Verbrauch, CO₂-Emissionen und CO₂-Klasse darf dieses Fahrzeug nicht beworben werden."
        )
    ),
    "value-out-of-range": say("{label}: {value} liegt außerhalb dessen, was AutoScout24 annimmt."),
    "minimum-value-exceeded": say("{label}: Der Wert ist kleiner, als AutoScout24 annimmt."),
    "maximum-value-exceeded": say("{label}: Der Wert ist größer, als AutoScout24 annimmt."),
    "minimum-value-exceeded-emission-consumption": say(
        "{label}: Der Wert ist kleiner, als AutoScout24 annimmt."
    ),
    "maximum-value-exceeded-emission-consumption": say(
        "{label}: Der Wert ist größer, als AutoScout24 annimmt."
    ),
    "invalid-field-length": say("{label}: Die Länge ist nicht zulässig, bitte kürzen Sie den Text."),
    EXISTS: say("Ein Fahrzeug mit dieser Fahrgestellnummer steht schon bei AutoScout24."),
    ON_HOLD: say(
        "AutoScout24 hält dieses Inserat an und nimmt keine Änderung an. Bitte fragen Sie AutoScout24 nach "
        "dem Grund und übertragen Sie das Fahrzeug danach noch einmal."
    ),
    "listing-creation-limit-exceeded": (
        say("Ihr Paket bei AutoScout24 ist ausgeschöpft: Es nimmt keine weiteren Inserate an.")
    ),
    "publication-channels-not-allowed": (
        say("Ihr Konto darf diesen Kanal nicht benutzen. Bitte fragen Sie AutoScout24.")
    ),
    "invalid-requested-tier": say("Diese Zusatzbuchung ist bei AutoScout24 nicht möglich."),
    "too-many-images": say("AutoScout24 nimmt höchstens 50 Bilder an."),
}
PLACES = {
    "first-registration-date-too-old": "first_registration",
    "first-registration-date-too-modern": "first_registration",
    "registration-in-future": "first_registration",
    "invalid-make": "make",
    "invalid-model": "model",
    "invalid-mileage": "mileage",
    "invalid-body-type": "body_type",
    "invalid-price-value": "prices.selling",
    "price-on-request": "prices.on_request",
    EXISTS: "vin",
    "too-many-images": "images",
    "images-not-found": "images",
    "image-does-not-exist": "images",
    "duplicated-image": "images",
    "invalid-requested-tier": "bookings",
    "wltp-and-nedc-set-error": "energy.co2",
    "invalid-equipment": "equipment.features",
}
"""Our fact for a code that says it by itself."""
FALLBACK = say("AutoScout24 lehnt das Inserat ab und nennt keinen lesbaren Grund.")
_QUOTED = re.compile(r"['\"„`]([A-Za-z][A-Za-z0-9_.\[\]]{2,80})['\"“`]")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]]{2,80}")


def known(code: str, place: str | None = None, value: object = "") -> Feedback:
    """Feedback with a text of the table; `place` is one of our facts."""
    where = place or PLACES.get(code)
    label = fields.label_of_place(where) if where else say("Eine Angabe")
    return Feedback(code, TEXTS[code].filled(label=label, value=str(value)), where)


def codes_in(body: Any) -> tuple[str, ...]:
    entries = body.get("errors") if isinstance(body, Mapping) else None
    if not isinstance(entries, list):
        return ()
    return tuple(cleaned(e.get("code"))[:80] for e in entries[:MOST_ERRORS] if isinstance(e, Mapping))


def rejection(body: Any) -> tuple[Feedback, ...]:
    """Why a request was refused; never empty."""
    entries = body.get("errors") if isinstance(body, Mapping) else None
    listed = entries[:MOST_ERRORS] if isinstance(entries, list) else []
    found = tuple(_entry(entry) for entry in listed if isinstance(entry, Mapping))
    return found or (Feedback("rejected", FALLBACK, who=Actor.PLATFORM),)


def _entry(entry: Mapping[str, Any]) -> Feedback:
    code = cleaned(entry.get("code"))[:80] or "rejected"
    message = cleaned(entry.get("message"))
    path = path_in(message)
    place = fields.our_place(path) or PLACES.get(code)
    label = fields.label_of(path) or (fields.label_of_place(place) if place else "")
    text = TEXTS.get(code)
    if text is None or "value" in text.names or ("label" in text.names and not label):
        said = message or code
        told = (
            say("{label}: AutoScout24 meldet „{said}“.", label=label, said=said)
            if label
            else say("AutoScout24 meldet: „{said}“.", said=said)
        )
        return Feedback(code, told, place, message)
    return Feedback(code, text.filled(label=label), place, message)


def path_in(message: str) -> str:
    """The attribute that a message names: in quotation marks, else the first word of the table."""
    quoted = _QUOTED.findall(message)
    words = (*quoted, *(w for w in _WORD.findall(message) if "." in w or any(c.isupper() for c in w[1:])))
    named = next((word for word in words if fields.our_place(word)), "")
    return named or (quoted[0] if quoted else "")
