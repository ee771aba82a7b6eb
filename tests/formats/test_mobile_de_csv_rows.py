"""Single rows of the mobile.de CSV layout: what is taken, what is refused and why."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.mobile_de_csv import COLUMNS, StockReader, StockRow, write_row
from portal.formats.mobile_de_csv.column import FEATURE, StockColumn
from portal.formats.mobile_de_csv.columns import NEEDED
from portal.formats.mobile_de_csv.rows import column_of
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.equipment import BY_CODE
from tests.formats.stock_file import cells, file, joined, line
from tests.words import german

SPELLED = {
    "A": 0, "B": 1, "C": 2, "F": 5, "I": 8, "K": 10, "Z": 25, "AB": 27, "AQ": 42, "BA": 52, "BI": 60,
    "CV": 99, "DF": 109, "DG": 110, "FC": 158, "GO": 196, "HA": 208, "HC": 210,
}  # fmt: skip


def read(**by_letter: str) -> StockRow:
    (row,) = StockReader(file(line(**by_letter), charset="utf-8"))
    return row


def taken(**by_letter: str) -> VehicleData:
    row = read(**by_letter)
    assert row.vehicle is not None, row.refusal
    return row.vehicle


def refused(**by_letter: str) -> tuple[str, str]:
    """Column and reason."""
    refusal = read(**by_letter).refusal
    assert refusal is not None
    assert refusal.column is not None
    return refusal.column.label, german(refusal.reason)


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    letters = {column.letter: column.index for column in COLUMNS}
    assert {letter: letters[letter] for letter in SPELLED} == SPELLED


def test_no_position_is_used_twice() -> None:
    indexes = [column.index for column in COLUMNS]
    assert sorted(set(indexes)) == indexes


def test_every_path_is_a_fact_or_a_known_search_criterion() -> None:
    for column in COLUMNS:
        for path in column.paths:
            if path.startswith(FEATURE):
                assert path.removeprefix(FEATURE) in BY_CODE
                continue
            model: Any = VehicleData
            for name in path.split("."):
                model = model.model_fields[name].annotation


def test_the_facts_of_a_plain_row() -> None:
    vehicle = taken(B="G00001", O="WVWZZZ1KZAW000001")
    assert vehicle.model_dump(mode="json", exclude_defaults=True) == {
        "offer_number": "G00001",
        "vin": "WVWZZZ1KZAW000001",
        "body_type": "saloon",
        "make": "VW",
        "model": "Golf",
        "description": "Golf 1.4 TSI Comfortline",
        "first_registration": "2018-05",
        "mileage": 64500,
        "power": 92,
        "prices": {"selling": "12990", "taxation": "margin_scheme"},
        "damaged": False,
        "fuel": "petrol",
        "gearbox": "manual",
    }


@pytest.mark.parametrize(
    ("letter", "cell", "path", "value"),
    [
        ("C", "EstateCar", "body_type", "estate"),
        ("C", "Kombi", "body_type", "estate"),
        ("C", "Sportwagen/Coupé", "body_type", "coupe"),
        ("C", "SUV / Geländewagen / Pickup", "body_type", "off_road"),
        ("C", "Motorbike", "vehicle_class", "motorbike"),
        ("C", "Wohnmobil", "vehicle_class", "motor_home"),
        ("C", "Transporter", "vehicle_class", "van"),
        ("E", "Andere", "model", "Andere"),
        ("G", "07.2027", "inspection_due", "2027-07"),
        ("I", "1.5.2018", "first_registration", "2018-05"),
        ("I", "09.2031", "first_registration", "2031-09"),
        ("J", "64.500", "mileage", 64500),
        ("K", "12990,50", "prices.selling", "12990.50"),
        ("K", "12.990", "prices.selling", "12990"),
        ("L", "0", "prices.taxation", "vat_deductible"),
        ("N", "1", "kind", "classic"),
        ("U", "1", "kind", "employees_car"),
        ("V", "1", "kind", "new"),
        ("AY", "1", "kind", "demonstrator"),
        ("P", "1", "damaged", True),
        ("X", "11000", "prices.dealer", "11000"),
        ("AD", "7", "prices.vat_rate", "7"),
        ("AP", "1", "drive", "all_wheel"),
        ("AQ", "4/5", "doors", 5),
        ("AR", "4", "emission_sticker", "green"),
        ("BJ", "6", "emission_class", "Euro 6"),
        ("BJ", "Euro 6d-TEMP", "emission_class", "Euro 6d-TEMP"),
        ("BJ", "06", "emission_class", "Euro 6"),
        ("BG", "05.2018", "construction_year", 2018),
        ("BG", "2018.0", "construction_year", 2018),
        ("G", "neu (07.2027)", "inspection_due", "2027-07"),
        ("CU", "5,4", "energy.fuel.combined", "5.40"),
        ("DF", "7", "fuel", "hybrid_petrol"),
        ("DF", "6", "fuel", "electric"),
        ("DF", "10", "fuel", "hybrid_diesel"),
        ("DG", "3", "gearbox", "automatic"),
        ("FC", "0", "previous_owners", 0),
        ("GO", "1", "accident", True),
        ("HB", "Scheckheft", "highlights", ["Scheckheft"]),
        ("AG", "1", "equipment.features", ["esp"]),
        ("R", "2", "equipment.features", ["climate_control"]),
    ],
)
def test_a_cell_becomes_a_fact(letter: str, cell: str, path: str, value: object) -> None:
    found: Any = taken(**{letter: cell}).model_dump(mode="json")
    for name in path.split("."):
        found = found[name]
    assert found == value


@pytest.mark.parametrize(
    ("letter", "cell", "column", "reason"),
    [
        ("K", "0", "K · Preis", "Der Preis ist 0."),
        ("K", "", "K · Preis", "Der Preis fehlt."),
        ("K", "VB", "K · Preis", "Das ist keine Zahl."),
        ("K", "-500", "K · Preis", "Der Wert ist zu klein, möglich ist er ab 0."),
        ("K", "999999999", "K · Preis", "Der Wert ist zu groß, möglich ist er bis 99999999,99."),
        (
            "K",
            "12990,-- CHF",
            "K · Preis",
            "„12990,-- CHF“ ist kein Betrag in Euro. Preise werden nur in EUR angenommen.",
        ),
        (
            "K",
            "12,990",
            "K · Preis",
            "„12,990“ ist nicht eindeutig: 12990 oder 12,99? "
            "Bitte schreiben Sie die Zahl ohne Tausendertrennzeichen.",
        ),
        ("B", "", "B · Interne Nummer", "Die interne Nummer fehlt."),
        ("AC", "CHF", "AC · Währung", "Preise werden nur in EUR angenommen."),
        ("D", "V" * 61, "D · Marke", "Der Text hat mehr als 60 Zeichen."),
    ],
)
def test_a_row_is_refused_where_its_vehicle_cannot_be_offered(
    letter: str, cell: str, column: str, reason: str
) -> None:
    assert refused(**{letter: cell}) == (column, reason)


@pytest.mark.parametrize(
    ("letter", "cell", "column", "reason"),
    [
        ("I", "00.2000", "I · Erstzulassung", "Der Monat ist nicht angegeben, nur das Jahr 2000."),
        ("I", "2005", "I · Erstzulassung", "Der Monat ist nicht angegeben, nur das Jahr 2005."),
        ("I", "13.2005", "I · Erstzulassung", "Unmögliches Datum: Einen Monat 13 gibt es nicht."),
        ("I", "31.02.2005", "I · Erstzulassung", "Unmögliches Datum: Diesen Tag gibt es nicht."),
        ("I", "05.1018", "I · Erstzulassung", "Das ist kein Datum der Form mm.jjjj."),
        ("G", "14.2027", "G · HU", "Unmögliches Datum: Einen Monat 14 gibt es nicht."),
        ("G", "bald", "G · HU", "Das ist kein Datum der Form mm.jjjj."),
        ("J", "viele", "J · Kilometer", "Das ist keine Zahl."),
        ("J", "10000000", "J · Kilometer", "Der Wert ist zu groß, möglich ist er bis 9999999."),
        ("F", "10000", "F · Leistung (kW)", "Der Wert ist zu groß, möglich ist er bis 9999."),
        ("BG", "1500", "BG · Baujahr", "Der Wert ist zu klein, möglich ist er ab 1886."),
        ("P", "vielleicht", "P · Beschädigt", "Das heißt weder Ja noch Nein."),
        ("DF", "5", "DF · Kraftstoff", "Möglich sind nur: 0, 1, 2, 3, 4, 6, 7, 8, 9, 10."),
        ("AQ", "12", "AQ · Türen", "Der Wert ist zu groß, möglich ist er bis 9."),
        ("E", "M" * 61, "E · Modell", "Der Text hat mehr als 60 Zeichen."),
        ("HA", "x\ufffdy", "HA · Highlight 1", "Ein Zeichen war nicht lesbar."),
        ("HA", "xï¿½y", "HA · Highlight 1", "Ein Zeichen war nicht lesbar."),
        (
            "Z",
            "GrÃ¼n",
            "Z · Bemerkung",
            "Der Text enthält zerstörte Umlaute. Am Fahrzeug wird ein Vorschlag angeboten.",
        ),
    ],
)
def test_an_unreadable_cell_costs_its_fact_and_not_the_vehicle(
    letter: str, cell: str, column: str, reason: str
) -> None:
    row = read(**{letter: cell})
    assert row.vehicle is not None
    assert row.vehicle.prices.selling == 12990
    assert [(one.column.label, german(one.reason)) for one in row.remarks if one.column] == [(column, reason)]


@pytest.mark.parametrize("letter", [*"CDEFGIJOPQ", "AQ", "BA", "BG", "CV", "DF", "DG", "BJ", "FC"])
@pytest.mark.parametrize("nothing", ["-", "k.A.", "unbekannt", "--"])
def test_a_word_for_nothing_is_no_statement_and_no_remark(letter: str, nothing: str) -> None:
    row = read(**{letter: nothing, "B": "A1"})
    assert row.remarks == ()
    assert row.facts == read(**{letter: "", "B": "A1"}).facts


def test_ka_is_a_model_and_a_zero_is_none() -> None:
    assert taken(D="Ford", E="Ka").model == "Ka"
    vehicle = taken(D="0", E="0", Q="0")
    assert (vehicle.make, vehicle.model, vehicle.colour) == ("", "", "")


def test_what_was_not_read_is_kept_beside_the_vehicle() -> None:
    vehicle = taken(G="bald", DF="5")
    assert [(one.path, one.text) for one in vehicle.unread] == [("inspection_due", "bald"), ("fuel", "5")]


def test_a_car_of_which_only_the_year_is_known_keeps_the_year() -> None:
    vehicle = taken(I="00.2015")
    assert (vehicle.first_registration, vehicle.registration_year, vehicle.unread) == (None, 2015, ())


def test_an_inspection_that_was_just_passed_is_a_statement_of_its_own() -> None:
    vehicle = taken(G="HU neu")
    assert (vehicle.inspection_new, vehicle.inspection_due) == (True, None)


@pytest.mark.parametrize("cell", ["wvw zzz 1kz aw 000001", "WVWZZZ1KZAW000001"])
def test_a_vin_is_known_by_its_normal_form(cell: str) -> None:
    assert taken(O=cell).vin == "WVWZZZ1KZAW000001"


@pytest.mark.parametrize("cell", ["123", "WVWZZZ1KZAW0000012", "WVWZZZ1KZAWO00001"])
def test_what_cannot_be_a_vin_is_left_out_with_a_hint(cell: str) -> None:
    row = read(O=cell)
    assert row.vehicle is not None
    assert row.vehicle.vin == ""
    assert [one.column.letter for one in row.remarks if one.column] == ["O"]


def test_a_short_vin_is_one_before_1981() -> None:
    assert taken(O="113456789", I="05.1975").vin == "113456789"
    assert taken(O="113456789", I="00.1975").vin == "113456789"
    assert taken(O="113456789", I="05.1995", BG="1965").vin == "113456789"
    assert taken(O="113456789", I="", BG="1965").vin == "113456789"


@pytest.mark.parametrize("price", ["12,99", "1", "99.99"])
def test_a_car_for_next_to_nothing_is_taken_and_asked_about(price: str) -> None:
    row = read(K=price)
    assert row.vehicle is not None
    assert [german(one.reason) for one in row.remarks] == [
        f"{price.replace('.', ',')} € ist ungewöhnlich wenig. Vielleicht sind Tausender verloren gegangen: "
        "Bitte prüfen und bestätigen Sie den Betrag."
    ]


@pytest.mark.parametrize("cell", ["15.990,00", "15990,00", "15 990", "15'990.–", "€ 15.990,-", "15,990.00"])
def test_a_price_is_read_as_germans_and_others_write_it(cell: str) -> None:
    assert str(taken(K=cell).prices.selling) == "15990"


@pytest.mark.parametrize(
    ("cell", "vehicle_class"),
    [("Anhänger", "trailer"), ("LKW", "truck"), ("Reisebus", "bus"), ("Motorhome.Caravan", "caravan")],
)
def test_what_is_no_passenger_car_keeps_its_class_and_its_word(cell: str, vehicle_class: str) -> None:
    vehicle = taken(C=cell)
    assert (vehicle.vehicle_class, vehicle.category_label, vehicle.body_type) == (vehicle_class, cell, None)


def test_html_in_the_remarks_becomes_lines() -> None:
    vehicle = taken(Z="<b>Top</b><br>Sitzheizung &amp; Navi<ul><li>Klima</li></ul>Verbrauch < 6 l")
    assert vehicle.description == "Top\nSitzheizung & Navi\n- Klima\nVerbrauch < 6 l"


def test_list_entries_go_out_in_the_mark_up_of_the_format() -> None:
    facts = read(Z="Top\\\\* Klima\\\\* Navi").facts
    assert facts["description"] == "Top\n- Klima\n- Navi"
    assert write_row(facts)[25] == "Top\\\\* Klima\\\\* Navi"


@pytest.mark.parametrize(
    ("written", "cell"),
    [("Euro6", "6"), ("EURO6D_TEMP", "6"), ("Euro 4", "4"), ("Euro 7", ""), ("Euro 9", "")],
)
def test_an_emission_class_never_goes_out_as_another_one(written: str, cell: str) -> None:
    assert write_row(read(BJ=written).facts)[61] == cell
    assert write_row({"offer_number": "A1", "emission_class": written})[61] == cell


@pytest.mark.parametrize("number", ["A 1", "Ä1", "A/1", "A" * 41])
def test_internal_numbers_of_other_characters_are_refused(number: str) -> None:
    column, reason = refused(B=number)
    assert column == "B · Interne Nummer"
    assert "intern" in reason


@pytest.mark.parametrize("letter", ["C", "E", "F", "G", "I", "J", "P", "Z", "DF", "DG"])
def test_what_a_platform_may_miss_is_no_reason_to_refuse(letter: str) -> None:
    assert taken(**{letter: ""})


@pytest.mark.parametrize("letter", ["F", "AQ", "BA", "BG", "BI", "X", "CU", "CV"])
def test_a_zero_where_nothing_can_be_zero_is_no_statement(letter: str) -> None:
    assert taken(**{letter: "0", "B": "A1"}) == taken(**{letter: "", "B": "A1"})


@pytest.mark.parametrize(("fuel", "co2"), [("6", 0), ("8", 0), ("1", None), ("7", None)])
def test_zero_is_what_electric_and_fuel_cell_cars_emit_and_elsewhere_no_statement(
    fuel: str, co2: int | None
) -> None:
    assert taken(DF=fuel, CV="0").energy.co2 == co2


def test_electric_cars_consume_power_and_emit_nothing() -> None:
    vehicle = taken(DF="6", CU="15,2", CV="0")
    assert str(vehicle.energy.power.combined) == "15.20"
    assert vehicle.energy.fuel.combined is None
    assert vehicle.energy.co2 == 0


def test_a_remark_is_the_description() -> None:
    vehicle = taken(Z="Viel Ausstattung\\\\Scheckheft")
    assert vehicle.description == "Viel Ausstattung\nScheckheft"
    assert vehicle.model_description == ""


def test_a_short_remark_is_a_description_and_no_headline() -> None:
    vehicle = taken(Z="TÜV neu")
    assert (vehicle.description, vehicle.model_description) == ("TÜV neu", "")


def test_an_unknown_category_stays_the_dealers_label() -> None:
    vehicle = taken(C="Amphibienfahrzeug")
    assert (vehicle.body_type, vehicle.category_label) == (None, "Amphibienfahrzeug")
    assert vehicle.vehicle_class == "unknown"
    (remark,) = read(C="Amphibienfahrzeug").remarks
    assert german(remark.reason).startswith("Diese Kategorie ist nicht bekannt.")


def test_missing_tail_columns_are_empty() -> None:
    short = cells(B="A1")[:NEEDED]
    (row,) = StockReader(file(joined(short)))
    assert row.vehicle is not None


def test_a_row_that_is_too_short_is_refused_alone() -> None:
    rows = list(StockReader(file(line(), joined(cells(B="KURZ")[: NEEDED - 1]), line())))
    assert [row.refusal is None for row in rows] == [True, False, True]
    assert rows[1].offer_number == "KURZ"
    assert (
        german(rows[1].refusal.reason) == "Die Zeile hat nur 110 Spalten, nötig sind 111 (bis DG · Getriebe)."
    )


def test_the_paths_that_a_file_states() -> None:
    reader = StockReader(file(line(AG="0"), line(AF="")))
    assert all(row.vehicle for row in reader)
    assert "equipment.features:esp" in reader.stated
    assert "equipment.features:abs" not in reader.stated
    assert {"model_description", "description", "unread"} & reader.stated == {"description", "unread"}


def test_a_column_that_nobody_can_read_states_nothing() -> None:
    reader = StockReader(file(line(G="siehe Text", I="05.2018")))
    assert all(row.vehicle for row in reader)
    assert "inspection_due" not in reader.stated
    assert "inspection_new" not in reader.stated
    assert "first_registration" in reader.stated


def test_a_header_row_is_no_vehicle() -> None:
    names = {column.letter: column.name for column in COLUMNS}
    reader = StockReader(file(line(**names), line(B="A1"), charset="utf-8"))
    assert [row.offer_number for row in reader] == ["A1"]
    assert reader.header_line == 1


def test_an_error_in_a_list_belongs_to_its_column() -> None:
    assert column_of("highlights.1", COLUMNS).index == 208
    assert column_of("prices.selling", COLUMNS).letter == "K"


CELLS = {
    "C": st.sampled_from(["Limousine", "SmallCar", "Motorbike", "Wohnmobil", "Unfug", ""]),
    "D": st.sampled_from(["VW", "Škoda", 'A "B"', ""]),
    "G": st.sampled_from(["", "01.2027", "12.2030"]),
    "J": st.integers(0, 999_999).map(str),
    "K": st.sampled_from(["1", "999,99", "12.500", "12500.5"]),
    "L": st.sampled_from(["", "0", "1"]),
    "N": st.sampled_from(["", "0", "1"]),
    "R": st.sampled_from(["", "0", "1", "2"]),
    "Z": st.sampled_from(["", "Titel", "Zeile 1\\\\Zeile 2", "x" * 150]),
    "AD": st.sampled_from(["", "19", "19,00", "7"]),
    "AF": st.sampled_from(["", "0", "1"]),
    "AG": st.sampled_from(["", "0", "1"]),
    "AP": st.sampled_from(["", "0", "1"]),
    "AR": st.sampled_from(["", "0", "1", "4"]),
    "AY": st.sampled_from(["", "0", "1"]),
    "CU": st.sampled_from(["", "0", "5,4", "17"]),
    "CV": st.sampled_from(["", "0", "120"]),
    "DF": st.sampled_from(["", "0", "1", "6", "10"]),
    "DG": st.sampled_from(["", "0", "1", "3"]),
    "HA": st.sampled_from(["", "Navi"]),
}


@given(st.fixed_dictionaries(CELLS))
def test_facts_are_spelled_as_the_model_spells_them(chosen: dict[str, str]) -> None:
    """The import stores the facts without a detour over the model: both must write the same JSON."""
    (row,) = StockReader(file(line(**chosen), charset="utf-8"))
    assert row.vehicle is not None
    assert _sorted(row.facts) == _sorted(row.vehicle.model_dump(mode="json", exclude_defaults=True))


@given(st.fixed_dictionaries(CELLS))
def test_what_is_written_reads_the_same(chosen: dict[str, str]) -> None:
    (row,) = StockReader(file(line(**chosen), charset="utf-8"))
    (again,) = StockReader(file(joined(write_row(row.facts, "4711")), charset="utf-8"))
    assert _sorted(again.facts) == _sorted(row.facts)


def _sorted(facts: dict[str, Any]) -> dict[str, Any]:
    equipment = facts.get("equipment")
    if not equipment:
        return facts
    return facts | {"equipment": equipment | {"features": sorted(equipment["features"])}}


SHARED_COLUMNS = [
    (column, first.removeprefix(FEATURE), second.removeprefix(FEATURE))
    for column in COLUMNS
    for first, second in combinations([path for path in column.paths if path.startswith(FEATURE)], 2)
]


@pytest.mark.parametrize(("column", "first", "second"), SHARED_COLUMNS)
def test_of_two_features_in_one_column_the_one_named_first_is_written(
    column: StockColumn, first: str, second: str
) -> None:
    alone = write_row({"equipment": {"features": [first]}})[column.index]
    assert alone
    for features in ([first, second], [second, first]):
        assert write_row({"equipment": {"features": features}})[column.index] == alone
