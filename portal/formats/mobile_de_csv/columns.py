"""The table of positions: which column of the file carries which facts.

Positions and codes are those that two independent sources confirm; further positions of the format
are neither read nor guessed. `note` marks what is our reading where the sources are silent.
"""

from __future__ import annotations

from collections.abc import Iterable

from portal.formats.mobile_de_csv import cells
from portal.formats.mobile_de_csv.categories import read_category, write_category
from portal.formats.mobile_de_csv.column import (
    StockColumn,
    fact,
    feature,
    features,
    highlight,
    kind,
    nothing,
    read_consumption,
    read_currency,
    read_fuel,
    read_inspection,
    read_number,
    read_registration,
    read_remarks,
    read_vin_cell,
    write_consumption,
    write_fuel,
    write_inspection,
    write_registration,
    write_remarks,
)
from portal.vehicle_facts import vocabularies
from portal.vehicle_facts.data import Gearbox, Kind, Taxation
from portal.vehicle_facts.registry import REGISTRY

TAXATIONS = {"0": Taxation.VAT_DEDUCTIBLE.value, "1": Taxation.MARGIN_SCHEME.value}
STICKERS = {"1": "none", "2": "red", "3": "yellow", "4": "green"}
CLIMATES = {"1": "air_conditioning", "2": "climate_control"}
GEARBOXES = {
    "0": None,
    "1": Gearbox.MANUAL.value,
    "2": Gearbox.SEMI_AUTOMATIC.value,
    "3": Gearbox.AUTOMATIC.value,
}

CUSTOMER_NUMBER = StockColumn(0, "Kundennummer", (), nothing, lambda _facts: "")
OFFER_NUMBER = StockColumn(
    1, "Interne Nummer", ("offer_number",), read_number, lambda facts: str(facts["offer_number"])
)
PRICE = fact(10, "prices.selling", cells.PRICE)
GEARBOX = fact(110, "gearbox", cells.one_of(GEARBOXES, vocabularies.GEARBOXES))
CONSUMPTION = StockColumn(
    98,
    "Verbrauch kombiniert",
    ("energy.fuel.combined", "energy.power.combined"),
    read_consumption,
    write_consumption,
    "bei Elektrofahrzeugen in kWh/100 km",
)
REMARKS = StockColumn(
    25,
    "Bemerkung",
    ("description",),
    read_remarks,
    write_remarks,
    "HTML, Aufzählungen und Umbrüche werden zu einfachen Zeilen",
)

PICTURES = StockColumn(
    26,
    "Bildname",
    (),
    nothing,
    lambda _facts: "",
    "Bilder heißen <Bildname>_<n>.jpg",
)

_COLUMNS: Iterable[StockColumn] = (
    CUSTOMER_NUMBER,
    OFFER_NUMBER,
    StockColumn(
        2, "Kategorie", ("body_type", "vehicle_class", "category_label"), read_category, write_category
    ),
    fact(3, "make", cells.TEXT),
    fact(4, "model", cells.TEXT, "„Andere“ bleibt als Modell stehen"),
    fact(5, "power", cells.counted("power")),
    StockColumn(6, "HU", ("inspection_due", "inspection_new"), read_inspection, write_inspection),
    StockColumn(
        8,
        REGISTRY["first_registration"].heading,
        ("first_registration", "registration_year"),
        read_registration,
        write_registration,
        "Monat 00: nur das Jahr ist bekannt",
    ),
    fact(9, "mileage", cells.whole("mileage"), name="Kilometer"),
    PRICE,
    fact(11, "prices.taxation", cells.one_of(TAXATIONS, vocabularies.TAXATIONS), "0 ausweisbar, 1 § 25a"),
    kind(13, "Oldtimer", Kind.CLASSIC),
    StockColumn(
        14, REGISTRY["vin"].heading, ("vin",), read_vin_cell, lambda facts: str(facts.get("vin") or "")
    ),
    fact(15, "damaged", cells.FLAG, name="Beschädigt"),
    fact(16, "colour", cells.TEXT, name="Farbe"),
    features(17, "Klima", CLIMATES, "1 Klimaanlage; 2 Klimaautomatik ist eine Annahme"),
    feature(18, "Taxi", "taxi"),
    feature(19, "Behindertengerecht", "disabled_access"),
    kind(20, "Jahreswagen", Kind.EMPLOYEES_CAR),
    kind(21, "Neufahrzeug", Kind.NEW),
    fact(23, "prices.dealer", cells.measured("prices.dealer")),
    REMARKS,
    PICTURES,
    fact(27, "metallic", cells.FLAG),
    StockColumn(28, "Währung", (), read_currency, lambda _facts: "EUR"),
    fact(29, "prices.vat_rate", cells.VAT_RATE),
    fact(30, "warranty", cells.FLAG),
    feature(31, "Leichtmetallfelgen", "alloy_wheels"),
    feature(32, "ESP", "esp"),
    feature(33, "ABS", "abs"),
    feature(34, "Anhängerkupplung", "trailer_coupling_fix", "die Art ist offen; Genaueres geht vor"),
    feature(36, "Wegfahrsperre", "immobilizer"),
    feature(37, "Navigationssystem", "navigation"),
    feature(38, "Schiebedach", "sunroof"),
    feature(39, "Zentralverriegelung", "central_locking"),
    feature(40, "Fensterheber", "power_windows"),
    fact(41, "drive", cells.one_of({"0": None, "1": "all_wheel"}, vocabularies.DRIVES), name="Allrad"),
    fact(42, "doors", cells.counted("doors")),
    fact(43, "emission_sticker", cells.one_of({"0": None} | STICKERS, vocabularies.STICKERS)),
    feature(44, "Servolenkung", "power_steering"),
    feature(45, "Biodiesel", "biodiesel"),
    fact(46, "service_history", cells.FLAG, name="Scheckheft"),
    feature(47, "Katalysator", "catalytic_converter"),
    kind(50, "Vorführfahrzeug", Kind.DEMONSTRATOR),
    fact(52, "displacement", cells.counted("displacement")),
    fact(58, "construction_year", cells.CONSTRUCTION_YEAR),
    fact(60, "seats", cells.counted("seats"), name="Sitze"),
    fact(61, "emission_class", cells.EMISSION_CLASS),
    feature(64, "Tempomat", "cruise_control"),
    feature(65, "Standheizung", "auxiliary_heating"),
    CONSUMPTION,
    fact(99, "energy.co2", cells.emission("energy.co2"), name="CO₂"),
    feature(100, "Xenon", "headlights_xenon"),
    feature(101, "Sitzheizung", "heated_seats"),
    fact(102, "particulate_filter", cells.FLAG),
    StockColumn(109, REGISTRY["fuel"].heading, ("fuel", "hybrid"), read_fuel, write_fuel),
    GEARBOX,
    fact(158, "previous_owners", cells.whole("previous_owners")),
    fact(196, "accident", cells.FLAG),
    fact(197, "roadworthy", cells.FLAG),
    highlight(208, "Highlight 1", 0),
    highlight(209, "Highlight 2", 1),
    highlight(210, "Highlight 3", 2),
)

COLUMNS: tuple[StockColumn, ...] = tuple(_COLUMNS)
WIDTH = 1 + max(column.index for column in COLUMNS)
NEEDED = 1 + GEARBOX.index
"""A row with fewer columns is no row of this format; those behind may be missing."""
