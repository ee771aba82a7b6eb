"""Words and icons for the kinds of problems that people are told of."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from portal.notifications.notify import SOLVED, EmailPreference
from portal.notifications.problems import ProblemKind

KINDS: Mapping[str, LazyString] = {
    ProblemKind.LOCK: _("Sperre"),
    ProblemKind.STOPPED: _("App angehalten"),
    ProblemKind.FAILING: _("Wiederholte Störung"),
    ProblemKind.RECONCILIATION: _("Bestandsabgleich wartet"),
    ProblemKind.FILE_HELD: _("Datei zurückgehalten"),
}
EXPLANATIONS: Mapping[str, LazyString] = {
    ProblemKind.LOCK: _("Eine große Bestandsabweichung, über die jemand entscheiden muss."),
    ProblemKind.STOPPED: _("Zugangsdaten stimmen nicht mehr, oder der Datendienstleister wurde ausgetragen."),
    ProblemKind.FAILING: _("Eine Plattform nimmt seit längerem nichts an."),
    ProblemKind.RECONCILIATION: _("Nach dem Aktivieren blieben Fahrzeuge oder Inserate ohne Zuordnung."),
    ProblemKind.FILE_HELD: _("Eine Datei weicht stark von der letzten ab und wurde nicht veröffentlicht."),
}
ICONS: Mapping[str, str] = {
    ProblemKind.LOCK: "lock",
    ProblemKind.STOPPED: "player-pause",
    ProblemKind.FAILING: "plug-connected-x",
    ProblemKind.RECONCILIATION: "arrows-left-right",
    ProblemKind.FILE_HELD: "lock",
    SOLVED: "circle-check",
}
WAYS: Mapping[str, LazyString] = {
    EmailPreference.MAIL: _("sofort per Mail"),
    EmailPreference.DIGEST: _("einmal täglich"),
    EmailPreference.OFF: _("keine Mail"),
}

TEMPLATE_GLOBALS: dict[str, object] = {
    "problem_kinds": KINDS,
    "problem_explanations": EXPLANATIONS,
    "problem_icon": lambda kind: ICONS.get(kind, "bell"),
    "ways": WAYS,
}
