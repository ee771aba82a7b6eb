"""The description: the dealer's text, equipment, examples; and the highlights."""

from __future__ import annotations

from portal.formats.decoding import LOST
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
    start, end = example_texts(draft.vehicle, draft.context.settings, _example)
    body = [lines(draft.vehicle.description), equipment_text(draft.vehicle.equipment, _format(draft))]
    draft.put("description", closed(_assembled(draft, start, paragraph(*body), end)))
    _highlights(draft)


def _example(heading: str, facts: list[str]) -> str:
    return BREAK.join([bold(heading), *facts])


def _format(draft: AdDraft) -> str:
    return str(draft.context.settings["equipment_format"])


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
    return paragraph(start, _cut(body, room), end)[: LONGEST_DESCRIPTION - len(BREAK)]


def _cut(body: str, room: int) -> str:
    """At a word, and never through a line break's two characters."""
    head = shorten(body, max(room - 2, 0))
    return f"{head.rstrip(chr(92))} …"


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


def _highlights(draft: AdDraft) -> None:
    given = [" ".join(text.split()) for text in draft.vehicle.highlights if text.strip()]
    most = draft.context.account.limits.get("max_highlights", USUAL_HIGHLIGHTS)
    if len(given) > most:
        text = say(
            "Ihr Konto bei mobile.de erlaubt {most} Highlights, die übrigen werden nicht übertragen.",
            most=most,
        )
        draft.hint("highlights-cut", text, "highlights")
    draft.put("highlights", given[:most])
