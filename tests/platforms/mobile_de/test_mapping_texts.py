from __future__ import annotations

from decimal import Decimal

import pytest

from portal.platforms.contract import Account, ImageRef, Subject
from portal.platforms.mobile_de.mapping_texts import LONGEST_DESCRIPTION
from portal.vehicle_facts.data import Equipment
from tests.builders import golf
from tests.platforms.mobile_de.conftest import ACCOUNT, Rig
from tests.platforms.mobile_de.kinds import financed

EQUIPMENT = Equipment(
    features=frozenset({"abs", "heated_seats"}), standard=("Reserverad",), other=("ABS", "Neue  Kupplung")
)


def description(rig: Rig, **settings: object) -> str:
    # Facts hold no control characters any more; the mark-up does not rely on that.
    vehicle = golf(equipment=EQUIPMENT).model_copy(update={"description": "Eins\r\nzwei\x07"})
    return str(rig.map(vehicle, **settings).payload["description"])


def test_dealers_lines_become_markup(rig: Rig) -> None:
    assert description(rig, equipment_format="criteria_only") == r"Eins\\zwei"


def test_equipment_as_a_comma_list(rig: Rig) -> None:
    expected = r"Eins\\zwei\\\\**Ausstattung:** ABS, Sitzheizung, Reserverad, Neue Kupplung"
    assert description(rig, equipment_format="comma") == expected


def test_equipment_line_by_line(rig: Rig) -> None:
    expected = r"Eins\\zwei\\\\**Ausstattung**\\* ABS\\* Sitzheizung\\* Reserverad\\* Neue Kupplung\\"
    assert description(rig, equipment_format="lines") == expected


def test_equipment_under_headings(rig: Rig) -> None:
    expected = (
        r"Eins\\zwei\\\\**Sicherheit**\\ABS\\\\**Sitze und Innenraum**\\Sitzheizung"
        r"\\\\**Serienausstattung**\\Reserverad\\\\**Weitere Ausstattung**\\Neue Kupplung"
    )
    assert description(rig, equipment_format="grouped") == expected


@pytest.mark.parametrize("form", ["comma", "lines", "grouped", "criteria_only"])
def test_search_criteria_are_sent_in_every_format(rig: Rig, form: str) -> None:
    payload = rig.map(golf(equipment=EQUIPMENT), equipment_format=form).payload
    assert payload["abs"] is payload["electricHeatedSeats"] is True


def test_too_long_a_text_is_cut_with_a_hint_and_keeps_the_example(rig: Rig) -> None:
    vehicle = financed().model_copy(update={"description": "Wort für Wort\n" * 600})
    prepared = rig.map(vehicle, financing_example="text_end")
    text = prepared.payload["description"]
    assert len(text) <= LONGEST_DESCRIPTION
    assert text.endswith(r"Gesamtbetrag: 12.152,00 €\\Bank: Muster Bank")
    assert " …" in text
    assert [h.code for h in prepared.hints] == ["description-cut"]


def test_text_without_a_space_is_cut_too(rig: Rig) -> None:
    prepared = rig.map(golf(description="x" * 9000))
    assert len(prepared.payload["description"]) <= LONGEST_DESCRIPTION


@pytest.mark.parametrize("place", ["text_start", "text_end"])
def test_financing_as_free_text_stands_where_it_was_asked_for(rig: Rig, place: str) -> None:
    prepared = rig.map(financed(), financing_example=place)
    text = prepared.payload["description"]
    assert (text.startswith if place == "text_start" else text.rpartition("****")[2].__contains__)(
        "**Finanzierungsbeispiel**" if place == "text_start" else "Finanzierungsbeispiel"
    )
    assert r"Fahrzeugpreis: 12.990,00 €\\Anzahlung: 2.000,00 €" in text
    assert "financing" not in prepared.payload


def test_second_slot_is_used(rig: Rig) -> None:
    text = rig.map(financed(), financing_example="text_end", financing_slot="2").payload["description"]
    assert "Monatliche Rate: 99,00 €" in text
    assert "Zweite Bank" in text


