"""The table of positions: which column of the file carries which facts.

Positions and codes are those that two independent sources confirm; further positions of the format
are neither read nor guessed. `note` marks what is our reading where the sources are silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from portal.formats.mobile_de_csv import cells
from portal.formats.mobile_de_csv.categories import read_category, write_category
from portal.formats.mobile_de_csv.cells import BadCell, Codec
from portal.vehicles.data import Fuel, Gearbox, Kind, Taxation

Facts = dict[str, Any]
"""A `VehicleData` as JSON, without defaults."""
FEATURE = "equipment.features:"
"""Begins the path of a search criterion; its code follows."""
TITLE_LENGTH = 100
LINE_BREAK = "\\\\"
"""How the format spells a line break inside a field."""


@dataclass(frozen=True)
class Column:
    """`paths` are the facts it carries: "prices.selling", "equipment.features:abs".

    `read` puts a cell, never an empty one, into the facts; raises BadCell.
    """

    index: int
    name: str
    paths: tuple[str, ...]
    read: Callable[[str, Facts], None]
    write: Callable[[Facts], str]
    note: str = ""

    @property
    def letter(self) -> str:
        """As a spreadsheet names it: 0 is A, 26 is AA."""
        first, second = divmod(self.index, 26)
        return (chr(64 + first) if first else "") + chr(65 + second)

    @property
    def label(self) -> str:
        return f"{self.letter} · {self.name}"


def _fact(index: int, name: str, path: str, codec: Codec, note: str = "") -> Column:
    *parents, key = path.split(".")
    read_cell = codec.read

    def read_nested(text: str, facts: Facts) -> None:
        value = read_cell(text)
        if value is None:
            return
        for parent in parents:
            facts = facts.setdefault(parent, {})
        facts[key] = value

    def read_plain(text: str, facts: Facts) -> None:
        value = read_cell(text)
        if value is not None:
            facts[key] = value

    write_cell = codec.write

    def write_nested(facts: Facts) -> str:
        for parent in parents:
            facts = facts.get(parent) or {}
        return write_plain(facts)

    def write_plain(facts: Facts) -> str:
        value = facts.get(key)
        return "" if value is None else write_cell(value)

    read, write = (read_nested, write_nested) if parents else (read_plain, write_plain)
    return Column(index, name, (path,), read, write, note)


def _feature(index: int, name: str, code: str, note: str = "") -> Column:
    return _features(index, name, {"1": code}, note)


def _features(index: int, name: str, codes: dict[str, str], note: str = "") -> Column:
    """A column whose values stand for search criteria; 0 says that there is none."""
    codec = cells.one_of({"0": None} | codes)

    def read(text: str, facts: Facts) -> None:
        code = codec.read(text)
        if code:
            facts.setdefault("equipment", {}).setdefault("features", []).append(code)

    def write(facts: Facts) -> str:
        present = (facts.get("equipment") or {}).get("features") or ()
        return next((value for value, code in codes.items() if code in present), "")

    return Column(index, name, tuple(FEATURE + code for code in codes.values()), read, write, note)


def _kind(index: int, name: str, kind: Kind) -> Column:
    """Of several such columns the last one that says 1 counts; none means used."""

    def read(text: str, facts: Facts) -> None:
        if cells.FLAG.read(text):
            facts["kind"] = kind.value

    return Column(index, name, ("kind",), read, lambda facts: "1" if facts.get("kind") == kind else "")


def _highlight(index: int, name: str, place: int) -> Column:
    def read(text: str, facts: Facts) -> None:
        facts.setdefault("highlights", []).append(text)

    def write(facts: Facts) -> str:
        return next(iter((facts.get("highlights") or [])[place:]), "")

    return Column(index, name, ("highlights",), read, write)


def _read_remarks(text: str, facts: Facts) -> None:
    if len(text) <= TITLE_LENGTH and LINE_BREAK not in text and "\n" not in text:
        facts["model_description"] = text
    else:
        facts["description"] = text.replace("\r\n", "\n").replace(LINE_BREAK, "\n")


def _write_remarks(facts: Facts) -> str:
    text = str(facts.get("description") or facts.get("model_description") or "")
    return text.replace("\r\n", "\n").replace("\n", LINE_BREAK)


def _read_number(text: str, facts: Facts) -> None:
    facts["offer_number"] = cells.OFFER_NUMBER.read(text)


def _read_currency(text: str, _facts: Facts) -> None:
    if text.upper() not in ("EUR", "€"):
        raise BadCell("Preise werden nur in EUR angenommen.")


def _read_consumption(text: str, facts: Facts) -> None:
    """`tidy` moves it to the power when the fuel, which comes later in the row, is electric."""
    value = cells.MEASURED.read(text)
    if value is not None:
        facts.setdefault("energy", {})["fuel"] = {"combined": value}


def _write_consumption(facts: Facts) -> str:
    energy = facts.get("energy") or {}
    part = energy.get("power" if facts.get("fuel") == Fuel.ELECTRIC else "fuel") or {}
    value = part.get("combined")
    return "" if value is None else str(value)


def tidy(facts: Facts) -> None:
    """What only several columns together say. CO₂ of 0 is a statement of electric vehicles only."""
    energy = facts.get("energy")
    if not energy:
        return
    if facts.get("fuel") == Fuel.ELECTRIC:
        if "fuel" in energy:
            energy["power"] = energy.pop("fuel")
    elif energy.get("co2") == 0:
        del energy["co2"]
    if not energy:
        del facts["energy"]


def _nothing(_text: str, _facts: Facts) -> None:
    """The customer number is the reader's affair: it belongs to the file, not to the vehicle."""


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

