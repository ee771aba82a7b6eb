"""What every file app of the registry owes (docs/adding-a-platform.md)."""

from __future__ import annotations

import io
import string
import tracemalloc
from decimal import Decimal
from itertools import repeat
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.platforms import APPS, get_app
from portal.platforms.contract import Rules
from portal.platforms.contract.files import Doubles, FileEntry
from portal.vehicle_facts.data import Energy, Equipment, Kind, Prices, VehicleData
from tests.platforms.file_rig import FILE_APPS, JPEG, FileRig, file_rig, golf, images, read
from tests.platforms.mobile_de.kinds import (
    demonstrator,
    electric,
    financed,
    motor_home,
    motorbike,
    new_diesel,
    plug_in,
    used_petrol,
    van,
)
from tests.texts import written
from tests.words import german

VARIANTS: tuple[tuple[str, dict[str, Any]], ...] = (
    *((slug, {}) for slug in FILE_APPS),
    ("dealer-website", {"format": "json"}),
    ("email", {"format": "mobile_de_csv", "pictures": "zip"}),
    ("email", {"pictures": "zip"}),
    ("generic", {"columns": "all", "charset": "iso-8859-15", "pictures": "zip"}),
    ("generic", {"format": "json", "columns": "all"}),
    ("generic", {"format": "xml", "columns": "all", "charset": "cp1252"}),
    ("mobile-de-csv", {"pictures": "none"}),
)
"""Every file app, and those settings that make another file of it."""
CATALOGUES = ("meta-catalog", "google-vehicle-ads", "tiktok-automotive", "microsoft-autos")
POWER, WEIGHTED = "energy.power.combined", "energy.weighted_power"
CARS_ONLY = ("google-vehicle-ads", "microsoft-autos")
LONG = "Sehr gepflegter Wagen mit Wartungsbuch. " * 250
"""10,000 characters."""


@pytest.fixture(params=VARIANTS, ids=lambda v: "-".join([v[0], *map(str, v[1].values())]))
def rig(request: pytest.FixtureRequest) -> FileRig:
    slug, changed = request.param
    return file_rig(slug, **changed)


def texts(entry: FileEntry) -> str:
    return " ".join(note.text for note in (*entry.problems, *entry.hints))


VEHICLES = {
    "minimal": lambda: golf(vin="", model_description=""),
    "full": lambda: financed(colour="Silber"),
    "used": used_petrol,
    "electric": lambda: electric(colour="Silber"),
    "plug_in": lambda: plug_in(colour="Silber"),
    "new": lambda: new_diesel(colour="Silber"),
    "demonstrator": lambda: demonstrator(colour="Silber"),
}


@pytest.mark.parametrize("name", VEHICLES)
def test_a_vehicle_is_in_the_file(rig: FileRig, name: str) -> None:
    vehicle = VEHICLES[name]()
    entry = rig.entry(vehicle)
    assert entry == rig.entry(vehicle)
    assert entry.problems == ()
    assert entry.number == vehicle.offer_number
    (row,) = read(rig, rig.file(vehicle))
    assert any(entry.number in str(cell) for cell in row)
    assert any("VW" in str(cell) for cell in row)


@pytest.mark.parametrize("other", [van, motorbike, motor_home])
def test_other_classes_are_in_the_file_or_the_reason_is_named(rig: FileRig, other: Any) -> None:
    entry = rig.entry(other(colour="Silber", energy=Energy(co2=123)))
    assert {problem.code for problem in entry.problems} == (
        {"class-not-taken"} if rig.slug in CARS_ONLY else set()
    )


def test_an_empty_vehicle_has_its_problems_named(rig: FileRig) -> None:
    entry = rig.entry(VehicleData(offer_number="X"), pictures=0)
    for note in (*entry.problems, *entry.hints):
        assert note.code
        assert german(note.text).endswith(".")
        assert note.field


def test_an_empty_stock_is_a_file_without_vehicles(rig: FileRig) -> None:
    assert read(rig, rig.write([])) == []


def test_the_same_stock_gives_the_same_bytes(rig: FileRig) -> None:
    stock = [used_petrol(), electric(), new_diesel()]
    assert rig.file(*stock) == rig.file(*stock)


@pytest.mark.parametrize(
    ("vehicle", "code"),
    [
        (lambda: golf(sold=True), "sold"),
        (lambda: new_diesel(energy={}), "envkv-values-required"),
        (lambda: golf(mileage=500), "envkv-values-required"),
        (lambda: demonstrator(energy={}), "envkv-values-required"),
    ],
)
def test_what_must_not_be_advertised_stays_out(rig: FileRig, vehicle: Any, code: str) -> None:
    assert code in {problem.code for problem in rig.entry(vehicle()).problems}


