"""The registry: every attribute of a vehicle with its label, unit and group, in the order of the form.

The form, the columns of exported files, the words of feedback, the API's document, the import's report and
the audit log read it. An attribute more is one line here beside its type and bounds in `VehicleData`; each
platform that has it maps it.
"""

from __future__ import annotations

from typing import Any

from portal.messages import N_
from portal.vehicle_facts.attributes import (
    Attribute,
    AttributeGroup,
    Choices,
    Registry,
    amount,
    choice,
    flag,
    lines,
    maybe,
    whole,
)
from portal.vehicle_facts.data import (
    BodyType,
    Drive,
    Fuel,
    Gearbox,
    HybridKind,
    Kind,
    Taxation,
    VehicleClass,
)

REGISTERED = frozenset({Kind.USED, Kind.EMPLOYEES_CAR, Kind.CLASSIC})
"""Kinds that have been on the road, so that their first registration is known."""
COLOURS = (
    *("Beige", "Blau", "Braun", "Gelb", "Gold", "Grau", "Grün", "Lila"),
    *("Orange", "Rot", "Schwarz", "Silber", "Weiß"),
)
INTERIOR_TYPES = ("Vollleder", "Teilleder", "Stoff", "Velours", "Alcantara", "Kunstleder", "Andere")
EMISSION_CLASSES = (
    *("Euro 1", "Euro 2", "Euro 3", "Euro 4", "Euro 5", "Euro 6"),
    *("Euro 6c", "Euro 6d-TEMP", "Euro 6d", "Euro 6e", "Euro 7"),
)
CO2_CLASSES: Choices = tuple((letter, letter) for letter in "ABCDEFG")
MONTH_HELP = N_("MM.JJJJ")

KIND = choice(
    "kind",
    N_("Fahrzeugart"),
    Kind,
    *(N_("Gebrauchtwagen"), N_("Neuwagen"), N_("Vorführwagen")),
    *(N_("Tageszulassung"), N_("Jahres- und Dienstwagen"), N_("Oldtimer")),
    required=True,
    term=N_("Zustand"),
)
CLASS = choice(
    "vehicle_class",
    N_("Fahrzeugklasse"),
    VehicleClass,
    *(N_("Pkw"), N_("Motorrad"), N_("Transporter"), N_("Wohnmobil"), N_("Wohnwagen"), N_("Anhänger")),
    *(N_("Lkw"), N_("Sattelzugmaschine"), N_("Auflieger"), N_("Bus"), N_("Baumaschine")),
    *(N_("Landmaschine"), N_("Gabelstapler"), N_("E-Bike"), N_("Sonderfahrzeug"), N_("Unbekannt")),
    required=True,
    term=N_("Fahrzeugart"),
)
BODY = choice(
    "body_type",
    N_("Karosserieform"),
    BodyType,
    *(N_("Kleinwagen"), N_("Limousine"), N_("Kombi"), N_("Cabrio"), N_("Coupé")),
    *(N_("Geländewagen, SUV"), N_("Van, Kleinbus"), N_("Andere")),
    column="body",
)
FUEL = choice(
    "fuel",
    N_("Kraftstoff"),
    Fuel,
    *(N_("Benzin"), N_("Diesel"), N_("Autogas (LPG)"), N_("Erdgas (CNG)"), N_("Elektro")),
    *(N_("Hybrid (Benzin/Elektro)"), N_("Hybrid (Diesel/Elektro)"), N_("Wasserstoff")),
    *(N_("Ethanol (E85)"), N_("Anderer")),
)
HYBRID = choice(
    "hybrid",
    N_("Hybridart"),
    HybridKind,
    *(N_("Kein Hybrid"), N_("Mild-Hybrid"), N_("Voll-Hybrid"), N_("Plug-in-Hybrid")),
    required=True,
)
GEARBOX = choice(
    "gearbox", N_("Getriebe"), Gearbox, N_("Schaltgetriebe"), N_("Halbautomatik"), N_("Automatik")
)
DRIVE = choice("drive", N_("Antrieb"), Drive, N_("Vorderrad"), N_("Hinterrad"), N_("Allrad"))
TAXATION = choice(
    "prices.taxation",
    N_("Besteuerung"),
    Taxation,
    N_("MwSt. ausweisbar"),
    N_("Differenzbesteuert (§ 25a UStG)"),
    term=N_("MwSt."),
    column="taxation",
)
STICKER = Attribute(
    "emission_sticker",
    N_("Umweltplakette"),
    "choice",
    choices=(
        ("none", N_("Keine")),
        ("red", N_("Rot (2)")),
        ("yellow", N_("Gelb (3)")),
        ("green", N_("Grün (4)")),
    ),
)


