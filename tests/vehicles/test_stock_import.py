"""What becomes of the stock when a file is imported."""

from __future__ import annotations

import io
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from portal.calendar import today
from portal.models import Dealer, Location, Publication, Transfer, Vehicle
from portal.outbox import Line
from portal.vehicle_facts.data import Battery, Equipment, Prices
from portal.vehicles.repair import count_spoilt, repair_texts
from portal.vehicles.stock import save_vehicle, withdraw
from portal.vehicles.stock_import import import_stock, looks_cut
from tests.builders import Build, golf
from tests.conftest import count_queries
from tests.formats.stock_file import file, line
from tests.vehicles.importing import counts, refusals, remarks, run, vehicle
from tests.words import german

RELEASE_USED = {"kinds": {"used": 0}}


def waiting(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Transfer)) or 0


def test_new_vehicles_come_in_as_the_dealer_presets_it(build: Build, session: Session) -> None:
    dealer = build.dealer()
    assert counts(run(session, dealer, line(B="A1"), line(B="A2"))) == (2, 0, 0, 0, 0)
    one = vehicle(session, "A1")
    assert (one.online, one.problems, one.facts().stock_date) == (True, [], today())
    dealer.release_new_vehicles = False
    run(session, dealer, line(B="A3"), partial=True)
    assert not vehicle(session, "A3").online


def test_the_first_import_of_a_location_looks_for_nothing_that_was_there_before(
    build: Build, session: Session
) -> None:
    """Nobody can be missing, and no number is known or came twice."""
    dealer = build.dealer()
    rows = line(B="A1"), line(B="A2")
    with count_queries() as first:
        assert counts(run(session, dealer, *rows)) == (2, 0, 0, 0, 0)
    with count_queries() as later:
        assert counts(run(session, dealer, rows[0], line(B="A3"))) == (1, 0, 1, 0, 1)
    for words in ("UPDATE import_stage AS later", "WITH gone AS", "WITH missing AS"):
        assert not any(words in statement for statement in first)
        assert any(words in statement for statement in later)


def test_the_same_file_again_changes_and_sends_nothing(build: Build, session: Session) -> None:
    dealer = build.dealer()
    build.activation(dealer, settings=RELEASE_USED)
    rows = [line(B=f"A{number}", AF="1", AG="1", AH="1", CU="5,4", HA="Navi") for number in range(30)]
    run(session, dealer, *rows)
    session.execute(text("DELETE FROM transfer"))
    before = vehicle(session, "A7").updated_at
    assert counts(run(session, dealer, *rows)) == (0, 0, 30, 0, 0)
    assert waiting(session) == 0
    assert vehicle(session, "A7").updated_at == before


def test_only_what_changed_is_sent(build: Build, session: Session) -> None:
    dealer = build.dealer()
    build.activation(dealer, settings=RELEASE_USED)
    run(session, dealer, line(B="A1"), line(B="A2"))
    assert waiting(session) == 2
    session.execute(text("DELETE FROM transfer"))
    assert counts(run(session, dealer, line(B="A1", K="11990"), line(B="A2"))) == (0, 1, 1, 0, 0)
    changed = session.scalars(select(Transfer)).one()
    assert changed.vehicle_id == vehicle(session, "A1").id
    assert vehicle(session, "A1").price == 11990


