"""Each format, byte by byte, and the same file as somebody else reads it.

After a wanted change: `python -m tests.platforms.test_golden_files`, and look at the difference.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from portal.vehicle_facts.data import VehicleData
from tests.platforms.file_rig import FileRig, file_rig, read
from tests.platforms.mobile_de.kinds import electric, financed, motorbike, new_diesel, plug_in, used_petrol

GOLDEN = Path(__file__).parent / "golden_files"
FILES: dict[str, tuple[str, dict[str, Any]]] = {
    "mobile-de.csv": ("mobile-de-csv", {"equipment_format": "lines", "leasing_example": "text_end"}),
    "website.json": ("dealer-website", {"format": "json"}),
    "meta.csv": ("meta-catalog", {"imprint_url": "https://www.autohaus-muster.de/impressum"}),
    "google.txt": ("google-vehicle-ads", {}),
    "tiktok.csv": ("tiktok-automotive", {}),
    "microsoft.tsv": ("microsoft-autos", {}),
    "generic.csv": ("generic", {"financing_example": "text_start"}),
    "generic.xml": ("generic", {"format": "xml", "charset": "iso-8859-15", "dates": "iso"}),
    "email.csv": ("email", {}),
}


def stock() -> list[VehicleData]:
    return [
        used_petrol(description="Türen „neu“,\nScheckheft; 1. Hand 🚗"),
        new_diesel(vin="WVWZZZ3CZAE000002", colour="Silber"),
        electric(vin="WVWZZZE1ZAP000003", colour="Silber"),
        plug_in(vin="WVWZZZAUZAW000004", colour="Silber"),
        motorbike(vin="WB10A0200AZ000005", colour="Rot", model_description='=R 1200 GS "Adventure"'),
        financed(offer_number="F1/ä", vin="WVWZZZ1KZAW000009"),
    ]


def made(name: str) -> bytes:
    slug, changed = FILES[name]
    content = file_rig(slug, **changed).file(*stock())
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(archive.namelist()[0])
    return content


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_as_it_was(name: str) -> None:
    assert made(name) == golden(name)


def test_mobile_de_by_its_positions() -> None:
    rows = list(
        csv.reader(io.StringIO(golden("mobile-de.csv").decode("iso-8859-15"), newline=""), delimiter=";")
    )
    assert {len(row) for row in rows} == {211}
    used, new, electric_car, *_ = rows
    assert [used[index] for index in (0, 1, 2, 3, 4, 5, 8, 9, 10, 11)] == [
        *("4711001", "A10001", "Limousine", "VW", "Golf", "92", "05.2018", "64500", "12990", "1"),
    ]
    assert used[25].startswith('1.4 TSI Comfortline\\\\\\\\Türen "neu",\\\\Scheckheft; 1. Hand')
    assert used[26] == "A10001"
    assert (new[21], electric_car[21], used[21]) == ("1", "1", "")
    assert (electric_car[109], electric_car[98], electric_car[99]) == ("6", "15.8", "")
    assert rows[5][1].startswith("F1---")
    assert "\n" not in "".join(map("".join, rows))


def test_google_by_its_names() -> None:
    rows = list(csv.DictReader(io.StringIO(golden("google.txt").decode(), newline=""), delimiter="\t"))
    first = rows[0]
    assert len(rows) == 5
    assert (first["brand"], first["price"], first["mileage"]) == ("VW", "12990 EUR", "64500 km")
    assert (first["condition"], rows[1]["condition"], rows[1]["mileage"]) == ("Used", "New", "0 km")
    assert first["link"] == "https://www.autohaus-muster.de/fahrzeuge/A10001"
    assert first["image_link"].endswith("1.jpg")
    assert first["store_code"] == "HH-1"


def test_meta_by_its_names() -> None:
    rows = list(csv.DictReader(io.StringIO(golden("meta.csv").decode(), newline="")))
    first, bike = rows[0], rows[4]
    assert (first["mileage.value"], first["mileage.unit"]) == ("64500", "KM")
    assert (first["state_of_vehicle"], first["fuel_type"], first["body_style"]) == (
        "USED",
        "GASOLINE",
        "SEDAN",
    )
    assert first["image[1].url"].endswith("2.jpg")
    assert (rows[3]["fuel_type"], bike["vehicle_type"]) == ("HYBRID", "MOTORCYCLE")
    assert bike["body_style"] == "OTHER"
    assert bike["title"] == 'BMW R 1200 GS =R 1200 GS "Adventure"'


def test_google_with_what_germany_asks_for() -> None:
    rows = list(csv.DictReader(io.StringIO(golden("google.txt").decode(), newline=""), delimiter="\t"))
    used, diesel, battery, hybrid, _financed = rows
    named = "certification(certification_authority:certification_name:certification_value)"
    assert (used["engine"], used["date_first_registered"], used["co2_emissions"]) == (
        *("gasoline", "2018-05"),
        "123 g/km",
    )
    assert (used["emissions_standard"], used["body_style"]) == ("euro6", "sedan")
    assert (diesel[named], diesel["fuel_consumption"]) == ("BMWK:Vehicle_CO2_Class:D", "5 l/100km")
    assert (battery["energy_consumption"], battery["electric_range"]) == ("15.8 kWh/100km", "426 km")
    assert (battery["co2_emissions"], battery["emissions_standard"]) == ("", "zero_emissions")
    assert hybrid[named] == "BMWK:Vehicle_CO2_Class:B,BMWK:Vehicle_CO2_Class_Discharged_Battery:D"
    assert (hybrid["engine"], hybrid["fuel_consumption"]) == ("plug-in_hybrid", "0.9 l/100km")
    assert hybrid["fuel_consumption_discharged_battery"] == "5.6 l/100km"
    assert (hybrid["energy_consumption"], hybrid["electric_range"]) == ("14.2 kWh/100km", "62 km")


def test_tiktok_by_its_names() -> None:
    first, *_ = rows = list(csv.DictReader(io.StringIO(golden("tiktok.csv").decode(), newline="")))
    assert (first["vehicle_id"], first["mileage.value"], first["mileage.unit"]) == ("A10001", "64500", "KM")
    assert (first["state_of_vehicle"], rows[1]["state_of_vehicle"]) == ("Used", "New")
    assert (first["body_style"], first["transmission"], first["drivetrain"]) == ("sedan", "manual", "FWD")
    assert first["image_link"].endswith("1.jpg")
    assert first["price"] == "12990 EUR"


def test_microsoft_by_its_names() -> None:
    rows = list(csv.DictReader(io.StringIO(golden("microsoft.tsv").decode(), newline=""), delimiter="\t"))
    first = rows[0]
    assert len(rows) == 5
    assert (first["Country"], first["Make"], first["Model"], first["Price"]) == (
        *("DE", "VW", "Golf"),
        "12990.00 EUR",
    )
    assert first["Final URL"] == "https://www.autohaus-muster.de/fahrzeuge/A10001"
    assert [url[-5:] for url in first["Image URL"].split(";")] == ["1.jpg", "2.jpg"]
    assert first["Target campaign"]
    assert (first["State of vehicle"], first["Transmission"]) == ("used", "Manual")


def test_the_website_as_json() -> None:
    first, *_ = json.loads(golden("website.json"))
    assert (first["number"], first["price"], first["mileage"], first["metallic"]) == (
        "A10001",
        12990,
        64500,
        True,
    )
    assert first["picture_urls"][0].startswith("https://portal.example/feeds/pictures/")
    assert "ABS" in first["features"]
    assert "dealer_price" not in first
    assert "🚗" in first["description"]


def test_the_generic_table_as_xml() -> None:
    root = etree.fromstring(golden("generic.xml"))
    first = root[0]
    assert first.findtext("Fahrzeugnummer") == "A10001"
    assert first.findtext("Preis") == "12990"
    assert first.findtext("Erstzulassung") == "2018-05"
    assert "🚗" in (first.findtext("Beschreibung") or "")
    assert len(first.xpath("Bildadressen/item")) == 2


def test_tables_begin_with_their_header() -> None:
    text = golden("email.csv")
    assert text.startswith(b"\xef\xbb\xbf")
    header, first, *_ = csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""), delimiter=";")
    row = dict(zip(header, first, strict=True))
    assert (row["Marke"], row["Erstzulassung"], row["Kraftstoff"]) == ("VW", "05.2018", "Benzin")
    assert row["CO₂-Klasse"] == "D"


@pytest.mark.parametrize("name", FILES)
def test_somebody_else_finds_every_vehicle(name: str) -> None:
    slug, changed = FILES[name]
    rig: FileRig = file_rig(slug, **changed)
    kept = [vehicle for vehicle in stock() if not rig.entry(vehicle).problems]
    assert len(read(rig, rig.file(*stock()))) == len(kept) >= 5


if __name__ == "__main__":
    for each in FILES:
        (GOLDEN / each).write_bytes(made(each))