CUSTOMER_NUMBER = Column(0, "Kundennummer", (), _nothing, lambda _facts: "")
OFFER_NUMBER = Column(
    1, "Interne Nummer", ("offer_number",), _read_number, lambda facts: str(facts["offer_number"])
)
PRICE = _fact(10, "Preis", "prices.selling", cells.PRICE)
GEARBOX = _fact(110, "Getriebe", "gearbox", cells.one_of(GEARBOXES))
CONSUMPTION = Column(
    98,
    "Verbrauch kombiniert",
    ("energy.fuel.combined", "energy.power.combined"),
    _read_consumption,
    _write_consumption,
    "bei Elektrofahrzeugen in kWh/100 km",
)
REMARKS = Column(
    25,
    "Bemerkung",
    ("model_description", "description"),
    _read_remarks,
    _write_remarks,
    "bis 100 Zeichen und einzeilig ist es der Titel, sonst die Beschreibung",
)

PICTURES = Column(
    26,
    "Bildname",
    (),
    _nothing,
    lambda _facts: "",
    "Bilder heißen <Bildname>_<n>.jpg; beim Einlesen unbeachtet",
)

_COLUMNS: Iterable[Column] = (
    CUSTOMER_NUMBER,
    OFFER_NUMBER,
    Column(2, "Kategorie", ("body_type", "vehicle_class", "category_label"), read_category, write_category),
    _fact(3, "Marke", "make", cells.TEXT),
    _fact(4, "Modell", "model", cells.TEXT, "„Andere“ bleibt als Modell stehen"),
    _fact(5, "Leistung (kW)", "power", cells.COUNTED),
    _fact(6, "HU", "inspection_due", cells.MONTH),
    _fact(8, "Erstzulassung", "first_registration", cells.MONTH),
    _fact(9, "Kilometer", "mileage", cells.WHOLE),
    PRICE,
    _fact(11, "MwSt.", "prices.taxation", cells.one_of(TAXATIONS), "0 ausweisbar, 1 § 25a"),
    _kind(13, "Oldtimer", Kind.CLASSIC),
    _fact(14, "Fahrgestellnummer", "vin", cells.VIN),
    _fact(15, "Beschädigt", "damaged", cells.FLAG),
    _fact(16, "Farbe", "colour", cells.TEXT),
    _features(17, "Klima", CLIMATES, "1 Klimaanlage; 2 Klimaautomatik ist eine Annahme"),
    _feature(18, "Taxi", "taxi"),
    _feature(19, "Behindertengerecht", "disabled_access"),
    _kind(20, "Jahreswagen", Kind.EMPLOYEES_CAR),
    _kind(21, "Neufahrzeug", Kind.NEW),
    _fact(23, "Händlerpreis", "prices.dealer", cells.AMOUNT),
    REMARKS,
    PICTURES,
    _fact(27, "Metallic", "metallic", cells.FLAG),
    Column(28, "Währung", (), _read_currency, lambda _facts: "EUR"),
    _fact(29, "MwSt.-Satz", "prices.vat_rate", cells.VAT_RATE),
    _fact(30, "Garantie", "warranty", cells.FLAG),
    _feature(31, "Leichtmetallfelgen", "alloy_wheels"),
    _feature(32, "ESP", "esp"),
    _feature(33, "ABS", "abs"),
    _feature(34, "Anhängerkupplung", "trailer_coupling_fix", "die Art ist offen; Genaueres geht vor"),
    _feature(36, "Wegfahrsperre", "immobilizer"),
    _feature(37, "Navigationssystem", "navigation"),
    _feature(38, "Schiebedach", "sunroof"),
    _feature(39, "Zentralverriegelung", "central_locking"),
    _feature(40, "Fensterheber", "power_windows"),
    _fact(41, "Allrad", "drive", cells.one_of({"0": None, "1": "all_wheel"})),
    _fact(42, "Türen", "doors", cells.DOORS),
    _fact(43, "Umweltplakette", "emission_sticker", cells.one_of({"0": None} | STICKERS)),
    _feature(44, "Servolenkung", "power_steering"),
    _feature(45, "Biodiesel", "biodiesel"),
    _fact(46, "Scheckheft", "service_history", cells.FLAG),
    _feature(47, "Katalysator", "catalytic_converter"),
    _kind(50, "Vorführfahrzeug", Kind.DEMONSTRATOR),
    _fact(52, "Hubraum (cm³)", "displacement", cells.COUNTED),
    _fact(58, "Baujahr", "construction_year", cells.COUNTED),
    _fact(60, "Sitze", "seats", cells.COUNTED),
    _fact(61, "Schadstoffklasse", "emission_class", cells.EMISSION_CLASS),
    _feature(64, "Tempomat", "cruise_control"),
    _feature(65, "Standheizung", "auxiliary_heating"),
    CONSUMPTION,
    _fact(99, "CO₂", "energy.co2", cells.WHOLE),
    _feature(100, "Xenon", "headlights_xenon"),
    _feature(101, "Sitzheizung", "heated_seats"),
    _fact(102, "Partikelfilter", "particulate_filter", cells.FLAG),
    _fact(109, "Kraftstoff", "fuel", cells.one_of(FUELS)),
    GEARBOX,
    _fact(158, "Vorbesitzer", "previous_owners", cells.WHOLE),
    _fact(196, "Unfallfahrzeug", "accident", cells.FLAG),
    _fact(197, "Fahrtauglich", "roadworthy", cells.FLAG),
    _highlight(208, "Highlight 1", 0),
    _highlight(209, "Highlight 2", 1),
    _highlight(210, "Highlight 3", 2),
)

COLUMNS: tuple[Column, ...] = tuple(_COLUMNS)
WIDTH = 1 + max(column.index for column in COLUMNS)
NEEDED = 1 + GEARBOX.index
"""A row with fewer columns is no row of this format; those behind may be missing."""


def column_of(path: str) -> Column:
    """The column that carries a fact of `VehicleData`; "highlights.1" finds the highlights."""
    for column in COLUMNS:
        if any(f"{path}.".startswith(f"{carried}.") for carried in column.paths):
            return column
    raise KeyError(path)