def test_trade_ins_stay_out_where_the_dealer_says_so(rig: FileRig) -> None:
    strict = file_rig(rig.slug, Rules(trade_ins=False), **rig.settings)
    assert [problem.code for problem in strict.entry(golf(trade_in=True)).problems] == ["trade-in"]
    assert rig.entry(golf(trade_in=True)).problems == ()


def test_the_vin_stays_out_where_the_dealer_says_so(rig: FileRig) -> None:
    silent = file_rig(rig.slug, Rules(export_vin=False), **rig.settings)
    assert b"WVWZZZ1KZAW000001" not in _plain(silent, golf())
    assert b"WVWZZZ1KZAW000001" in _plain(rig, golf())


@pytest.mark.parametrize("slug", ["meta-catalog", "tiktok-automotive"])
@pytest.mark.parametrize("place", ["colour", "body_type", "first_registration", "mileage", "images"])
def test_a_catalogue_is_given_no_vehicle_without_a_required_column(slug: str, place: str) -> None:
    missing = {"colour": "", "body_type": None, "first_registration": None, "mileage": None}
    facts = {place: missing[place]} if place in missing else {}
    entry = file_rig(slug).entry(golf(**facts), pictures=0 if place == "images" else 1)
    assert [(problem.code, problem.field) for problem in entry.problems] == [("missing-field", place)]


@pytest.mark.parametrize(
    ("vehicle", "field"),
    [
        (lambda: golf(fuel=None), "fuel"),
        (lambda: golf(energy=Energy()), "energy.co2"),
        (lambda: golf(first_registration=None, registration_year=2018), "first_registration"),
        (lambda: electric(kind=Kind.USED, first_registration="2022-01", mileage=9000, energy={}), POWER),
        (
            lambda: plug_in(kind=Kind.USED, first_registration="2022-01", mileage=9000, energy={"co2": 21}),
            WEIGHTED,
        ),
    ],
)
def test_what_germany_asks_of_google_is_asked_for_before_the_file(vehicle: Any, field: str) -> None:
    entry = file_rig("google-vehicle-ads").entry(vehicle())
    assert [problem.field for problem in entry.problems] == [field]


def test_a_new_car_owes_google_its_label_and_each_value_is_asked_for_once() -> None:
    asked = [problem.field for problem in file_rig("google-vehicle-ads").entry(plug_in(energy={})).problems]
    assert len(asked) == len(set(asked))
    assert {"energy.co2_class", "energy.co2_class_discharged", "energy.electric_range"} <= set(asked)


def test_pictures_for_microsoft_fit_into_their_column() -> None:
    rig = file_rig("microsoft-autos")
    entry = rig.entry(golf(), pictures=40)
    shown = next(value for value in entry.values if str(value).count(";") > 1)
    assert len(shown) <= 2048
    assert [hint.code for hint in entry.hints] == ["images-cut"]


def test_the_price_is_the_platforms_own_then_the_promo_then_the_selling_price(rig: FileRig) -> None:
    promo = golf(prices=Prices(selling=Decimal(20_111), promo=Decimal(19_222)))
    assert "20111" in _row(rig, golf(prices=Prices(selling=Decimal(20_111))))
    assert "19222" in _row(rig, promo)
    assert "18333" in _row(rig, promo, platform_price="18333")
    strict = file_rig(rig.slug, Rules(platform_prices=False), **rig.settings)
    assert "19222" in _row(strict, promo, platform_price="18333")


def test_a_price_on_request_is_never_told(rig: FileRig) -> None:
    entry = rig.entry(golf(prices=Prices(selling=Decimal(20_111), on_request=True)))
    assert "20111" not in str(entry.values)
    needs_price = rig.slug in ("mobile-de-csv", *CATALOGUES)
    fixed_layout = rig.settings.get("format") == "mobile_de_csv"
    assert ("price-on-request" in {p.code for p in entry.problems}) == (needs_price or fixed_layout)


@pytest.mark.parametrize(
    ("form", "number"),
    [("offer", "A1"), ("code_offer", "HH-A1"), ("vin", "WVWZZZ1KZAW000001"), ("vin7", "W000001")],
)
def test_the_number_is_in_the_chosen_format(rig: FileRig, form: str, number: str) -> None:
    chosen = file_rig(rig.slug, **(rig.settings | {"number_format": form}))
    assert chosen.entry(golf(offer_number="A1")).number == number


