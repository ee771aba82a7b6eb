"""What a column is, and the kinds of columns that there are: each reads its cell and writes it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.formats.mobile_de_csv import cells
from portal.formats.mobile_de_csv.cells import Codec
from portal.formats.plain_text import ENTRY, plain_line, plain_text
from portal.vehicle_facts.data import Fuel, HybridKind, Kind
from portal.vehicle_facts.dates import REGISTERED_AHEAD, read_month
from portal.vehicle_facts.registry import REGISTRY
from portal.vehicle_facts.spelling import folded
from portal.vehicle_facts.understanding import NotUnderstood, demand_statement, states_nothing
from portal.vehicle_facts.vin import built_by, is_standard, read_vin
from portal.vehicle_facts.vocabularies import FUELS, NEW_INSPECTION, hybrid_of, read_flag

_NEW = re.compile(r"\s*\(?\bneu\b(?:\s+bis\b)?\)?[,:]?\s*", re.IGNORECASE)
_UNTIL = re.compile(r"\A(?:(?:hu|tüv)\s+)?bis\s+", re.IGNORECASE)
_BRACKETS = str.maketrans("", "", "()")
StatedFacts = dict[str, Any]
"""A `VehicleData` as JSON, without defaults."""
FEATURE = "equipment.features:"
"""Begins the path of a search criterion; its code follows."""
LINE_BREAK = "\\\\"
"""How the format spells a line break inside a field."""


@dataclass(frozen=True)
class StockColumn:
    """`paths` are the facts it carries: "prices.selling", "equipment.features:abs".

    `read` puts a cell, never an empty one, into the facts; raises NotUnderstood.
    """

    index: int
    name: str
    paths: tuple[str, ...]
    read: Callable[[str, StatedFacts], None]
    write: Callable[[StatedFacts], str]
    note: str = ""

    @property
    def letter(self) -> str:
        """As a spreadsheet names it: 0 is A, 26 is AA."""
        first, second = divmod(self.index, 26)
        return (chr(64 + first) if first else "") + chr(65 + second)

    @property
    def label(self) -> str:
        return f"{self.letter} · {self.name}"


def fact(index: int, path: str, codec: Codec, note: str = "", name: str = "") -> StockColumn:
    """`name` where the format calls the attribute otherwise than files of ours do."""
    *parents, key = path.split(".")
    read_cell = codec.read

    def read_nested(text: str, facts: StatedFacts) -> None:
        value = read_cell(text)
        if value is None:
            return
        for parent in parents:
            facts = facts.setdefault(parent, {})
        facts[key] = value

    def read_plain(text: str, facts: StatedFacts) -> None:
        value = read_cell(text)
        if value is not None:
            facts[key] = value

    write_cell = codec.write

    def write_nested(facts: StatedFacts) -> str:
        for parent in parents:
            facts = facts.get(parent) or {}
        return write_plain(facts)

    def write_plain(facts: StatedFacts) -> str:
        value = facts.get(key)
        return "" if value is None else write_cell(value)

    read, write = (read_nested, write_nested) if parents else (read_plain, write_plain)
    return StockColumn(index, name or REGISTRY[path].heading, (path,), read, write, note)


def feature(index: int, name: str, code: str, note: str = "") -> StockColumn:
    return features(index, name, {"1": code}, note)


def features(index: int, name: str, codes: dict[str, str], note: str = "") -> StockColumn:
    """A column whose values stand for search criteria; 0 says that there is none."""
    codec = cells.one_of({"0": None} | codes)
    only = next(iter(codes.values())) if len(codes) == 1 else None

    def read(text: str, facts: StatedFacts) -> None:
        if only is None or text in "01":
            code = codec.read(text)
        else:
            code = only if not states_nothing(text) and read_flag(text) else None
        if code:
            facts.setdefault("equipment", {}).setdefault("features", []).append(code)

    def write(facts: StatedFacts) -> str:
        present = (facts.get("equipment") or {}).get("features") or ()
        return next((value for value, code in codes.items() if code in present), "")

    return StockColumn(index, name, tuple(FEATURE + code for code in codes.values()), read, write, note)


def kind(index: int, name: str, kind: Kind) -> StockColumn:
    """Of several such columns the last one that says 1 counts; none means used."""

    def read(text: str, facts: StatedFacts) -> None:
        if cells.FLAG.read(text):
            facts["kind"] = kind.value

    return StockColumn(index, name, ("kind",), read, lambda facts: "1" if facts.get("kind") == kind else "")


def highlight(index: int, name: str, place: int) -> StockColumn:
    def read(text: str, facts: StatedFacts) -> None:
        demand_statement(text)
        if plain := plain_line(text):
            facts.setdefault("highlights", []).append(plain)

    def write(facts: StatedFacts) -> str:
        return next(iter((facts.get("highlights") or [])[place:]), "")

    return StockColumn(index, name, ("highlights",), read, write)


def read_remarks(text: str, facts: StatedFacts) -> None:
    """Whatever its length it is a description: what a dealer remarks is no name of a model."""
    demand_statement(text)
    if plain := plain_text(text):
        facts["description"] = plain


def write_remarks(facts: StatedFacts) -> str:
    """In the mark-up of the format; a vehicle without a description is described by its title."""
    text = str(facts.get("description") or facts.get("model_description") or "").replace("\r\n", "\n")
    lines = (f"* {line[len(ENTRY) :]}" if line.startswith(ENTRY) else line for line in text.split("\n"))
    return LINE_BREAK.join(lines)


def read_inspection(text: str, facts: StatedFacts) -> None:
    """`neu` is a statement of its own: it was passed just now. `12/2027 (neu)` says both."""
    bare = _UNTIL.sub("", _NEW.sub("", text).translate(_BRACKETS).strip())
    if folded(text) in NEW_INSPECTION:
        facts["inspection_new"] = True
    elif value := cells.MONTH.read(bare):
        facts["inspection_due"] = value
        if _NEW.search(text):
            facts["inspection_new"] = True


def write_inspection(facts: StatedFacts) -> str:
    value = facts.get("inspection_due")
    return cells.write_month(value) if value else ""


def read_registration(text: str, facts: StatedFacts) -> None:
    """Month 00 is a car of which only the year is known. Raises NotUnderstood, after it was kept."""
    found = read_month(text, REGISTERED_AHEAD)
    if found is None:
        return
    month = found.text
    if month is None:
        facts["registration_year"] = found.year
        raise NotUnderstood("month-unknown", year=str(found.year))
    facts["first_registration"] = month


def write_registration(facts: StatedFacts) -> str:
    if month := facts.get("first_registration"):
        return cells.write_month(month)
    return f"00.{year}" if (year := facts.get("registration_year")) else ""


def read_vin_cell(text: str, facts: StatedFacts) -> None:
    """Behind the years, which say whether it may be shorter."""
    if is_standard(text):
        facts["vin"] = text
    elif not states_nothing(text) and (number := read_vin(text, built_by(facts))):
        facts["vin"] = number


def read_fuel(text: str, facts: StatedFacts) -> None:
    """A spelling may name the kind of hybrid as well: `Plug-in-Hybrid (Benzin/Elektro)`."""
    value = FUEL_CODES.read(text)
    if value is None:
        return
    facts["fuel"] = value
    if not text.isdigit() and (kind_of_hybrid := hybrid_of(text)):
        facts["hybrid"] = kind_of_hybrid


FUEL_CODES = cells.one_of(
    {
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
    },
    FUELS,
)


def write_fuel(facts: StatedFacts) -> str:
    return FUEL_CODES.write(facts["fuel"]) if facts.get("fuel") else ""


def read_number(text: str, facts: StatedFacts) -> None:
    facts["offer_number"] = cells.OFFER_NUMBER.read(text)


def read_currency(text: str, _facts: StatedFacts) -> None:
    if text.upper() not in ("EUR", "EURO", "€") and not states_nothing(text):
        raise NotUnderstood("currency-not-euro")


_CONSUMPTION = cells.measured("energy.fuel.combined")


def read_consumption(text: str, facts: StatedFacts) -> None:
    """`tidy` moves it to the power when the fuel, which comes later in the row, is electric."""
    value = _CONSUMPTION.read(text)
    if value is not None:
        facts.setdefault("energy", {})["fuel"] = {"combined": value}


def write_consumption(facts: StatedFacts) -> str:
    energy = facts.get("energy") or {}
    part = energy.get("power" if facts.get("fuel") == Fuel.ELECTRIC else "fuel") or {}
    value = part.get("combined")
    return "" if value is None else str(value)


def tidy(facts: StatedFacts) -> None:
    """What only several columns together say. CO₂ of 0 is a statement of those that burn nothing."""
    energy = facts.get("energy")
    if not energy:
        return
    if facts.get("fuel") == Fuel.ELECTRIC:
        if "fuel" in energy and facts.get("hybrid") != HybridKind.PLUG_IN:
            energy["power"] = energy.pop("fuel")
    elif energy.get("co2") == 0 and facts.get("fuel") != Fuel.HYDROGEN:
        del energy["co2"]
    if not energy:
        del facts["energy"]


def nothing(_text: str, _facts: StatedFacts) -> None:
    """The customer number is the reader's affair: it belongs to the file, not to the vehicle."""
