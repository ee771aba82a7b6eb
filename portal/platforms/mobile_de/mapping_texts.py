"""The description: the dealer's text, equipment, examples; and the highlights."""

from __future__ import annotations

from portal.formats.charset import LOST
from portal.messages import say
from portal.platforms.common.texts import example_texts, shorten
from portal.platforms.mobile_de.draft import AdDraft
from portal.platforms.mobile_de.markup import MARKUP, closed

LONGEST_DESCRIPTION = 5000
USUAL_HIGHLIGHTS = 3
"""Where the account does not say how many it may have."""


def texts(draft: AdDraft) -> None:
    if LOST in draft.vehicle.description:
        text = say("Ein Zeichen der Beschreibung war beim Einlesen nicht lesbar und entfällt.")
        draft.hint("characters-lost", text, "description")
    vehicle, settings = draft.vehicle, draft.context.settings
    start, end = example_texts(vehicle, settings, MARKUP.example)
    equipment = MARKUP.equipment(vehicle.equipment, str(settings["equipment_format"]))
    body = MARKUP.paragraph(MARKUP.lines(vehicle.description), equipment)
    draft.put("description", closed(_assembled(draft, start, body, end)))


def _assembled(draft: AdDraft, start: str, body: str, end: str) -> str:
    """Too long: the body is cut, the examples with their legal wording stay whole."""
    whole = MARKUP.paragraph(start, body, end)
    if len(closed(whole)) <= LONGEST_DESCRIPTION:
        return whole
    room = (
        LONGEST_DESCRIPTION
        - len(MARKUP.paragraph(start, "", end))
        - 2 * len(MARKUP.line_break * 2)
        - len(MARKUP.line_break)
    )
    text = say(
        "Die Beschreibung ist länger als {longest} Zeichen und wird gekürzt.",
        longest=f"{LONGEST_DESCRIPTION:,}".replace(",", "."),
    )
    draft.hint("description-cut", text, "description")
    # Cut at a word, and never through a line break's two characters.
    head = shorten(body, max(room - 2, 0)).rstrip("\\")
    return MARKUP.paragraph(start, f"{head} …", end)[: LONGEST_DESCRIPTION - len(MARKUP.line_break)]


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
