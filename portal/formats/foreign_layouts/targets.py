"""What a column of somebody else's table can mean: the attributes of the registry, and how each is read.

A column of yes and no may also be one search criterion, and a column of power may be in PS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from portal.formats.foreign_layouts.synonyms import FEATURE, POWER_IN_PS
from portal.formats.mobile_de_csv import cells, column
from portal.formats.mobile_de_csv.categories import read_category
from portal.formats.mobile_de_csv.column import StatedFacts
from portal.formats.plain_text import plain_line
from portal.messages import N_
from portal.vehicle_facts import categories
from portal.vehicle_facts.attributes import Choices
from portal.vehicle_facts.countries import read_country
from portal.vehicle_facts.data import MOST_LINES, BodyType, VehicleClass
from portal.vehicle_facts.dates import read_day
from portal.vehicle_facts.equipment import BY_CODE, CRITERIA
from portal.vehicle_facts.numbers import Convention, read_number
from portal.vehicle_facts.quantities import QUANTITIES
from portal.vehicle_facts.registry import EMISSION_CLASSES, REGISTRY
from portal.vehicle_facts.spelling import Vocabulary, folded
from portal.vehicle_facts.understanding import NotUnderstood, Rounded, demand_statement, states_nothing
from portal.vehicle_facts.vocabularies import (
    BATTERY_OWNERSHIPS,
    DRIVES,
    FUELS,
    GEARBOXES,
    HYBRIDS,
    KINDS,
    STICKERS,
    TAXATIONS,
    hybrid_of,
    read_emission_class,
    read_flag,
)

Reader = Callable[[str, StatedFacts], None]
"""Puts a cell, never an empty one, into the facts. Raises NotUnderstood."""
LEFT_OUT_GROUPS = ("financing", "leasing")
"""Examples that hold only as a whole."""
PRICE, NUMBER, MAKE = "prices.selling", "offer_number", "make"
REQUIRED = (NUMBER, MAKE, PRICE)
"""Without a column for each of them no row could be taken."""
_ZERO_IS_NOTHING = frozenset(
    {
        *("weight", "tank_volume", "trailer_load_braked", "trailer_load_unbraked"),
        *("payload", "standing_height"),
    }
)
_ZERO_IS_SAID = frozenset(
    {
        *("prices.vat_rate", "energy.vehicle_tax_per_year"),
        *("energy.co2_costs_low", "energy.co2_costs_medium", "energy.co2_costs_high"),
    }
)
"""Electric cars cost no tax, and nothing for CO₂."""
_EXTRA_PATHS: Mapping[str, tuple[str, ...]] = {
    "first_registration": ("registration_year",),
    "inspection_due": ("inspection_new",),
    "fuel": ("hybrid",),
    "body_type": ("vehicle_class", "category_label"),
    "vehicle_class": ("body_type", "category_label"),
}
_SEPARATED = re.compile(r"[\n;|•]|,(?!\d)")


@dataclass(frozen=True)
class ColumnMeaning:
    """`label` is German and marked for the catalogue. `choices` where there is a list of values."""

    name: str
    label: str
    group: str
    unit: str = ""
    choices: Choices = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Of the facts that such a column carries."""
        if self.name == POWER_IN_PS:
            return ("power",)
        if self.name == "equipment.features":
            return (*(FEATURE + criterion.code for criterion in CRITERIA), "equipment.other")
        return (self.name, *_EXTRA_PATHS.get(self.name, ()))

    @property
    def fact(self) -> str:
        """Of which there is one: two columns cannot both mean it."""
        return "power" if self.name == POWER_IN_PS else self.name


@cache
def targets() -> Mapping[str, ColumnMeaning]:
    """All of them by their name, in the order of the form, the search criteria last."""
    found: dict[str, ColumnMeaning] = {}
    for attribute in REGISTRY:
        if attribute.group.startswith(LEFT_OUT_GROUPS):
            continue
        choices = attribute.choices if attribute.type == "choice" else ()
        if attribute.name == "emission_class":
            choices = tuple((one, one) for one in EMISSION_CLASSES)
        found[attribute.name] = ColumnMeaning(
            attribute.name, attribute.label, attribute.group, attribute.unit, choices
        )
        if attribute.name == "power":
            found[POWER_IN_PS] = ColumnMeaning(POWER_IN_PS, attribute.label, attribute.group, N_("PS"))
    for criterion in CRITERIA:
        found[FEATURE + criterion.code] = ColumnMeaning(FEATURE + criterion.code, criterion.label, "features")
    return found


