"""The facts of a vehicle that a file can have as columns: name, label, and how to get at each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any

from portal.messages import Message, say
from portal.platforms.common import words
from portal.platforms.common.energy import fitting_class
from portal.platforms.common.texts import chosen_financing, equipment_groups
from portal.platforms.common.vehicle_view import VehicleView
from portal.vehicle_facts.attributes import Attribute, Registry
from portal.vehicle_facts.equipment import BY_CODE
from portal.vehicle_facts.identity import class_of
from portal.vehicle_facts.registry import REGISTRY

Value = str | int | bool | Decimal | tuple[str, ...] | None
"""Months and days are texts `2018-05` and `2018-05-31`."""
Getter = Callable[[VehicleView], Value]
HIGHLIGHTS = 3


@dataclass(frozen=True)
class ExportFact:
    """`name` stands in templates and stored definitions: it never changes."""

    name: str
    label: Message
    group: Message
    value: Callable[[VehicleView], Value]
    month: bool = False


def _plain(path: str) -> Callable[[VehicleView], Value]:
    return attrgetter(f"vehicle.{path}")


def _word(path: str, table: Mapping[Any, str]) -> Callable[[VehicleView], Value]:
    get = attrgetter(f"vehicle.{path}")
    return lambda view: table.get(get(view), "")


def _financing(name: str) -> Callable[[VehicleView], Value]:
    return lambda view: getattr(chosen_financing(view.vehicle, view.context.settings), name, None)


def _leasing(name: str) -> Callable[[VehicleView], Value]:
    return lambda view: getattr(view.vehicle.leasing, name, None)


def _highlight(place: int) -> ExportFact:
    return ExportFact(
        f"highlight_{place}",
        say("Highlight {place}", place=place),
        TEXTS,
        lambda view: next(iter(view.vehicle.highlights[place - 1 :]), ""),
    )


def _address(name: str) -> Callable[[VehicleView], Value]:
    return attrgetter(f"context.surroundings.{name}")


def _own(path: str, value: Getter | None = None) -> tuple[str, Message, Getter]:
    """An attribute of the registry, which knows what it is called."""
    attribute = REGISTRY[path]
    return attribute.column_name, _heading(attribute), value or _plain(path)


def _heading(attribute: Attribute) -> Message:
    """What a column is called; files have it in German."""
    term = say(attribute.public_term)
    if attribute.unit and attribute.unit_in_heading:
        return say("{term} ({unit})", term=term, unit=say(attribute.unit))
    return term


def _facts(group: Message, *columns: tuple[str, Message, Getter]) -> tuple[ExportFact, ...]:
    return tuple(ExportFact(name, label, group, value) for name, label, value in columns)


def _month(group: Message, path: str, value: Getter | None = None) -> ExportFact:
    name, label, get = _own(path, value)
    return ExportFact(name, label, group, get, month=True)


IDENTITY, TECHNIQUE, CONDITION = say("Fahrzeug"), say("Technik"), say("Zustand")
PRICES, ENERGY, TEXTS = say("Preise"), say("Verbrauch und Emissionen"), say("Texte")
HOUSE, PICTURES = say("Händler"), say("Bilder")

GROUP_OF: Mapping[str, Message] = {
    "vehicle": IDENTITY,
    "technical": TECHNIQUE,
    "condition": CONDITION,
    "price": PRICES,
    "energy": ENERGY,
    "electric": ENERGY,
}
"""Of the registry's groups; all others are texts."""

