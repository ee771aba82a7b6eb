"""Meta vehicle catalogue: the manifest."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.contract import ExportApp
from portal.platforms.contract.files import FileSide
from portal.platforms.meta_catalog.feed import writer
from portal.platforms.meta_catalog.settings import FIELDS, SCHEDULE, TRANSPORTS

app = ExportApp(
    slug="meta-catalog",
    search_words=("fb", "marketplace"),
    name=say("Meta Fahrzeugkatalog"),
    summary=say("Ihr Bestand als Katalog für Anzeigen bei Facebook und Instagram."),
    kind="file",
    countries=("AT", "CH", "DE"),
    fields=FIELDS,
    file=FileSide(writer=writer, transports=TRANSPORTS, schedule=SCHEDULE, hours_to_confirm=26),
    sends=(
        say("Alle freigegebenen Fahrzeuge in einer CSV-Datei, die Meta abruft"),
        say("Bilder als Adressen, höchstens 20 je Fahrzeug"),
        say("Die Adresse der Fahrzeugseite in Ihrer Website"),
    ),
    rhythm=say("Die Datei entsteht viermal am Tag neu. Wann Meta sie abruft, stellen Sie dort ein."),
    needs=(
        say("Legen Sie im Commerce Manager von Meta einen Katalog für Fahrzeuge an."),
        say(
            "Tragen Sie dort nach der Aktivierung die Adresse dieser Datei als Datenquelle ein, mit Zeitplan."
        ),
    ),
    cost_notice=say(
        "Die Datei kostet bei Meta nichts. Anzeigen, die Sie damit schalten, bezahlen Sie bei Meta."
    ),
    manual_url="https://developers.facebook.com/docs/marketing-api/auto-ads/",
    icon="brand-meta",
)
