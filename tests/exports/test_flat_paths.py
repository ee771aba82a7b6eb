"""What grows with the stock grows no faster than it, whatever PostgreSQL believes of the tables.

Every statement of a path is explained with the pages that it touches, on tables that were never analysed,
at several sizes of stock. A loop over one set for each row of another shows as the square.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.audit import Who
from portal.exports import retention
from portal.exports.core.remote_list import note_bookings
from portal.exports.core.tasks import due_names
from portal.exports.costs import write_costs
from portal.exports.dispatch import claims, in_doubt
from portal.exports.drift import task as drift
from portal.exports.drift.compare import DriftFinding, DriftVerdict
from portal.exports.drift.listings import listing_keys, load_listings, write_findings
from portal.exports.full_transfer import control as full_transfer
from portal.exports.full_transfer import task as full_transfer_task
from portal.exports.full_transfer.control import FullTransferReason
from portal.exports.jobs import TASKS, due_now, run_activation
from portal.exports.mass_change import lock
from portal.exports.mass_change.clearance import (
    Clearance,
    Judged,
    remember_clearance,
    still_clear,
    visible_before,
)
from portal.exports.planning import queue
from portal.exports.planning.cases import load_cases, rules_of, sendable_context, stored_releases
from portal.exports.planning.outcome import apply_outcome
from portal.exports.planning.plan import Planned, PlanStep, plan
from portal.exports.reconciliation import control as reconciliation
from portal.exports.reconciliation import finish, read
from portal.exports.reconciliation.assignment import take_up
from portal.exports.reconciliation.finish import FinishStatus
from portal.exports.reconciliation.sides import MatchDecision, count_sides
from portal.exports.stock_files import control
from portal.extensions import db
from portal.formats.mobile_de_csv import write_row
from portal.messages import say
from portal.models import Activation, Dealer, Listing, plans
from portal.models.base import any_of
from portal.models.exports import ActivationState, ListingState, RunKind, RunState, Trigger
from portal.models.runs import Run
from portal.outbox import note_activation, note_changes
from portal.platforms import read_environment
from portal.platforms.contract import (
    Accepted,
    Answer,
    Feedback,
    Mapper,
    Prepared,
    Rejected,
    RemoteListing,
    Retry,
)
from portal.vehicles import stock_import
from portal.vehicles.search import StatusFilter
from portal.vehicles.stock_import import import_stock
from tests.builders import Build, golf
from tests.conftest import Work
from tests.exports.flatness import BEFORE, EMPTIED, NEVER, grown, nobody_analyses, steep
from tests.exports.large_stock import LargeStock, effort_of
from tests.marketplace import Marketplace

SIZES = [int(size) for size in os.environ.get("FLAT_SIZES", "1200,3600").split(",")]
"""Vehicles, each several times the one before."""
pytestmark = pytest.mark.usefixtures(nobody_analyses.__name__)
FROM_SO_MANY_ON = ((plans, "MANY"), (stock_import, "MANY_NEW"), (read, "ANALYZE_FROM"))
MOST_AT_ONCE = min(SIZES) // 2


@pytest.fixture(autouse=True)
def _several_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of what goes by thousands: what asks for the next ones of all that are left shows then, and what
    is done from so many on is done at every size."""
    chunks = [
        (module, name)
        for room, module in list(sys.modules.items())
        for name, size in list(vars(module).items())
        if room.startswith("portal.") and name.endswith("_AT_ONCE") and isinstance(size, int)
    ]
    assert len(chunks) > 10
    for module, name in (*chunks, *FROM_SO_MANY_ON):
        monkeypatch.setattr(module, name, min(getattr(module, name), MOST_AT_ONCE))


def planning(stock: LargeStock, client: FlaskClient) -> None:
    """All are new: all are planned, more than a slice is handed, and the guard locks over the whole set."""
    with stock.runtime.sessions.begin() as session:
        note_activation(session, session.get_one(Activation, stock.activation.id))
    with patch.object(queue, "LOOKED_AT", MOST_AT_ONCE):
        run_activation(stock.runtime, stock.activation.id)
    due_now(stock.runtime)
    assert client.get(f"/apps/{stock.activation.id}/lock").status_code == 200


