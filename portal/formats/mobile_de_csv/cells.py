"""How single cells are spelled: each codec reads a text to a JSON value and writes it back.

Values are those of `VehicleData` in JSON: numbers, texts, booleans; money as text with a point;
months as `YYYY-MM`. Reading raises NotUnderstood; None means "no statement". The layout comes from
Germany: a point before three digits groups thousands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from portal.formats.plain_text import stated_line
from portal.vehicle_facts.dates import read_month, stated_month
from portal.vehicle_facts.numbers import Convention, Quantity, plain, read_number
from portal.vehicle_facts.quantities import QUANTITIES
from portal.vehicle_facts.repeated import repeated
from portal.vehicle_facts.spelling import Vocabulary
from portal.vehicle_facts.understanding import NotUnderstood, demand_statement, states_nothing
from portal.vehicle_facts.vocabularies import EMISSION_CLASSES, read_emission_class, read_flag


@dataclass(frozen=True)
class Codec:
    """`read` is never asked about an empty cell, `write` never about None."""

    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


_PLAIN = re.compile(r"[1-9]\d{0,6}\Z", re.A)
_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")


def _value(text: str, quantity: Quantity) -> Decimal | None:
    """None where it states nothing (`-`, `k.A.`)."""
    return None if states_nothing(text) else read_number(text, quantity, Convention.GERMAN)


def whole(path: str) -> Codec:
    quantity = QUANTITIES[path]
    most = int(quantity.most)

    def read(text: str) -> int | None:
        if _PLAIN.match(text) and (number := int(text)) <= most:
            return number
        value = _value(text, quantity)
        return None if value is None else int(value)

    return Codec(read)


def emission(path: str) -> Codec:
    """As the model's JSON has it: 119, `119.5`. Written as whole g/km, in the class of the value."""
    quantity = QUANTITIES[path]

    def read(text: str) -> int | str | None:
        value = _value(text, quantity)
        return None if value is None else whole_or_text(value)

    return Codec(read, lambda value: str(ceil(Decimal(value))))


def whole_or_text(value: Decimal) -> int | str:
    return int(value) if value == int(value) else plain(value)


def counted(path: str) -> Codec:
    """Dealer systems write 0 where nothing is known of doors, power, seats …"""
    read_whole = whole(path).read
    return Codec(lambda text: None if not text.strip("0.,") else read_whole(text))


def spelled(value: Decimal) -> str:
    """As the model's JSON has amounts of this layout: `12990`, `5.40`."""
    text = plain(value)
    return text if "." not in text else f"{value:.2f}"


def decimal(path: str) -> Codec:
    quantity = QUANTITIES[path]

    def read(text: str) -> str | None:
        value = _value(text, quantity)
        return None if value is None else spelled(value)

    return Codec(read)


def measured(path: str) -> Codec:
    """Nothing consumes 0 litres, and no amount is 0: the dealer system has no value."""
    read_decimal = decimal(path).read

    def read(text: str) -> str | None:
        value: str | None = read_decimal(text)
        return None if value == "0" else value

    return Codec(read)


def _price(text: str) -> str:
    if _PLAIN.match(text):
        return text  # nearly all
    value = read_number(text, QUANTITIES["prices.selling"], Convention.GERMAN)
    if not value:
        raise NotUnderstood("price-zero")
    return spelled(value)


def read_year(text: str) -> int | None:
    """Also of a month or a day."""
    found = read_month(text)
    return found.year if found else None


def _construction_year(text: str) -> int | None:
    """Some systems write a month here, or a day."""
    is_month = re.search(r"\d\D+\d{2}", text) and text.strip("0., ")
    return read_year(text) if is_month else counted("construction_year").read(text)


def write_month(value: str) -> str:
    year, month = value.split("-")
    return f"{month}.{year}"


def _number(text: str) -> str:
    if len(text) > 40:
        raise NotUnderstood("offer-number-long")
    if not _NUMBER.match(text):
        raise NotUnderstood("offer-number-characters")
    return text


def _vat_rate(text: str) -> str | None:
    """The usual rate is what a vehicle has without a statement."""
    rate: str | None = decimal("prices.vat_rate").read(text)
    return None if rate == "19" else rate


def _emission_class(text: str) -> str | None:
    """The codes 1 to 6; newer dealer systems write the class itself."""
    return None if text == "0" or states_nothing(text) else read_emission_class(text.lstrip("0"))


def write_emission_class(value: str) -> str:
    """The column has the codes 1 to 6: a class that it does not know is left out, not called another one."""
    known = EMISSION_CLASSES.find(value) or ""
    digit = known.removeprefix("Euro ")[:1]
    return digit if digit in "123456" else ""


def _flag(text: str) -> bool | None:
    return text == "1" if text in "01" else None if states_nothing(text) else read_flag(text)


@repeated
def _text(text: str) -> str | None:
    demand_statement(text)
    return stated_line(text) or None


def one_of(values: Mapping[str, Any], words: Vocabulary | None = None) -> Codec:
    """Codes of the file and their values; several codes may mean the same, the first one is written.

    `words` are read as well: newer dealer systems write the value itself.
    """
    codes: dict[Any, str] = {}
    for code, value in values.items():
        codes.setdefault(value, code)

    def read(text: str) -> Any:
        code = text if text in values else text.lstrip("0") or "0"
        if code in values:
            return values[code]
        if states_nothing(text):
            return None
        if words is not None and not text.isdigit() and (found := words.find(text)) is not None:
            return found
        raise NotUnderstood("codes-only", known=", ".join(values))

    return Codec(read, lambda value: codes.get(value, ""))


TEXT = Codec(_text)
OFFER_NUMBER = Codec(_number)
VAT_RATE = Codec(_vat_rate)
EMISSION_CLASS = Codec(_emission_class, write_emission_class)
PRICE = Codec(_price)
CONSTRUCTION_YEAR = Codec(_construction_year)
MONTH = Codec(stated_month, write_month)
FLAG = Codec(_flag, lambda value: "1" if value else "0")
