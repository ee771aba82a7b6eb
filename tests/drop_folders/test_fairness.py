"""Whose file is taken when: each dealer's turn comes, however long somebody else's takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from portal import audit
from portal.drop_folders.folder import DropFolder, DroppedFile
from portal.drop_folders.host_key import FOLDER
from portal.drop_folders.line import TurnOfDealers
from portal.drop_folders.taking import Outcome, Taker
from portal.models import Dealer, Location, StockSource, VehicleImport
from portal.sources import drop_access
from tests import asynchronous
from tests.drop_folders.conftest import Access, Yard
from tests.formats.stock_file import line
from tests.programs import WHOLE_MACHINE
from tests.waiting import until

pytestmark = WHOLE_MACHINE


@pytest.fixture
def theirs(yard: Yard) -> Access:
    """Another dealer's folder."""
    charlie = yard.build.charlie()
    return yard.make(yard.session.get_one(Dealer, charlie.dealer_id), charlie)


def drop(yard: Yard, access: Access, *numbers: str) -> None:
    """A file for each number."""
    with yard.client(access) as client:
        for number in numbers:
            with client.open(f"{number}.csv", "wb") as file:
                file.write(line(B=number).encode("iso-8859-15"))


@contextmanager
def long_import(sessions: sessionmaker[Session], access: Access) -> Iterator[None]:
    """What is taken of this folder gets no further than its row."""
    with sessions() as session:
        session.get_one(StockSource, access.source.id, with_for_update=True)
        yield


def begun(sessions: sessionmaker[Session]) -> bool:
    """Whether somebody waits for a row that somebody else has locked."""
    with sessions() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_a_long_import_of_one_dealer_keeps_no_other_waiting(
    yard: Yard, theirs: Access, sessions: sessionmaker[Session]
) -> None:
    with long_import(sessions, yard.access):
        drop(yard, yard.access, "A1", "A2", "A3", "A4")
        until(lambda: begun(sessions))
        drop(yard, theirs, "C1")
        assert [one.file_name for one in yard.taken(1, theirs)] == ["C1.csv"]
        assert yard.pickups() == []
    assert [one.file_name for one in yard.taken(4)] == ["A1.csv", "A2.csv", "A3.csv", "A4.csv"]


def test_of_a_dealer_one_file_is_taken_at_a_time(
    yard: Yard, theirs: Access, sessions: sessionmaker[Session]
) -> None:
    second = yard.make(yard.dealer, yard.alice, partial=True)
    with long_import(sessions, yard.access):
        drop(yard, yard.access, "A1")
        until(lambda: begun(sessions))
        drop(yard, second, "B1")
        drop(yard, theirs, "C1")
        yard.taken(1, theirs)
        assert yard.pickups(second) == []
    yard.taken(1)
    yard.taken(1, second)


def test_what_cannot_be_taken_of_one_folder_holds_up_no_other(
    yard: Yard, theirs: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, failures = Taker.take, []
    mine = yard.access.source.id  # here: the session of this test is of its thread

    def failing(taker: Taker, source_id: UUID, folder: DropFolder, arrival: DroppedFile) -> Outcome:
        if source_id == mine and not failures:
            failures.append(source_id)
            raise LookupError
        return take(taker, source_id, folder, arrival)

    monkeypatch.setattr(Taker, "take", failing)
    drop(yard, yard.access, "A1")
    until(lambda: failures)
    drop(yard, theirs, "C1")
    yard.taken(1, theirs)
    assert [one.file_name for one in yard.taken(1)] == ["A1.csv"], "it is tried again"


def test_a_source_that_another_server_is_at_is_left_to_it(yard: Yard) -> None:
    def claimed(token: UUID | None) -> None:
        source = yard.session.get_one(StockSource, yard.access.source.id)
        source.lease_token, source.leased_until = token, datetime.now(UTC) + timedelta(hours=1)
        yard.session.commit()

    claimed(uuid4())
    drop(yard, yard.access, "A1")
    waiting = yard.root() / "waiting" / "A1.csv"
    claimed(uuid4())
    assert waiting.exists()
    assert yard.pickups() == []
    claimed(UUID((yard.settings.data_dir / FOLDER / "lock").read_text()))
    yard.taken()
    yard.session.rollback()
    assert yard.session.get_one(StockSource, yard.access.source.id).lease_token is None


def test_a_folder_that_moves_while_its_file_is_read_fills_its_new_place(
    yard: Yard, sessions: sessionmaker[Session]
) -> None:
    old, new = yard.dealer.locations[0].id, yard.build.location(yard.dealer, "B").id
    with sessions() as somebody:
        somebody.get_one(Location, old, with_for_update=True)
        drop(yard, yard.access, "A1")
        until(lambda: begun(sessions))
        source = yard.session.get_one(StockSource, yard.access.source.id)
        drop_access.change(yard.session, audit.PORTAL, source, new, "DMS", partial=False)
        yard.session.commit()
    [pickup] = yard.taken()
    assert yard.session.get_one(VehicleImport, pickup.import_id).location_id == new
    assert yard.stock() == {"A1"}


def test_whoever_had_a_turn_goes_to_the_end_of_the_line() -> None:
    asynchronous.run(_turns())


async def _turns() -> None:
    places, first, second, third = TurnOfDealers(), uuid4(), uuid4(), uuid4()
    alice, charlie = uuid4(), uuid4()
    places.join(first, alice)
    places.join(second, alice)
    places.join(third, charlie)
    assert await places.next() == (first, alice)
    assert await places.next() == (third, charlie), "Alice is being served"
    places.leave(alice)
    places.join(first, alice)
    assert await places.next() == (second, alice)
    places.leave(alice)
    assert await places.next() == (first, alice)
