"""What the pages say about pairs, decisions and what is left to do."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.exports.reconciliation.matching import MatchMethod
from portal.exports.reconciliation.sides import MatchDecision, SideCounts
from portal.models.runs import Match
from portal.web.templating import km, number


def reason(found: Match) -> str:
    """Why two are a pair, or why they could be one."""
    match found.method:
        case MatchMethod.LISTING:
            return _("Von einer früheren Aktivierung bekannt")
        case MatchMethod.NUMBER:
            return _("Gleiche Nummer")
        case MatchMethod.VIN:
            return _("Gleiche FIN")
        case MatchMethod.SUGGESTION:
            return _("Vorschlag, bestätigt")
        case MatchMethod.BY_HAND:
            return _("Von Hand zugeordnet")
        case MatchMethod.OTHER_VIN:
            return _("Gleiche Nummer, aber eine andere FIN: Wurde die Nummer neu vergeben?")
        case MatchMethod.ALIKE:
            same = _("Marke, Modell und Erstzulassung sind gleich")
            if not found.distance:
                return _("%(same)s, der Kilometerstand auch", same=same)
            return _("%(same)s, der Kilometerstand weicht um %(km)s ab", same=same, km=km(found.distance))
        case MatchMethod.NOT_RELEASED:
            return _("Dieses Fahrzeug ist im Bestand, aber hier nicht freigegeben")
    return ""


def decided(decision: str) -> str:
    match decision:
        case MatchDecision.CREATE:
            return _("wird neu eingestellt")
        case MatchDecision.WITHHOLD:
            return _("wird nicht veröffentlicht")
        case MatchDecision.KEEP:
            return _("bleibt auf der Plattform")
        case MatchDecision.DELETE:
            return _("wird dort gelöscht")
        case MatchDecision.DELETED:
            return _("wurde dort gelöscht")
        case MatchDecision.REFUSED:
            return _("ließ sich nicht löschen")
    return _("offen")


def summary(counts: SideCounts) -> str:
    """ "3 offen · 12 neu · 2 bleiben auf der Plattform"."""
    withheld, kept, deleted = (
        counts.of(one) for one in (MatchDecision.WITHHOLD, MatchDecision.KEEP, MatchDecision.DELETE)
    )
    parts = [
        _("%(n)s offen", n=number(counts.open)) if counts.open else "",
        _("%(n)s zugeordnet", n=number(counts.matched)),
        _("%(n)s neu", n=number(counts.new)),
        _("%(n)s blockiert", n=number(counts.new_blocked)) if counts.new_blocked else "",
        _("%(n)s nicht veröffentlicht", n=number(withheld)) if withheld else "",
    ]
    if kept:
        parts.append(
            ngettext("1 bleibt auf der Plattform", "%(n)s bleiben auf der Plattform", kept, n=number(kept))
        )
    if deleted:
        parts.append(
            ngettext("1 wird dort gelöscht", "%(n)s werden dort gelöscht", deleted, n=number(deleted))
        )
    return " · ".join(filter(None, parts))


TEMPLATE_GLOBALS = {"match_reason": reason, "match_decision": decided, "match_summary": summary}
