"""AutoScout24 Schweiz: the manifest."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.autoscout24_ch.fields import LABELS
from portal.platforms.autoscout24_ch.mapping_offer import BOOKINGS
from portal.platforms.autoscout24_ch.platform import connect
from portal.platforms.autoscout24_ch.settings import FIELDS
from portal.platforms.contract import ExportApp, Variable

app = ExportApp(
    slug="autoscout24-ch",
    search_words=("as24", "auto scout", "switzerland", "suisse", "motoscout24"),
    name=say("AutoScout24 Schweiz"),
    summary=say("Überträgt Ihre Fahrzeuge mit Preisen in Franken zu autoscout24.ch."),
    kind="api",
    countries=("CH",),
    fields=FIELDS,
    connect=connect,
    environment=(
        Variable("api_url", "AUTOSCOUT24_CH_API_URL", "{sandbox}/autoscout24-ch"),
        Variable("client_id", "AUTOSCOUT24_CH_CLIENT_ID", "portal"),
        Variable("client_secret", "AUTOSCOUT24_CH_CLIENT_SECRET", "portal-sandbox", secret=True),
    ),
    parallel=4,
    bookings=BOOKINGS,
    reconciles=True,
    labels=LABELS,
    currency="CHF",
    sends=(
        say("Fahrzeugdaten und Beschreibung: Pkw, Motorräder, Nutzfahrzeuge, Wohnmobile und Anhänger"),
        say("Der eigene Preis auf dieser Plattform, in Franken: Preise in Euro werden nicht umgerechnet"),
        say("Bilder in Ihrer Reihenfolge"),
        say("Ausstattung als Suchmerkmale und als Text"),
        say("Verbrauch und CO₂-Emissionen; das Energieetikett ermittelt AutoScout24 aus dem Typenschein"),
    ),
    rhythm=say("Jede Änderung wird sofort übertragen. Ohne Änderung wird nichts gesendet."),
    needs=(
        say("Lassen Sie AutoScout24 Schweiz dem Betreiber dieses Portals Zugriff auf Ihre Inserate geben."),
        say("Tragen Sie an jedem Fahrzeug den Preis in Franken als eigenen Preis auf dieser Plattform ein."),
    ),
    cost_notice=say(
        "AutoScout24 Schweiz berechnet Inserate nach Paket und Anzahl der freien Plätze. Top-Listen "
        "kosten zusätzlich."
    ),
    manual_url="https://developers.autoscout24.ch",
    icon="car",
)