_DECLARED: tuple[ExportFact, ...] = (
    *_facts(
        IDENTITY,
        _own("offer_number", attrgetter("number")),
        _own("vin", attrgetter("vin")),
        _own("hsn"),
        _own("tsn"),
        _own("kind", _word("kind", words.KINDS)),
        _own("vehicle_class", lambda view: words.CLASSES.get(class_of(view.vehicle), "")),
        _own("body_type", attrgetter("body")),
        _own("make"),
        _own("model"),
        _own("model_description"),
        ("title", say("Titel"), _plain("title")),
        _own("trim_line"),
        _own("model_range"),
        _own("country_version"),
    ),
    # The year alone where the month is not known: it is never made up.
    _month(
        TECHNIQUE,
        "first_registration",
        lambda view: view.vehicle.first_registration or str(view.vehicle.registration_year or ""),
    ),
    *_facts(
        TECHNIQUE,
        _own("construction_year"),
        _own("mileage"),
        _own("power"),
        ("horsepower", say("Leistung (PS)"), attrgetter("horsepower")),
        _own("displacement"),
        _own("cylinders"),
        _own("gears"),
        _own("fuel", attrgetter("fuel")),
        _own("hybrid", _word("hybrid", words.HYBRIDS)),
        _own("gearbox", _word("gearbox", words.GEARBOXES)),
        _own("drive", _word("drive", words.DRIVES)),
        _own("doors"),
        _own("seats"),
        _own("tank_volume"),
        _own("weight"),
        _own("trailer_load_braked"),
        _own("trailer_load_unbraked"),
        _own("payload"),
        _own("belted_seats"),
        _own("standing_height"),
        _own("colour"),
        _own("colour_name"),
        _own("metallic"),
        _own("matt"),
        _own("interior_colour"),
        _own("interior_type"),
    ),
    _month(CONDITION, "inspection_due"),
    _month(CONDITION, "last_maintenance"),
    *_facts(
        CONDITION,
        _own("inspection_new"),
        _own("service_new"),
        _own("previous_owners"),
        _own("damaged"),
        _own("accident"),
        _own("roadworthy"),
        _own("warranty"),
        _own("non_smoker"),
        _own("service_history"),
        _own("reserved"),
        _own("stock_date", lambda view: str(view.vehicle.stock_date or "")),
    ),
    *_facts(
        PRICES,
        _own("prices.selling", attrgetter("price")),
        _own("prices.msrp"),
        _own("prices.dealer"),
        _own("prices.taxation", _word("prices.taxation", words.TAXATIONS)),
        _own("prices.vat_rate"),
        _own("prices.on_request"),
        ("financing_rate", say("Finanzierung: monatliche Rate"), _financing("monthly_rate")),
        ("financing_duration", say("Finanzierung: Laufzeit"), _financing("duration")),
        ("financing_down_payment", say("Finanzierung: Anzahlung"), _financing("down_payment")),
        ("financing_final_rate", say("Finanzierung: Schlussrate"), _financing("final_rate")),
        ("financing_nominal", say("Finanzierung: Sollzins"), _financing("nominal_interest")),
        ("financing_effective", say("Finanzierung: Effektivzins"), _financing("effective_interest")),
        ("financing_net_credit", say("Finanzierung: Nettodarlehensbetrag"), _financing("net_credit")),
        ("financing_bank", say("Finanzierung: Bank"), _financing("bank")),
        ("leasing_rate", say("Leasing: monatliche Rate"), _leasing("monthly_rate")),
        ("leasing_duration", say("Leasing: Laufzeit"), _leasing("duration")),
        ("leasing_down_payment", say("Leasing: Sonderzahlung"), _leasing("down_payment")),
        ("leasing_mileage", say("Leasing: Kilometer pro Jahr"), _leasing("mileage_per_year")),
    ),
    *_facts(
        ENERGY,
        _own("emission_class"),
        _own("emission_sticker", _word("emission_sticker", words.STICKERS)),
        _own("particulate_filter"),
        _own("energy.fuel.combined"),
        _own("energy.power.combined"),
        _own("energy.weighted_fuel"),
        _own("energy.weighted_power"),
        _own("energy.discharged_fuel"),
        _own("energy.co2"),
        _own("energy.co2_class", lambda view: fitting_class(view.vehicle, "co2_class")),
        _own(
            "energy.co2_class_discharged",
            lambda view: fitting_class(view.vehicle, "co2_class_discharged"),
        ),
        _own("energy.electric_range"),
        _own("energy.energy_costs_per_year"),
        _own("energy.vehicle_tax_per_year"),
        _own("battery.capacity"),
        ("envkv", say("EnVKV-Angaben als Text"), attrgetter("envkv")),
    ),
    *_facts(
        TEXTS,
        _own("description", attrgetter("description")),
        (
            "equipment",
            say("Ausstattung"),
            lambda view: tuple(chain.from_iterable(equipment_groups(view.vehicle.equipment).values())),
        ),
        _own(
            "equipment.features",
            lambda view: tuple(
                BY_CODE[code].label if code in BY_CODE else code
                for code in sorted(view.vehicle.equipment.features)
            ),
        ),
        _own("highlights"),
    ),
    *(_highlight(place) for place in range(1, HIGHLIGHTS + 1)),
    *_facts(
        PICTURES,
        ("picture_count", say("Anzahl Bilder"), lambda view: len(view.subject.images)),
        ("picture_urls", say("Bildadressen"), attrgetter("picture_urls")),
        ("first_picture_url", say("Adresse des ersten Bildes"), lambda v: next(iter(v.picture_urls), "")),
        ("picture_names", say("Bilddateien in der Zip-Datei"), attrgetter("picture_names")),
    ),
    *_facts(
        HOUSE,
        ("customer_number", say("Kundennummer"), attrgetter("context.account.customer_number")),
        ("location_code", say("Standort (Kürzel)"), attrgetter("subject.location_code")),
        ("location_name", say("Standort"), _address("location_name")),
        ("dealer_name", say("Händler"), _address("dealer_name")),
        ("street", say("Straße"), _address("street")),
        ("postal_code", say("Postleitzahl"), _address("postal_code")),
        ("city", say("Ort"), _address("city")),
        ("phone", say("Telefon"), _address("phone")),
        ("email", say("E-Mail-Adresse"), _address("email")),
        _own("contact"),
    ),
)


def catalogue(registry: Registry = REGISTRY) -> tuple[ExportFact, ...]:
    """The columns in the order in which they are offered: those declared here, and at the end of its group
    every other attribute that is a column."""
    declared = {fact.name for fact in _DECLARED}
    more = tuple(
        ExportFact(
            one.column_name,
            _heading(one),
            GROUP_OF.get(one.group, TEXTS),
            _shown(one),
            month=one.type == "month",
        )
        for one in registry
        if one.column_name and one.column_name not in declared
    )
    order = list(dict.fromkeys(fact.group for fact in _DECLARED))
    return tuple(sorted((*_DECLARED, *more), key=lambda fact: order.index(fact.group)))


def _shown(attribute: Attribute) -> Getter:
    if attribute.type == "choice":
        return _word(attribute.name, dict(attribute.choices))
    if attribute.type == "date":
        get = attrgetter(f"vehicle.{attribute.name}")
        return lambda view: str(get(view) or "")
    return _plain(attribute.name)


FACTS = catalogue()
BY_NAME: Mapping[str, ExportFact] = {fact.name: fact for fact in FACTS}
