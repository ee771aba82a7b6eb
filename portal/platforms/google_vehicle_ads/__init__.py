"""Google vehicle ads: the manifest."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.contract import ExportApp
from portal.platforms.contract.files import FileSide
from portal.platforms.google_vehicle_ads.feed import writer
from portal.platforms.google_vehicle_ads.settings import FIELDS, SCHEDULE, TRANSPORTS

app = ExportApp(
    slug="google-vehicle-ads",
    name=say("Google Fahrzeuganzeigen"),
    summary=say("Ihr Bestand als Feed für Fahrzeuganzeigen in der Google-Suche."),
    kind="file",
    countries=("DE",),
    fields=FIELDS,
    file=FileSide(
        writer=writer,
        transports=TRANSPORTS,
        schedule=SCHEDULE,
        hours_to_confirm=26,
        leaves_at_once=True,
    ),
    sends=(
        say("Freigegebene Pkw in einem Feed, den Google abruft; jedes Fahrzeug nur einmal"),
        say("Verkaufte, reservierte und nicht fahrtaugliche Fahrzeuge nicht: Sie verlassen den Feed sofort"),
        say("Ein Hauptbild und bis zu 10 weitere als Adressen"),
    ),
    rhythm=say("Mehrmals am Tag und sofort, wenn ein Fahrzeug den Feed verlassen muss."),
    needs=(
        say(
            "Schalten Sie im Merchant Center Fahrzeuganzeigen frei und verknüpfen Sie Ihr Unternehmensprofil."
        ),
        say("Zeigen Sie auf der Fahrzeugseite Ihrer Website die Fahrzeugnummer: Google vergleicht sie."),
        say("Tragen Sie nach der Aktivierung die Adresse dieses Feeds im Merchant Center ein."),
    ),
    cost_notice=say("Der Feed kostet nichts. Anzeigen, die Sie damit schalten, bezahlen Sie bei Google."),
    manual_url="https://support.google.com/merchants/answer/11192663",
    icon="brand-google",
)