def _fuel(name: str, label: str, term: str, column: str | None = None) -> Attribute:
    return amount(name, label, "l/100 km", term=term, column=column)


def _emission(name: str, label: str, **more: Any) -> Attribute:
    return amount(name, label, "g/km", unit_in_heading=True, **more)


VEHICLE = AttributeGroup(
    "vehicle",
    N_("Fahrzeug"),
    (
        Attribute("offer_number", N_("Fahrzeugnummer"), required=True, column="number"),
        Attribute("vin", N_("Fahrgestellnummer (FIN)"), help=N_("17 Zeichen"), term=N_("Fahrgestellnummer")),
        Attribute("hsn", N_("HSN")),
        Attribute("tsn", N_("TSN")),
        Attribute(
            "type_certificate",
            N_("Typenschein-Nr."),
            help=N_("Nur für Fahrzeuge mit Schweizer Zulassung: 6 Zeichen"),
            column="",
        ),
        KIND,
        CLASS,
        BODY,
        Attribute("category_label", N_("Kategorie laut Papieren"), column=""),
        Attribute("make", N_("Marke")),
        Attribute("model", N_("Modell")),
        Attribute(
            "model_description",
            N_("Modellbeschreibung"),
            wide=True,
            help=N_("Die Überschrift des Inserats, ohne Telefonnummer, E-Mail- oder Internetadresse."),
            term=N_("Modellbezeichnung"),
        ),
        Attribute("trim_line", N_("Ausstattungslinie")),
        Attribute("model_range", N_("Baureihe"), term=N_("Modellreihe")),
        Attribute("first_registration", N_("Erstzulassung"), "month", help=MONTH_HELP, needed_for=REGISTERED),
        whole(
            "registration_year",
            N_("Jahr der Erstzulassung"),
            help=N_("Nur wenn der Monat unbekannt ist"),
            column="",
        ),
        whole("construction_year", N_("Baujahr")),
        whole("mileage", N_("Kilometerstand"), "km", unit_in_heading=False),
        Attribute("country_version", N_("Länderversion"), help=N_("Kürzel des Landes, z. B. DE")),
        Attribute("stock_date", N_("Im Bestand seit"), "date", help=N_("TT.MM.JJJJ"), term=N_("Standdatum")),
        Attribute("contact", N_("Ansprechpartner")),
        flag("reserved", N_("Reserviert"), N_("Das Inserat bleibt online.")),
        flag("sold", N_("Verkauft"), N_("Das Inserat wird überall gelöscht."), column=""),
        flag("trade_in", N_("Inzahlungnahme"), column=""),
    ),
)
TECHNICAL = AttributeGroup(
    "technical",
    N_("Technik"),
    (
        FUEL,
        HYBRID,
        whole("power", N_("Leistung"), "kW"),
        whole("displacement", N_("Hubraum"), "cm³"),
        GEARBOX,
        whole("gears", N_("Gänge")),
        DRIVE,
        whole("cylinders", N_("Zylinder")),
        whole("doors", N_("Türen")),
        whole("seats", N_("Sitzplätze")),
        whole("tank_volume", N_("Tankinhalt"), "l", term=N_("Tankvolumen")),
        whole("weight", N_("Leergewicht"), "kg"),
        whole("trailer_load_braked", N_("Anhängelast gebremst"), "kg"),
        whole("trailer_load_unbraked", N_("Anhängelast ungebremst"), "kg"),
        whole("payload", N_("Zuladung"), "kg"),
        whole("belted_seats", N_("Sitzplätze mit Gurt"), help=N_("Bei Wohnmobilen")),
        whole("standing_height", N_("Stehhöhe"), "cm"),
        Attribute("colour", N_("Farbe"), suggestions=COLOURS, term=N_("Außenfarbe")),
        Attribute("colour_name", N_("Farbe laut Hersteller"), term=N_("Farbname des Herstellers")),
        maybe("metallic", N_("Metallic")),
        maybe("matt", N_("Matt"), term=N_("Mattlack")),
        Attribute("interior_colour", N_("Farbe innen"), suggestions=COLOURS, term=N_("Innenfarbe")),
        Attribute("interior_type", N_("Polsterung"), suggestions=INTERIOR_TYPES, term=N_("Polster")),
    ),
)
PRICE = AttributeGroup(
    "price",
    N_("Preis"),
    (
        amount("prices.selling", N_("Verkaufspreis brutto"), term=N_("Preis"), column="price"),
        amount("prices.promo", N_("Aktionspreis brutto"), help=N_("Geht dem Verkaufspreis vor.")),
        amount("prices.dealer", N_("Händlerpreis brutto"), term=N_("Händlerpreis"), column="dealer_price"),
        amount("prices.msrp", N_("Unverbindliche Preisempfehlung"), column="msrp"),
        TAXATION,
        amount("prices.vat_rate", N_("MwSt.-Satz"), "%", column="vat_rate"),
        flag(
            "prices.on_request",
            N_("Preis auf Anfrage"),
            N_("Es wird kein Preis übertragen."),
            column="price_on_request",
        ),
    ),
)
ENERGY = AttributeGroup(
    "energy",
    N_("Umwelt und Verbrauch (Pkw-EnVKV)"),
    (
        Attribute("emission_class", N_("Schadstoffklasse"), suggestions=EMISSION_CLASSES),
        STICKER,
        maybe("particulate_filter", N_("Partikelfilter")),
        _emission("energy.co2", N_("CO₂-Emissionen kombiniert"), term=N_("CO₂-Emissionen"), column="co2"),
        Attribute("energy.co2_class", N_("CO₂-Klasse"), "choice", choices=CO2_CLASSES, column="co2_class"),
        _fuel(
            "energy.fuel.combined",
            N_("Verbrauch kombiniert"),
            N_("Kraftstoffverbrauch kombiniert"),
            "consumption_fuel",
        ),
        _fuel("energy.fuel.city", N_("Verbrauch Innenstadt"), N_("Kraftstoffverbrauch Innenstadt")),
        _fuel("energy.fuel.suburban", N_("Verbrauch Stadtrand"), N_("Kraftstoffverbrauch Stadtrand")),
        _fuel("energy.fuel.rural", N_("Verbrauch Landstraße"), N_("Kraftstoffverbrauch Landstraße")),
        _fuel("energy.fuel.highway", N_("Verbrauch Autobahn"), N_("Kraftstoffverbrauch Autobahn")),
        amount(
            "energy.energy_costs_per_year",
            N_("Energiekosten im Jahr"),
            term=N_("Energiekosten pro Jahr"),
            column="energy_costs",
        ),
        amount(
            "energy.vehicle_tax_per_year",
            N_("Kraftfahrzeugsteuer im Jahr"),
            term=N_("Kfz-Steuer pro Jahr"),
            column="vehicle_tax",
        ),
        amount("energy.co2_costs_low", N_("CO₂-Kosten (niedrig)")),
        amount("energy.co2_costs_medium", N_("CO₂-Kosten (mittel)")),
        amount("energy.co2_costs_high", N_("CO₂-Kosten (hoch)")),
    ),
)
ELECTRIC = AttributeGroup(
    "electric",
    N_("Elektro- und Hybridantrieb"),
    (
        amount(
            "energy.power.combined", N_("Stromverbrauch kombiniert"), "kWh/100 km", column="consumption_power"
        ),
        amount("energy.power.city", N_("Stromverbrauch Innenstadt"), "kWh/100 km"),
        amount("energy.power.suburban", N_("Stromverbrauch Stadtrand"), "kWh/100 km"),
        amount("energy.power.rural", N_("Stromverbrauch Landstraße"), "kWh/100 km"),
        amount("energy.power.highway", N_("Stromverbrauch Autobahn"), "kWh/100 km"),
        whole("energy.electric_range", N_("Elektrische Reichweite"), "km", column="electric_range"),
        whole("battery.range_city", N_("Elektrische Reichweite innerorts"), "km"),
        _fuel(
            "energy.weighted_fuel",
            N_("Verbrauch gewichtet"),
            N_("Kraftstoffverbrauch gewichtet kombiniert"),
            "weighted_fuel",
        ),
        amount(
            "energy.weighted_power",
            N_("Stromverbrauch gewichtet"),
            "kWh/100 km",
            term=N_("Stromverbrauch gewichtet kombiniert"),
            column="weighted_power",
        ),
        _fuel(
            "energy.discharged_fuel",
            N_("Verbrauch bei entladener Batterie"),
            N_("Kraftstoffverbrauch bei entladener Batterie"),
            "discharged_fuel",
        ),
        _emission("energy.co2_discharged", N_("CO₂-Emissionen bei entladener Batterie")),
        Attribute(
            "energy.co2_class_discharged",
            N_("CO₂-Klasse bei entladener Batterie"),
            "choice",
            choices=CO2_CLASSES,
            column="co2_class_discharged",
        ),
        amount(
            "battery.capacity",
            N_("Batteriekapazität"),
            "kWh",
            unit_in_heading=True,
            column="battery_capacity",
        ),
        Attribute(
            "battery.ownership",
            N_("Batterie"),
            "choice",
            choices=(
                ("included", N_("Im Preis enthalten")),
                ("rented", N_("Gemietet")),
                ("excluded", N_("Nicht enthalten")),
            ),
        ),
        amount("battery.rental_price", N_("Batteriemiete"), N_("€/Monat")),
        whole("battery.charging_time", N_("Ladedauer"), "min", term=N_("Ladezeit")),
        whole("battery.quick_charging_time", N_("Ladedauer Schnellladen"), "min", term=N_("Schnellladezeit")),
        maybe("battery.warranty", N_("Batteriegarantie")),
        maybe("battery.certificate", N_("Batteriezertifikat")),
        lines("battery.plug_types", N_("Steckertypen"), help=N_("Einer je Zeile"), term=N_("Steckertyp")),
    ),
    folded=True,
    note=N_("Nur für Elektro-, Hybrid- und Wasserstofffahrzeuge."),
)
CONDITION = AttributeGroup(
    "condition",
    N_("Zustand"),
    (
        maybe("damaged", N_("Unreparierter Schaden")),
        maybe("accident", N_("Unfallfahrzeug")),
        maybe("roadworthy", N_("Fahrtauglich")),
        whole("previous_owners", N_("Vorbesitzer")),
        Attribute("inspection_due", N_("HU gültig bis"), "month", help=MONTH_HELP),
        maybe("inspection_new", N_("HU neu"), term=N_("HU/AU neu")),
        maybe("service_new", N_("Inspektion neu")),
        Attribute("last_maintenance", N_("Letzte Inspektion"), "month", help=MONTH_HELP),
        maybe("service_history", N_("Scheckheftgepflegt")),
        maybe("warranty", N_("Garantie")),
        maybe("non_smoker", N_("Nichtraucherfahrzeug")),
    ),
)
EQUIPMENT = AttributeGroup(
    "equipment",
    N_("Ausstattung"),
    (
        Attribute(
            "equipment.features",
            N_("Suchkriterien"),
            "features",
            wide=True,
            term=N_("Suchmerkmale"),
            column="features",
        ),
        lines("equipment.standard", N_("Serienausstattung"), help=N_("Eine Angabe je Zeile")),
        lines("equipment.optional", N_("Sonderausstattung"), help=N_("Eine Angabe je Zeile")),
        lines("equipment.other", N_("Weitere Ausstattung"), help=N_("Eine Angabe je Zeile")),
    ),
)
DESCRIPTION = AttributeGroup(
    "description",
    N_("Beschreibung"),
    (
        lines("highlights", N_("Highlights"), wide=True, help=N_("Eine Angabe je Zeile")),
        Attribute("description", N_("Beschreibung"), "area", wide=True),
    ),
)