def reader_of(target: ColumnMeaning, convention: Convention, values: Mapping[str, str]) -> Reader:
    """How a column is read. `values` are what a dealer said that spellings (folded) mean, empty: nothing."""
    read = _reader(target.name, convention)
    if not values:
        return read

    def read_mapped(text: str, facts: StatedFacts) -> None:
        said = values.get(folded(text))
        if said is None:
            read(text, facts)
        elif said:
            _put(facts, target.name, said)

    return read_mapped


def is_readable(target: ColumnMeaning, text: str, convention: Convention = Convention.GERMAN) -> bool:
    """Whether a cell says something of the fact."""
    if states_nothing(text):
        return False
    try:
        _reader(target.name, convention)(text, {})
    except NotUnderstood:
        return False
    return True


@cache
def _reader(name: str, convention: Convention) -> Reader:
    if name.startswith(FEATURE):
        return _feature(name.removeprefix(FEATURE))
    if name in _READERS:
        return _READERS[name]
    if name in _VOCABULARIES:
        return _into(name, lambda text: None if states_nothing(text) else _VOCABULARIES[name].read(text))
    if name == POWER_IN_PS:
        return _into("power", lambda text: _power_in_ps(text, convention))
    attribute = REGISTRY[name]
    if attribute.type in ("whole", "decimal"):
        return _into(name, lambda text: _number(text, name, convention))
    return _into(name, _BY_TYPE[attribute.type])


def _into(path: str, read: Callable[[str], Any]) -> Reader:
    def read_fact(text: str, facts: StatedFacts) -> None:
        value = read(text)
        if value is not None and value != "":
            _put(facts, path, value)

    return read_fact


_DEFAULTS: Mapping[str, Any] = {
    **{"kind": "used", "vehicle_class": "car", "hybrid": "none", "prices.vat_rate": "19"},
    **{attribute.name: False for attribute in REGISTRY if attribute.type == "flag"},
}
"""What a vehicle is without a statement: its JSON does not name it."""


def _put(facts: StatedFacts, path: str, value: Any) -> None:
    if _DEFAULTS.get(path) == value:
        if "." not in path:
            facts.pop(path, None)
        return
    *parents, key = path.split(".")
    for parent in parents:
        facts = facts.setdefault(parent, {})
    facts[key] = value


_EMISSIONS = ("energy.co2", "energy.co2_discharged")


def _number(text: str, path: str, convention: Convention) -> int | str | None:
    """Dealer systems write 0 where nothing is known; of what can be 0 (`_ZERO_IS_SAID`) it is a statement."""
    quantity = QUANTITIES[path]
    if path == PRICE and states_nothing(text):
        raise NotUnderstood("price-missing")
    is_zero = not text.strip("0.,") and path not in _ZERO_IS_SAID
    if states_nothing(text) or (is_zero and path != PRICE and (quantity.places or quantity.least > 0)):
        return None
    value = read_number(text, quantity, convention)
    if not value and path == PRICE:
        raise NotUnderstood("price-zero")
    if path in _EMISSIONS:
        return cells.whole_or_text(value)
    if quantity.places:
        return cells.spelled(value)
    return None if not value and path in _ZERO_IS_NOTHING else int(value)


def _power_in_ps(text: str, convention: Convention) -> int | None:
    """kW. A number alone is in PS there; `110 kW (150 PS)` says both."""
    alone = text.strip()[-1:].isdigit()
    try:
        return _number(f"{text} PS" if alone and text.strip("0.,") else text, "power", convention)  # type: ignore[return-value]
    except Rounded as rounded:
        raise Rounded(f"{rounded.instead} kW") from rounded


def _read_fuel(text: str, facts: StatedFacts) -> None:
    if states_nothing(text):
        return
    facts["fuel"] = FUELS.read(text)
    if kind := hybrid_of(text):
        facts["hybrid"] = kind


def _read_taxation(text: str, facts: StatedFacts) -> None:
    """A column that asks whether VAT is shown is answered with yes or no; 0 and 1 are codes of anybody."""
    if states_nothing(text):
        return
    if len(folded(text)) == 1 and folded(text).isdigit():  # `0 %` is no rate of nobody's scheme either
        raise NotUnderstood("value-unknown", value=text, known=", ".join(TAXATIONS.labels))
    found = TAXATIONS.find(text)
    if found is None:
        try:
            found = "vat_deductible" if read_flag(text) else "margin_scheme"
        except NotUnderstood:
            found = TAXATIONS.read(text)
    _put(facts, "prices.taxation", found)


