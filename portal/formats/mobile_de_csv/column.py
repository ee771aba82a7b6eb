"""What a column is, and the kinds of columns that there are: each reads its cell and writes it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.formats.mobile_de_csv import cells
from portal.formats.mobile_de_csv.cells import BadCell, Codec
from portal.vehicle_facts.data import Fuel, Kind
from portal.vehicle_facts.registry import REGISTRY

StatedFacts = dict[str, Any]
"""A `VehicleData` as JSON, without defaults."""
FEATURE = "equipment.features:"
"""Begins the path of a search criterion; its code follows."""
TITLE_LENGTH = 100
LINE_BREAK = "\\\\"
"""How the format spells a line break inside a field."""


@dataclass(frozen=True)
class StockColumn:
    """`paths` are the facts it carries: "prices.selling", "equipment.features:abs".

    `read` puts a cell, never an empty one, into the facts; raises BadCell.
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

    def read(text: str, facts: StatedFacts) -> None:
        code = codec.read(text)
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
        facts.setdefault("highlights", []).append(text)

    def write(facts: StatedFacts) -> str:
        return next(iter((facts.get("highlights") or [])[place:]), "")

    return StockColumn(index, name, ("highlights",), read, write)


def read_remarks(text: str, facts: StatedFacts) -> None:
    if len(text) <= TITLE_LENGTH and LINE_BREAK not in text and "\n" not in text:
        facts["model_description"] = text
    else:
        facts["description"] = text.replace("\r\n", "\n").replace(LINE_BREAK, "\n")


def write_remarks(facts: StatedFacts) -> str:
    text = str(facts.get("description") or facts.get("model_description") or "")
    return text.replace("\r\n", "\n").replace("\n", LINE_BREAK)


def read_number(text: str, facts: StatedFacts) -> None:
    facts["offer_number"] = cells.OFFER_NUMBER.read(text)


def read_currency(text: str, _facts: StatedFacts) -> None:
    if text.upper() not in ("EUR", "€"):
        raise BadCell("Preise werden nur in EUR angenommen.")


def read_consumption(text: str, facts: StatedFacts) -> None:
    """`tidy` moves it to the power when the fuel, which comes later in the row, is electric."""
    value = cells.MEASURED.read(text)
    if value is not None:
        facts.setdefault("energy", {})["fuel"] = {"combined": value}


def write_consumption(facts: StatedFacts) -> str:
    energy = facts.get("energy") or {}
    part = energy.get("power" if facts.get("fuel") == Fuel.ELECTRIC else "fuel") or {}
    value = part.get("combined")
    return "" if value is None else str(value)


def tidy(facts: StatedFacts) -> None:
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


def nothing(_text: str, _facts: StatedFacts) -> None:
    """The customer number is the reader's affair: it belongs to the file, not to the vehicle."""
