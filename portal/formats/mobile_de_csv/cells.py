"""How single cells are spelled: each codec reads a text to a JSON value and writes it back.

Values are those of `VehicleData` in JSON: numbers, texts, booleans; money as text with a point;
months as `YYYY-MM`. Reading raises BadCell with a German reason; None means "no statement".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


class BadCell(ValueError):
    """Why a cell cannot be taken (German)."""


@dataclass(frozen=True)
class Codec:
    """`read` is never asked about an empty cell, `write` never about None."""

    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


_PLAIN = re.compile(r"\d{1,9}\Z")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3}){1,2}\Z")
_DECIMAL = re.compile(r"\d{1,9}(?:[.,]\d{1,2})?\Z")
_MONTH = re.compile(r"(?:(\d{1,2})[./])?(\d{1,2})[./](\d{4})\Z")
_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
_SPACES = re.compile(r"\s+")


def _whole(text: str) -> int:
    if _PLAIN.match(text):
        return int(text)
    if _GROUPED.match(text):
        return int(text.replace(".", ""))
    raise BadCell("Das ist keine ganze Zahl.")


def _counted(text: str) -> int | None:
    """Dealer systems write 0 where nothing is known of doors, power, seats …"""
    return _whole(text) or None


def _decimal(text: str) -> str:
    if _GROUPED.match(text):
        return text.replace(".", "").lstrip("0") or "0"
    if not _DECIMAL.match(text):
        raise BadCell("Das ist keine Zahl.")
    whole, _, part = text.replace(",", ".").partition(".")
    return (whole.lstrip("0") or "0") + (f".{part:0<2}" if part.strip("0") else "")


def _measured(text: str) -> str | None:
    """Nothing consumes 0 litres: the dealer system has no value."""
    value = _decimal(text)
    return None if value == "0" else value


def _price(text: str) -> str:
    value = _decimal(text)
    if value == "0":
        raise BadCell("Der Preis ist 0.")
    return value


def _month(text: str) -> str:
    found = _MONTH.match(text)
    if not found:
        raise BadCell("Das ist kein Datum der Form mm.jjjj.")
    day, month, year = found.groups(default="1")
    if not 1 <= int(month) <= 12:
        raise BadCell(f"Unmögliches Datum: Einen Monat {month} gibt es nicht.")
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        raise BadCell("Unmögliches Datum: Diesen Tag gibt es nicht.") from None
    return f"{year}-{int(month):02}"


def _write_month(value: str) -> str:
    year, month = value.split("-")
    return f"{month}.{year}"


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise BadCell("Möglich sind nur 0 und 1.")
    return text == "1"


def _number(text: str) -> str:
    if len(text) > 40:
        raise BadCell("Die interne Nummer hat mehr als 40 Zeichen.")
    if not _NUMBER.match(text):
        raise BadCell("In der internen Nummer sind nur Buchstaben ohne Umlaute, Ziffern, - und _ erlaubt.")
    return text


def _doors(text: str) -> int | None:
    """Also the spelling of the marketplaces: 2/3, 4/5, 6/7."""
    low, slash, high = text.partition("/")
    return max(_whole(low), _whole(high)) if slash else _counted(text)


def _vat_rate(text: str) -> str | None:
    """The usual rate is what a vehicle has without a statement."""
    rate = _decimal(text.removesuffix("%").strip())
    return None if rate == "19" else rate


def _emission_class(text: str) -> str | None:
    """The codes 1 to 6; newer dealer systems write the class itself."""
    if text in ("0", "1", "2", "3", "4", "5", "6"):
        return None if text == "0" else f"Euro {text}"
    if not text.lower().startswith("euro"):
        raise BadCell("Das ist keine Schadstoffklasse (1 bis 6).")
    return text


def _vin(text: str) -> str:
    return _SPACES.sub("", text).upper()


def one_of(values: Mapping[str, Any]) -> Codec:
    """Codes of the file and their values; several codes may mean the same, the first one is written."""
    codes: dict[Any, str] = {}
    for code, value in values.items():
        codes.setdefault(value, code)

    def read(text: str) -> Any:
        try:
            return values[text]
        except KeyError:
            raise BadCell(f"Möglich sind nur: {', '.join(values)}.") from None

    return Codec(read, lambda value: codes.get(value, ""))


TEXT = Codec(lambda text: text)
OFFER_NUMBER = Codec(_number)
VIN = Codec(_vin)
DOORS = Codec(_doors)
VAT_RATE = Codec(_vat_rate)
EMISSION_CLASS = Codec(_emission_class, lambda value: value.removeprefix("Euro ")[:1])
WHOLE = Codec(_whole)
COUNTED = Codec(_counted)
DECIMAL = Codec(_decimal)
MEASURED = Codec(_measured)
PRICE = Codec(_price)
AMOUNT = Codec(_measured)
MONTH = Codec(_month, _write_month)
FLAG = Codec(_flag, lambda value: "1" if value else "0")
