"""What the history shows: filters from URLs, periods, pages by key, counts, searches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count as numbers
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.exports.history import timeline
from portal.exports.history.filters import (
    HELD,
    HISTORY_ACTIONS,
    HISTORY_TRIGGERS,
    STATES_OF_RESULT,
    HistoryChoices,
    HistoryFilter,
)
from portal.exports.history.pages import (
    SEARCH_LIMIT,
    HistoryPage,
    HistoryQuery,
    HistoryScope,
    count_matches,
    find_page,
    find_vehicles,
    first_id,
    walk_rows,
)
from portal.exports.history.timeline import TimelinePage, TimelinePart, load_timeline
from portal.models import Activation, Dealer, Location, Transfer, Vehicle
from portal.models.exports import TransferState
from portal.models.realm import Realm
from tests.builders import Build

OFFER = HistoryChoices(customers=("4711", "4712", "all"), locations=("HH", "KI"))
_order = numbers(1)


@given(st.floats(0, 4e9))
def test_the_first_id_of_a_moment_is_a_uuid_of_version_7(seconds: float) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    found = first_id(moment)
    assert found.version == 7
    assert found < first_id(moment + timedelta(milliseconds=1))


# Against the database


class Shop:
    """A dealer with one activation and transfers at moments of the test's choice."""

    def __init__(self, session: Session, build: Build) -> None:
        self.session, self.build = session, build
        self.dealer: Dealer = build.dealer()
        self.activation: Activation = build.activation(self.dealer)
        self.vehicle: Vehicle = build.vehicle(self.dealer)

    def sent(self, hours: float = 1, state: str = "ok", **columns: object) -> Transfer:
        at = datetime.now(UTC) - timedelta(hours=hours)
        vehicle = columns.pop("vehicle", self.vehicle)
        activation = columns.pop("activation", self.activation)
        key = UUID(int=first_id(at).int | next(_order))
        assert isinstance(vehicle, Vehicle)
        assert isinstance(activation, Activation)
        return self.build.transfer(vehicle, activation, id=key, state=state, created_at=at, **columns)

    def query(self, *activations: Activation, location: UUID | None = None, **chosen: object) -> HistoryQuery:
        ids = tuple(row.id for row in activations or (self.activation,))
        wanted = replace(HistoryFilter(period=120, result="all"), **chosen)  # type: ignore[arg-type]
        vehicle_ids = None
        if wanted.search:
            vehicle_ids = find_vehicles(self.session, self.dealer.id, wanted.search)
        return HistoryQuery(wanted, HistoryScope(ids, location), datetime.now(UTC), vehicle_ids)

    def shown(self, *activations: Activation, **chosen: object) -> list[UUID]:
        return ids_of(find_page(self.session, self.query(*activations, **chosen)))  # type: ignore[arg-type]

    def counts(self, **chosen: object) -> tuple[int, int]:
        """What the filter lets through, and all of its period."""
        query = self.query(**chosen)  # type: ignore[arg-type]
        found = count_matches(self.session, query, self.activation.id)
        return found.matched, found.total


def ids_of(page: HistoryPage) -> list[UUID]:
    return [row.id for row in page.rows]


@pytest.fixture
def shop(session: Session, build: Build) -> Shop:
    return Shop(session, build)


@pytest.mark.parametrize(("period", "expected"), [(24, 1), (48, 2), (72, 3), (120, 4)])
def test_a_period_reaches_back_so_far_and_no_further(shop: Shop, period: int, expected: int) -> None:
    for hours in (23.9, 47.9, 71.9, 119.9, 120.1):
        shop.sent(hours)
    assert len(shop.shown(period=period)) == expected
    assert shop.counts(period=period) == (expected, expected)


@pytest.mark.parametrize("result", STATES_OF_RESULT)
def test_a_result_shows_exactly_its_states(shop: Shop, result: str) -> None:
    """With a search and without: the two ways to find rows."""
    states = {
        shop.sent(state=state, vehicle=shop.build.vehicle(shop.dealer)).id: str(state)
        for state in TransferState
    }
    kept = shop.sent(state=TransferState.WAITING, held=True, vehicle=shop.build.vehicle(shop.dealer))
    states[kept.id] = HELD
    for search in ("", "A"):
        found = shop.shown(result=result, search=search)
        assert sorted(states[key] for key in found) == sorted(STATES_OF_RESULT[result])
        assert shop.counts(result=result, search=search) == (len(STATES_OF_RESULT[result]), len(states))


