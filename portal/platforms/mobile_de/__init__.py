"""mobile.de, Seller API: the manifest."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.contract import ExportApp, Variable
from portal.platforms.mobile_de.mapping_offers import BOOKINGS
from portal.platforms.mobile_de.names import LABELS
from portal.platforms.mobile_de.platform import connect
from portal.platforms.mobile_de.settings import FIELDS

app = ExportApp(
    slug="mobile-de",
    name=say("mobile.de"),
    summary=say("Überträgt Ihre freigegebenen Fahrzeuge laufend zu mobile.de."),
    kind="api",
    countries=("DE",),
    fields=FIELDS,
    connect=connect,
    environment=(
        Variable("api_url", "MOBILE_DE_API_URL", "{sandbox}"),
        Variable("public_url", "MOBILE_DE_PUBLIC_URL"),
        Variable("username", "MOBILE_DE_USERNAME", "portal"),
        Variable("password", "MOBILE_DE_PASSWORD", "portal-sandbox", secret=True),
    ),
    parallel=16,
    bookings=BOOKINGS,
    idempotent_create=True,
    clears_pictures=False,
    reconciles=True,
    figures_at_once=10,
    rates_prices=True,
    labels=LABELS,
    sends=(
        say("Fahrzeugdaten, Preise und Beschreibung"),
        say("Bilder in Ihrer Reihenfolge"),
        say("Ausstattung als Suchmerkmale und als Text"),
        say("Verbrauch, CO₂-Emissionen und CO₂-Klasse (EnVKV)"),
        say("Finanzierungs- und Leasingbeispiel, wenn Sie es wünschen"),
    ),
    rhythm=say("Jede Änderung wird sofort übertragen. Ohne Änderung wird nichts gesendet."),
    needs=(
        say("Lassen Sie die Seller-API für Ihre Kundennummer bei mobile.de freischalten."),
        say(
            "Tragen Sie den Betreiber dieses Portals im Händlerbereich von mobile.de "
            "als Datendienstleister ein."
        ),
        say("Hinterlegen Sie dort Ihre @dein.auto-Adresse für Kundenanfragen."),
    ),
    cost_notice=say(
        "mobile.de berechnet Inserate nach Paket, Anzahl und Durchschnittspreis. Neue Inserate und "
        "Zusatzbuchungen können Kosten verursachen."
    ),
    manual_url="https://services.mobile.de/docs/seller-api.html",
    icon="car",
)
