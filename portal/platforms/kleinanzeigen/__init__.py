"""Kleinanzeigen: shown for its status only. It has no open interface; mobile.de passes ads on to it."""

from __future__ import annotations

from portal.platforms.contract import ExportApp

app = ExportApp(
    slug="kleinanzeigen",
    search_words=("ebay",),
    name="Kleinanzeigen",
    summary="Über mobile.de enthalten, wenn Sie es dort gebucht haben.",
    kind="api",
    countries=("DE",),
    fields=(),
    included_in="mobile-de",
    sends=("Die Inserate, die mobile.de für Sie an Kleinanzeigen weitergibt",),
    rhythm="mobile.de gibt Änderungen von selbst weiter. Dieses Portal überträgt nichts zu Kleinanzeigen.",
    needs=("Buchen Sie die Weitergabe an Kleinanzeigen im Händlerbereich von mobile.de.",),
    cost_notice="Was die Weitergabe kostet, regelt Ihr Vertrag mit mobile.de.",
    icon="share",
)