def loading_what_is_planned_from(stock: LargeStock, client: FlaskClient) -> None:
    """Whole chunks, as a preview reads them, and windows of vehicles from anywhere, as they are sent."""
    with stock.runtime.sessions() as session:
        activation = session.get_one(Activation, stock.activation.id)
        ids = sorted(stored_releases(session, activation.id))
        chunks = [ids[start : start + 500] for start in range(0, len(ids), 500)]
        windows = [ids[start :: len(ids) // 16] for start in range(len(ids) // 32)]
        for some in (*chunks, *windows):
            assert len(load_cases(session, activation, rules_of(activation.dealer), some)) == len(some)


def a_file_and_another_one(stock: LargeStock, client: FlaskClient) -> None:
    for _ in range(2):
        with stock.runtime.sessions.begin() as session:
            control.request_run(session, stock.files.id, Trigger.BY_HAND)
        run_activation(stock.runtime, stock.files.id)


def comparing_with_the_platforms_list(stock: LargeStock, client: FlaskClient) -> None:
    ours = select(Listing.listing_id, Listing.internal_number).where(
        Listing.activation_id == stock.activation.id
    )
    rows = stock.session.execute(ours).all()
    listings = [RemoteListing(key, number, "", "", "") for key, number in rows]
    lease = stock.lease()
    with stock.runtime.sessions.begin() as session:
        session.get_one(Activation, stock.activation.id).next_check_at = datetime.now(UTC)
    check = drift.DriftCheck(stock.runtime, lease)
    begun = check.begin()
    assert begun is not None
    counts = check.compare(begun, listings)
    check.finish(begun, listings, counts)


def comparing_where_all_differs(stock: LargeStock, client: FlaskClient) -> None:
    """Each listing shows another price than was sent, and an extra that was booked there."""
    began = datetime.now(UTC)
    drift_found = ({"field": "price", "label": "Preis", "old": "1", "new": "2"},)
    shown = RemoteListing("there", "", "", "", "", bookings=("topAd",))
    with stock.runtime.sessions() as session:
        keys = listing_keys(session, stock.activation.id)
    for start in range(0, len(keys), 250):
        with stock.runtime.sessions.begin() as session:
            rows = load_listings(session, keys[start : start + 250])
            found = [DriftFinding(row.vehicle_id, DriftVerdict.DRIFTED, drift_found) for row in rows]
            write_findings(session, stock.activation.id, began, found)
            note_bookings(session, stock.activation.id, began, [(row.vehicle_id, shown) for row in rows])


def planning_what_is_over(stock: LargeStock, client: FlaskClient) -> None:
    """All was refused once, and nobody wants it there any more."""
    mapper = cast(Mapper, None)  # nothing is wanted, so nothing is mapped
    with stock.runtime.sessions() as session:
        ids = [row.id for row in queue.due(session, stock.activation.id)]
    for start in range(0, len(ids), 250):
        with stock.runtime.sessions.begin() as session:
            activation = session.get_one(Activation, stock.activation.id)
            rows = queue.lock_waiting(session, ids[start : start + 250])
            wanted = [row.vehicle_id for row in rows]
            planned = plan(load_cases(session, activation, rules_of(activation.dealer), wanted), mapper)
            queue.forget_idle(session, rows, planned)
            queue.forget_trouble(session, activation.id, planned)
            left = select(Listing.last_result).where(any_of(Listing.vehicle_id, wanted))
            assert set(session.scalars(left)) == {""}


def sending_all_of_it(stock: LargeStock, client: FlaskClient) -> None:
    """Window by window: some are taken, some refused, some have no answer, some never went out."""
    lease, now = stock.lease(), datetime.now(UTC)
    answers = (
        Answer(Accepted("there", "")),
        Answer(Rejected((Feedback("price", say("Der Preis fehlt.")),))),
        Answer(Retry(say("Keine Antwort."))),
    )
    with stock.runtime.sessions() as session:
        ids = [row.id for row in queue.due(session, stock.activation.id)]
    assert len(ids) == stock.vehicles
    for start in range(0, len(ids), 100):
        with stock.runtime.sessions.begin() as session:
            activation = session.get_one(Activation, stock.activation.id)
            rows = queue.lock_waiting(session, ids[start : start + 100])
            cases = load_cases(
                session, activation, rules_of(activation.dealer), [row.vehicle_id for row in rows]
            )
            prepared = Prepared({"price": "2"})
            planned = [Planned(one.vehicle_id, PlanStep.UPDATE, one.known, prepared, "y") for one in cases]
            sent = claims.claim(session, lease, rows, planned, {})
        with stock.runtime.sessions.begin() as session:
            note_changes(session, [one.planned.vehicle_id for one in sent[::2]])
        with stock.runtime.sessions.begin() as session:
            answered = [apply_outcome(one, answers[n % 3], now) for n, one in enumerate(sent[:75])]
            claims.write_outcomes(session, lease, answered)
            claims.release_unsent(session, lease, [one.transfer_id for one in sent[75:]])


def looking_for_all_of_it_in_the_list(stock: LargeStock, client: FlaskClient) -> None:
    """Nobody knows what is there: half of it is, of the other half the list is not certain."""
    with stock.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stock.activation.id)
        ids = sorted(stored_releases(session, activation.id))
        cases = load_cases(session, activation, rules_of(activation.dealer), ids)
        shown = in_doubt.ShownListings([RemoteListing(str(key), "", "", "", "") for key in ids[::2]])
        planned = [Planned(one.vehicle_id, PlanStep.RESOLVE, one.known) for one in cases]
        found = {one.vehicle_id: in_doubt.resolve(shown.find(one)) for one in planned}
        sure = {key: one for key, one in found.items() if one["state"] != ListingState.ABSENT}
        assert len(sure) == len(ids[::2])
        in_doubt.write_resolved(session, activation.id, sure)
        missing = found.keys() - sure.keys()
        in_doubt.note_missed(session, activation.id, missing)
        assert not in_doubt.missed_before(session, activation.id, missing)
        in_doubt.postpone(session, activation.id, missing, in_doubt.SECOND_LOOK)


def letting_go_what_was_held(stock: LargeStock, client: FlaskClient) -> None:
    with stock.runtime.sessions.begin() as session:
        lock.hold_back(session, stock.activation.id, None)
    assert client.get(f"/apps/{stock.activation.id}").status_code == 200
    with stock.runtime.sessions.begin() as session:
        lock.hold_back(session, stock.activation.id, ())


def matching_with_the_platforms_list(stock: LargeStock, client: FlaskClient) -> None:
    """As after an activation: half of the stock is there under its numbers, the other half is new."""
    numbers = [f"F{n}" for n in range(1, stock.vehicles // 2 + 1)]
    listings = [RemoteListing(f"there-{number}", number, "", "", "") for number in numbers]
    with stock.runtime.sessions.begin() as session:
        session.get_one(Activation, stock.activation.id).state = ActivationState.RECONCILING
        session.add(Run(activation_id=stock.activation.id, kind=RunKind.RECONCILIATION))
    assignment = take_up(stock.runtime, stock.lease())
    assert assignment is not None
    found = read._match_with_stock(assignment, listings)
    with assignment.writing() as (session, _, run):
        read._keep(session, run, found)
        run.state = RunState.HELD
    assert client.get(f"/apps/{stock.activation.id}/reconciliation").status_code == 200
    with stock.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stock.activation.id)
        sides = reconciliation.hold_sides(session, activation)
        assert sides is not None
        reconciliation.decide(session, sides, MatchDecision.CREATE, None)
        shown = finish.confirmation_key(count_sides(session, sides))
        assert finish.finish(session, activation, Who(name="Alice"), shown).how == FinishStatus.DONE


def marking_for_a_full_transfer(stock: LargeStock, client: FlaskClient) -> None:
    with stock.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stock.activation.id)
        full_transfer.forecast(session, activation, None, rules_of(activation.dealer))
        full_transfer.start(session, activation, FullTransferReason.MISSING, Who(name="Alice"))
    full_transfer_task.begin_run(stock.runtime, stock.lease())
    with stock.runtime.sessions() as session:
        run = session.scalars(select(Run).where(Run.activation_id == stock.activation.id)).one()
        assert full_transfer_task.count_transfers(session, run).total == stock.vehicles
        full_transfer.cancel(
            session, session.get_one(Activation, stock.activation.id), run, Who(name="Alice")
        )
    assert client.get(f"/apps/{stock.activation.id}").status_code == 200


def forgetting_what_is_old(stock: LargeStock, client: FlaskClient) -> None:
    assert retention.forget_old(stock.runtime.sessions, 5)["transfer"] >= stock.vehicles


def an_import_and_the_same_again(stock: LargeStock, client: FlaskClient) -> None:
    _import(stock, _rows(stock), _rows(stock))


def imports_that_change_all_and_take_it_out_and_back(stock: LargeStock, client: FlaskClient) -> None:
    nothing_else = [golf(offer_number="other").model_dump(mode="json")]
    _import(stock, _rows(stock), _rows(stock, mileage=70_000), partial=False)
    _import(stock, nothing_else, _rows(stock), partial=False)


def _rows(stock: LargeStock, **changed: Any) -> list[dict[str, Any]]:
    return [golf(offer_number=f"I{n}", **changed).model_dump(mode="json") for n in range(stock.vehicles)]


def _import(stock: LargeStock, *files: list[dict[str, Any]], partial: bool = True) -> None:
    for rows in files:
        text_file = io.StringIO()
        lines = csv.writer(text_file, delimiter=";", quoting=csv.QUOTE_ALL)
        lines.writerows(write_row(row, "4711") for row in rows)
        stream = io.BytesIO(text_file.getvalue().encode("iso-8859-15"))
        with stock.runtime.sessions.begin() as session:
            dealer = session.get_one(Dealer, stock.dealer.id)
            location = dealer.locations[0]
            report = import_stock(session, stream, dealer, location, "bestand.csv", partial=partial)
            assert (report.rejected, report.error) == (0, "")


def the_list_right_after_an_import(stock: LargeStock, client: FlaskClient) -> None:
    states = [f"?state={state}" for state in StatusFilter]
    here = [f"{state}&activation={stock.activation.id}" for state in states]
    by_cause = "?problem=missing-field&field=price"
    others = ("", "?q=Golf", "?online=yes", "?kind=used&sort=dearest", "?page=3", by_cause)
    _look(client, *(f"/vehicles{query}" for query in (*others, *states, *here)))


def what_pages_count(stock: LargeStock, client: FlaskClient) -> None:
    here = f"/apps/{stock.activation.id}"
    of_the_app = (here, f"{here}/listings", f"{here}/settings")
    _look(client, "/", "/apps", "/problems", "/problems/refused", "/problems/vanished", *of_the_app)


def what_it_cost(stock: LargeStock, client: FlaskClient) -> None:
    here = f"/apps/{stock.activation.id}"
    pages = (f"{here}/costs", f"{here}/costs?kind=again&page=3", f"{here}/costs.csv?kind=booked")
    _look(client, *pages)
    with stock.runtime.sessions.begin() as session:
        assert write_costs(session) == 2 * stock.vehicles
    _look(client, *pages)


def the_history(stock: LargeStock, client: FlaskClient) -> None:
    here = f"/apps/{stock.activation.id}"
    filters = ("result=ok", "search=F1", "trigger=change&action=update")
    _look(client, here, *(f"{here}?period=0&{query}" for query in filters))


def _look(client: FlaskClient, *addresses: str) -> None:
    for address in addresses:
        assert client.get(address).status_code == 200, address


@dataclass(frozen=True)
class EnginePath:
    walk: Callable[[LargeStock, FlaskClient], None]
    prepare: Callable[[LargeStock], None] = lambda _: None
    beside_others: bool = True
    """Also where PostgreSQL knows other dealers. Not what maps each vehicle: that takes half a minute."""
    fills: bool = False
    """It writes as many rows as there are vehicles, and reads them: also where tables were nearly emptied.
    What only reads comes after the scheduler's look (tests/models/test_plans.py)."""

    def __str__(self) -> str:
        prepared = getattr(self.prepare, "__name__", "")
        return self.walk.__name__ + (f" {prepared}" if prepared.isidentifier() else "")


PATHS = (
    EnginePath(planning, beside_others=False, fills=True),
    EnginePath(loading_what_is_planned_from, LargeStock.online),
    EnginePath(a_file_and_another_one, beside_others=False, fills=True),
    EnginePath(comparing_with_the_platforms_list, LargeStock.online),
    EnginePath(comparing_with_the_platforms_list, LargeStock.wholly_in_trouble),
    EnginePath(comparing_where_all_differs, LargeStock.wholly_in_trouble),
    EnginePath(planning_what_is_over, LargeStock.refused_and_unwanted),
    EnginePath(sending_all_of_it, LargeStock.waiting_in_trouble),
    EnginePath(looking_for_all_of_it_in_the_list, LargeStock.waiting_in_trouble),
    EnginePath(letting_go_what_was_held, LargeStock.waiting_in_trouble),
    EnginePath(matching_with_the_platforms_list, beside_others=False, fills=True),
    EnginePath(marking_for_a_full_transfer, LargeStock.online, fills=True),
    EnginePath(forgetting_what_is_old, LargeStock.past),
    EnginePath(an_import_and_the_same_again, fills=True),
    EnginePath(imports_that_change_all_and_take_it_out_and_back, fills=True),
    EnginePath(the_list_right_after_an_import, LargeStock.in_trouble),
    EnginePath(the_list_right_after_an_import, LargeStock.wholly_in_trouble),
    EnginePath(what_pages_count, LargeStock.in_trouble),
    EnginePath(what_pages_count, LargeStock.wholly_in_trouble),
    EnginePath(the_history, LargeStock.past),
    EnginePath(what_it_cost, LargeStock.charged, fills=True),
)


CASES = [
    *((path, NEVER) for path in PATHS),
    *((path, BEFORE) for path in PATHS if path.beside_others),
    *((path, EMPTIED) for path in PATHS if path.fills),
]


SteepOf = Callable[[EnginePath, str], list[str]]


@pytest.fixture
def steep_of(build: Build, at_work: Work, login: Any, app: Any, marketplace: Marketplace) -> SteepOf:
    """What of a path cost more than so many times as much at so many times the stock."""

    def found(path: EnginePath, analysed: str) -> list[str]:
        with app.app_context():
            pages = db.engine
        efforts = []
        for vehicles in SIZES:
            runtime = at_work(platforms=read_environment({}, marketplace.url))
            before = {"others_analysed": analysed == BEFORE, "nearly_emptied": analysed == EMPTIED}
            stock = LargeStock(build, runtime, vehicles, **before)
            client = login(build.alice(stock.dealer))
            path.prepare(stock)
            with effort_of(runtime.engine, pages) as effort:
                path.walk(stock, client)
            efforts.append((vehicles, effort))
        return [line for before, after in pairwise(efforts) for line in steep(*before, *after)]

    return found


@pytest.mark.parametrize(("path", "analysed"), CASES, ids=str)
def test_so_many_times_the_stock_touches_so_many_times_the_pages(
    path: EnginePath, analysed: str, steep_of: SteepOf
) -> None:
    steep = steep_of(path, analysed)
    assert not steep, "\n\n".join(steep)


def a_loop_for_each_tenth_vehicle(stock: LargeStock, client: FlaskClient) -> None:
    some = "(SELECT price FROM publication LIMIT :some) AS a"
    with stock.runtime.sessions.begin() as session:
        for better in ("hashjoin", "mergejoin", "material"):
            session.execute(text(f"SET LOCAL enable_{better} = off"))
        pairs = text(f"SELECT count(*) FROM {some} JOIN publication AS b USING (price)")
        session.execute(pairs, {"some": stock.vehicles // 10})


def the_next_ones_of_all(stock: LargeStock, client: FlaskClient) -> None:
    some = "SELECT vehicle_id FROM publication ORDER BY price, vehicle_id OFFSET :past LIMIT :many"
    with stock.runtime.sessions.begin() as session:
        for past in range(0, stock.vehicles, MOST_AT_ONCE):
            session.execute(text(some), {"past": past, "many": MOST_AT_ONCE})


@pytest.mark.parametrize("planted", [a_loop_for_each_tenth_vehicle, the_next_ones_of_all])
def test_what_grows_faster_is_found(planted: Any, steep_of: SteepOf) -> None:
    assert steep_of(EnginePath(planted), NEVER)


def what_a_slice_asks(stock: LargeStock, client: FlaskClient) -> None:
    """What is due, what comes first of it, whether the guard has to look again, and who waits afterwards."""
    lease, kept = stock.lease(), dict[Any, Judged]()
    with stock.runtime.sessions.begin() as session:
        due_names(session, lease, TASKS)
        queue.next_due(session, stock.activation.id, 100)
        context = sendable_context(session, stock.activation.id)
        assert context is not None
        remember_clearance(kept, context, Clearance(), visible_before(session) + timedelta(days=1))
        assert still_clear(session, kept, context)
        queue.line_of_waiting(session, stock.activation.id)


@pytest.mark.parametrize("prepare", [LargeStock.waiting_in_trouble, LargeStock.put_off])
def test_a_slice_costs_the_same_however_many_wait(
    prepare: Callable[[LargeStock], None], build: Build, at_work: Work, login: Any, marketplace: Marketplace
) -> None:
    found = []
    for vehicles in SIZES:
        runtime = at_work(platforms=read_environment({}, marketplace.url))
        stock = LargeStock(build, runtime, vehicles)
        prepare(stock)
        with effort_of(runtime.engine) as effort:
            what_a_slice_asks(stock, login(build.alice(stock.dealer)))
        found.append(effort)
    for small, large in pairwise(found):
        dearer = list(grown(small, large, "pages"))
        assert not dearer, "\n\n".join(dearer)


@pytest.mark.parametrize("others_analysed", [False, True], ids=[NEVER, BEFORE])
@pytest.mark.parametrize("prepare", [LargeStock.waiting_in_trouble, LargeStock.put_off, LargeStock.past])
def test_a_quiet_dealers_change_costs_the_same_however_much_waits_for_another_one(
    prepare: Callable[[LargeStock], None],
    others_analysed: bool,
    build: Build,
    at_work: Work,
    marketplace: Marketplace,
) -> None:
    found = []
    for vehicles in SIZES:
        runtime = at_work(platforms=read_environment({}, marketplace.url))
        stock = LargeStock(build, runtime, vehicles, others_analysed=others_analysed)
        prepare(stock)
        quiet = build.charlie().dealer
        vehicle, activation = build.vehicle(quiet), build.activation(quiet, customer_number="4799")
        build.bind(quiet, "4799")
        build.release(vehicle, activation)
        with effort_of(runtime.engine) as effort:
            for _time in ("created", "looked at again"):
                with runtime.sessions.begin() as session:
                    note_changes(session, [vehicle.id])
                run_activation(runtime, activation.id)
        found.append(effort)
    for small, large in pairwise(found):
        dearer = list(grown(small, large, "pages"))
        assert not dearer, "\n\n".join(dearer)