def test_a_number_that_needs_a_vin_falls_back_with_a_hint(rig: FileRig) -> None:
    chosen = file_rig(rig.slug, **(rig.settings | {"number_format": "vin"}))
    entry = chosen.entry(golf(offer_number="A1", vin=""))
    assert entry.number == "A1"
    assert "number-without-vin" in {hint.code for hint in entry.hints}


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("comma", "Ausstattung: ABS, Sitzheizung"),
        ("lines", " ABS"),
        ("grouped", "Sicherheit"),
        ("criteria_only", ""),
    ],
)
def test_equipment_is_in_the_description_in_the_chosen_format(rig: FileRig, form: str, shown: str) -> None:
    chosen = file_rig(rig.slug, **(rig.settings | {"equipment_format": form}))
    vehicle = golf(equipment=Equipment(features=frozenset({"abs", "heated_seats"})), description="Text.")
    row = _row(chosen, vehicle)
    assert shown in row
    assert ("Ausstattung: ABS" in row) == (form == "comma")
    assert ("- ABS" in row or "* ABS" in row) == (form == "lines")


def test_list_entries_are_in_the_mark_up_of_the_layout() -> None:
    """mobile.de's own: `* entry` between two backslashes; elsewhere they are lines with a dash."""
    vehicle = golf(equipment=Equipment(features=frozenset({"abs"})), description="Text.")
    settings = {"equipment_format": "lines"}
    assert "\\\\* ABS" in _row(file_rig("mobile-de-csv", **settings), vehicle)
    assert "- ABS" in _row(file_rig("meta-catalog", **settings), vehicle)


@pytest.mark.parametrize("place", ["text_start", "text_end"])
def test_examples_are_in_the_description_and_leasing_goes_before_financing(rig: FileRig, place: str) -> None:
    both = {"financing_example": place, "leasing_example": place}
    alone = {"financing_example": place, "financing_slot": "2"}
    assert "Leasingbeispiel" in _row(file_rig(rig.slug, **(rig.settings | both)), financed())
    assert "Finanzierungsbeispiel" not in _row(file_rig(rig.slug, **(rig.settings | both)), financed())
    row = _row(file_rig(rig.slug, **(rig.settings | alone)), financed())
    assert "Zweite Bank" in row
    assert "Effektiver Jahreszins: 3,99 %" in row


def test_a_vehicle_subject_to_the_envkv_states_its_values(rig: FileRig) -> None:
    row = _row(rig, new_diesel())
    assert "Kraftstoffverbrauch kombiniert: 5,0 l/100 km" in row
    assert "Klasse: D" in row


def test_a_long_text_is_cut_by_the_format_with_a_hint(rig: FileRig) -> None:
    entry = rig.entry(golf(description=LONG))
    longest = 20_000 if rig.settings.get("format") == "json" and rig.slug == "dealer-website" else 5_000
    assert max(len(str(value)) for value in entry.values) <= max(longest, 5_000)
    assert ("description-cut" in {hint.code for hint in entry.hints}) == (len(LONG) > longest)
    assert len(read(rig, rig.write([entry]))) == 1


def test_umlauts_emoji_and_control_characters_never_crash(rig: FileRig) -> None:
    # Facts hold no control characters any more; a writer does not rely on that.
    odd = {"model_description": "Türen 🚗 Čapek „Top“\x00\x07", "description": "a\r\nb\u2028c\x1b[0m"}
    vehicle = golf(make="Škoda").model_copy(update=odd)
    entry = rig.entry(vehicle)
    (row,) = read(rig, rig.write([entry]))
    found = " ".join(map(str, row))
    assert "Türen" in found
    assert "Škoda" in found
    assert not any(char in found for char in "\x00\x07\x1b\u2028")
    limited = b"\xa6" in "Š".encode("iso-8859-15") and "🚗" not in found
    assert limited == ("characters-replaced" in {hint.code for hint in entry.hints})


def test_a_formula_goes_out_as_it_is(rig: FileRig) -> None:
    (row,) = read(rig, rig.file(golf(model_description="=1+1", make='+cmd|"x"')))
    found = [str(cell) for cell in row]
    assert any(cell.startswith('+cmd|"x"') for cell in found)
    assert any("=1+1" in cell and "'=1+1" not in cell for cell in found)


def test_a_picture_that_is_missing_is_a_hint(rig: FileRig) -> None:
    entry = rig.entry(golf(), pictures=2)
    missing = images(2)[0].sha256
    content, wrote = rig.written([entry], lambda sha256: None if sha256 == missing else JPEG)
    assert len(read(rig, content)) == 1
    if entry.pictures:
        (hint,) = wrote.hints[entry.number]
        assert (hint.code, hint.field) == ("picture-missing", "images")
    else:
        assert wrote.hints == {}


def test_pictures_are_in_the_zip_or_addresses_or_left_out(rig: FileRig) -> None:
    entry = rig.entry(golf(offer_number="A1"), pictures=2)
    address = f"https://portal.example/feeds/pictures/{images(1)[0].sha256}.jpg"
    way = rig.settings.get("pictures")
    if way == "zip" and rig.writer.media_type == "application/zip":
        assert [picture.name for picture in entry.pictures] == ["A1_1.jpg", "A1_2.jpg"]
    elif way == "none":
        assert (entry.pictures, address in str(entry.values)) == ((), False)
    elif rig.slug != "configurator":
        assert (entry.pictures, address in str(entry.values)) == ((), True)


