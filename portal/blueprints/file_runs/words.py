"""The words of file runs."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.web.states import StateText

RESULTS: dict[str, StateText] = {
    "accepted": StateText(
        _("angenommen"),
        _("Das Fahrzeug steht in der Datei; die Plattform hat nichts beanstandet."),
        "green",
        "check",
    ),
    "hinted": StateText(
        _("mit Hinweis"),
        _("Das Fahrzeug steht in der Datei, es gibt einen Hinweis dazu."),
        "yellow",
        "info-circle",
    ),
    "rejected": StateText(_("abgelehnt"), _("Die Plattform hat das Fahrzeug nicht übernommen."), "red", "x"),
    "left_out": StateText(
        _("nicht in der Datei"),
        _("Das Fahrzeug wurde weggelassen, der Grund steht dabei."),
        "orange",
        "alert-triangle",
    ),
    "filtered": StateText(
        _("vom Filter ausgenommen"), _("Das Fahrzeug passt nicht zum Filter dieses Exports."), "grey", "ban"
    ),
}
"""How a vehicle fared in a run, in the order in which they are shown."""

TEMPLATE_GLOBALS = {"run_results": RESULTS}
