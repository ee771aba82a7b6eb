"""What a category word says: which class of vehicle, and of cars which body."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.vehicle_facts.categories import BODY_WORDS, CLASS_WORDS, read_category


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anhänger", "trailer"),
        ("Pkw-Anhänger", "trailer"),
        ("Kühlkofferanhänger", "trailer"),
        ("Trailer.OtherTrailer", "trailer"),
        ("Wohnwagen", "caravan"),
        ("Motorhome.Caravan", "caravan"),
        ("Wohnmobil", "motor_home"),
        ("LKW", "truck"),
        ("Lkw ab 7,5 t", "truck"),
        ("TruckOver7500.TipperTruck", "truck"),
        ("StakeBodyAndTarpaulinTruck", "truck"),
        ("Sattelzugmaschine", "semi_trailer_truck"),
        ("TipperSemiTrailer", "semi_trailer"),
        ("Reisebus", "bus"),
        ("Fernreisebus", "bus"),
        ("Bus.PublicServiceVehicle", "bus"),
        ("BoxVan", "van"),
        ("VanUpTo7500.BoxTypeDeliveryVan", "van"),
        ("Motorrad", "motorbike"),
        ("ENDURO", "motorbike"),
        ("Minibagger", "construction_machine"),
        ("Traktor", "agricultural"),
        ("Gabelstapler", "forklift"),
        ("Sonderfahrzeug", "other"),
        ("L6e", "other"),
        ("N1", "van"),
        ("N3", "truck"),
        ("O2", "trailer"),
        ("M2", "bus"),
        ("PKW-Hänger", "trailer"),
    ],
)
def test_what_is_no_passenger_car_keeps_its_class(text: str, expected: str) -> None:
    assert read_category(text).vehicle_class == expected


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Limousine", "saloon"),
        ("Car.Limousine", "saloon"),
        ("EstateCar", "estate"),
        ("Kleinbus", "mpv"),
        ("Van", "mpv"),
        ("Car.Van", "mpv"),
        ("Coupe", "coupe"),
        ("SUV / Geländewagen / Pickup", "off_road"),
        ("Sportkombi", "estate"),
        ("Car.Shuttle", "other"),
        ("Kompaktvan", "mpv"),
        ("Großraum-Van", "mpv"),
        ("M1", "other"),
        ("M1G", "off_road"),
        ("Elektro-Kleinwagen", "small_car"),
        ("Pickup Truck", "off_road"),
    ],
)
def test_a_car_has_its_body(text: str, body: str) -> None:
    assert read_category(text) == ("car", body)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Limousine (5-türig)", "saloon"),
        ("Fließheck", "saloon"),
        ("Crossover", "off_road"),
        ("Taxi", "other"),
        ("Limousine, 5 Türen", "saloon"),
        ("Coupé 2/3-türig", "coupe"),
        ("Kombi geschlossen", "estate"),
        ("Kombi/Van", "estate"),
        ("Van / Minivan", "mpv"),
        ("Pkw, Limousine", "saloon"),
        ("VW Bus", "mpv"),
    ],
)
def test_what_is_said_beside_a_body_makes_no_other_one(text: str, body: str) -> None:
    assert read_category(text) == ("car", body)


@pytest.mark.parametrize(
    ("text", "vehicle_class"),
    [
        ("Anhänger - Kipper", "trailer"),
        ("Kipper / Anhänger", "trailer"),
        ("Sattelauflieger, Kipper", "semi_trailer"),
        ("Wohnmobil, Kastenwagen", "motor_home"),
        ("Quad/ATV", "motorbike"),
        ("Anhänger Kipper", "trailer"),
        ("Auflieger Kipper", "semi_trailer"),
        ("Kastenwagen (Camper)", "motor_home"),
        ("Pkw Wohnwagen", "caravan"),
        ("Leichtfahrzeug L6e", "other"),
    ],
)
def test_of_several_words_for_no_car_the_vehicle_counts_and_not_what_is_on_it(
    text: str, vehicle_class: str
) -> None:
    assert read_category(text) == (vehicle_class, None)


@pytest.mark.parametrize(
    "text", ["Kombi/Transporter", "Van/Bus", "Kleinbus, Kastenwagen", "Touring", "Pickup (LKW)"]
)
def test_who_says_car_and_something_else_is_asked(text: str) -> None:
    """Neither freed from the Pkw-EnVKV nor shown as a car. `Touring` is an estate of BMW and a motorbike."""
    assert read_category(text) == ("unknown", None)


@pytest.mark.parametrize("text", ["-", "k.A.", "0", "unbekannt", "n/a"])
def test_a_word_for_nothing_is_no_category(text: str) -> None:
    assert read_category(text) == ("car", None)


def test_what_is_said_beside_a_class_may_make_another_one() -> None:
    assert read_category("Kastenwagen (Wohnmobil)") == ("motor_home", None)


@pytest.mark.parametrize("text", ["Bestattungswagen", "Quatsch", "4711", "???", "Kein Pkw", "Sports Tourer"])
def test_a_word_that_nobody_knows_makes_no_car_of_it(text: str) -> None:
    assert read_category(text) == ("unknown", None)


@pytest.mark.parametrize("names", [*BODY_WORDS.values(), *CLASS_WORDS.values()])
def test_case_blanks_and_umlauts_of_a_word_do_not_count(names: tuple[str, ...]) -> None:
    for name in names:
        spelled = name.upper().replace("Ä", "AE").replace("Ü", "UE").replace("Ö", "OE")
        assert read_category(f" {spelled} ") == read_category(name)


@given(st.text(max_size=40))
def test_every_word_has_an_answer(text: str) -> None:
    assert read_category(text).vehicle_class in {"car", "unknown", *CLASS_WORDS}
