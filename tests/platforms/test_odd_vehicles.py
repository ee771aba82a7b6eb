"""A hundred and twenty odd vehicles through every file app, read by readers that know the papers only."""

from __future__ import annotations

from decimal import Decimal
from itertools import cycle, islice
from typing import Any

import pytest

from portal.platforms import APPS
from portal.platforms.common.profile import Profile, ProfileColumn
from portal.vehicle_facts.data import (
    BodyType,
    ConsumptionByPhase,
    Energy,
    Fuel,
    Kind,
    Prices,
    VehicleClass,
    VehicleData,
)
from tests.platforms import independent_readers as readers
from tests.platforms.file_rig import file_rig, golf
from tests.platforms.independent_readers import Reader, ReadVehicle, says, words

COUNT = 120
"""The periods below have no common divisor: no two vehicles are odd in the same ways."""
MAKES = ("VW", "Citroën", "Škoda", "Müller & Söhne", "Mercedes-Benz", "smart", "Lynk & Co")
MODELS = (
    "Golf",
    "C4 Picasso",
    'Astra "Edition"',
    "3er; Touring",
    "=1+1",
    "up!",
    "Ka/Ka+",
    "C´eed",
    "@home",
    "500 C",
    "T6",
)
PRICES = ("100", "999.99", "12990", "12990.50", "1250000", "9999999", "8000.10", "15000", "0.01")
MILEAGES = (0, 1, 999, 64_500, 100_000, 9_999_999, 640_000, 12, None, 5, 77, 123_456, 7_000)
REGISTRATIONS: tuple[dict[str, Any], ...] = (
    {"first_registration": "2018-05"},
    {"first_registration": "1969-07"},
    {"first_registration": None, "registration_year": 2012},
    {"first_registration": "2026-11"},
    {"first_registration": "2009-12", "kind": Kind.EMPLOYEES_CAR},
)
CLASSES: tuple[dict[str, Any], ...] = (
    {},
    {"vehicle_class": VehicleClass.TRAILER, "body_type": None, "category_label": "Pferdeanhänger"},
    {"vehicle_class": VehicleClass.MOTORBIKE, "body_type": None},
    {"body_type": BodyType.OTHER, "category_label": "LKW"},
    {"vehicle_class": VehicleClass.VAN, "body_type": None, "category_label": "Kastenwagen"},
    {"body_type": None, "category_label": "Hochzeitskutsche"},
    {
        "fuel": Fuel.ELECTRIC,
        "displacement": None,
        "energy": Energy(power=ConsumptionByPhase(combined=Decimal(16)), co2_class="A", electric_range=400),
    },
)
TEXTS = (
    "Türen geprüft, großer Kofferraum",
    "Zitat: \"gut\"; 'besser'; „am besten“",
    "Zeile eins\nZeile zwei\n\nZeile drei",
    "- Klima\n- Navi\n- AHK",
    "Verbrauch < 6 l und Länge > 4 m & mehr",
    "Emoji 🚗 und 👍 mitten im Satz",
    "=HYPERLINK ist hier nur Text",
    "Tab\tulator und Rück\\schritt",
    "Viel " * 300 + "Text",
    "----\nDanach",
    "",
)
VINS = ("WVWZZZ1KZAW{0:06}", "", "WDB1240501A{0:06}")
COLUMNS = {
    "Marke": "make",
    "Modell": "model",
    "Preis": "price",
    "Kilometerstand": "mileage",
    "Erstzulassung": "first_registration",
    "Fahrgestellnummer": "vin",
    "Beschreibung": "description",
}


def profile(**changed: Any) -> dict[str, Any]:
    """An export as a dealer puts it together."""
    columns = tuple(ProfileColumn(label, fact) for label, fact in COLUMNS.items())
    return {"profile": Profile(columns, **changed).as_json()}