@pytest.mark.parametrize("state", set(TransferState) - {TransferState.WAITING})
def test_the_mark_of_a_lock_says_nothing_once_a_transfer_is_on_its_way(shop: Shop, state: str) -> None:
    row = shop.sent(state=state, held=True)
    for search in ("", "A"):
        assert shop.shown(result="held", search=search) == []
        assert shop.shown(result="all", search=search) == [row.id]
    (entry,) = transfers_of(shop).entries
    assert entry.what.shown == state  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "values"), [("action", HISTORY_ACTIONS), ("trigger", HISTORY_TRIGGERS)])
def test_action_and_trigger_narrow(shop: Shop, name: str, values: tuple[str, ...]) -> None:
    rows = {value: shop.sent(**{name: value}).id for value in values}  # type: ignore[arg-type]
    for value, key in rows.items():
        assert shop.shown(**{name: value}) == [key]


def test_a_location_narrows_to_where_the_vehicle_stood(shop: Shop, session: Session) -> None:
    kiel = Location(dealer_id=shop.dealer.id, code="KI", name="Kiel")
    session.add(kiel)
    session.commit()
    here = shop.sent()
    there = shop.build.transfer(shop.vehicle, shop.activation, state="ok")
    there.location_id = kiel.id
    session.commit()
    assert shop.shown(location=kiel.id) == [there.id]
    assert shop.shown(location=here.location_id) == [here.id]
    assert shop.counts(location=kiel.id) == (1, 2)


def test_several_accounts_are_shown_in_one_order(shop: Shop) -> None:
    other = shop.build.activation(shop.dealer, customer_number="4712")
    keys = [
        shop.sent(hours, activation=which).id
        for hours, which in ((1, other), (2, shop.activation), (3, other))
    ]
    assert shop.shown(shop.activation, other) == keys
    assert shop.shown() == [keys[1]]


def test_another_activation_stays_out(shop: Shop) -> None:
    other = shop.build.dealer()
    stranger = shop.build.activation(other, customer_number="9")
    shop.build.transfer(shop.build.vehicle(other), stranger, state="failed")
    assert shop.shown() == []
    assert shop.counts() == (0, 0)


def test_conditions_without_common_rows_find_nothing(shop: Shop) -> None:
    shop.sent(state="failed", action="create")
    shop.sent(state="ok", action="delete")
    assert shop.shown(result="failed", action="delete") == []
    assert shop.counts(result="failed", action="delete") == (0, 2)


@pytest.mark.parametrize("search", [None, "A"])
def test_pages_follow_each_other_without_gap_or_repetition(shop: Shop, search: str | None) -> None:
    keys = [shop.sent(hours / 10, state=("ok", "failed")[hours % 2]).id for hours in range(1, 48)]
    chosen = {"search": search} if search else {}
    seen: list[UUID] = []
    before = None
    while True:
        page = find_page(shop.session, shop.query(before=before, **chosen))
        seen += ids_of(page)
        if (before := page.older) is None:
            break
        shop.sent(0, state="ok")  # rows that arrive do not move the pages
    assert seen == keys


def test_the_way_back_leads_over_the_same_pages(shop: Shop) -> None:
    keys = [shop.sent(hours / 10).id for hours in range(1, 61)]
    last = find_page(shop.session, shop.query(before=keys[39]))
    assert ids_of(last) == keys[40:]
    assert last.older is None
    middle = find_page(shop.session, shop.query(after=last.newer))
    assert ids_of(middle) == keys[20:40]
    newest = find_page(shop.session, shop.query(after=middle.newer))
    assert ids_of(newest) == keys[:20]
    assert newest.newer is None


def test_the_newest_page_is_full_also_when_reached_from_below(shop: Shop) -> None:
    keys = [shop.sent(hours / 10).id for hours in range(1, 31)]
    assert shop.shown(after=keys[5]) == keys[:20]


