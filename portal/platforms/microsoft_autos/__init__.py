"""Microsoft Advertising, automotive listing inventory: the manifest."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.contract import ExportApp
from portal.platforms.contract.files import FileSide
from portal.platforms.microsoft_autos.feed import writer
from portal.platforms.microsoft_autos.settings import FIELDS, SCHEDULE, TRANSPORTS

app = ExportApp(
    slug="microsoft-autos",
    search_words=("bing",),
    name=say("Microsoft Autos"),
    summary=say("Ihr Bestand als Feed für Fahrzeuganzeigen bei Bing und im Microsoft-Netzwerk."),
    kind="file",
    countries=("DE",),
    fields=FIELDS,
    file=FileSide(writer=writer, transports=TRANSPORTS, schedule=SCHEDULE, hours_to_confirm=26),
    sends=(
        say("Freigegebene Pkw in einem Feed, den Microsoft Advertising abruft"),
        say("Bilder als Adressen, so viele wie in 2.048 Zeichen passen"),
        say("Die Adresse der Fahrzeugseite in Ihrer Website"),
    ),
    rhythm=say("Die Datei entsteht viermal am Tag neu. Wann Microsoft sie abruft, stellen Sie dort ein."),
    needs=(
        say("Legen Sie in Microsoft Advertising eine Kampagne für Fahrzeuge an."),
        say(
            "Tragen Sie nach der Aktivierung die Adresse dieses Feeds unter Geschäftsdaten → Dynamische "
            "Datenfeeds → Autos ein, mit Zeitplan."
        ),
        say("Nutzen Sie Bilder ohne Wasserzeichen, Rahmen und Text: Microsoft lehnt andere ab."),
    ),
    cost_notice=say("Der Feed kostet nichts. Anzeigen, die Sie damit schalten, bezahlen Sie bei Microsoft."),
    manual_url="https://help.ads.microsoft.com/apex/index/3/en/60112",
    icon="brand-bing",
)
