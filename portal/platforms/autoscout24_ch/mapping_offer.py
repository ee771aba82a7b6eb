"""Price in francs, warranty, texts, pictures and the top list."""

from __future__ import annotations

from decimal import Decimal

from portal.formats.charset import LOST
from portal.messages import say
from portal.platforms.autoscout24_ch.draft import AutoScout24ChDraft
from portal.platforms.common.texts import equipment_groups, published, shorten
from portal.platforms.contract import Booking
from portal.vehicle_facts.data import Equipment

LONGEST_DESCRIPTION = 9_999
TOP_LIST = "TOP-LIST"
BOOKINGS = (Booking(TOP_LIST, "Top-Liste"),)


def price(draft: AutoScout24ChDraft) -> None:
    """The dealer's own price on this platform, in francs. Prices in euros are never converted."""
    own = draft.subject.platform_price
    if draft.context.rules.platform_prices and own:
        draft.put("price", Decimal(own))


def warranty(draft: AutoScout24ChDraft) -> None:
    settings = draft.context.settings
    kind = str(settings["warranty_type"]) if draft.vehicle.warranty else "none"
    draft.put("warrantyType", kind)
    if kind != "none":
        draft.put("warrantyDuration", settings["warranty_months"])
        draft.put("warrantyMileage", settings["warranty_mileage"])


def texts(draft: AutoScout24ChDraft) -> None:
    vehicle, settings = draft.vehicle, draft.context.settings
    if LOST in vehicle.description:
        text = say("Ein Zeichen der Beschreibung war beim Einlesen nicht lesbar und entfällt.")
        draft.hint("characters-lost", text, "description")
    parts = (
        published(vehicle.description),
        equipment_text(vehicle.equipment, str(settings["equipment_format"])),
    )
    whole = "\n\n".join(part.strip() for part in parts if part.strip())
    if len(whole) > LONGEST_DESCRIPTION:
        text = say("Die Beschreibung ist länger, als AutoScout24 Schweiz annimmt, und wird gekürzt.")
        draft.hint("description-cut", text, "description")
        whole = whole[:LONGEST_DESCRIPTION].rsplit(None, 1)[0]
    draft.put("description", whole)
    draft.put("teaser", shorten(" · ".join(vehicle.highlights), 999))
    draft.put("language", settings["language"])


def equipment_text(equipment: Equipment, form: str) -> str:
    """The equipment in one of the formats of the setting; search attributes alone need no text."""
    groups = equipment_groups(equipment)
    if not groups or form == "criteria_only":
        return ""
    if form == "grouped":
        return "\n\n".join(f"{heading}\n{', '.join(entries)}" for heading, entries in groups.items())
    everything = [entry for entries in groups.values() for entry in entries]
    if form == "lines":
        return "Ausstattung\n" + "\n".join(f"- {entry}" for entry in everything)
    return f"Ausstattung: {', '.join(everything)}"


def pictures(draft: AutoScout24ChDraft) -> None:
    """In display order, none twice. They travel beside the listing's members."""
    seen = dict.fromkeys(image.sha256 for image in draft.subject.images)
    if len(seen) < len(draft.subject.images):
        draft.hint("picture-twice", say("Ein Bild steht zweimal da: Es wird einmal übertragen."), "images")
    draft.members["images"] = [{"sha256": sha256} for sha256 in seen]


def bookings(draft: AutoScout24ChDraft) -> None:
    """Only where it is wished: it costs money, runs for a time and ends by itself."""
    transferred = draft.context.settings["bookings"] == "vehicle"
    wished = draft.subject.bookings & {TOP_LIST} if transferred else frozenset[str]()
    draft.bookings = wished | (draft.subject.carried & {TOP_LIST})
    if wished:
        draft.members["topList"] = True
