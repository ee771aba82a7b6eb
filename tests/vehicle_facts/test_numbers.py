"""Numbers as they are written in Germany, Britain and Switzerland: each spelling of one value is that value,
and no price is ever understood a thousand times too small."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.vehicle_facts.numbers import Convention, Quantity, plain, read_number, readings
from portal.vehicle_facts.quantities import QUANTITIES, RATE, VEHICLE_PRICE, quantity_of
from portal.vehicle_facts.understanding import NotUnderstood
from tests.words import german

GERMAN, ENGLISH, NONE = Convention.GERMAN, Convention.ENGLISH, Convention.NONE
amounts = st.decimals(0, 9_999_999, places=2)
marks = st.sampled_from([".", ",", "'", "\u2019", " ", "\u00a0", "\u2009", "\u202f", ""])


def grouped(value: Decimal, mark: str, decimal: str) -> str:
    whole, _, cents = f"{value:,.2f}".partition(".")
    return f"{whole.replace(',', mark)}{decimal}{cents}"


@pytest.mark.parametrize("convention", Convention)
@pytest.mark.parametrize(
    "text",
    [
        "12990",
        "12990,00",
        "12990.00",
        "12.990,00",
        "12,990.00",
        "12'990.00",
        "12’990",
        "12'990.–",
        "12.990,-",
        "12.990,--",
        "12 990",
        "12\u00a0990,00",
        "12\u2009990",
        "12\u202f990,00 €",
        "€ 12.990,00",
        "EUR 12990",
        "12990 Euro",
        "12.990,- VB",
        "12990.0000",
        "12990EUR",
        "EUR12.990,00",
        "12.990,00 € brutto",
        "12.990,- EUR inkl. MwSt.",
        " 12990 ",
        "12.990,00 € inkl. 19 % MwSt.",
        "12990 € MwSt. ausweisbar",
        "12.990 €,-",
        "12990 €*",
    ],
)
def test_an_unambiguous_price_is_read_wherever_it_is_written(text: str, convention: Convention) -> None:
    assert read_number(text, VEHICLE_PRICE, convention) == 12990


@pytest.mark.parametrize(
    ("text", "convention", "value"),
    [
        ("12.990", GERMAN, 12990),
        ("12,990", ENGLISH, 12990),
        ("1.250", GERMAN, 1250),
        ("1,250", ENGLISH, 1250),
    ],
)
def test_the_thousands_mark_of_the_place_groups(text: str, convention: Convention, value: int) -> None:
    assert read_number(text, VEHICLE_PRICE, convention) == value


@pytest.mark.parametrize(
    ("text", "convention"), [("12.990", NONE), ("12,990", NONE), ("12,990", GERMAN), ("12.990", ENGLISH)]
)
@pytest.mark.parametrize("quantity", [VEHICLE_PRICE, RATE])
def test_an_ambiguous_amount_is_refused_with_both_readings(
    text: str, convention: Convention, quantity: Quantity
) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_number(text, quantity, convention)
    assert refused.value.code == "number-ambiguous"
    assert "12990 oder 12,99?" in german(refused.value.text)


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("energy.fuel.combined", "6.500", "6.5"),
        ("energy.fuel.combined", "6,2 l/100 km", "6.2"),
        ("displacement", "1.395", "1395"),
        ("displacement", "1,395 ccm", "1395"),
        ("power", "85.000", "85"),
        ("energy.co2", "119,0", "119"),
        ("energy.co2", "119.000", "119"),
        ("energy.co2", "119 g/km", "119"),
        ("mileage", "64,500", "64500"),
        ("mileage", "64.500 km", "64500"),
        ("financing.1.nominal_interest", "3.990", "3.99"),
        ("battery.capacity", "77,0 kWh", "77"),
        ("energy.co2", "119 g/km (kombiniert)", "119"),
        ("energy.fuel.combined", "5,7 Liter", "5.7"),
        ("previous_owners", "2 Vorbesitzer", "2"),
        ("doors", "5-türig", "5"),
        ("seats", "5-Sitzer", "5"),
        ("displacement", "1.968 cm^3", "1968"),
        ("leasing.monthly_rate", "199 € mtl.", "199"),
        ("leasing.monthly_rate", "199,00 €/Monat", "199"),
        ("energy.fuel.combined", "5,7 Liter/100 km (WLTP)", "5.7"),
        ("energy.fuel.combined", "5,4 l / 100 km*", "5.4"),
        ("energy.fuel.combined", "kombiniert: 5,4 ltr/100km", "5.4"),
        ("energy.co2", "119 g/km (WLTP, kombiniert)", "119"),
        ("energy.co2", "WLTP: 119 g / km", "119"),
        ("energy.co2", "28 g/km (gewichtet, kombiniert)", "28"),
        ("energy.electric_range", "420 km (WLTP)", "420"),
        ("gears", "6-Gang", "6"),
        ("previous_owners", "aus 1. Hand", "1"),
        ("mileage", "KM: 64500", "64500"),
        ("prices.selling", "Preis: 12990 €, VB", "12990"),
        ("prices.selling", "12990 EUR (brutto)", "12990"),
        ("financing.0.effective_interest", "3,99 % p.a.", "3.99"),
    ],
)
def test_what_a_fact_can_be_decides_between_two_readings(path: str, text: str, value: str) -> None:
    quantity = quantity_of(path)
    assert quantity
    assert read_number(text, quantity) == Decimal(value)


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("power", "150 PS", 110),
        ("power", "110 kW (150 PS)", 110),
        ("power", "110kW/150PS", 110),
        ("power", "150 PS (110 kW)", 110),
        ("mileage", "64,5 Tkm", 64_500),
        ("mileage", "64 tkm", 64_000),
        ("battery.charging_time", "6,5 h", 390),
        ("battery.charging_time", "45 min", 45),
        ("doors", "4/5", 5),
        ("weight", "1,5 t", 1500),
        ("mileage", "64,5 Tkm (64512 km)", 64_512),
        ("power", "62,5 kW (85 PS)", 63),
        ("power", "110 kW – 150 PS", 110),
        ("power", "110 kW = 150 PS", 110),
    ],
)
@pytest.mark.parametrize("convention", [GERMAN, NONE])
def test_another_unit_is_converted_and_the_own_one_counts(
    path: str, text: str, value: int, convention: Convention
) -> None:
    assert read_number(text, QUANTITIES[path], convention) == value


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("power", "110 kW oder 150 PS"),
        ("power", "150 PS Diesel"),
        ("power", "PS"),
        ("power", "116 kW (116 PS)"),
        ("battery.charging_time", "6 Stunden 30 Minuten"),
        ("battery.charging_time", "30 min (0,8 h)"),
        ("mileage", "64 Tkm / 6.400 km"),
        ("mileage", "64.500 Meilen"),
        ("mileage", "64500 km (Tacho 70000 mi)"),
        ("mileage", "20.000 Tkm"),
        ("doors", "4/x"),
        ("prices.selling", "12.990 € zzgl. MwSt."),
        ("prices.selling", "12.990 € + MwSt."),
        ("prices.selling", "12.990 € exkl. MwSt."),
        ("mileage", "ca. 64.500 km"),
        ("mileage", "64.500 km (abgelesen)"),
        ("energy.co2", "119 g/km (NEFZ)"),
        ("energy.co2", "119-125 g/km"),
        ("energy.fuel.combined", "5,4 l/100 km (gewichtet)"),
        ("energy.electric_range", "bis zu 420 km"),
        ("power", "110 kW - 120 PS"),
        ("financing.effective_interest", "0,04"),
    ],
)
def test_what_says_something_else_as_well_is_refused(path: str, text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_number(text, QUANTITIES[path], GERMAN)


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("mileage", "ca. 64.500 km", "number-with-words"),
        ("prices.selling", "12k", "number-with-words"),
        ("prices.selling", "12.990 € zzgl. MwSt.", "price-net"),
        ("prices.selling", "netto 12.990", "price-net"),
        ("prices.selling", "VB", "number-unreadable"),
        ("mileage", "12..990", "number-unreadable"),
    ],
)
def test_what_stands_beside_a_number_is_said(path: str, text: str, code: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_number(text, QUANTITIES[path], GERMAN)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        *("", "VB", "abc", "12..990", "1.23.456", "12,990,0", "1.234,567,890", "12.990 netto", "1e4", "NaN"),
        *(
            "Infinity",
            "0x10",
            "１２９９０",
            "٣",
            "12-14",
            "12 / 14",
            "1.234'567",
            "12 99",
            "--",
            ",",
            "12.",
            "1_000",
        ),
        *("9" * 41, "12.990,00,-"),
        *("12€99", "12 EUR 990", "12.990 € netto", "ab 12.990,- €"),
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_number(text, VEHICLE_PRICE, GERMAN)


@pytest.mark.parametrize(
    "text", ["CHF 12'990.–", "$12,990.00", "12990 USD", "£9,000", "25.000 DM", "CHF12990", "25000DM"]
)
def test_an_amount_in_another_currency_is_no_amount_in_euro(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_number(text, VEHICLE_PRICE, GERMAN)
    assert refused.value.code == "currency-foreign"


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("previous_owners", "1,5", "number-not-whole"),
        ("prices.selling", "12990,555", "number-too-precise"),
        ("prices.selling", "-5", "number-too-small"),
        ("power", "0", "number-too-small"),
        ("displacement", "2,0", "number-too-small"),
        ("displacement", "2", "number-too-small"),
        ("doors", "12", "number-too-large"),
    ],
)
def test_a_value_that_the_fact_cannot_have_says_why(path: str, text: str, code: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_number(text, QUANTITIES[path], GERMAN)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["012.990", "0012.990", "012,990", "000012.990"])
def test_zeros_that_fill_up_a_price_make_no_thousandth_of_it(text: str) -> None:
    """Fixed widths of old systems."""
    with pytest.raises(NotUnderstood) as refused:
        read_number(text, VEHICLE_PRICE)
    assert refused.value.values["grouped"] == "12990"
    mark = next(char for char in text if char in ".,")
    assert read_number(text, VEHICLE_PRICE, Convention(mark)) == 12990


@pytest.mark.parametrize("text", ["0.19", "0,07", "1", "1.9"])
def test_a_fraction_or_a_code_is_no_rate_of_vat(text: str) -> None:
    """No country of Europe has one between 0 and 2 %."""
    with pytest.raises(NotUnderstood):
        read_number(text, QUANTITIES["prices.vat_rate"])
    assert read_number("0", QUANTITIES["prices.vat_rate"]) == 0
    assert read_number("0.99", QUANTITIES["financing.effective_interest"]) == Decimal("0.99")


@pytest.mark.parametrize(
    "path",
    ["leasing.down_payment", "financing.final_rate", "energy.energy_costs_per_year", "battery.rental_price"],
)
def test_every_amount_has_a_floor_below_which_thousands_were_lost(path: str) -> None:
    quantity = QUANTITIES[path]
    assert quantity.doubtful(Decimal("1.99"))
    assert not quantity.doubtful(Decimal(0))


def test_a_price_below_a_hundred_euro_is_doubtful_and_a_rate_below_ten() -> None:
    assert VEHICLE_PRICE.doubtful(Decimal("12.99"))
    assert RATE.doubtful(Decimal("1.25"))
    assert not VEHICLE_PRICE.doubtful(Decimal(100))
    assert not VEHICLE_PRICE.doubtful(Decimal(0))
    assert not RATE.doubtful(Decimal(99))


@given(amounts, marks, st.sampled_from([",", "."]), st.sampled_from(Convention))
def test_an_amount_with_cents_is_itself_in_every_spelling(
    value: Decimal, mark: str, decimal: str, convention: Convention
) -> None:
    if mark != decimal:
        assert read_number(grouped(value, mark, decimal), VEHICLE_PRICE, convention) == value


@given(st.integers(100, 9_999_999), marks, st.sampled_from(Convention))
def test_a_whole_amount_is_itself_or_refused_and_never_a_thousandth(
    value: int, mark: str, convention: Convention
) -> None:
    text = f"{value:,}".replace(",", mark)
    assert understood(text, convention) in (str(value), f"{value} oder")


def understood(text: str, convention: Convention) -> str:
    """The value, or the first of two readings that were offered."""
    try:
        return plain(read_number(text, VEHICLE_PRICE, convention))
    except NotUnderstood as refused:
        return f"{refused.values['grouped']} oder"


@given(amounts, st.sampled_from(Convention))
def test_what_is_spelled_plainly_is_read_back(value: Decimal, convention: Convention) -> None:
    assert read_number(plain(value), VEHICLE_PRICE, convention) == value


@given(st.text(alphabet="0123456789.,' -+\u00a0\u2009€", max_size=20))
def test_no_digit_is_invented_and_none_is_lost(text: str) -> None:
    for value in readings(text.strip()):
        digits = "".join(filter(str.isdigit, text)).strip("0")
        assert plain(abs(value)).replace(".", "").strip("0") == digits


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        value = read_number(text, VEHICLE_PRICE)
    except NotUnderstood:
        return
    assert 0 <= value <= VEHICLE_PRICE.most
