"""What the pages say about pairs, decisions and what is left to do."""

from __future__ import annotations

from collections.abc import Iterator

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
            return _alike(found.distance or 0)
        case MatchMethod.NOT_RELEASED:
            return _("Dieses Fahrzeug ist im Bestand, aber hier nicht freigegeben")
    return ""


def _alike(distance: int) -> str:
    same = _("Marke, Modell und Erstzulassung sind gleich")
    if not distance:
        return _("%(same)s, der Kilometerstand auch", same=same)
    return _("%(same)s, der Kilometerstand weicht um %(km)s ab", same=same, km=km(distance))


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
    return " · ".join(_parts(counts))


def _parts(counts: SideCounts) -> Iterator[str]:
    if counts.open:
        yield _("%(n)s offen", n=number(counts.open))
    yield _("%(n)s zugeordnet", n=number(counts.matched))
    yield _("%(n)s neu", n=number(counts.new))
    if counts.new_blocked:
        yield _("%(n)s blockiert", n=number(counts.new_blocked))
    withheld, kept, deleted = (
        counts.of(one) for one in (MatchDecision.WITHHOLD, MatchDecision.KEEP, MatchDecision.DELETE)
    )
    if withheld:
        yield _("%(n)s nicht veröffentlicht", n=number(withheld))
    if kept:
        yield ngettext("1 bleibt auf der Plattform", "%(n)s bleiben auf der Plattform", kept, n=number(kept))
    if deleted:
        yield ngettext("1 wird dort gelöscht", "%(n)s werden dort gelöscht", deleted, n=number(deleted))


TEMPLATE_GLOBALS = {"match_reason": reason, "match_decision": decided, "match_summary": summary}
