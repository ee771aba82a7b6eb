"""What can be chosen in the configurator, as pairs of value and German text for the form's macros."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from portal.messages import Message
from portal.platforms.common.catalogue import BY_NAME, FACTS, ExportFact
from portal.platforms.common.profile import BREAKS, CHARSETS, DATES, FLAG_WORDS, FORMATS
from portal.platforms.common.settings import SEPARATORS
from portal.vehicle_facts.data import Kind

Labels = Mapping[str, str | LazyString]
SEPARATOR_LABELS: Labels = {
    "semicolon": _("Semikolon"),
    "comma": _("Komma"),
    "tab": _("Tabulator"),
    "bar": _("Senkrechter Strich"),
}
BREAK_LABELS: Labels = {
    "space": _("durch Leerzeichen ersetzen"),
    "keep": _("beibehalten"),
    "html": _("als <br> schreiben"),
}
PICTURE_LABELS: Labels = {
    "urls": _("als Adressen, wo Sie eine Spalte dafür wählen"),
    "zip": _("in einer Zip-Datei mit der Tabelle"),
    "none": _("keine"),
}


def groups() -> list[tuple[Message, list[ExportFact]]]:
    """The facts by their headings, in the order of the catalogue."""
    return [(group, list(facts)) for group, facts in groupby(FACTS, key=lambda fact: fact.group)]


CHOICE_LISTS: dict[str, Any] = {
    "groups": groups(),
    "kinds": tuple(Kind),
    "facts": BY_NAME,
    "formats": list(FORMATS.items()),
    "separators": [(name, SEPARATOR_LABELS[name]) for name in SEPARATORS],
    "charsets": list(CHARSETS.items()),
    "dates": list(DATES.items()),
    "flags": [(name, " / ".join(words)) for name, words in FLAG_WORDS.items()],
    "breaks": [(name, BREAK_LABELS[name]) for name in BREAKS],
    "picture_modes": list(PICTURE_LABELS.items()),
}
