"""Files in layouts of others run through the same import as those of mobile.de."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.formats.foreign_layouts.layout import Layout
from portal.formats.foreign_layouts.suggestion import suggested_layout
from portal.formats.mobile_de_csv import MOST_BYTES
from portal.models import Dealer, StockLayout, StockUpload, StockUploadPart, VehicleImport
from portal.vehicles import stock_uploads
from portal.vehicles.stock_import import import_stock
from portal.vehicles.stock_layouts import is_mobile_de, open_rows, save_layout, survey_foreign
from tests.builders import Build
from tests.conftest import count_queries
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, excel_file, surveyed, text_file
from tests.formats.stock_file import cells, file, joined, line
from tests.vehicles.importing import counts, refusals, remarks, vehicle
from tests.words import german

FILE = text_file(HEADER, GOLF, A3)


def save(session: Session, dealer: Dealer, content: bytes = FILE, name: str = "Mein Programm") -> StockLayout:
    survey = surveyed(content)
    return save_layout(session, dealer.id, name, suggested_layout(survey), survey)[0]


def take(session: Session, dealer: Dealer, content: bytes, partial: bool = False) -> VehicleImport:
    report = import_stock(session, io.BytesIO(content), dealer, dealer.locations[0], "b.csv", partial)
    session.commit()
    return report


def test_a_file_with_a_known_header_is_taken_over_and_says_by_which_profile(
    session: Session, dealer: Dealer
) -> None:
    save(session, dealer)
    report = take(session, dealer, FILE)
    assert counts(report) == (2, 0, 0, 0, 0)
    assert "Gelesen mit dem Importprofil „Mein Programm“." in german(report.note)
    golf = vehicle(session, "A1").facts()
    assert (golf.make, golf.model, golf.mileage, golf.fuel, golf.gearbox) == (
        "VW",
        "Golf",
        64500,
        "petrol",
        "manual",
    )


@pytest.mark.parametrize(
    "content",
    [
        text_file(HEADER, GOLF, A3, separator=","),
        text_file(HEADER, GOLF, A3, separator="\t", charset="utf-16"),
        text_file(*([row[4], *row[:4], *row[5:]] for row in (HEADER, GOLF, A3))),
        text_file(("Bestand vom 1.11.",), HEADER, GOLF, A3),
        excel_file(HEADER, GOLF, A3),
    ],
    ids=["comma", "tab", "another order", "a line above", "Excel"],
)
def test_the_same_header_is_known_in_every_kind_of_file(
    session: Session, dealer: Dealer, content: bytes
) -> None:
    save(session, dealer)
    assert counts(take(session, dealer, FILE)) == (2, 0, 0, 0, 0)
    assert counts(take(session, dealer, content)) == (0, 0, 2, 0, 0)


def test_a_complete_file_withdraws_and_a_partial_one_does_not(session: Session, dealer: Dealer) -> None:
    save(session, dealer)
    take(session, dealer, FILE)
    assert counts(take(session, dealer, text_file(HEADER, GOLF), partial=True)) == (0, 0, 1, 0, 0)
    assert counts(take(session, dealer, text_file(HEADER, GOLF))) == (0, 0, 1, 0, 1)


def test_what_is_refused_or_not_read_is_reported_by_the_names_of_the_file(
    session: Session, dealer: Dealer
) -> None:
    save(session, dealer)
    odd = (*A3[:7], "Diesl", A3[8])
    report = take(session, dealer, text_file(HEADER, GOLF, odd, (*GOLF[:4], "gratis", *GOLF[5:]), GOLF))
    assert [(row[0], row[1]) for row in remarks(session, report)] == [(3, "H · Kraftstoff")]
    found = refusals(session, report)
    assert [(row[0], row[1]) for row in found] == [(4, "E · VK brutto"), (5, "A · Fahrzeug-Nr.")]
    assert found[1][4] == "Diese interne Nummer steht schon in Zeile 2."


def test_facts_that_the_file_does_not_name_stay(session: Session, dealer: Dealer) -> None:
    save(session, dealer)
    take(session, dealer, FILE)
    mine = vehicle(session, "A1")
    facts = mine.facts()
    battery = facts.battery.model_copy(update={"capacity": Decimal(58)})
    equipment = facts.equipment.model_copy(update={"standard": ("Radio",), "features": frozenset({"abs"})})
    mine.set_facts(
        facts.model_copy(update={"description": "Von Hand", "battery": battery, "equipment": equipment})
    )
    session.commit()
    take(session, dealer, text_file(HEADER, (*GOLF[:5], "65.000", *GOLF[6:]), A3))
    after = vehicle(session, "A1").facts()
    assert (after.mileage, after.description, after.battery.capacity) == (65000, "Von Hand", 58)
    assert after.equipment == equipment


def test_a_list_of_equipment_is_replaced_as_a_whole(session: Session, dealer: Dealer) -> None:
    header = (*HEADER, "Ausstattung", "Batteriekapazität")
    save(session, dealer, text_file(header, (*GOLF, "ABS, Ledersitze", "50,5 kWh")))
    take(session, dealer, text_file(header, (*GOLF, "ABS, Ledersitze", "50,5 kWh")))
    first = vehicle(session, "A1").facts()
    assert first.equipment.features == {"abs"}
    assert first.equipment.other == ("Ledersitze",)
    assert str(first.battery.capacity) == "50.50"
    report = take(session, dealer, text_file(header, (*GOLF, "Tempomat", "58 kWh")))
    assert counts(report) == (0, 1, 0, 0, 0)
    second = vehicle(session, "A1").facts()
    assert second.equipment.features == {"cruise_control"}
    assert second.equipment.other == ()
    assert str(second.battery.capacity) == "58"


def test_another_dealer_does_not_know_the_layout(session: Session, dealer: Dealer, build: Build) -> None:
    save(session, dealer)
    other = build.dealer()
    report = take(session, other, FILE)
    assert report.error
    assert counts(report) == (0, 0, 0, 0, 0)
    save(session, other, name="Charlies")
    assert "Charlies" in german(take(session, other, FILE).note)


def test_an_unknown_workbook_changes_nothing_and_says_what_to_do(session: Session, dealer: Dealer) -> None:
    assert "ordnen Sie dort ihre Spalten zu" in german(take(session, dealer, excel_file(HEADER, GOLF)).error)


def test_the_layout_of_mobile_de_stays_what_it_is(session: Session, dealer: Dealer) -> None:
    save(session, dealer)
    report = import_stock(session, file(line(B="M1")), dealer, dealer.locations[0], "m.csv", partial=True)
    assert counts(report) == (1, 0, 0, 0, 0)
    assert german(report.note) == ""


def test_a_file_without_header_is_known_by_its_width_only_where_the_new_one_has_none(
    session: Session, dealer: Dealer
) -> None:
    survey = surveyed(text_file(GOLF, A3))
    columns = dict(zip("ACE", ("offer_number", "make", "prices.selling"), strict=True))
    save_layout(session, dealer.id, "Ohne Namen", Layout(columns, header=False), survey)
    assert counts(take(session, dealer, text_file(GOLF, A3))) == (2, 0, 0, 0, 0)
    assert take(session, dealer, FILE).error


def test_saving_for_the_same_header_replaces(session: Session, dealer: Dealer) -> None:
    save(session, dealer, name="Alt")
    survey = surveyed(FILE)
    kept, is_new = save_layout(session, dealer.id, "Neu", suggested_layout(survey), survey)
    assert not is_new
    assert [one.name for one in session.scalars(select(StockLayout))] == ["Neu"]
    assert kept.survey == survey.as_json()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (file(line()).read(), True),
        (text_file(HEADER, GOLF), False),
        (b"", False),
        (joined([f"Spalte {n}" for n in range(200)]).encode(), True),
        (
            joined(["Marke", "Modell", "Preis", "FIN", "Nummer", *(f"x{n}" for n in range(200))]).encode(),
            False,
        ),
        (
            joined(["x", "Interne Nummer", "x", "Marke", "Modell", *"xxxxx", "Preis", *("x" * 200)]).encode(),
            True,
        ),
    ],
    ids=["mobile.de", "foreign", "empty", "wide", "wide with names", "mobile.de with names"],
)
def test_mobile_de_is_told_by_its_width_and_order(content: bytes, expected: bool) -> None:
    assert is_mobile_de(io.BytesIO(content)) is expected


def test_what_is_no_table_is_not_asked_about() -> None:
    assert survey_foreign(io.BytesIO(b"%PDF-1.7"), MOST_BYTES) is None
    assert survey_foreign(io.BytesIO(joined(cells()).encode()), MOST_BYTES) is None
    found = survey_foreign(io.BytesIO(FILE), MOST_BYTES)
    assert found is not None
    assert found.names == HEADER


def test_knowing_a_layout_takes_one_query(session: Session, dealer: Dealer) -> None:
    save(session, dealer)
    key = dealer.id
    with (
        count_queries() as queries,
        open_rows(session, key, io.BytesIO(FILE), MOST_BYTES) as (reader, _layout),
    ):
        assert len(list(reader)) == 2
    assert len(queries) == 1


def test_a_kept_upload_comes_back_as_it_was_and_one_waits_at_a_location(
    session: Session, dealer: Dealer
) -> None:
    large = FILE + b"x" * (2 * stock_uploads.PIECE)
    place = dealer.locations[0]
    stock_uploads.keep(session, io.BytesIO(b"old"), place, "alt.csv", True, {})
    upload = stock_uploads.keep(session, io.BytesIO(large), place, "neu.csv", False, {"names": []})
    session.commit()
    with stock_uploads.opened(session, upload) as stream:
        assert stream.read() == large
    assert [one.file_name for one in session.scalars(select(StockUpload))] == ["neu.csv"]
    assert len(session.scalars(select(StockUploadPart)).all()) == 3