def test_financing_is_no_free_text_when_leasing_is(rig: Rig) -> None:
    text = rig.map(financed(), financing_example="text_end", leasing_example="text_start").payload[
        "description"
    ]
    assert text.startswith("**Leasingbeispiel**")
    assert "Finanzierungsbeispiel" not in text


def test_financing_as_a_value_stays_beside_leasing_as_text(rig: Rig) -> None:
    payload = rig.map(financed(), financing_example="separate", leasing_example="text_end").payload
    assert payload["financing"]["monthlyInstallment"] == 149
    assert "Leasingbeispiel" in payload["description"]


def test_financing_and_leasing_as_values(rig: Rig) -> None:
    payload = rig.map(financed(), financing_example="separate", leasing_example="separate").payload
    assert payload["financing"] == {
        "annualPercentageRate": "3.99",
        "nominalInterestRate": "3.92",
        "typeOfNominalInterestRate": "FIXED",
        "firstInstallment": 2000,
        "monthlyInstallment": 149,
        "finalInstallment": 5000,
        "paybackPeriod": 48,
        "netLoanAmount": "10990.00",
        "grossLoanAmount": "12152.00",
        "closingCosts": "0.00",
        "paymentProtectionInsurance": "0.00",
        "bank": "Muster Bank",
    }
    rates = payload["leasing"]["rates"]
    assert [(r["type"], r.get("grossRate"), r.get("netRate"), r["totalAmount"]) for r in rates] == [
        ("PRIVATE", "119.00", None, "4284.00"),
        ("COMMERCIAL", None, "100.00", "3600.00"),
    ]
    assert "beispiel" not in payload["description"]


def test_leasing_goes_only_to_accounts_that_have_it(rig: Rig) -> None:
    account = Account("1", "2", limits={"leasing": 0})
    prepared = rig.mapper(account=account, leasing_example="separate")(Subject(financed(), "HH"))
    assert "leasing" not in prepared.payload
    assert [h.code for h in prepared.hints] == ["leasing-not-allowed"]


def test_total_is_reckoned_where_it_is_not_stated() -> None:
    from portal.platforms.common.texts import total_of

    example = financed().financing[0]
    assert example is not None
    assert total_of(example.model_copy(update={"total_amount": None})) == Decimal(149 * 48 + 5000)


def test_bookings_are_sent_only_when_the_setting_says_so(rig: Rig) -> None:
    subject = Subject(golf(), "HH", bookings=frozenset({"TOP_OF_PAGE", "EYE_CATCHER", "PREMIUM"}))
    assert "mobileFeatures" not in rig.mapper()(subject).payload
    sent = rig.mapper(bookings="vehicle")(subject).payload
    assert sent["mobileFeatures"] == ["EYE_CATCHER", "TOP_OF_PAGE"]


def test_highlights_and_pictures_obey_the_accounts_limits(rig: Rig) -> None:
    images = tuple(ImageRef(f"{n:064}", 1) for n in range(5))
    prepared = rig.mapper()(Subject(golf(highlights=("a", " ", "b", "c")), "HH", images))
    assert prepared.payload["highlights"] == ["a", "b"]
    assert [image["sha256"] for image in prepared.payload["images"]] == [f"{n:064}" for n in range(3)]
    assert [h.code for h in prepared.hints] == ["highlights-cut", "images-cut"]


def test_account_without_limits_takes_all_pictures(rig: Rig) -> None:
    images = tuple(ImageRef(f"{n:064}", 1) for n in range(5))
    account = Account(ACCOUNT.customer_number, ACCOUNT.seller_key)
    assert len(rig.mapper(account=account)(Subject(golf(), "HH", images)).payload["images"]) == 5


@pytest.mark.parametrize(("setting", "sent"), [("none", ["RUNS"]), ("vehicle", ["EYE_CATCHER", "RUNS"])])
def test_extras_that_run_are_carried_whatever_the_setting(rig: Rig, setting: str, sent: list[str]) -> None:
    subject = Subject(golf(), "HH", bookings=frozenset({"EYE_CATCHER"}), carried=frozenset({"RUNS"}))
    prepared = rig.mapper(bookings=setting)(subject)
    assert prepared.payload["mobileFeatures"] == sorted(prepared.bookings) == sent
