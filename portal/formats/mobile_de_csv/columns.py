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
    read_number,
    read_remarks,
    write_consumption,
    write_remarks,
)
from portal.vehicle_facts.data import Fuel, Gearbox, Kind, Taxation

TAXATIONS = {"0": Taxation.VAT_DEDUCTIBLE.value, "1": Taxation.MARGIN_SCHEME.value}
STICKERS = {"1": "none", "2": "red", "3": "yellow", "4": "green"}
CLIMATES = {"1": "air_conditioning", "2": "climate_control"}
FUELS = {
    "0": Fuel.OTHER.value,
    "1": Fuel.PETROL.value,
    "2": Fuel.DIESEL.value,
    "3": Fuel.LPG.value,
    "4": Fuel.CNG.value,
    "6": Fuel.ELECTRIC.value,
    "7": Fuel.HYBRID_PETROL.value,
    "8": Fuel.HYDROGEN.value,
    "9": Fuel.ETHANOL.value,
    "10": Fuel.HYBRID_DIESEL.value,
}
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
PRICE = fact(10, "Preis", "prices.selling", cells.PRICE)
GEARBOX = fact(110, "Getriebe", "gearbox", cells.one_of(GEARBOXES))
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
    ("model_description", "description"),
    read_remarks,
    write_remarks,
    "bis 100 Zeichen und einzeilig ist es der Titel, sonst die Beschreibung",
)

PICTURES = StockColumn(
    26,
    "Bildname",
    (),
    nothing,
    lambda _facts: "",
    "Bilder heißen <Bildname>_<n>.jpg; beim Einlesen unbeachtet",
)

_COLUMNS: Iterable[StockColumn] = (
    CUSTOMER_NUMBER,
    OFFER_NUMBER,
    StockColumn(
        2, "Kategorie", ("body_type", "vehicle_class", "category_label"), read_category, write_category
    ),
    fact(3, "Marke", "make", cells.TEXT),
    fact(4, "Modell", "model", cells.TEXT, "„Andere“ bleibt als Modell stehen"),
    fact(5, "Leistung (kW)", "power", cells.COUNTED),
    fact(6, "HU", "inspection_due", cells.MONTH),
    fact(8, "Erstzulassung", "first_registration", cells.MONTH),
    fact(9, "Kilometer", "mileage", cells.WHOLE),
    PRICE,
    fact(11, "MwSt.", "prices.taxation", cells.one_of(TAXATIONS), "0 ausweisbar, 1 § 25a"),
    kind(13, "Oldtimer", Kind.CLASSIC),
    fact(14, "Fahrgestellnummer", "vin", cells.VIN),
    fact(15, "Beschädigt", "damaged", cells.FLAG),
    fact(16, "Farbe", "colour", cells.TEXT),
    features(17, "Klima", CLIMATES, "1 Klimaanlage; 2 Klimaautomatik ist eine Annahme"),
    feature(18, "Taxi", "taxi"),
    feature(19, "Behindertengerecht", "disabled_access"),
    kind(20, "Jahreswagen", Kind.EMPLOYEES_CAR),
    kind(21, "Neufahrzeug", Kind.NEW),
    fact(23, "Händlerpreis", "prices.dealer", cells.AMOUNT),
    REMARKS,
    PICTURES,
    fact(27, "Metallic", "metallic", cells.FLAG),
    StockColumn(28, "Währung", (), read_currency, lambda _facts: "EUR"),
    fact(29, "MwSt.-Satz", "prices.vat_rate", cells.VAT_RATE),
    fact(30, "Garantie", "warranty", cells.FLAG),
    feature(31, "Leichtmetallfelgen", "alloy_wheels"),
    feature(32, "ESP", "esp"),
    feature(33, "ABS", "abs"),
    feature(34, "Anhängerkupplung", "trailer_coupling_fix", "die Art ist offen; Genaueres geht vor"),
    feature(36, "Wegfahrsperre", "immobilizer"),
    feature(37, "Navigationssystem", "navigation"),
    feature(38, "Schiebedach", "sunroof"),
    feature(39, "Zentralverriegelung", "central_locking"),
    feature(40, "Fensterheber", "power_windows"),
    fact(41, "Allrad", "drive", cells.one_of({"0": None, "1": "all_wheel"})),
    fact(42, "Türen", "doors", cells.DOORS),
    fact(43, "Umweltplakette", "emission_sticker", cells.one_of({"0": None} | STICKERS)),
    feature(44, "Servolenkung", "power_steering"),
    feature(45, "Biodiesel", "biodiesel"),
    fact(46, "Scheckheft", "service_history", cells.FLAG),
    feature(47, "Katalysator", "catalytic_converter"),
    kind(50, "Vorführfahrzeug", Kind.DEMONSTRATOR),
    fact(52, "Hubraum (cm³)", "displacement", cells.COUNTED),
    fact(58, "Baujahr", "construction_year", cells.COUNTED),
    fact(60, "Sitze", "seats", cells.COUNTED),
    fact(61, "Schadstoffklasse", "emission_class", cells.EMISSION_CLASS),
    feature(64, "Tempomat", "cruise_control"),
    feature(65, "Standheizung", "auxiliary_heating"),
    CONSUMPTION,
    fact(99, "CO₂", "energy.co2", cells.WHOLE),
    feature(100, "Xenon", "headlights_xenon"),
    feature(101, "Sitzheizung", "heated_seats"),
    fact(102, "Partikelfilter", "particulate_filter", cells.FLAG),
    fact(109, "Kraftstoff", "fuel", cells.one_of(FUELS)),
    GEARBOX,
    fact(158, "Vorbesitzer", "previous_owners", cells.WHOLE),
    fact(196, "Unfallfahrzeug", "accident", cells.FLAG),
    fact(197, "Fahrtauglich", "roadworthy", cells.FLAG),
    highlight(208, "Highlight 1", 0),
    highlight(209, "Highlight 2", 1),
    highlight(210, "Highlight 3", 2),
)

COLUMNS: tuple[StockColumn, ...] = tuple(_COLUMNS)
WIDTH = 1 + max(column.index for column in COLUMNS)
NEEDED = 1 + GEARBOX.index
"""A row with fewer columns is no row of this format; those behind may be missing."""


def column_of(path: str) -> StockColumn:
    """The column that carries a fact of `VehicleData`; "highlights.1" finds the highlights."""
    for column in COLUMNS:
        if any(f"{path}.".startswith(f"{carried}.") for carried in column.paths):
            return column
    raise KeyError(path)