def test_a_later_day_is_no_change(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1"))
    one = vehicle(session, "A1")
    save_vehicle(session, one, one.facts().model_copy(update={"stock_date": today() - timedelta(days=40)}))
    session.commit()
    assert counts(run(session, dealer, line(B="A1"))) == (0, 0, 1, 0, 0)
    assert vehicle(session, "A1").facts().stock_date == today() - timedelta(days=40)


def test_facts_without_a_column_stay(build: Build, session: Session) -> None:
    dealer = build.dealer()
    facts = golf(
        offer_number="A1",
        colour="Rot",
        description="Aus erster Hand",
        stock_date=date(2026, 1, 7),
        prices=Prices(selling=5000, msrp=30000),
        battery=Battery(capacity=58),
        equipment=Equipment(features={"carplay", "abs"}, other=("Fußmatten",)),
    )
    build.vehicle(dealer, facts)
    assert counts(run(session, dealer, line(B="A1", AG="1", AH="0", Z=""))) == (0, 1, 0, 0, 0)
    now = vehicle(session, "A1").facts()
    assert (now.prices.selling, now.prices.msrp) == (12990, 30000)
    assert (now.battery, now.colour, now.description) == (facts.battery, "Rot", "Aus erster Hand")
    assert now.equipment == Equipment(features={"carplay", "esp"}, other=("Fußmatten",))
    assert now.stock_date == date(2026, 1, 7)


def test_an_emptied_cell_takes_the_fact_away_when_the_file_uses_its_column(
    build: Build, session: Session
) -> None:
    dealer = build.dealer()
    first = line(B="A1", Q="Rot", CU="5,4", AG="1")
    run(session, dealer, first, line(B="A2", Q="Blau", CU="6", AG="1"))
    run(session, dealer, line(B="A1"), line(B="A2", Q="Blau", CU="6", AG="1"))
    assert vehicle(session, "A1").data.keys() & {"colour", "energy", "equipment"} == set()
    assert vehicle(session, "A2").facts().colour == "Blau"


def test_criteria_in_another_order_are_no_change(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1", AF="1", AG="1", AH="1"))
    one = vehicle(session, "A1")
    one.data = one.data | {"equipment": {"features": ["esp", "abs", "alloy_wheels"]}}
    session.commit()
    assert counts(run(session, dealer, line(B="A1", AF="1", AG="1", AH="1"))) == (0, 0, 1, 0, 0)


def test_a_complete_import_withdraws_what_is_missing_here(build: Build, session: Session) -> None:
    dealer = build.dealer()
    build.activation(dealer, settings=RELEASE_USED)
    elsewhere = Location(dealer_id=dealer.id, code="Z", name="Zwickau")
    session.add(elsewhere)
    session.commit()
    run(session, dealer, line(B="B1"), location=elsewhere)
    run(session, dealer, line(B="A1"), line(B="A2"))
    session.execute(text("DELETE FROM transfer"))
    assert counts(run(session, dealer, line(B="A2"))) == (0, 0, 1, 0, 1)
    assert set(_numbers_in_stock(session)) == {"A2", "B1"}
    assert waiting(session) == 1


def _numbers_in_stock(session: Session) -> list[str]:
    return list(session.scalars(select(Vehicle.offer_number).where(Vehicle.withdrawn_at.is_(None))))


def test_a_partial_import_withdraws_nothing(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1"), line(B="A2"))
    assert counts(run(session, dealer, line(B="A3"), partial=True)) == (1, 0, 0, 0, 0)
    assert set(_numbers_in_stock(session)) == {"A1", "A2", "A3"}


def test_a_refused_row_still_names_its_vehicle(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1"), line(B="A2"))
    assert counts(run(session, dealer, line(B="A1", K="0"), line(B="A2"))) == (0, 0, 1, 1, 0)
    assert vehicle(session, "A1").price == 12990


def test_nothing_readable_withdraws_nothing(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1"))
    assert counts(run(session, dealer, line(B="A2", K="0"))) == (0, 0, 0, 1, 0)
    assert _numbers_in_stock(session) == ["A1"]


def test_the_later_of_two_equal_numbers_is_refused(build: Build, session: Session) -> None:
    dealer = build.dealer()
    report = run(session, dealer, line(B="A1", K="100"), line(B="A2"), line(B="A1", K="200"))
    assert counts(report) == (2, 0, 0, 1, 0)
    reason = "Diese interne Nummer steht schon in Zeile 1."
    assert refusals(session, report) == [(3, "B · Interne Nummer", "A1", "A1", reason)]
    assert vehicle(session, "A1").price == 100


def test_refused_rows_are_reported_with_their_cell(build: Build, session: Session) -> None:
    dealer = build.dealer()
    report = run(session, dealer, line(B="A1"), line(B="A2", K="VB"), line(B="", K="1"))
    assert refusals(session, report) == [
        (2, "K · Preis", "A2", "VB", "Das ist keine Zahl."),
        (3, "B · Interne Nummer", "", "", "Die interne Nummer fehlt."),
    ]


def test_what_no_platform_could_publish_is_red(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1", D="", I=""), line(B="A2"))
    fields = [problem["field"] for problem in vehicle(session, "A1").problems]
    assert fields == ["make", "first_registration"]
    run(session, dealer, line(B="A1"), line(B="A2", E=""))
    assert vehicle(session, "A1").problems == []
    assert [problem["field"] for problem in vehicle(session, "A2").problems] == ["model"]


def test_a_vehicle_that_returns_is_the_same_one(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1", O="WVWZZZ1KZAW000001"), line(B="A2"))
    first = vehicle(session, "A1").id
    run(session, dealer, line(B="A2"))
    back = run(session, dealer, line(B="A1", O="WVWZZZ1KZAW000001", K="9990"), line(B="A2"))
    assert counts(back) == (1, 0, 1, 0, 0)
    assert (vehicle(session, "A1").id, vehicle(session, "A1").price) == (first, 9990)


def test_another_vehicle_under_a_number_that_became_free_is_a_new_one(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1", O="WVWZZZ1KZAW000001"), line(B="A2"))
    first = vehicle(session, "A1")
    withdraw(session, dealer.id, [first.id])
    session.commit()
    run(session, dealer, line(B="A1", O="WVWZZZ1KZAW000002"), line(B="A2"))
    assert vehicle(session, "A1").id != first.id


def test_new_vehicles_are_released_by_the_presets(build: Build, session: Session) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer, settings={"kinds": {"used": 0, "new": 14}})
    run(session, dealer, line(B="A1"), line(B="A2", V="1"), line(B="A3", AY="1"))
    released = select(Publication.vehicle_id).where(Publication.activation_id == activation.id)
    assert session.scalars(released).all() == [vehicle(session, "A1").id]
    assert waiting(session) == 1


def test_several_customer_numbers_are_mentioned(build: Build, session: Session) -> None:
    dealer = build.dealer()
    report = run(session, dealer, line(A="4711"), line(A="4712"))
    assert counts(report) == (2, 0, 0, 0, 0)
    assert "mehrere Kundennummern (4711, 4712)" in german(report.note)
    assert run(session, dealer, line(A="4799")).note == ""


def test_two_imports_at_one_location_go_one_after_the_other(build: Build, session: Session) -> None:
    dealer = build.dealer()
    first = import_stock(session, file(line(B="A1")), dealer, dealer.locations[0], "1.csv", partial=True)
    done = threading.Event()

    def second() -> None:
        with Session(session.get_bind()) as other:
            mine = other.get_one(Dealer, dealer.id)
            run(other, mine, line(B="A1", K="500"), partial=True)
            done.set()

    worker = threading.Thread(target=second)
    worker.start()
    assert not done.wait(0.4)
    assert first.taken == 1
    session.commit()
    worker.join(10)
    assert done.is_set()
    assert vehicle(session, "A1").price == 500


def test_what_is_saved_during_an_import_is_not_overwritten(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1"))
    one = vehicle(session, "A1")
    facts = one.facts()
    save_vehicle(session, one, facts.model_copy(update={"prices": Prices(selling=12990, msrp=30000)}))
    session.flush()

    def importing() -> None:
        with Session(session.get_bind()) as other:
            run(other, other.get_one(Dealer, dealer.id), line(B="A1", K="500"), partial=True)

    worker = threading.Thread(target=importing)
    worker.start()
    worker.join(0.4)
    assert worker.is_alive()
    session.commit()
    worker.join(10)
    prices = vehicle(session, "A1").facts().prices
    assert (prices.selling, prices.msrp) == (500, 30000)


def test_the_doorbell_rings_after_the_commit_and_not_before(build: Build, session: Session) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer, settings=RELEASE_USED)
    commits: list[dict[Line, set[object]]] = []
    event.listen(session, "after_commit", lambda s: commits.append(dict(s.info.get("to_ring", {}))))
    import_stock(session, file(line(B="A1")), dealer, dealer.locations[0], "1.csv", partial=True)
    assert commits == []
    session.commit()
    assert commits == [{Line.BULK: {activation.id}}], "a machine's change"


def test_the_real_inventory(build: Build, session: Session, shared_inventory: Path) -> None:
    dealer = build.dealer()
    build.activation(dealer, settings=RELEASE_USED)
    first = _import_inventory(session, dealer, shared_inventory)
    assert (counts(first), first.remarked) == ((1457, 0, 0, 43, 0), 144)
    found = refusals(session, first)
    assert {(column, reason) for _line, column, _number, _value, reason in found} == {
        ("K · Preis", "Der Preis ist 0.")
    }
    said = remarks(session, first)
    assert {column for _line, column, *_rest in said} == {"I · Erstzulassung", "K · Preis"}
    assert sum("nur das Jahr" in reason for *_cell, reason in said) == 141
    assert waiting(session) == 1457
    session.execute(text("DELETE FROM transfer"))
    assert counts(_import_inventory(session, dealer, shared_inventory)) == (0, 0, 1457, 43, 0)
    assert waiting(session) == 0


def _import_inventory(session: Session, dealer: Dealer, inventory: Path):  # type: ignore[no-untyped-def]
    with inventory.open("rb") as stream:
        report = import_stock(session, stream, dealer, dealer.locations[0], inventory.name, partial=False)
    session.commit()
    return report


def test_a_complete_file_with_half_of_the_stock_looks_cut_and_says_so(build: Build, session: Session) -> None:
    dealer = build.dealer()
    rows = [line(B=f"A{number}") for number in range(8)]
    assert not run(session, dealer, *rows).cut_short
    report = run(session, dealer, *rows[:4])
    assert report.cut_short
    assert "nur noch 4 von bisher 8 Fahrzeugen" in german(report.note)


def test_a_stock_that_was_renumbered_does_not_look_cut(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, *(line(B=f"A{number}") for number in range(8)))
    assert not run(session, dealer, *(line(B=f"B{number}") for number in range(8))).cut_short


@pytest.mark.parametrize(
    ("before", "accepted", "withdrawn", "cut"),
    [
        (60, 30, 30, True),
        (60, 31, 29, False),
        (6, 3, 3, True),
        (4, 2, 2, False),
        (3, 1, 2, False),
        (0, 5, 0, False),
    ],
)
def test_what_looks_cut(before: int, accepted: int, withdrawn: int, cut: bool) -> None:
    assert looks_cut(before, accepted, withdrawn) is cut


def test_an_unreadable_cell_costs_its_fact_and_the_new_price_comes_in(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1", K="9990", G="05.2027"))
    report = run(session, dealer, line(B="A1", K="8.990,00", G="siehe Text"), line(B="A2", G="06.2027"))
    assert (counts(report), report.remarked) == ((1, 1, 0, 0, 0), 1)
    assert remarks(session, report) == [
        (1, "G · HU", "A1", "siehe Text", "Das ist kein Datum der Form mm.jjjj.")
    ]
    now = vehicle(session, "A1").facts()
    assert (now.prices.selling, now.inspection_due) == (8990, None)
    assert [(one.path, one.text) for one in now.unread] == [("inspection_due", "siehe Text")]
    run(session, dealer, line(B="A1", K="8990", G="05.2027"), line(B="A2", G="06.2027"))
    assert vehicle(session, "A1").facts().unread == ()


def test_a_column_that_nobody_can_read_leaves_what_a_dealer_typed_in(build: Build, session: Session) -> None:
    dealer = build.dealer()
    build.vehicle(dealer, golf(offer_number="A1", inspection_due="2027-05"))
    run(session, dealer, line(B="A1", G="siehe Text"))
    assert vehicle(session, "A1").facts().inspection_due == "2027-05"


def test_a_car_for_next_to_nothing_waits_until_somebody_confirms_it(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1", K="12,99"))
    one = vehicle(session, "A1")
    assert [(problem["code"], problem["field"]) for problem in one.problems] == [
        ("amount-implausible", "prices.selling")
    ]
    save_vehicle(session, one, one.facts().model_copy(update={"confirmed": ("prices.selling=12.99",)}))
    session.commit()
    assert vehicle(session, "A1").problems == []
    run(session, dealer, line(B="A1", K="12,99"))
    assert vehicle(session, "A1").problems == []
    run(session, dealer, line(B="A1", K="13,99"))
    assert [problem["code"] for problem in vehicle(session, "A1").problems] == ["amount-implausible"]


def test_a_car_with_spoilt_texts_waits_until_somebody_repairs_it(build: Build, session: Session) -> None:
    dealer = build.dealer()
    run(session, dealer, line(B="A1", Q="K&Atilde;&para;nigsblau"))
    assert [(problem["code"], problem["field"]) for problem in vehicle(session, "A1").problems] == [
        ("text-spoilt", "colour")
    ]


def test_a_headline_that_was_once_taken_from_the_remarks_goes_with_them(
    build: Build, session: Session
) -> None:
    dealer = build.dealer()
    build.vehicle(dealer, golf(offer_number="A1", model_description="TÜV neu", description=""))
    build.vehicle(dealer, golf(offer_number="A2", model_description="1.4 TSI", description=""))
    run(session, dealer, line(B="A1", Z="TÜV neu"), line(B="A2", Z="TÜV neu"))
    assert [vehicle(session, number).facts().model_description for number in ("A1", "A2")] == ["", "1.4 TSI"]


def test_a_spoilt_text_is_kept_back_until_its_repair_is_taken(build: Build, session: Session) -> None:
    dealer = build.dealer()
    report = import_stock(
        session,
        file(line(B="A1", Z="GrÃ¼n und groÃŸ"), line(B="A2", Z="Grün"), charset="utf-8"),
        dealer,
        dealer.locations[0],
        "bestand.csv",
        partial=True,
    )
    session.commit()
    assert report.remarked == 1
    assert [problem["code"] for problem in vehicle(session, "A1").problems] == ["text-spoilt"]
    place = dealer.locations[0].id
    assert count_spoilt(session, dealer.id, place) == 1
    assert repair_texts(session, dealer.id, place) == 1
    session.commit()
    one = vehicle(session, "A1")
    assert (one.facts().description, one.problems) == ("Grün und groß", [])
    assert count_spoilt(session, dealer.id, place) == 0


def test_odd_files_are_named_in_the_report(build: Build, session: Session) -> None:
    dealer = build.dealer()
    lines = [line(B="A1", Z="Türen").encode("iso-8859-15"), line(B="A2", Z="Türen").encode("cp850")]
    report = import_stock(
        session, io.BytesIO(b"".join(lines)), dealer, dealer.locations[0], "bestand.csv", partial=True
    )
    assert "ISO-8859-15 (1), Codepage 850 (1)" in german(report.note)
