"""A file is fetched by schedule, whole, once, and taken in like an upload."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import sessionmaker

from portal import audit
from portal.formats.foreign_layouts.suggestion import suggested_layout
from portal.models import AuditEvent, ImageBlob, StockPickup, StockSource, StockUpload, VehicleImport
from portal.models.sources import PickupState
from portal.sources import control, pickups
from portal.sources.pickups import KEPT, serve
from portal.vehicles import stock_uploads
from portal.vehicles.incoming_pictures import take_incoming
from portal.vehicles.stock_layouts import save_layout
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, surveyed, text_file, zipped
from tests.formats.stock_file import line
from tests.sources.conftest import Yard
from tests.vehicles.huge_pictures import forbid_decoding, huge_picture
from tests.words import german


def stock(*numbers: str, **cells: str) -> bytes:
    return "".join(line(B=number, **cells) for number in numbers).encode("iso-8859-15")


@pytest.mark.parametrize("transport", ["sftp", "ftps", "ftp"])
def test_a_file_is_taken_by_every_way(yard: Yard, transport: str) -> None:
    yard.write(stock("A1", "A2"))
    yard.source = yard.make(transport)
    pickup = yard.pick_up()
    assert (pickup.state, german(pickup.reason)) == (PickupState.TAKEN, "")
    assert pickup.size == len(stock("A1", "A2"))
    assert yard.stock() == {"A1", "A2"}
    report = yard.session.get_one(VehicleImport, pickup.import_id)
    assert (report.taken, report.partial, report.file_name) == (2, False, "bestand.csv")


def test_a_file_behind_an_address_is_taken(yard: Yard) -> None:
    yard.write(stock("A1"))
    url = f"{yard.marketplace.url}/dateiportal/4711001/bestand.csv"
    yard.source = yard.make("https", url=url)
    pickup = yard.pick_up()
    assert (pickup.state, pickup.file_name) == (PickupState.TAKEN, "bestand.csv")
    assert yard.stock() == {"A1"}


def test_it_is_looked_at_twice_before_it_is_taken(yard: Yard) -> None:
    """A file that is still being written waits."""
    yard.write(stock("A1"))
    yard.ask()
    yard.turn()
    assert (yard.last.state, yard.stock()) == (PickupState.OPEN, set())
    assert yard.due() == []
    yard.write(stock("A1", "A2"))
    yard.wait()
    yard.turn()
    assert (yard.last.state, yard.stock()) == (PickupState.OPEN, set())
    yard.wait()
    yard.turn()
    assert (yard.last.state, yard.stock()) == (PickupState.TAKEN, {"A1", "A2"})


def test_a_file_that_never_rests_is_given_up(yard: Yard) -> None:
    yard.write(stock("A1"))
    yard.ask()
    yard.turn()
    long_ago = {"created_at": func.now() - timedelta(hours=2), "not_before": func.now()}
    yard.session.execute(update(StockPickup).values(long_ago))
    yard.session.commit()
    yard.write(stock("A1", "A2"))
    yard.turn()
    assert yard.last.state == PickupState.FAILED
    assert "immer wieder" in german(yard.last.reason)
    assert yard.stock() == set()


def test_an_unchanged_file_is_not_taken_twice(yard: Yard) -> None:
    yard.write(stock("A1"))
    yard.pick_up()
    assert yard.pick_up().state == PickupState.UNCHANGED
    yard.write(stock("A1"))  # written anew, with the same in it
    assert yard.pick_up().state == PickupState.UNCHANGED
    assert yard.session.scalar(select(func.count()).select_from(VehicleImport)) == 1
    yard.write(stock("A1", K="8990"))
    assert yard.pick_up().state == PickupState.TAKEN


def test_a_complete_source_withdraws_and_a_partial_one_does_not(yard: Yard) -> None:
    yard.write(stock("A1", "A2", "A3"))
    yard.pick_up()
    yard.write(stock("A1", "A2"))
    yard.pick_up()
    assert yard.stock() == {"A1", "A2"}
    control.change(yard.session, yard.vault, audit.PORTAL, yard.source, yard.facts(partial=True))
    yard.session.commit()
    yard.write(stock("A4"))
    yard.pick_up()
    assert yard.stock() == {"A1", "A2", "A4"}


def test_a_file_that_was_cut_is_marked_for_the_guard(yard: Yard) -> None:
    numbers = [f"A{number}" for number in range(12)]
    yard.write(stock(*numbers))
    yard.pick_up()
    yard.write(stock(*numbers[:3]))
    pickup = yard.pick_up()
    assert yard.session.get_one(VehicleImport, pickup.import_id).cut_short


def test_a_missing_file_changes_nothing(yard: Yard) -> None:
    pickup = yard.pick_up()
    assert (pickup.state, yard.told()) == (PickupState.MISSING, [])


def test_an_unreadable_file_is_refused_with_its_reason_and_tried_again(yard: Yard) -> None:
    yard.write(stock("A1"))
    yard.pick_up()
    yard.write(b"%PDF-1.7 no stock at all")
    pickup = yard.pick_up()
    assert pickup.state == PickupState.REFUSED
    assert german(pickup.reason)
    assert yard.stock() == {"A1"}
    assert yard.pick_up().state == PickupState.REFUSED


def test_an_unknown_layout_waits_for_its_columns_and_is_read_by_them_from_then_on(yard: Yard) -> None:
    content = text_file(HEADER, GOLF, A3)
    yard.write(content)
    pickup = yard.pick_up()
    assert (pickup.state, yard.stock()) == (PickupState.UNMAPPED, set())
    assert yard.session.get_one(StockUpload, pickup.upload_id).location_id == yard.source.location_id
    survey = surveyed(content)
    save_layout(yard.session, yard.dealer.id, "DMS", suggested_layout(survey), survey)
    yard.session.commit()
    assert yard.pick_up().state == PickupState.TAKEN
    assert yard.stock() == {"A1", "A2"}


def test_a_zip_in_a_known_layout_is_taken(yard: Yard) -> None:
    content = text_file(HEADER, GOLF, A3)
    survey = surveyed(content)
    save_layout(yard.session, yard.dealer.id, "DMS", suggested_layout(survey), survey)
    yard.write(zipped(content), "bestand.zip")
    yard.source = yard.make(file_name="bestand.zip")
    assert yard.pick_up().state == PickupState.TAKEN
    assert yard.stock() == {"A1", "A2"}


def test_a_zip_in_an_unknown_layout_waits_for_its_columns_with_its_pictures(yard: Yard) -> None:
    packed = zipped(text_file(HEADER, GOLF, A3), A1_1=b"picture")
    yard.write(packed, "bestand.zip")
    yard.source = yard.make(file_name="bestand.zip")
    pickup = yard.pick_up()
    assert (pickup.state, yard.stock()) == (PickupState.UNMAPPED, set())
    upload = yard.session.get_one(StockUpload, pickup.upload_id)
    with stock_uploads.opened(yard.session, upload) as kept:
        assert kept.read() == packed


def test_a_picture_above_25_megapixels_is_refused_by_its_header(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.write(zipped(stock("A1"), A1_1=huge_picture()), "bestand.zip")
    yard.source = yard.make(file_name="bestand.zip")
    forbid_decoding(monkeypatch)
    assert yard.pick_up().state == PickupState.TAKEN
    while take_incoming(sessionmaker(yard.session.get_bind())):
        pass
    yard.session.rollback()
    report = yard.session.scalars(select(VehicleImport)).one()
    assert (report.pictures, report.pictures_refused) == (0, 1)
    assert yard.session.scalar(select(func.count()).select_from(ImageBlob)) == 0


def test_a_server_that_does_not_answer_is_tried_again_and_then_given_up(yard: Yard) -> None:
    yard.marketplace.fault("reset", "connect")
    yard.ask()
    for attempts in (1, 2, 3):
        assert yard.turn()
        assert (yard.last.state, yard.last.attempts) == (PickupState.OPEN, attempts)
        assert yard.due() == []
        yard.wait()
    yard.turn()
    assert yard.last.state == PickupState.FAILED
    yard.marketplace.heal()
    yard.write(stock("A1"))
    assert yard.pick_up().state == PickupState.TAKEN


def test_what_somebody_has_to_mend_is_not_tried_again(yard: Yard) -> None:
    yard.source = yard.make(secrets={"password": "wrong"})
    yard.ask()
    yard.turn()
    assert (yard.last.state, yard.last.attempts) == (PickupState.FAILED, 1)
    assert "Benutzername und Passwort" in german(yard.last.reason)


def test_a_host_key_that_nobody_confirmed_ends_it_before_the_login(yard: Yard) -> None:
    yard.source = yard.make(host_key="")
    yard.ask()
    yard.turn()
    assert yard.last.state == PickupState.FAILED
    assert yard.marketplace.requests("login") == []


def test_internal_servers_are_not_reached(yard: Yard) -> None:
    yard.collector = replace(yard.collector, policy=replace(yard.collector.policy, allow=()))
    assert "internes Netz" in german(yard.pick_up().reason)


def test_the_schedule_makes_it_due_and_one_pick_up_makes_up_for_many(yard: Yard) -> None:
    yard.write(stock("A1"))
    assert yard.due() == []
    yard.make_due()
    assert yard.due() == [yard.source.id]
    yard.turn()
    yard.wait()
    yard.turn()
    assert [pickup.state for pickup in yard.pickups] == [PickupState.TAKEN]
    assert not yard.last.by_hand
    yard.session.refresh(yard.source)
    assert yard.source.next_at is not None
    assert yard.source.next_at > yard.last.created_at
    assert yard.due() == []


def test_without_hours_it_is_fetched_by_hand_only(yard: Yard) -> None:
    yard.source = yard.make(schedule=[])
    assert yard.source.next_at is None


def test_asking_twice_is_one_pick_up(yard: Yard) -> None:
    yard.ask()
    yard.ask()
    assert len(yard.pickups) == 1


def test_of_each_source_the_last_ten_pick_ups_stay_and_their_reports_too(yard: Yard) -> None:
    other = yard.make()
    yard.session.add(StockPickup(source_id=other.id, state="missing", finished_at=func.now()))
    yard.session.commit()
    for price in range(KEPT + 2):
        yard.write(stock("A1", Z="x" * (price + 1)))
        yard.pick_up()
    kept = yard.pickups
    assert len([pickup for pickup in kept if pickup.source_id == yard.source.id]) == KEPT
    assert len(kept) == KEPT + 1
    assert yard.session.scalar(select(func.count()).select_from(VehicleImport)) == KEPT + 2


def test_two_workers_at_once_take_it_once(yard: Yard) -> None:
    yard.write(stock("A1"))
    yard.ask()
    for _ in range(2):
        threads = [Thread(target=serve, args=(yard.collector, yard.source.id)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        yard.wait()
    assert [pickup.state for pickup in yard.pickups] == [PickupState.TAKEN]


def test_a_worker_that_died_is_followed_by_another(yard: Yard) -> None:
    yard.write(stock("A1"))
    yard.ask()
    gone = {"leased_until": func.now() + timedelta(minutes=1)}
    yard.session.execute(update(StockSource).values(gone))
    yard.session.commit()
    assert (yard.due(), yard.turn()) == ([], False)
    yard.session.execute(update(StockSource).values(leased_until=func.now() - timedelta(seconds=1)))
    yard.session.commit()
    assert yard.due() == [yard.source.id]
    yard.turn()
    yard.wait()
    yard.turn()
    assert yard.last.state == PickupState.TAKEN


def test_what_is_changed_meanwhile_calls_the_pick_up_off(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of the old place must not count for the new one."""
    yard.write(stock("A1"))
    yard.ask()
    yard.turn()
    yard.wait()
    take_in = pickups.take_in

    def change_meanwhile(*given: object) -> object:
        with yard.collector.sessions.begin() as session:
            source = session.get_one(StockSource, yard.source.id)
            facts = yard.facts(file_name="andere.csv")
            control.change(session, yard.vault, audit.PORTAL, source, facts)
        return take_in(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(pickups, "take_in", change_meanwhile)
    assert yard.turn() is False
    assert (yard.pickups, yard.stock()) == ([], set())


def test_another_place_forgets_what_was_taken_and_other_hours_do_not(yard: Yard) -> None:
    yard.write(stock("A1"))
    yard.pick_up()
    control.change(yard.session, yard.vault, audit.PORTAL, yard.source, yard.facts(schedule=["07:00"]))
    yard.session.commit()
    assert yard.pick_up().state == PickupState.UNCHANGED
    yard.write(stock("A1"), "neu.csv")
    control.change(yard.session, yard.vault, audit.PORTAL, yard.source, yard.facts(file_name="neu.csv"))
    yard.session.commit()
    assert yard.pick_up().state == PickupState.TAKEN


def test_a_file_beyond_the_limit_is_not_taken(yard: Yard) -> None:
    yard.collector = replace(yard.collector, most_bytes=100)
    yard.write(stock("A1"))
    pickup = yard.pick_up()
    assert pickup.state == PickupState.FAILED
    assert "größer als" in german(pickup.reason)


def test_an_import_is_on_record(yard: Yard) -> None:
    yard.write(stock("A1"))
    yard.pick_up()
    lines = yard.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [row.what for row in lines] == ["source.created", "source.asked", "vehicle.imported"]
    assert lines[-1].detail["source"] == "DMS"
