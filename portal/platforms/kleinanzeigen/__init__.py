"""Kleinanzeigen: shown for its status only. It has no open interface; mobile.de passes ads on to it."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.contract import ExportApp

app = ExportApp(
    slug="kleinanzeigen",
    search_words=("ebay",),
    name=say("Kleinanzeigen"),
    summary=say("Über mobile.de enthalten, wenn Sie es dort gebucht haben."),
    kind="api",
    countries=("DE",),
    fields=(),
    included_in="mobile-de",
    sends=(say("Die Inserate, die mobile.de für Sie an Kleinanzeigen weitergibt"),),
    rhythm=say(
        "mobile.de gibt Änderungen von selbst weiter. Dieses Portal überträgt nichts zu Kleinanzeigen."
    ),
    needs=(say("Buchen Sie die Weitergabe an Kleinanzeigen im Händlerbereich von mobile.de."),),
    cost_notice=say("Was die Weitergabe kostet, regelt Ihr Vertrag mit mobile.de."),
    icon="share",
)
