"""The data form as a declaration: every field of `VehicleData`, in the order and words of the page."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import lazy_gettext as _

from portal.blueprints.vehicles.form_fields import (
    Card,
    FormField,
    Options,
    Text,
    choice,
    flag,
    maybe,
    money,
    whole,
)
from portal.vehicle_facts import data

COLOURS = (
    *("Beige", "Blau", "Braun", "Gelb", "Gold", "Grau", "Grün", "Lila"),
    *("Orange", "Rot", "Schwarz", "Silber", "Weiß"),
)
INTERIOR_TYPES = ("Vollleder", "Teilleder", "Stoff", "Velours", "Alcantara", "Kunstleder", "Andere")
EMISSION_CLASSES = (
    *("Euro 1", "Euro 2", "Euro 3", "Euro 4", "Euro 5", "Euro 6"),
    *("Euro 6c", "Euro 6d-TEMP", "Euro 6d", "Euro 6e", "Euro 7"),
)
CO2_CLASSES: Options = tuple((letter, letter) for letter in "ABCDEFG")
MONTH_HELP = _("MM.JJJJ")

KIND = choice(
    "kind",
    _("Fahrzeugart"),
    data.Kind,
    *(_("Gebrauchtwagen"), _("Neuwagen"), _("Vorführwagen")),
    *(_("Tageszulassung"), _("Jahres- und Dienstwagen"), _("Oldtimer")),
    required=True,
)
CLASS = choice(
    "vehicle_class",
    _("Fahrzeugklasse"),
    data.VehicleClass,
    *(_("Pkw"), _("Motorrad"), _("Transporter"), _("Wohnmobil")),
    required=True,
)
BODY = choice(
    "body_type",
    _("Karosserieform"),
    data.BodyType,
    *(_("Kleinwagen"), _("Limousine"), _("Kombi"), _("Cabrio"), _("Coupé")),
    *(_("Geländewagen, SUV"), _("Van, Kleinbus"), _("Andere")),
)
FUEL = choice(
    "fuel",
    _("Kraftstoff"),
    data.Fuel,
    *(_("Benzin"), _("Diesel"), _("Autogas (LPG)"), _("Erdgas (CNG)"), _("Elektro")),
    *(_("Hybrid (Benzin/Elektro)"), _("Hybrid (Diesel/Elektro)"), _("Wasserstoff")),
    *(_("Ethanol (E85)"), _("Anderer")),
)
HYBRID = choice(
    "hybrid",
    _("Hybridart"),
    data.HybridKind,
    *(_("Kein Hybrid"), _("Mild-Hybrid"), _("Voll-Hybrid"), _("Plug-in-Hybrid")),
    required=True,
)
GEARBOX = choice(
    "gearbox", _("Getriebe"), data.Gearbox, _("Schaltgetriebe"), _("Halbautomatik"), _("Automatik")
)
DRIVE = choice("drive", _("Antrieb"), data.Drive, _("Vorderrad"), _("Hinterrad"), _("Allrad"))
TAXATION = choice(
    "prices.taxation",
    _("Besteuerung"),
    data.Taxation,
    _("MwSt. ausweisbar"),
    _("Differenzbesteuert (§ 25a UStG)"),
)
STICKER = FormField(
    "emission_sticker",
    _("Umweltplakette"),
    "choice",
    options=(
        ("none", _("Keine")),
        ("red", _("Rot (2)")),
        ("yellow", _("Gelb (3)")),
        ("green", _("Grün (4)")),
    ),
)

VEHICLE = Card(
    "vehicle",
    _("Fahrzeug"),
    (
        FormField("offer_number", _("Fahrzeugnummer"), required=True),
        FormField("vin", _("Fahrgestellnummer (FIN)"), help=_("17 Zeichen")),
        FormField("hsn", _("HSN")),
        FormField("tsn", _("TSN")),
        KIND,
        CLASS,
        BODY,
        FormField("category_label", _("Kategorie laut Papieren")),
        FormField("make", _("Marke")),
        FormField("model", _("Modell")),
        FormField(
            "model_description",
            _("Modellbeschreibung"),
            wide=True,
            help=_("Die Überschrift des Inserats, ohne Telefonnummer, E-Mail- oder Internetadresse."),
        ),
        FormField("trim_line", _("Ausstattungslinie")),
        FormField("model_range", _("Baureihe")),
        FormField("first_registration", _("Erstzulassung"), "month", help=MONTH_HELP),
        whole("construction_year", _("Baujahr")),
        whole("mileage", _("Kilometerstand"), "km"),
        FormField("country_version", _("Länderversion"), help=_("Kürzel des Landes, z. B. DE")),
        FormField("stock_date", _("Im Bestand seit"), "date", help=_("TT.MM.JJJJ")),
        FormField("contact", _("Ansprechpartner")),
        flag("reserved", _("Reserviert"), _("Das Inserat bleibt online.")),
        flag("sold", _("Verkauft"), _("Das Inserat wird überall gelöscht.")),
        flag("trade_in", _("Inzahlungnahme")),
    ),
)
TECHNICAL = Card(
    "technical",
    _("Technik"),
    (
        FUEL,
        HYBRID,
        whole("power", _("Leistung"), "kW"),
        whole("displacement", _("Hubraum"), "cm³"),
        GEARBOX,
        whole("gears", _("Gänge")),
        DRIVE,
        whole("cylinders", _("Zylinder")),
        whole("doors", _("Türen")),
        whole("seats", _("Sitzplätze")),
        whole("tank_volume", _("Tankinhalt"), "l"),
        whole("weight", _("Leergewicht"), "kg"),
        whole("trailer_load_braked", _("Anhängelast gebremst"), "kg"),
        whole("trailer_load_unbraked", _("Anhängelast ungebremst"), "kg"),
        FormField("colour", _("Farbe"), suggestions=COLOURS),
        FormField("colour_name", _("Farbe laut Hersteller")),
        maybe("metallic", _("Metallic")),
        maybe("matt", _("Matt")),
        FormField("interior_colour", _("Farbe innen"), suggestions=COLOURS),
        FormField("interior_type", _("Polsterung"), suggestions=INTERIOR_TYPES),
    ),
)
PRICE = Card(
    "price",
    _("Preis"),
    (
        money("prices.selling", _("Verkaufspreis brutto")),
        money("prices.promo", _("Aktionspreis brutto"), help=_("Geht dem Verkaufspreis vor.")),
        money("prices.dealer", _("Händlerpreis brutto")),
        money("prices.msrp", _("Unverbindliche Preisempfehlung")),
        TAXATION,
        FormField("prices.vat_rate", _("MwSt.-Satz"), "decimal", unit="%"),
        flag("prices.on_request", _("Preis auf Anfrage"), _("Es wird kein Preis übertragen.")),
    ),
)
ENERGY = Card(
    "energy",
    _("Umwelt und Verbrauch (Pkw-EnVKV)"),
    (
        FormField("emission_class", _("Schadstoffklasse"), suggestions=EMISSION_CLASSES),
        STICKER,
        maybe("particulate_filter", _("Partikelfilter")),
        whole("energy.co2", _("CO₂-Emissionen kombiniert"), "g/km"),
        FormField("energy.co2_class", _("CO₂-Klasse"), "choice", options=CO2_CLASSES),
        money("energy.fuel.combined", _("Verbrauch kombiniert"), "l/100 km"),
        money("energy.fuel.city", _("Verbrauch Innenstadt"), "l/100 km"),
        money("energy.fuel.suburban", _("Verbrauch Stadtrand"), "l/100 km"),
        money("energy.fuel.rural", _("Verbrauch Landstraße"), "l/100 km"),
        money("energy.fuel.highway", _("Verbrauch Autobahn"), "l/100 km"),
        money("energy.energy_costs_per_year", _("Energiekosten im Jahr")),
        money("energy.vehicle_tax_per_year", _("Kraftfahrzeugsteuer im Jahr")),
        money("energy.co2_costs_low", _("CO₂-Kosten (niedrig)")),
        money("energy.co2_costs_medium", _("CO₂-Kosten (mittel)")),
        money("energy.co2_costs_high", _("CO₂-Kosten (hoch)")),
    ),
)
ELECTRIC = Card(
    "electric",
    _("Elektro- und Hybridantrieb"),
    (
        money("energy.power.combined", _("Stromverbrauch kombiniert"), "kWh/100 km"),
        money("energy.power.city", _("Stromverbrauch Innenstadt"), "kWh/100 km"),
        money("energy.power.suburban", _("Stromverbrauch Stadtrand"), "kWh/100 km"),
        money("energy.power.rural", _("Stromverbrauch Landstraße"), "kWh/100 km"),
        money("energy.power.highway", _("Stromverbrauch Autobahn"), "kWh/100 km"),
        whole("energy.electric_range", _("Elektrische Reichweite"), "km"),
        whole("battery.range_city", _("Elektrische Reichweite innerorts"), "km"),
        money("energy.weighted_fuel", _("Verbrauch gewichtet"), "l/100 km"),
        money("energy.weighted_power", _("Stromverbrauch gewichtet"), "kWh/100 km"),
        money("energy.discharged_fuel", _("Verbrauch bei entladener Batterie"), "l/100 km"),
        whole("energy.co2_discharged", _("CO₂-Emissionen bei entladener Batterie"), "g/km"),
        FormField(
            "energy.co2_class_discharged",
            _("CO₂-Klasse bei entladener Batterie"),
            "choice",
            options=CO2_CLASSES,
        ),
        money("battery.capacity", _("Batteriekapazität"), "kWh"),
        FormField(
            "battery.ownership",
            _("Batterie"),
            "choice",
            options=(
                ("included", _("Im Preis enthalten")),
                ("rented", _("Gemietet")),
                ("excluded", _("Nicht enthalten")),
            ),
        ),
        money("battery.rental_price", _("Batteriemiete"), _("€/Monat")),
        whole("battery.charging_time", _("Ladedauer"), "min"),
        whole("battery.quick_charging_time", _("Ladedauer Schnellladen"), "min"),
        maybe("battery.warranty", _("Batteriegarantie")),
        maybe("battery.certificate", _("Batteriezertifikat")),
        FormField("battery.plug_types", _("Steckertypen"), "lines", help=_("Einer je Zeile")),
    ),
    folded=True,
    note=_("Nur für Elektro-, Hybrid- und Wasserstofffahrzeuge."),
)
CONDITION = Card(
    "condition",
    _("Zustand"),
    (
        maybe("damaged", _("Unreparierter Schaden")),
        maybe("accident", _("Unfallfahrzeug")),
        maybe("roadworthy", _("Fahrtauglich")),
        whole("previous_owners", _("Vorbesitzer")),
        FormField("inspection_due", _("HU gültig bis"), "month", help=MONTH_HELP),
        maybe("inspection_new", _("HU neu")),
        maybe("service_new", _("Inspektion neu")),
        maybe("service_history", _("Scheckheftgepflegt")),
        maybe("warranty", _("Garantie")),
        maybe("non_smoker", _("Nichtraucherfahrzeug")),
    ),
)
EQUIPMENT = Card(
    "equipment",
    _("Ausstattung"),
    (
        FormField("equipment.features", _("Suchkriterien"), "features", wide=True),
        FormField("equipment.standard", _("Serienausstattung"), "lines", help=_("Eine Angabe je Zeile")),
        FormField("equipment.optional", _("Sonderausstattung"), "lines", help=_("Eine Angabe je Zeile")),
        FormField("equipment.other", _("Weitere Ausstattung"), "lines", help=_("Eine Angabe je Zeile")),
    ),
)
DESCRIPTION = Card(
    "description",
    _("Beschreibung"),
    (
        FormField("highlights", _("Highlights"), "lines", wide=True, help=_("Eine Angabe je Zeile")),
        FormField("description", _("Beschreibung"), "area", wide=True),
    ),
)


def _financing(slot: int, title: Text) -> Card:
    at = f"financing.{slot}"
    return Card(
        f"financing-{slot}",
        title,
        (
            FormField(f"{at}.bank", _("Bank")),
            money(f"{at}.monthly_rate", _("Monatliche Rate")),
            whole(f"{at}.duration", _("Laufzeit"), _("Monate")),
            money(f"{at}.down_payment", _("Anzahlung")),
            money(f"{at}.final_rate", _("Schlussrate")),
            money(f"{at}.nominal_interest", _("Sollzins gebunden"), "%"),
            money(f"{at}.effective_interest", _("Effektiver Jahreszins"), "%"),
            money(f"{at}.net_credit", _("Nettodarlehensbetrag")),
            money(f"{at}.total_amount", _("Gesamtbetrag")),
        ),
        folded=True,
    )


LEASING = Card(
    "leasing",
    _("Leasingbeispiel"),
    (
        FormField("leasing.bank", _("Leasinggeber")),
        money("leasing.monthly_rate", _("Monatliche Rate")),
        whole("leasing.duration", _("Laufzeit"), _("Monate")),
        money("leasing.down_payment", _("Sonderzahlung")),
        whole("leasing.mileage_per_year", _("Laufleistung im Jahr"), "km"),
        FormField(
            "leasing.target",
            _("Zielgruppe"),
            "choice",
            options=(("private", _("Privat")), ("business", _("Gewerbe")), ("both", _("Beide"))),
        ),
    ),
    folded=True,
)

CARDS = (
    *(VEHICLE, TECHNICAL, PRICE, ENERGY, ELECTRIC, CONDITION, EQUIPMENT, DESCRIPTION),
    *(_financing(0, _("Finanzierungsbeispiel 1")), _financing(1, _("Finanzierungsbeispiel 2")), LEASING),
)


def all_fields() -> Iterator[FormField]:
    for card in CARDS:
        yield from card.fields


FIELDS = {field.name: field for field in all_fields()}

CHOICE_TITLES = {
    "airbag": _("Airbags"),
    "breakdown": _("Pannenhilfe"),
    "speed": _("Tempomat"),
    "climate": _("Klimatisierung"),
    "headlights": _("Scheinwerfer"),
    "daytime_running": _("Tagfahrlicht"),
    "bending": _("Kurvenlicht"),
    "trailer": _("Anhängerkupplung"),
}
"""Names of the sets of criteria of which a vehicle has at most one."""
