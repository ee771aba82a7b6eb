"""What AutoScout24 Schweiz refuses, in words a dealer understands. Its document names no form of errors:
a status is all that is believed, whatever else it says is shown as it came."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from portal.messages import Message, say
from portal.platforms.autoscout24_ch.fields import BY_NAME, label_of
from portal.platforms.common.answers import cleaned
from portal.platforms.contract import Actor, Feedback

TEXTS: dict[str, Message] = {
    "missing-field": say("{label} fehlt: AutoScout24 Schweiz verlangt diese Angabe."),
    "unknown-make": say("Die Marke „{value}“ gibt es bei AutoScout24 Schweiz für diese Fahrzeugart nicht."),
    "price-in-francs-missing": (
        say(
            "Der Preis in Franken fehlt. Bitte tragen Sie ihn am Fahrzeug als eigenen Preis auf dieser "
            "Plattform ein: Preise in Euro werden nicht umgerechnet."
        )
    ),
    "platform-prices-off": (
        say(
            "AutoScout24 Schweiz braucht einen Preis in Franken, aber eigene Preise je Plattform sind in "
            "Ihren Einstellungen abgeschaltet."
        )
    ),
    "registration-in-future": say("Die Erstzulassung liegt in der Zukunft."),
}
FALLBACK = say("AutoScout24 Schweiz lehnt das Inserat ab und nennt keinen lesbaren Grund.")
NO_SLOT = Feedback(
    "no-free-slot",
    say("Bei AutoScout24 Schweiz ist kein Platz mehr frei: Ihr Paket nimmt keine weiteren Inserate an."),
)
NO_TOP_SLOT = Feedback(
    "no-free-top-slot",
    say("Die Top-Liste wurde nicht gebucht: Bei AutoScout24 Schweiz ist dafür kein Platz mehr frei."),
    "bookings",
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{2,60}")


def known(code: str, place: str | None = None, value: object = "") -> Feedback:
    label = label_of(place) if place else say("Eine Angabe")
    return Feedback(code, TEXTS[code].filled(label=label, value=str(value)), place)


def rejection(body: Any) -> tuple[Feedback, ...]:
    """Why a request was refused; never empty."""
    # The first readable sentence of the members that such answers commonly have.
    members = [body.get(name) for name in ("detail", "message", "title")] if isinstance(body, Mapping) else []
    said = next(filter(None, map(cleaned, members)), "")
    if not said:
        return (Feedback("rejected", FALLBACK, who=Actor.PLATFORM),)
    named = next((word for word in _WORD.findall(said) if word in BY_NAME), "")
    text = say("AutoScout24 Schweiz meldet „{said}“.", said=said)
    if named:
        text = say("{label}: AutoScout24 Schweiz meldet „{said}“.", label=BY_NAME[named].label, said=said)
    return (Feedback("rejected", text, BY_NAME[named].place if named else None, said),)
