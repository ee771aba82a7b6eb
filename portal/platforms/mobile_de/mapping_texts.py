"""The description: the dealer's text, equipment, examples; and the highlights."""

from __future__ import annotations

from portal.formats.charset import LOST
from portal.platforms.common.texts import equipment_groups, example_texts, shorten
from portal.platforms.mobile_de.draft import AdDraft
from portal.platforms.mobile_de.markup import BREAK, bold, closed, item, lines, paragraph
from portal.translations.message import say
from portal.vehicle_facts.data import Equipment

LONGEST_DESCRIPTION = 5000
USUAL_HIGHLIGHTS = 3
"""Where the account does not say how many it may have."""


def texts(draft: AdDraft) -> None:
    if LOST in draft.vehicle.description:
        text = say("Ein Zeichen der Beschreibung war beim Einlesen nicht lesbar und entfällt.")
        draft.hint("characters-lost", text, "description")
    vehicle, settings = draft.vehicle, draft.context.settings
    start, end = example_texts(vehicle, settings, lambda heading, facts: BREAK.join([bold(heading), *facts]))
    equipment = equipment_text(vehicle.equipment, str(settings["equipment_format"]))
    body = paragraph(lines(vehicle.description), equipment)
    draft.put("description", closed(_assembled(draft, start, body, end)))


def _assembled(draft: AdDraft, start: str, body: str, end: str) -> str:
    """Too long: the body is cut, the examples with their legal wording stay whole."""
    whole = paragraph(start, body, end)
    if len(closed(whole)) <= LONGEST_DESCRIPTION:
        return whole
    room = LONGEST_DESCRIPTION - len(paragraph(start, "", end)) - 2 * len(BREAK * 2) - len(BREAK)
    text = say(
        "Die Beschreibung ist länger als {longest} Zeichen und wird gekürzt.",
        longest=f"{LONGEST_DESCRIPTION:,}".replace(",", "."),
    )
    draft.hint("description-cut", text, "description")
    # Cut at a word, and never through a line break's two characters.
    head = shorten(body, max(room - 2, 0)).rstrip("\\")
    return paragraph(start, f"{head} …", end)[: LONGEST_DESCRIPTION - len(BREAK)]


def equipment_text(equipment: Equipment, form: str) -> str:
    """The equipment in one of the formats of the setting; search criteria alone need no text."""
    groups = equipment_groups(equipment)
    if not groups or form == "criteria_only":
        return ""
    if form == "grouped":
        return paragraph(*(f"{bold(heading)}{BREAK}{', '.join(g)}" for heading, g in groups.items()))
    everything = [entry for entries in groups.values() for entry in entries]
    if form == "lines":
        return f"{bold('Ausstattung')}{BREAK}" + BREAK.join(item(entry) for entry in everything)
    return f"{bold('Ausstattung:')} {', '.join(everything)}"


def highlights(draft: AdDraft) -> None:
    given = [" ".join(text.split()) for text in draft.vehicle.highlights if text.strip()]
    most = draft.context.account.limits.get("max_highlights", USUAL_HIGHLIGHTS)
    if len(given) > most:
        text = say(
            "Ihr Konto bei mobile.de erlaubt {most} Highlights, die übrigen werden nicht übertragen.",
            most=most,
        )
        draft.hint("highlights-cut", text, "highlights")
    draft.put("highlights", given[:most])