def test_the_name_of_the_file_is_the_dealers_choice() -> None:
    usual = file_rig("mobile-de-csv").writer.file_name
    assert usual == "4711001.zip"
    assert file_rig("mobile-de-csv", file_name="bestand").writer.file_name == "bestand.zip"
    assert file_rig("mobile-de-csv", file_name="bestand.ZIP").writer.file_name == "bestand.ZIP"


def test_a_second_vehicle_with_the_same_number_stays_out() -> None:
    rig, doubles = file_rig("google-vehicle-ads"), Doubles()
    first = doubles(rig.entry(golf(offer_number="A1", vin="WVWZZZ1KZAW000001")))
    same_number = doubles(rig.entry(golf(offer_number="A1", vin="WVWZZZ1KZAW000002")))
    same_vin = doubles(rig.entry(golf(offer_number="A2", vin="WVWZZZ1KZAW000001")))
    other = doubles(rig.entry(golf(offer_number="A3", vin="WVWZZZ1KZAW000003")))
    assert [bool(entry.problems) for entry in (first, same_number, same_vin, other)] == [0, 1, 1, 0]
    assert "WVWZZZ1KZAW000001" in german(same_vin.problems[0].text)
    later = Doubles(doubles.as_bytes())
    again = later(rig.entry(golf(offer_number="A4", vin="WVWZZZ1KZAW000003")))
    assert again.problems, "a part of the file that another process looks at knows the parts before"
    assert not later(rig.entry(golf(offer_number="A5", vin="WVWZZZ1KZAW000005"))).problems


def _row(rig: FileRig, vehicle: VehicleData, **subject: Any) -> str:
    return " ".join(map(str, rig.entry(vehicle, **subject).values))


def _plain(rig: FileRig, vehicle: VehicleData) -> bytes:
    return repr(rig.entry(vehicle).values).encode()


PRINTED = written(60)
ANY_VEHICLE = st.builds(
    golf,
    offer_number=st.text(alphabet=string.ascii_letters + string.digits + "-_/ äöü", min_size=1, max_size=40),
    make=PRINTED.filter(str.strip),
    model=PRINTED.filter(str.strip),
    model_description=PRINTED,
    colour=written(40),
    description=written(300),
    highlights=st.tuples(PRINTED, PRINTED),
    contact=PRINTED,
    kind=st.sampled_from([Kind.USED, Kind.CLASSIC]),
)
CELLS = {
    "mobile-de-csv": 211,
    "meta-catalog": 50,
    "google-vehicle-ads": 27,
    "tiktok-automotive": 22,
    "microsoft-autos": 25,
}


@given(vehicle=ANY_VEHICLE)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_parses_back_by_somebody_else(rig: FileRig, vehicle: VehicleData) -> None:
    entry = rig.entry(vehicle)
    rows = read(rig, rig.write([entry, entry]))
    assert len(rows) == 2
    assert rows[0] == rows[1]
    assert len(rows[0]) == CELLS.get(rig.slug, len(rows[0]))
    if rig.writer.media_type not in ("application/json", "application/xml"):
        assert tuple(rows[0]) == entry.values


class Nowhere(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(memoryview(data).cast("B"))


SMALL = 500_000
"""Bytes. The rows of so many vehicles are many times as much."""


def peak(rig: FileRig, count: int) -> int:
    """Bytes at most while a file of so many vehicles is written."""
    entries = repeat(rig.entry(golf(), pictures=1), count)
    records = map(rig.writer.record, entries)
    tracemalloc.start()
    rig.writer.write(records, Nowhere(), lambda _sha256: JPEG)  # type: ignore[arg-type]
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.mark.parametrize(
    ("slug", "changed", "count"),
    [
        ("mobile-de-csv", {"pictures": "none"}, 50_000),
        ("mobile-de-csv", {"pictures": "zip"}, 20_000),
        ("generic", {"format": "json"}, 10_000),
        ("generic", {"format": "xml"}, 10_000),
        ("google-vehicle-ads", {}, 50_000),
    ],
)
def test_memory_does_not_grow_with_the_stock(slug: str, changed: dict[str, Any], count: int) -> None:
    rig = file_rig(slug, **changed)
    peak(rig, 50)
    assert peak(rig, count) < 2 * max(peak(rig, count // 10), SMALL)


def test_every_file_app_is_here() -> None:
    assert {slug for slug, _ in VARIANTS} == {slug for slug, app in APPS.items() if app.kind == "file"}
    for slug in FILE_APPS:
        side = get_app(slug).file
        assert side is not None
        assert side.transports
        assert side.schedule