@pytest.mark.parametrize(
    ("search", "found"),
    [("A%1", "percent"), ("%", "percent"), ("B_2", "underscore"), ("_", "underscore"), ("a%1", "percent")],
)
def test_wildcards_are_searched_as_they_stand(shop: Shop, search: str, found: str) -> None:
    cars = {
        "percent": shop.build.vehicle(shop.dealer, offer_number="A%1"),
        "underscore": shop.build.vehicle(shop.dealer, offer_number="B_2"),
        "plain": shop.build.vehicle(shop.dealer, offer_number="AB12"),
    }
    rows = {name: shop.sent(vehicle=car).id for name, car in cars.items()}
    assert shop.shown(search=search) == [rows[found]]
    assert shop.counts(search=search) == (1, 3)


def test_a_backslash_is_no_escape(shop: Shop) -> None:
    shop.sent()
    assert shop.shown(search="\\") == []


def test_the_vin_finds_as_well_and_the_other_filters_still_hold(shop: Shop) -> None:
    car = shop.build.vehicle(shop.dealer, vin="WBA8E31020K123456")
    bad = shop.sent(vehicle=car, state="rejected", action="create")
    shop.sent(vehicle=car, state="ok", action="update")
    shop.sent()
    assert shop.shown(search="k123456", result="not_ok") == [bad.id]
    assert shop.shown(search="k123456", action="delete") == []


def test_a_search_stays_with_the_dealer(shop: Shop) -> None:
    stranger = shop.build.dealer()
    shop.build.vehicle(stranger, offer_number="SECRET")
    assert find_vehicles(shop.session, shop.dealer.id, "SECRET") == ()


def test_too_wide_a_search_says_so_by_one_vehicle_more(shop: Shop, session: Session) -> None:
    for number in range(SEARCH_LIMIT + 5):
        row = Vehicle(dealer_id=shop.dealer.id, location_id=shop.vehicle.location_id)
        row.data = {"offer_number": f"W{number}"}
        session.add(row)
    session.commit()
    assert len(find_vehicles(session, shop.dealer.id, "W")) == SEARCH_LIMIT + 1


def test_counting_stops_where_it_helps_nobody(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.exports.history.pages.COUNT_LIMIT", 5)
    for hours in range(1, 10):
        shop.sent(hours / 10, state=("ok", "failed")[hours % 2])
    assert shop.counts() == (6, 6)
    assert shop.counts(result="ok") == (4, 6)


def test_walking_visits_every_row_once(shop: Shop) -> None:
    keys = [shop.sent(hours / 10, state=("ok", "failed")[hours % 2]).id for hours in range(1, 24)]
    chunks = list(walk_rows(shop.session, shop.query(before=keys[3]), chunk=5))
    assert [row.id for chunk in chunks for row in chunk] == keys


def test_every_combination_that_exists_is_found(shop: Shop) -> None:
    """Whatever order their places, states, marks, actions and triggers have in the index."""
    rows = [
        shop.sent(state=state, action=action, trigger=trigger, vehicle=shop.build.vehicle(shop.dealer))
        for state in ("ok", "failed", "pending")
        for action in HISTORY_ACTIONS
        for trigger in ("change", "by_hand")
        for _ in range(2)
    ]
    rows += [
        shop.sent(state="waiting", held=held, vehicle=shop.build.vehicle(shop.dealer))
        for held in (False, True, True)
    ]
    assert set(shop.shown(rows=100)) == {row.id for row in rows}
    assert shop.counts(result="failed", trigger="by_hand") == (2 * len(HISTORY_ACTIONS), len(rows))
    assert len(shop.shown(result="held")) == 2
    assert len(shop.shown(result="waiting")) == 1 + 4 * len(HISTORY_ACTIONS)


def transfers_of(shop: Shop, before: UUID | None = None) -> TimelinePage:
    realm = Realm(shop.dealer.id)
    return load_timeline(shop.session, realm, shop.vehicle, TimelinePart.TRANSFERS, before)


def test_the_history_of_a_vehicle_is_that_of_all_its_accounts(
    shop: Shop, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "PAGE_SIZE", 2)
    other = build.activation(shop.dealer, customer_number="4712")
    keys = [
        shop.sent(hours, activation=which, state="rejected").id
        for hours, which in ((1, shop.activation), (2, other), (3, shop.activation))
    ]
    shop.sent(1, vehicle=build.vehicle(shop.dealer))
    first = transfers_of(shop)
    assert [entry.key for entry in first.entries] == keys[:2]
    assert first.older == keys[1]
    rest = transfers_of(shop, before=first.older)
    assert [entry.key for entry in rest.entries] == keys[2:]
    assert rest.older is None
