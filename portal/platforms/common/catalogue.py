"""The facts of a vehicle that a file can have as columns: name, label, and how to get at each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any

from portal.platforms.common import words
from portal.platforms.common.energy import sold_as
from portal.platforms.common.texts import equipment_groups
from portal.platforms.common.vehicle_view import VehicleView
from portal.vehicle_facts.data import Financing
from portal.vehicle_facts.equipment import BY_CODE

Value = str | int | bool | Decimal | tuple[str, ...] | None
"""Months and days are texts `2018-05` and `2018-05-31`."""
HIGHLIGHTS = 3
KW_IN_PS = Decimal("1.35962")


@dataclass(frozen=True)
class ExportFact:
    """`name` stands in templates and stored definitions: it never changes."""

    name: str
    label: str
    group: str
    value: Callable[[VehicleView], Value]
    month: bool = False


def _plain(path: str) -> Callable[[VehicleView], Value]:
    return attrgetter(f"vehicle.{path}")


def _word(path: str, table: Mapping[Any, str]) -> Callable[[VehicleView], Value]:
    get = attrgetter(f"vehicle.{path}")
    return lambda view: table.get(get(view), "")


def _body(view: VehicleView) -> Value:
    body = view.vehicle.body_type
    return view.vehicle.category_label or (words.BODIES[body] if body else "")


def _fuel(view: VehicleView) -> Value:
    fuel = sold_as(view.vehicle, view.context.rules.mild_hybrid_as)
    return words.FUELS[fuel] if fuel else ""


def _horsepower(view: VehicleView) -> Value:
    power = view.vehicle.power
    return None if power is None else int((power * KW_IN_PS).to_integral_value())


def _chosen(view: VehicleView) -> Financing | None:
    return view.vehicle.financing[1 if str(view.context.settings.get("financing_slot")) == "2" else 0]


def _financing(name: str) -> Callable[[VehicleView], Value]:
    return lambda view: getattr(_chosen(view), name, None)


def _leasing(name: str) -> Callable[[VehicleView], Value]:
    return lambda view: getattr(view.vehicle.leasing, name, None)


def _equipment(view: VehicleView) -> Value:
    return tuple(entry for group in equipment_groups(view.vehicle.equipment).values() for entry in group)


def _features(view: VehicleView) -> Value:
    codes = sorted(view.vehicle.equipment.features)
    return tuple(BY_CODE[code].label if code in BY_CODE else code for code in codes)


def _highlight(place: int) -> ExportFact:
    return ExportFact(
        f"highlight_{place}",
        f"Highlight {place}",
        "Texte",
        lambda view: next(iter(view.vehicle.highlights[place - 1 :]), ""),
    )


def _address(name: str) -> Callable[[VehicleView], Value]:
    return attrgetter(f"context.surroundings.{name}")


def _facts(group: str, *pairs: tuple[str, str, Callable[[VehicleView], Value]]) -> tuple[ExportFact, ...]:
    return tuple(ExportFact(name, label, group, value) for name, label, value in pairs)


def _months(group: str, *pairs: tuple[str, str]) -> tuple[ExportFact, ...]:
    return tuple(ExportFact(name, label, group, _plain(name), month=True) for name, label in pairs)


IDENTITY, TECHNIQUE, CONDITION = "Fahrzeug", "Technik", "Zustand"
PRICES, ENERGY, TEXTS, HOUSE = "Preise", "Verbrauch und Emissionen", "Texte", "Händler"

FACTS: tuple[ExportFact, ...] = (
    *_facts(
        IDENTITY,
        ("number", "Fahrzeugnummer", attrgetter("number")),
        ("vin", "Fahrgestellnummer", attrgetter("vin")),
        ("hsn", "HSN", _plain("hsn")),
        ("tsn", "TSN", _plain("tsn")),
        ("kind", "Zustand", _word("kind", words.KINDS)),
        ("vehicle_class", "Fahrzeugart", _word("vehicle_class", words.CLASSES)),
        ("body", "Karosserieform", _body),
        ("make", "Marke", _plain("make")),
        ("model", "Modell", _plain("model")),
        ("model_description", "Modellbezeichnung", _plain("model_description")),
        ("title", "Titel", _plain("title")),
        ("trim_line", "Ausstattungslinie", _plain("trim_line")),
        ("model_range", "Modellreihe", _plain("model_range")),
        ("country_version", "Länderversion", _plain("country_version")),
    ),
    *_months(TECHNIQUE, ("first_registration", "Erstzulassung")),
    *_facts(
        TECHNIQUE,
        ("construction_year", "Baujahr", _plain("construction_year")),
        ("mileage", "Kilometerstand", _plain("mileage")),
        ("power", "Leistung (kW)", _plain("power")),
        ("horsepower", "Leistung (PS)", _horsepower),
        ("displacement", "Hubraum (cm³)", _plain("displacement")),
        ("cylinders", "Zylinder", _plain("cylinders")),
        ("gears", "Gänge", _plain("gears")),
        ("fuel", "Kraftstoff", _fuel),
        ("hybrid", "Hybridart", _word("hybrid", words.HYBRIDS)),
        ("gearbox", "Getriebe", _word("gearbox", words.GEARBOXES)),
        ("drive", "Antrieb", _word("drive", words.DRIVES)),
        ("doors", "Türen", _plain("doors")),
        ("seats", "Sitzplätze", _plain("seats")),
        ("tank_volume", "Tankvolumen (l)", _plain("tank_volume")),
        ("weight", "Leergewicht (kg)", _plain("weight")),
        ("trailer_load_braked", "Anhängelast gebremst (kg)", _plain("trailer_load_braked")),
        ("trailer_load_unbraked", "Anhängelast ungebremst (kg)", _plain("trailer_load_unbraked")),
        ("colour", "Außenfarbe", _plain("colour")),
        ("colour_name", "Farbname des Herstellers", _plain("colour_name")),
        ("metallic", "Metallic", _plain("metallic")),
        ("matt", "Mattlack", _plain("matt")),
        ("interior_colour", "Innenfarbe", _plain("interior_colour")),
        ("interior_type", "Polster", _plain("interior_type")),
    ),
    *_months(CONDITION, ("inspection_due", "HU gültig bis")),
    *_facts(
        CONDITION,
        ("inspection_new", "HU/AU neu", _plain("inspection_new")),
        ("service_new", "Inspektion neu", _plain("service_new")),
        ("previous_owners", "Vorbesitzer", _plain("previous_owners")),
        ("damaged", "Unreparierter Schaden", _plain("damaged")),
        ("accident", "Unfallfahrzeug", _plain("accident")),
        ("roadworthy", "Fahrtauglich", _plain("roadworthy")),
        ("warranty", "Garantie", _plain("warranty")),
        ("non_smoker", "Nichtraucherfahrzeug", _plain("non_smoker")),
        ("service_history", "Scheckheftgepflegt", _plain("service_history")),
        ("reserved", "Reserviert", _plain("reserved")),
        ("stock_date", "Standdatum", lambda view: str(view.vehicle.stock_date or "")),
    ),
    *_facts(
        PRICES,
        ("price", "Preis", attrgetter("price")),
        ("msrp", "Unverbindliche Preisempfehlung", _plain("prices.msrp")),
        ("dealer_price", "Händlerpreis", _plain("prices.dealer")),
        ("taxation", "MwSt.", _word("prices.taxation", words.TAXATIONS)),
        ("vat_rate", "MwSt.-Satz", _plain("prices.vat_rate")),
        ("price_on_request", "Preis auf Anfrage", _plain("prices.on_request")),
        ("financing_rate", "Finanzierung: monatliche Rate", _financing("monthly_rate")),
        ("financing_duration", "Finanzierung: Laufzeit", _financing("duration")),
        ("financing_down_payment", "Finanzierung: Anzahlung", _financing("down_payment")),
        ("financing_final_rate", "Finanzierung: Schlussrate", _financing("final_rate")),
        ("financing_nominal", "Finanzierung: Sollzins", _financing("nominal_interest")),
        ("financing_effective", "Finanzierung: Effektivzins", _financing("effective_interest")),
        ("financing_net_credit", "Finanzierung: Nettodarlehensbetrag", _financing("net_credit")),
        ("financing_bank", "Finanzierung: Bank", _financing("bank")),
        ("leasing_rate", "Leasing: monatliche Rate", _leasing("monthly_rate")),
        ("leasing_duration", "Leasing: Laufzeit", _leasing("duration")),
        ("leasing_down_payment", "Leasing: Sonderzahlung", _leasing("down_payment")),
        ("leasing_mileage", "Leasing: Kilometer pro Jahr", _leasing("mileage_per_year")),
    ),
    *_facts(
        ENERGY,
        ("emission_class", "Schadstoffklasse", _plain("emission_class")),
        ("emission_sticker", "Umweltplakette", _word("emission_sticker", words.STICKERS)),
        ("particulate_filter", "Partikelfilter", _plain("particulate_filter")),
        ("consumption_fuel", "Kraftstoffverbrauch kombiniert", _plain("energy.fuel.combined")),
        ("consumption_power", "Stromverbrauch kombiniert", _plain("energy.power.combined")),
        ("weighted_fuel", "Kraftstoffverbrauch gewichtet kombiniert", _plain("energy.weighted_fuel")),
        ("weighted_power", "Stromverbrauch gewichtet kombiniert", _plain("energy.weighted_power")),
        ("discharged_fuel", "Kraftstoffverbrauch bei entladener Batterie", _plain("energy.discharged_fuel")),
        ("co2", "CO₂-Emissionen (g/km)", _plain("energy.co2")),
        ("co2_class", "CO₂-Klasse", _plain("energy.co2_class")),
        ("co2_class_discharged", "CO₂-Klasse bei entladener Batterie", _plain("energy.co2_class_discharged")),
        ("electric_range", "Elektrische Reichweite (km)", _plain("energy.electric_range")),
        ("energy_costs", "Energiekosten pro Jahr", _plain("energy.energy_costs_per_year")),
        ("vehicle_tax", "Kfz-Steuer pro Jahr", _plain("energy.vehicle_tax_per_year")),
        ("battery_capacity", "Batteriekapazität (kWh)", _plain("battery.capacity")),
        ("envkv", "EnVKV-Angaben als Text", attrgetter("envkv")),
    ),
    *_facts(
        TEXTS,
        ("description", "Beschreibung", attrgetter("description")),
        ("equipment", "Ausstattung", _equipment),
        ("features", "Suchmerkmale", _features),
        ("highlights", "Highlights", _plain("highlights")),
    ),
    *(_highlight(place) for place in range(1, HIGHLIGHTS + 1)),
    *_facts(
        "Bilder",
        ("picture_count", "Anzahl Bilder", lambda view: len(view.subject.images)),
        ("picture_urls", "Bildadressen", attrgetter("picture_urls")),
        ("first_picture_url", "Adresse des ersten Bildes", lambda v: next(iter(v.picture_urls), "")),
        ("picture_names", "Bilddateien in der Zip-Datei", attrgetter("picture_names")),
    ),
    *_facts(
        HOUSE,
        ("customer_number", "Kundennummer", attrgetter("context.account.customer_number")),
        ("location_code", "Standort (Kürzel)", attrgetter("subject.location_code")),
        ("location_name", "Standort", _address("location_name")),
        ("dealer_name", "Händler", _address("dealer_name")),
        ("street", "Straße", _address("street")),
        ("postal_code", "Postleitzahl", _address("postal_code")),
        ("city", "Ort", _address("city")),
        ("phone", "Telefon", _address("phone")),
        ("email", "E-Mail-Adresse", _address("email")),
        ("contact", "Ansprechpartner", _plain("contact")),
    ),
)
BY_NAME: Mapping[str, ExportFact] = {fact.name: fact for fact in FACTS}
