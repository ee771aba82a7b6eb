"""What the pages say about pairs, decisions and what is left to do."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.exports.matching import Method
from portal.exports.reconciliation.sides import Counts, Decision
from portal.models.runs import Match
from portal.web.templating import km, number


def reason(found: Match) -> str:
    """Why two are a pair, or why they could be one."""
    match found.method:
        case Method.LISTING:
            return _("Von einer früheren Aktivierung bekannt")
        case Method.NUMBER:
            return _("Gleiche Nummer")
        case Method.VIN:
            return _("Gleiche FIN")
        case Method.SUGGESTION:
            return _("Vorschlag, bestätigt")
        case Method.BY_HAND:
            return _("Von Hand zugeordnet")
        case Method.OTHER_VIN:
            return _("Gleiche Nummer, aber eine andere FIN: Wurde die Nummer neu vergeben?")
        case Method.ALIKE:
            return _alike(found.distance or 0)
        case Method.NOT_RELEASED:
            return _("Dieses Fahrzeug ist im Bestand, aber hier nicht freigegeben")
    return ""


def _alike(distance: int) -> str:
    same = _("Marke, Modell und Erstzulassung sind gleich")
    if not distance:
        return _("%(same)s, der Kilometerstand auch", same=same)
    return _("%(same)s, der Kilometerstand weicht um %(km)s ab", same=same, km=km(distance))


def decided(decision: str) -> str:
    match decision:
        case Decision.CREATE:
            return _("wird neu eingestellt")
        case Decision.WITHHOLD:
            return _("wird nicht veröffentlicht")
        case Decision.KEEP:
            return _("bleibt auf der Plattform")
        case Decision.DELETE:
            return _("wird dort gelöscht")
        case Decision.DELETED:
            return _("wurde dort gelöscht")
        case Decision.REFUSED:
            return _("ließ sich nicht löschen")
    return _("offen")


def summary(counts: Counts) -> str:
    """ "3 offen · 12 neu · 2 bleiben auf der Plattform"."""
    return " · ".join(_parts(counts))


def _parts(counts: Counts) -> Iterator[str]:
    if counts.open:
        yield _("%(n)s offen", n=number(counts.open))
    yield _("%(n)s zugeordnet", n=number(counts.matched))
    yield _("%(n)s neu", n=number(counts.of(Decision.CREATE)))
    withheld, kept, deleted = (counts.of(one) for one in (Decision.WITHHOLD, Decision.KEEP, Decision.DELETE))
    if withheld:
        yield _("%(n)s nicht veröffentlicht", n=number(withheld))
    if kept:
        yield ngettext("1 bleibt auf der Plattform", "%(n)s bleiben auf der Plattform", kept, n=number(kept))
    if deleted:
        yield ngettext("1 wird dort gelöscht", "%(n)s werden dort gelöscht", deleted, n=number(deleted))


TEMPLATE_GLOBALS = {"match_reason": reason, "match_decision": decided, "match_summary": summary}