def _financing(slot: int, title: str) -> AttributeGroup:
    at = f"financing.{slot}"
    return AttributeGroup(
        f"financing-{slot}",
        title,
        (
            Attribute(f"{at}.bank", N_("Bank")),
            amount(f"{at}.monthly_rate", N_("Monatliche Rate")),
            whole(f"{at}.duration", N_("Laufzeit"), N_("Monate")),
            amount(f"{at}.down_payment", N_("Anzahlung")),
            amount(f"{at}.final_rate", N_("Schlussrate")),
            amount(f"{at}.nominal_interest", N_("Sollzins gebunden"), "%"),
            amount(f"{at}.effective_interest", N_("Effektiver Jahreszins"), "%"),
            amount(f"{at}.net_credit", N_("Nettodarlehensbetrag")),
            amount(f"{at}.total_amount", N_("Gesamtbetrag")),
        ),
        folded=True,
    )


LEASING = AttributeGroup(
    "leasing",
    N_("Leasingbeispiel"),
    (
        Attribute("leasing.bank", N_("Leasinggeber")),
        amount("leasing.monthly_rate", N_("Monatliche Rate")),
        whole("leasing.duration", N_("Laufzeit"), N_("Monate")),
        amount("leasing.down_payment", N_("Sonderzahlung")),
        whole("leasing.mileage_per_year", N_("Laufleistung im Jahr"), "km"),
        Attribute(
            "leasing.target",
            N_("Zielgruppe"),
            "choice",
            choices=(("private", N_("Privat")), ("business", N_("Gewerbe")), ("both", N_("Beide"))),
        ),
    ),
    folded=True,
)

REGISTRY = Registry(
    (
        *(VEHICLE, TECHNICAL, PRICE, ENERGY, ELECTRIC, CONDITION, EQUIPMENT, DESCRIPTION),
        *(
            _financing(0, N_("Finanzierungsbeispiel 1")),
            _financing(1, N_("Finanzierungsbeispiel 2")),
            LEASING,
        ),
    )
)
