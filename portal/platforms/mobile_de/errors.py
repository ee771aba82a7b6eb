"""What mobile.de refuses, in words a dealer understands: the platform's errors and our preflight
speak through the same table, so that both say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from portal.messages import Message, Wording, say
from portal.platforms.common.answers import cleaned
from portal.platforms.contract import Actor, Feedback
from portal.platforms.mobile_de import names

MOST_ERRORS = 50

LEASING_PROTECTED = frozenset({"leasing_overwrite_protection", "automatic_leasing_overwrite_protection"})
"""The key since spring 2025, and the one before."""
LEASING_STAYS = say(
    "Das Leasingangebot wurde im Händlerbereich von mobile.de angelegt und kann von hier nicht geändert "
    "werden. Es bleibt, wie es ist; alle anderen Angaben werden übertragen."
)

# key → (text, our field when the platform names none).
# {label} is the field's name, {value} what was refused.
TEXTS: dict[str, tuple[Message, str | None]] = {
    "missing-field": (say("{label} fehlt: mobile.de verlangt diese Angabe."), None),
    "invalid-reference-data-value": (
        say("{label}: „{value}“ ist bei mobile.de kein zulässiger Wert. Bitte wählen Sie einen anderen."),
        None,
    ),
    "make-empty": (say("Marke fehlt: mobile.de verlangt diese Angabe."), "make"),
    "model-empty": (say("Modell fehlt: mobile.de verlangt diese Angabe."), "model"),
    "invalid-model-for-make": (
        say("Das Modell „{value}“ gibt es bei mobile.de nicht zu dieser Marke."),
        "model",
    ),
    "damageunrepaired-empty": (
        say(
            "Bitte geben Sie an, ob das Fahrzeug einen unreparierten Schaden hat. "
            "mobile.de verlangt diese Angabe."
        ),
        "damaged",
    ),
    "countryversion-missing": (
        say("Länderversion fehlt: mobile.de verlangt sie bei Neuwagen."),
        "country_version",
    ),
    "envkv-values-required": (
        say(
            "Die EnVKV-Werte sind unvollständig: {label} fehlt. "
            "Ohne Verbrauch, CO₂-Emissionen und CO₂-Klasse darf dieses Fahrzeug nicht beworben werden."
        ),
        "energy.co2",
    ),
    "modeldescription-contains-phone": (
        say(
            "Die Modellbezeichnung enthält eine Telefonnummer. Das erlaubt mobile.de nicht, "
            "bitte entfernen Sie sie."
        ),
        "model_description",
    ),
    "modeldescription-contains-email": (
        say(
            "Die Modellbezeichnung enthält eine E-Mail-Adresse. Das erlaubt mobile.de nicht, "
            "bitte entfernen Sie sie."
        ),
        "model_description",
    ),
    "modeldescription-contains-url": (
        say(
            "Die Modellbezeichnung enthält eine Internetadresse. Das erlaubt mobile.de nicht, "
            "bitte entfernen Sie sie."
        ),
        "model_description",
    ),
    "vehicle-not-eligible-for-e-car-attributes": (
        say(
            "Batterie- und Ladedaten nimmt mobile.de nur bei Elektro-, Hybrid- und Wasserstofffahrzeugen an."
        ),
        "battery",
    ),
    "first-registration-in-future": (say("Die Erstzulassung liegt in der Zukunft."), "first_registration"),
    "consumer-price-not-in-range": (
        say("Der Preis liegt außerhalb dessen, was mobile.de annimmt (1 € bis 9.999.999 €)."),
        "prices.selling",
    ),
    "value-out-of-range": (say("{label}: {value} liegt außerhalb dessen, was mobile.de annimmt."), None),
    "field-too-long": (say("{label} ist zu lang für mobile.de, bitte kürzen Sie den Text."), None),
    "damage-contradicts": (
        say(
            "Das Fahrzeug ist nicht fahrtauglich und hat keinen unreparierten Schaden: Das sieht mobile.de "
            "nicht vor. Bitte prüfen Sie beide Angaben."
        ),
        "roadworthy",
    ),
    "leasing_overwrite_protection": (LEASING_STAYS, "leasing"),
    "automatic_leasing_overwrite_protection": (LEASING_STAYS, "leasing"),
    "duplicate-ad": (say("Zu diesem Fahrzeug gibt es bei mobile.de bereits ein Inserat."), "offer_number"),
}

LEASING_LEFT_ALONE = Feedback("leasing_overwrite_protection", LEASING_STAYS, "leasing")
RECOMMENDED = say("{label} fehlt: mobile.de empfiehlt diese Angabe.")
"""What `missing-field` means as a warning: the ad was taken."""
FALLBACK = say("mobile.de lehnt das Inserat ab und nennt keinen lesbaren Grund.")


def known(code: str, field: str | None = None, value: object = "", label: Wording = "") -> Feedback:
    """Feedback with a text of the table; `field` is one of ours."""
    text, usual_field = TEXTS[code]
    place = field or usual_field
    name = label or (names.label_of(place) if place else say("Eine Angabe"))
    return Feedback(code, text.filled(label=name, value=str(value)), place)


def recommended(field: str) -> Feedback:
    """A field that the platform would like to have."""
    return Feedback("missing-field", RECOMMENDED.filled(label=names.label_of(field)), field)


def from_answer(body: Any, member: str) -> tuple[Feedback, ...]:
    """Feedback for each entry of `errors` or `warnings`; nothing for a body of another shape.

    As a warning, a missing field is only recommended: the ad was taken.
    """
    entries = body.get(member) if isinstance(body, Mapping) else None
    if not isinstance(entries, list):
        return ()
    found = tuple(_entry(entry) for entry in entries[:MOST_ERRORS] if isinstance(entry, Mapping))
    if member != "warnings":
        return found
    return tuple(
        replace(recommended(note.field), platform_text=note.platform_text)
        if note.code == "missing-field" and note.field is not None
        else note
        for note in found
    )


def rejection(body: Any) -> tuple[Feedback, ...]:
    """Why a request was refused; never empty."""
    found = from_answer(body, "errors")
    return found or (Feedback("rejected", FALLBACK, who=Actor.PLATFORM),)


def _entry(entry: Mapping[str, Any]) -> Feedback:
    args = dict(_arguments(entry.get("args")))
    code = cleaned(entry.get("key") or entry.get("code"))[:80] or "rejected"
    path = args.get("path") or args.get("field") or cleaned(entry.get("path"))
    value = args.get("value") or args.get("rejectedValue") or ""
    message = cleaned(entry.get("message") or entry.get("description"))
    field, label = names.our_field(path), names.label_at(path)
    if code in TEXTS:
        found = known(code, field, value, label)
        return Feedback(code, found.text, found.field, message)
    says = message or code
    text = (
        say("{label}: mobile.de meldet „{says}“.", label=label, says=says)
        if label
        else say("mobile.de meldet: „{says}“.", says=says)
    )
    return Feedback(code, text, field, message)


def _arguments(args: Any) -> Iterator[tuple[str, str]]:
    if isinstance(args, Mapping):
        yield from ((str(key), cleaned(str(value))) for key, value in args.items())
    elif isinstance(args, list):
        for arg in args:
            if isinstance(arg, Mapping) and isinstance(arg.get("key"), str):
                yield arg["key"], cleaned(str(arg.get("value") or ""))