TABBED = {"separator": "\t", "charset": "cp1252", "dates": "iso", "breaks": "keep", "comma": False}
FORMATS: dict[str, tuple[str, dict[str, Any], Reader]] = {
    "mobile.de CSV": ("mobile-de-csv", {}, readers.mobile_de_csv),
    "website, mobile.de CSV": ("dealer-website", {}, readers.mobile_de_csv),
    "website, JSON": ("dealer-website", {"format": "json"}, readers.website_json),
    "Meta": ("meta-catalog", {}, readers.meta_csv),
    "Google": ("google-vehicle-ads", {}, readers.google_tsv),
    "TikTok": ("tiktok-automotive", {}, readers.meta_csv),
    "Microsoft": ("microsoft-autos", {}, readers.microsoft_tsv),
    "generic, CSV": ("generic", {}, readers.labelled_csv),
    "generic, XML": ("generic", {"format": "xml", "charset": "iso-8859-15"}, readers.labelled_xml),
    "e-mail": ("email", {}, readers.labelled_csv),
    "e-mail, mobile.de CSV": ("email", {"format": "mobile_de_csv"}, readers.mobile_de_csv),
    "configurator, CSV": ("configurator", profile(), readers.labelled_csv),
    "configurator, tabs": ("configurator", profile(**TABBED), readers.tabbed_csv),
    "configurator, JSON": ("configurator", profile(format="json", dates="iso"), readers.labelled_json),
    "configurator, XML": ("configurator", profile(format="xml", charset="iso-8859-15"), readers.labelled_xml),
}
YEARS_ALONE = ("Meta", "Google", "TikTok", "Microsoft")


def odd_vehicles() -> list[VehicleData]:
    columns = (MAKES, MODELS, PRICES, MILEAGES, REGISTRATIONS, CLASSES, TEXTS, VINS)
    rows = zip(*(islice(cycle(column), COUNT) for column in columns), strict=True)
    return [_odd(number, *row) for number, row in enumerate(rows, start=1)]


def _odd(number: int, *row: Any) -> VehicleData:
    make, model, price, mileage, registration, kind, text, vin = row
    label = Energy(fuel=ConsumptionByPhase(combined=Decimal("5.4")), co2=123, co2_class="D")
    return golf(
        offer_number=f"{number:03}-{'X' * (number % 30)}",
        make=make,
        model=model,
        model_description="",
        mileage=mileage,
        vin=vin.format(number),
        description=text.strip(),
        prices=Prices(selling=Decimal(price)),
        confirmed=("prices.selling=0.01",),
        **registration,
        **({"energy": label} | kind),
    )


@pytest.mark.parametrize("name", FORMATS)
def test_what_leaves_is_what_came_in_and_what_stays_has_its_reason(name: str) -> None:
    slug, changed, reader = FORMATS[name]
    rig = file_rig(slug, **changed)
    stock = odd_vehicles()
    entries = [rig.entry(vehicle) for vehicle in stock]
    sent = [vehicle for vehicle, entry in zip(stock, entries, strict=True) if not entry.problems]
    found = reader(rig.write(entry for entry in entries if not entry.problems))
    assert len(found) == len(sent) > 10
    for vehicle, read in zip(sent, found, strict=True):
        assert _facts(read) == _expected(vehicle, has_months=name not in YEARS_ALONE), vehicle.offer_number
        assert says(read.text, words(vehicle.description)), (vehicle.description, read.text)
    for entry in entries:
        assert all(problem.text for problem in entry.problems)


def test_every_app_that_writes_files_is_among_them() -> None:
    assert {slug for slug, _, _ in FORMATS.values()} == {slug for slug, app in APPS.items() if app.file}


def _facts(read: ReadVehicle) -> tuple[Any, ...]:
    return (
        _spelled(read.make),
        _spelled(read.model),
        read.price,
        read.mileage,
        read.year,
        read.month,
        read.vin,
    )


def _expected(vehicle: VehicleData, *, has_months: bool) -> tuple[Any, ...]:
    registered = vehicle.first_registration or str(vehicle.registration_year)
    return (
        _spelled(vehicle.make),
        _spelled(vehicle.model),
        vehicle.prices.selling,
        vehicle.mileage,
        registered[:4],
        registered[5:] if has_months else "",
        vehicle.vin,
    )


def _spelled(text: str) -> str:
    """An accent on its own is no character of ISO-8859-15: an apostrophe stands for it."""
    return text.replace("´", "'")
