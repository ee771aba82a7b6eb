"""AutoScout24, Listing Creation API: the manifest."""

from __future__ import annotations

from portal.platforms.autoscout24.fields import LABELS
from portal.platforms.autoscout24.mapping_offer import BOOKINGS
from portal.platforms.autoscout24.platform import connect
from portal.platforms.autoscout24.settings import FIELDS
from portal.platforms.contract import ExportApp, Variable

app = ExportApp(
    slug="autoscout24",
    search_words=("as24", "auto scout"),
    name="AutoScout24",
    summary="Überträgt Ihre freigegebenen Fahrzeuge laufend zu AutoScout24.",
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
    lists_summaries=True,
    labels=LABELS,
    sends=(
        "Fahrzeugdaten, Preise und Beschreibung: Pkw, Motorräder, Transporter und Wohnmobile",
        "Bilder in Ihrer Reihenfolge, höchstens 50",
        "Ausstattung als Suchmerkmale und als Text",
        "Verbrauch, CO₂-Emissionen und CO₂-Klasse (EnVKV)",
        "Finanzierungs- und Leasingbeispiel, wenn Sie es wünschen",
    ),
    rhythm="Jede Änderung wird sofort übertragen. Ohne Änderung wird nichts gesendet.",
    needs=(
        "Beauftragen Sie bei AutoScout24 den Betreiber dieses Portals als Datenlieferanten.",
        "Sehen Sie nach, ob AutoScout24 Ihre Fahrzeuge zu mobile.de weitergibt: Übertragen Sie auch von hier "
        "zu mobile.de, dann stellen Sie diesen Export dort ab.",
        "Hinterlegen Sie dort Ihre @dein.auto-Adresse für Kundenanfragen.",
    ),
    cost_notice="AutoScout24 berechnet Inserate nach Paket und Anzahl. Neue Inserate, Plus- und "
    "Premium-Inserate und Boosts können Kosten verursachen.",
    manual_url="https://listing-creation.api.autoscout24.com/docs",
    icon="search",
)
