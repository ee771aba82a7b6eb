"""The lock at work: nothing is sent behind it, and every way it opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from portal.audit import PORTAL, Who
from portal.exports.history.filters import HistoryFilter
from portal.exports.history.pages import HistoryQuery, HistoryScope, find_page
from portal.exports.jobs import tick
from portal.exports.mass_change.lock import LockDecision, ShownNumbers, approve_lock, discard_lock
from portal.models import (
    Activation,
    AuditEvent,
    Lock,
    LockedVehicle,
    Problem,
    Transfer,
    Vehicle,
    VehicleImport,
)
from portal.models.exports import ActivationState, LockEnd, LockRule, TransferState
from portal.outbox import note_changes
from portal.vehicle_facts.data import Prices
from tests.builders import Build, fresh
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace
from tests.words import german

ALICE = Who(name="Alice", address="127.0.0.1")


class Shop(Stage):
    """A dealer whose stock is online, and ways to break it."""

    def open_with(self, number: int) -> list[Vehicle]:
        """So many vehicles released and online; the first transfer is over."""
        vehicles = self.vehicles(number)
        self.drain()
        return vehicles

    def lose(self, vehicles: list[Vehicle]) -> None:
        """As an import does that lacks them."""
        self._withdraw(vehicles, func.now())

    def find_again(self, vehicles: list[Vehicle]) -> None:
        self._withdraw(vehicles, None)

    def _withdraw(self, vehicles: list[Vehicle], moment: object) -> None:
        with self.runtime.sessions.begin() as session:
            for vehicle in vehicles:
                session.get_one(Vehicle, vehicle.id).withdrawn_at = moment  # type: ignore[assignment]
            note_changes(session, [vehicle.id for vehicle in vehicles])

    @property
    def lock(self) -> Lock:
        self.session.expire_all()
        return self.session.scalars(select(Lock).order_by(Lock.id.desc())).first()  # type: ignore[return-value]

    @property
    def state(self) -> str:
        found: str = fresh(self.session, Activation, self.activation.id).state
        return found

    def waiting(self) -> list[Transfer]:
        return [row for row in self.transfers() if row.state == TransferState.WAITING]

    def approve(self, shown: ShownNumbers | None = None, **more: bool) -> LockDecision:
        lock = self.lock
        with self.runtime.sessions.begin() as session:
            shown = shown or ShownNumbers(lock.deletions, lock.creations)
            return approve_lock(session, lock.id, shown, ALICE, **more)[0]

    def discard(self) -> LockDecision:
        with self.runtime.sessions.begin() as session:
            return discard_lock(session, self.lock.id, ALICE)[0]


@pytest.fixture
def shop(build: Build, runtime, marketplace: Marketplace) -> Shop:  # type: ignore[no-untyped-def]
    return Shop(build, runtime)


def test_six_of_sixty_deletions_pass(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(60)
    shop.lose(stock[:6])
    shop.drain()
    assert len(marketplace.online()) == 54
    assert shop.state == ActivationState.ACTIVE


def test_eight_of_sixty_deletions_lock_and_nothing_at_all_is_sent(
    shop: Shop, marketplace: Marketplace
) -> None:
    stock = shop.open_with(60)
    sent = len(marketplace.requests("create", "update", "delete"))
    shop.lose(stock[:8])
    shop.change(stock[20], prices=Prices(selling=Decimal(4321)))
    shop.vehicle()
    shop.drain()
    assert len(marketplace.requests("create", "update", "delete")) == sent
    assert shop.state == ActivationState.LOCKED
    lock = shop.lock
    assert (lock.rule, lock.online, lock.deletions, lock.deletion_limit) == (LockRule.DELETIONS, 60, 8, 6)
    assert lock.creations == 1
    assert {row.held for row in shop.waiting()} == {True}
    assert len(shop.waiting()) == 10


def test_the_lock_names_its_vehicles_and_why_they_would_go(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    named = shop.session.scalars(select(LockedVehicle)).all()
    assert {row.vehicle_id for row in named} == {vehicle.id for vehicle in stock[:6]}
    assert {(row.action, german(row.reason)) for row in named} == {
        ("delete", "Das Fahrzeug ist nicht mehr im Bestand.")
    }


def test_people_are_told_once_however_often_the_lock_is_looked_at(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    shop.lose(stock[6:8])
    shop.drain()
    shop.drain()
    [problem] = shop.session.scalars(select(Problem)).all()
    assert (problem.kind, problem.subject_id, problem.closed_at) == ("lock", shop.lock.id, None)
    assert shop.lock.deletions == 8, "the numbers follow the deviation"
    assert shop.session.scalar(select(func.count()).select_from(Lock)) == 1


def test_more_new_vehicles_than_usual_lock_but_never_in_the_first_transfer(
    shop: Shop, marketplace: Marketplace
) -> None:
    shop.open_with(25)
    assert len(marketplace.online()) == 25
    for _ in range(11):
        shop.vehicle()
    shop.drain()
    assert shop.lock.rule == LockRule.CREATIONS
    assert len(marketplace.online()) == 25


def test_an_emptied_stock_locks_even_when_it_was_small(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(2)
    shop.lose(stock)
    shop.drain()
    assert shop.lock.rule == LockRule.EMPTIED
    assert len(marketplace.online()) == 2


def test_an_import_that_was_cut_short_locks_on_the_first_deletion(shop: Shop) -> None:
    stock = shop.open_with(30)
    place = shop.dealer.locations[0].id
    shop.build._add(
        VehicleImport(
            dealer_id=shop.dealer.id, location_id=place, file_name="a.csv", partial=False, cut_short=True
        )
    )
    shop.lose(stock[:1])
    shop.drain()
    assert shop.lock.rule == LockRule.TRUNCATED


def test_a_slow_bleed_locks(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(20)
    for vehicle in stock[:6]:
        shop.lose([vehicle])
        shop.drain()
    assert len(marketplace.online()) == 15
    assert (shop.lock.deletions, shop.lock.deletions_done, shop.lock.deletion_limit) == (6, 5, 5)


def test_what_was_done_before_the_approval_is_no_part_of_its_ceiling(
    shop: Shop, marketplace: Marketplace
) -> None:
    stock = shop.open_with(20)
    for vehicle in stock[:6]:
        shop.lose([vehicle])
        shop.drain()
    shop.approve()
    approved = fresh(shop.session, Activation, shop.activation.id)
    assert (approved.approved_deletions, approved.approved_creations) == (1, 0)


def test_after_the_approval_the_waiting_set_is_rebuilt_from_now_and_sent(
    shop: Shop, marketplace: Marketplace
) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.change(stock[7], prices=Prices(selling=Decimal(4321)))
    shop.drain()
    shop.change(stock[7], prices=Prices(selling=Decimal(4322)))
    assert shop.approve() == LockDecision.DONE
    shop.drain()
    online = marketplace.online()
    assert len(online) == 6
    assert online[stock[7].offer_number]["price"]["consumerPriceGross"] == "4322.00"
    assert shop.state == ActivationState.ACTIVE
    assert (shop.lock.closed_how, shop.lock.by_mail) == (LockEnd.APPROVED, False)
    assert not [row for row in shop.transfers() if row.held]


def test_the_approval_is_on_record(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    shop.approve(by_mail=True)
    [opened, approved] = shop.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert (opened.what, opened.actor) == ("lock.opened", PORTAL.name)
    assert (approved.what, approved.actor, approved.address) == ("lock.approved", "Alice", "127.0.0.1")
    assert opened.object_label == approved.object_label == f"mobile.de {shop.activation.customer_number}"
    assert approved.detail == {"deletions": 6, "creations": 0, "by_mail": True}
    [problem] = shop.session.scalars(select(Problem)).all()
    assert problem.closed_how == "approved"


def test_a_larger_deviation_after_the_approval_locks_again(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(14)
    shop.lose(stock[:6])
    shop.drain()
    first = shop.lock.id
    shop.approve()
    shop.lose(stock[6:8])
    shop.drain()
    assert shop.state == ActivationState.LOCKED
    assert shop.lock.id != first
    assert len(marketplace.online()) == 14


def test_once_it_is_carried_out_the_usual_number_passes_again(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(20)
    shop.lose(stock[:6])
    shop.drain()
    shop.approve()
    shop.drain()
    shop.lose(stock[6:11])
    shop.drain()
    assert (shop.state, len(marketplace.online())) == (ActivationState.ACTIVE, 9)
    shop.lose(stock[11:12])
    shop.drain()
    assert (shop.state, len(marketplace.online())) == (ActivationState.LOCKED, 9)


def test_an_approval_of_numbers_that_have_grown_decides_nothing(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    shown = ShownNumbers(shop.lock.deletions, shop.lock.creations)
    shop.lose(stock[6:7])
    shop.drain()
    assert shop.approve(shown) == LockDecision.GROWN
    assert shop.state == ActivationState.LOCKED


def test_the_second_approval_finds_the_lock_closed(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    lock = shop.lock
    shown = ShownNumbers(lock.deletions, lock.creations)
    assert shop.approve(shown) == LockDecision.DONE
    assert shop.approve(shown) == LockDecision.CLOSED


def test_a_deviation_that_heals_opens_the_lock_by_itself(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    shop.find_again(stock[:6])
    shop.drain()
    assert shop.state == ActivationState.ACTIVE
    assert shop.lock.closed_how == LockEnd.HEALED
    assert len(marketplace.online()) == 12
    assert not shop.waiting()


def test_a_lock_heals_although_nothing_waits_any_more(shop: Shop) -> None:
    """A worker that died after it had forgotten the idle rows and before it opened the lock."""
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    with shop.runtime.sessions.begin() as session:
        for row in session.scalars(select(Transfer).where(Transfer.state == TransferState.WAITING)):
            session.delete(row)
    shop.drain()
    assert shop.state == ActivationState.ACTIVE


def test_discarding_keeps_the_listings_and_sends_the_rest(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.change(stock[7], prices=Prices(selling=Decimal(4321)))
    shop.drain()
    assert shop.discard() == LockDecision.DONE
    shop.drain()
    online = marketplace.online()
    assert len(online) == 12
    assert online[stock[7].offer_number]["price"]["consumerPriceGross"] == "4321.00"
    assert shop.state == ActivationState.ACTIVE
    discarded = [row for row in shop.transfers() if row.state == TransferState.DISCARDED]
    assert len(discarded) == 6
    assert discarded[0].feedback[0]["code"] == "discarded"


def test_who_wants_it_lets_price_changes_pass_a_lock(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(12)
    with shop.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, shop.activation.id)
        activation.settings = {**activation.settings, "lock_scope": "costly"}
    shop.lose(stock[:6])
    shop.vehicle()
    shop.change(stock[7], prices=Prices(selling=Decimal(4321)))
    shop.drain()
    assert shop.state == ActivationState.LOCKED
    assert len(marketplace.online()) == 12
    assert marketplace.online()[stock[7].offer_number]["price"]["consumerPriceGross"] == "4321.00"
    assert [row.held for row in shop.waiting()] == [True] * 7
    shop.change(stock[7], prices=Prices(selling=Decimal(4322)))
    shop.drain()
    assert marketplace.online()[stock[7].offer_number]["price"]["consumerPriceGross"] == "4322.00"
    assert len(marketplace.online()) == 12


def test_deletions_that_appear_between_planning_and_claiming_are_not_sent(
    shop: Shop, marketplace: Marketplace
) -> None:
    """The brake has seen price changes; an import withdraws the vehicles before they are claimed."""
    stock = shop.open_with(12)
    for vehicle in stock[:6]:
        shop.change(vehicle, prices=Prices(selling=Decimal(4321)))
    _when_planned(shop, lambda: shop.lose(stock[:6]))
    shop.drain()
    assert shop.state == ActivationState.LOCKED
    assert len(marketplace.online()) == 12


def _when_planned(shop: Shop, then) -> None:  # type: ignore[no-untyped-def]
    """Run `then` in the moment after the brake has let everything pass."""
    from portal.exports.dispatch import loop

    original = loop.send_batch

    def send(*brought, **more):  # type: ignore[no-untyped-def]
        loop.send_batch = original
        then()
        return original(*brought, **more)

    loop.send_batch = send


def test_the_deletion_of_everything_that_the_dealer_asked_for_is_not_braked(
    shop: Shop, marketplace: Marketplace
) -> None:
    shop.open_with(12)
    with shop.runtime.sessions.begin() as session:
        from portal.exports.lifecycle import activation as life

        life.close(session, session.get_one(Activation, shop.activation.id))
    shop.drain()
    assert marketplace.online() == {}
    assert shop.state == ActivationState.DEACTIVATED


def test_a_deactivated_app_has_no_lock(shop: Shop) -> None:
    from portal.exports.lifecycle import activation as life

    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    with shop.runtime.sessions.begin() as session:
        life.deactivate(session, session.get_one(Activation, shop.activation.id))
    assert shop.lock.closed_how == LockEnd.ENDED


def test_a_lock_is_looked_at_again_by_the_clock(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    assert tick(shop.runtime) == 0
    with shop.runtime.sessions.begin() as session:
        session.get_one(Lock, shop.lock.id).looked_at = datetime.now(UTC) - timedelta(minutes=2)
    assert tick(shop.runtime) == 1


def test_an_old_approval_counts_no_longer(shop: Shop) -> None:
    stock = shop.open_with(20)
    with shop.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, shop.activation.id)
        activation.counted_from = datetime.now(UTC) - timedelta(hours=25)
        activation.approved_deletions = 100
    shop.lose(stock[:6])
    shop.drain()
    assert shop.state == ActivationState.LOCKED


def actions(shop: Shop) -> dict[UUID, str]:
    return {row.vehicle_id: row.action for row in shop.waiting()}


def test_what_is_held_back_says_what_it_is_going_to_be(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.change(stock[6], prices=Prices(selling=Decimal(4321)))
    new = shop.vehicle()
    shop.drain()
    lost = dict.fromkeys((vehicle.id for vehicle in stock[:6]), "delete")
    assert actions(shop) == lost | {stock[6].id: "update", new.id: "create"}
    shop.find_again(stock[:1])
    shop.lose(stock[6:7])
    shop.drain()
    assert stock[0].id not in actions(shop), "nothing is left to be sent for it"
    assert actions(shop)[stock[6].id] == "delete"


def test_history_finds_by_action_what_is_held_back(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.change(stock[6], prices=Prices(selling=Decimal(4321)))
    shop.drain()
    for action, number in (("delete", 6), ("update", 1), ("create", 0)):
        wanted = HistoryFilter(result="held", action=action)
        query = HistoryQuery(wanted, HistoryScope((shop.activation.id,)), datetime.now(UTC))
        assert len(find_page(shop.session, query).rows) == number


def test_an_opened_lock_leaves_no_action_behind(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    shop.drain()
    with shop.runtime.sessions.begin() as session:
        session.execute(update(Activation).values(paused_until=func.now() + timedelta(hours=1)))
    shop.approve()
    assert set(actions(shop).values()) == {""}
    assert {row.held for row in shop.waiting()} == {False}


def test_a_change_that_has_not_been_looked_at_has_no_action_yet(shop: Shop) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:6])
    with shop.runtime.sessions.begin() as session:
        row = session.get_one(Vehicle, stock[7].id)
        row.set_facts(row.facts().model_copy(update={"mileage": 77_000}))
        note_changes(session, [row.id])
        shop.drain()
        assert shop.state == ActivationState.LOCKED
    assert actions(shop)[stock[7].id] == ""
    shop.drain()
    assert actions(shop)[stock[7].id] == "update"
