"""AutoScout24, Listing Creation API: the manifest."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.autoscout24.fields import LABELS
from portal.platforms.autoscout24.mapping_offer import BOOKINGS
from portal.platforms.autoscout24.platform import connect
from portal.platforms.autoscout24.settings import FIELDS
from portal.platforms.contract import ExportApp, Variable

app = ExportApp(
    slug="autoscout24",
    search_words=("as24", "auto scout"),
    name=say("AutoScout24"),
    summary=say("Überträgt Ihre freigegebenen Fahrzeuge laufend zu AutoScout24."),
    kind="api",
    countries=("DE",),
    fields=FIELDS,
    connect=connect,
    environment=(
        Variable("api_url", "AUTOSCOUT24_API_URL", "{sandbox}/autoscout24"),
        Variable("username", "AUTOSCOUT24_USERNAME", "portal@example.org"),
        Variable("password", "AUTOSCOUT24_PASSWORD", "portal-sandbox", secret=True),
    ),
    parallel=8,
    bookings=BOOKINGS,
    idempotent_create=False,
    reconciles=True,
    figures_at_once=10_000,
    rates_prices=True,
    keeps_trials_apart=True,
    lists_summaries=True,
    labels=LABELS,
    sends=(
        say("Fahrzeugdaten, Preise und Beschreibung: Pkw, Motorräder, Transporter und Wohnmobile"),
        say("Bilder in Ihrer Reihenfolge, höchstens 50"),
        say("Ausstattung als Suchmerkmale und als Text"),
        say("Verbrauch, CO₂-Emissionen und CO₂-Klasse (EnVKV)"),
        say("Finanzierungs- und Leasingbeispiel, wenn Sie es wünschen"),
    ),
    rhythm=say("Jede Änderung wird sofort übertragen. Ohne Änderung wird nichts gesendet."),
    needs=(
        say("Beauftragen Sie bei AutoScout24 den Betreiber dieses Portals als Datenlieferanten."),
        say(
            "Sehen Sie nach, ob AutoScout24 Ihre Fahrzeuge zu mobile.de weitergibt: "
            "Übertragen Sie auch von hier zu mobile.de, dann stellen Sie diesen Export dort ab."
        ),
        say("Hinterlegen Sie dort Ihre @dein.auto-Adresse für Kundenanfragen."),
    ),
    cost_notice=say(
        "AutoScout24 berechnet Inserate nach Paket und Anzahl. Neue Inserate, Plus- und "
        "Premium-Inserate und Boosts können Kosten verursachen."
    ),
    manual_url="https://listing-creation.api.autoscout24.com/docs",
    icon="search",
)
