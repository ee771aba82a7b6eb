"""TikTok Automotive Ads: the manifest."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.contract import ExportApp
from portal.platforms.contract.files import FileSide
from portal.platforms.tiktok_automotive.feed import writer
from portal.platforms.tiktok_automotive.settings import FIELDS, SCHEDULE, TRANSPORTS

app = ExportApp(
    slug="tiktok-automotive",
    name=say("TikTok Automotive"),
    summary=say("Ihr Bestand als Katalog für Fahrzeuganzeigen bei TikTok."),
    kind="file",
    countries=("DE",),
    fields=FIELDS,
    file=FileSide(writer=writer, transports=TRANSPORTS, schedule=SCHEDULE, hours_to_confirm=26),
    sends=(
        say("Alle freigegebenen Fahrzeuge in einer CSV-Datei, die TikTok abruft"),
        say("Das erste Bild als Adresse"),
        say("Die Adresse der Fahrzeugseite in Ihrer Website"),
    ),
    rhythm=say("Die Datei entsteht viermal am Tag neu. Wann TikTok sie abruft, stellen Sie dort ein."),
    needs=(
        say("Legen Sie im Catalog Manager von TikTok einen Katalog für Fahrzeuge an."),
        say(
            "Tragen Sie dort nach der Aktivierung die Adresse dieser Datei als Datenquelle ein, mit Zeitplan."
        ),
    ),
    cost_notice=say(
        "Die Datei kostet bei TikTok nichts. Anzeigen, die Sie damit schalten, bezahlen Sie bei TikTok."
    ),
    manual_url="https://ads.tiktok.com/help/article/available-fields-for-automotive-ads-inventory-catalogs",
    icon="brand-tiktok",
)