def _read_vin(text: str, facts: StatedFacts) -> None:
    if not states_nothing(text):
        column.read_vin_cell(text, facts)


def _read_class(text: str, facts: StatedFacts) -> None:
    """The body type is another column's affair; a word that nobody knows makes an unknown class."""
    found = categories.read_category(text)
    if found.vehicle_class != VehicleClass.CAR:
        read_category(text, facts)
    elif found.body_type and found.body_type != BodyType.OTHER:
        facts["body_type"] = found.body_type


def _feature(code: str) -> Reader:
    def read(text: str, facts: StatedFacts) -> None:
        if not states_nothing(text) and read_flag(text):
            _add_feature(facts.setdefault("equipment", {}), code)

    return read


def _add_feature(equipment: StatedFacts, code: str) -> None:
    """Of a set of criteria that exclude each other the first one counts."""
    chosen: list[str] = equipment.setdefault("features", [])
    alike = BY_CODE[code].choice
    if code not in chosen and not (alike and any(BY_CODE[one].choice == alike for one in chosen)):
        chosen.append(code)


_CRITERIA = {folded(name): one.code for one in CRITERIA for name in (one.label, one.code)}


def _read_features(text: str, facts: StatedFacts) -> None:
    """A list: what is a search criterion is one, the rest are lines of equipment."""
    equipment = facts.setdefault("equipment", {})
    for entry in entries_of(text):
        if code := _CRITERIA.get(folded(entry)):
            _add_feature(equipment, code)
        elif entry not in equipment.setdefault("other", []):
            equipment["other"].append(entry)
    if not equipment:
        del facts["equipment"]


def entries_of(text: str) -> list[str]:
    """Of a list in a cell: by lines, semicolons, bars, bullets or commas. Raises NotUnderstood."""
    demand_statement(text)
    entries = (plain_line(entry).strip(" -*·") for entry in _SEPARATED.split(text.replace("<br>", "\n")))
    said = (entry for entry in entries if entry and not states_nothing(entry))
    found = list(islice(said, MOST_LINES + 1))
    if len(found) > MOST_LINES:
        raise NotUnderstood("list-long", most=MOST_LINES)
    return found


def _day(text: str) -> str | None:
    """`YYYY-MM-DD`"""
    found = read_day(text)
    return found.isoformat() if found else None


def _letter(text: str) -> str | None:
    if states_nothing(text):
        return None
    letter = text.upper().removeprefix("KLASSE ")
    if letter not in set("ABCDEFG"):  # A+ is of the efficiency classes that ended in 2024
        raise NotUnderstood("value-unknown", value=text[:60], known="A, B, C, D, E, F, G")
    return letter


_VOCABULARIES: Mapping[str, Vocabulary] = {
    "kind": KINDS,
    "hybrid": HYBRIDS,
    "gearbox": GEARBOXES,
    "drive": DRIVES,
    "emission_sticker": STICKERS,
    "battery.ownership": BATTERY_OWNERSHIPS,
}
_READERS: Mapping[str, Reader] = {
    "offer_number": column.read_number,
    "vin": _read_vin,
    "body_type": read_category,
    "vehicle_class": _read_class,
    "registration_year": _into("registration_year", cells.read_year),
    "construction_year": _into("construction_year", cells.CONSTRUCTION_YEAR.read),
    "first_registration": column.read_registration,
    "inspection_due": column.read_inspection,
    "description": column.read_remarks,
    "fuel": _read_fuel,
    "prices.taxation": _read_taxation,
    "equipment.features": _read_features,
    "emission_class": _into(
        "emission_class", lambda text: None if states_nothing(text) else read_emission_class(text)
    ),
    "energy.co2_class": _into("energy.co2_class", _letter),
    "energy.co2_class_discharged": _into("energy.co2_class_discharged", _letter),
    "country_version": _into(
        "country_version", lambda text: None if states_nothing(text) else read_country(text)
    ),
}
_BY_TYPE: Mapping[str, Callable[[str], Any]] = {
    "text": cells.TEXT.read,
    "area": cells.TEXT.read,
    "lines": lambda text: entries_of(text) or None,
    "month": cells.MONTH.read,
    "date": _day,
    "maybe": cells.FLAG.read,
    "flag": cells.FLAG.read,
}
