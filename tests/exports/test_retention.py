"""What is forgotten and what stays: every table that grows by itself has an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, UniqueConstraint, func, select, text

from portal.exports import retention
from portal.exports.jobs import forget_old_files, housekeeping
from portal.models import (
    AuditEvent,
    FeedFetch,
    KnownModel,
    ListingDay,
    Lock,
    LoginSession,
    Mail,
    Match,
    Notification,
    Problem,
    Run,
    SupportRequest,
    SupportSession,
    Transfer,
    User,
    VehicleImport,
)
from portal.models.base import Base
from portal.models.exports import RunKind, RunState
from tests.exports.conftest import Stage
from tests.exports.flatness import grown
from tests.exports.large_stock import effort_of

NUMBERS = dict.fromkeys(
    ("online", "deletions", "creations", "deletions_done", "creations_done"), 0
) | dict.fromkeys(("deletion_limit", "creation_limit"), 5)


class Attic(Stage):
    """Rows of every kind, as old as one likes."""

    def add(self, row: Any) -> Any:
        return self.build._add(row)

    def run_of(self, kind: RunKind, days: int, state: RunState = RunState.DONE) -> UUID:
        ended = None if state in (RunState.WAITING, RunState.RUNNING, RunState.HELD) else ago(days)
        row = Run(
            activation_id=self.activation.id,
            kind=kind,
            state=state,
            created_at=ago(days),
            finished_at=ended,
        )
        found: UUID = self.add(row).id
        return found

    def left(self, table: Any) -> set[UUID]:
        self.session.expire_all()
        return {row.id for row in self.session.query(table)}

    def sam(self) -> User:
        return self.build.sam()


def ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


@pytest.fixture
def attic(build: Any, runtime: Any) -> Attic:
    return Attic(build, runtime)


@pytest.mark.parametrize("kind", [RunKind.CHECK, RunKind.FULL])
def test_runs_go_with_the_history_but_the_last_of_each_outcome_stays(attic: Attic, kind: RunKind) -> None:
    attic.run_of(kind, 9)
    last_done = attic.run_of(kind, 8)
    last_failed = attic.run_of(kind, 7, RunState.FAILED)
    housekeeping(attic.runtime)
    assert attic.left(Run) == {last_done, last_failed}
    young = [attic.run_of(kind, 3), attic.run_of(kind, 2)]
    housekeeping(attic.runtime)
    assert attic.left(Run) == {last_failed, *young}


def test_a_run_that_is_open_stays_however_old(attic: Attic) -> None:
    held = attic.run_of(RunKind.RECONCILIATION, 200, RunState.HELD)
    waiting = attic.run_of(RunKind.CHECK, 200, RunState.WAITING)
    housekeeping(attic.runtime)
    assert attic.left(Run) >= {held, waiting}


def test_the_last_reconciliation_of_an_app_stays_with_its_matches(attic: Attic) -> None:
    matches = []
    for days in (300, 200):
        run = attic.run_of(RunKind.RECONCILIATION, days)
        row = Match(run_id=run, activation_id=attic.activation.id, listing_id=str(days), decision="keep")
        matches.append((run, attic.add(row).id))
    housekeeping(attic.runtime)
    assert attic.left(Run) == {matches[1][0]}
    assert attic.left(Match) == {matches[1][1]}


def test_locks_and_problems_go_a_quarter_after_they_ended(attic: Attic) -> None:
    here = {"activation_id": attic.activation.id}
    told = here | {"dealer_id": attic.dealer.id, "kind": "lock", "told_at": ago(100)}
    for days in (91, 89):
        attic.add(Lock(**here, **NUMBERS, rule="deletions", opened_at=ago(99), closed_at=ago(days)))
        attic.add(Problem(**told, opened_at=ago(99), closed_at=ago(days), told_end_at=ago(days)))
    attic.add(Lock(**here, **NUMBERS, rule="deletions", opened_at=ago(99)))
    attic.add(Problem(**told, opened_at=ago(99)))
    untold = attic.add(Problem(**told, opened_at=ago(99), closed_at=ago(91))).id
    housekeeping(attic.runtime)
    assert len(attic.left(Lock)) == 2
    assert len(attic.left(Problem)) == 3
    assert untold in attic.left(Problem), "people have not been told of its end yet"


def test_lines_mails_and_logins_go(attic: Attic) -> None:
    sam = attic.sam()
    for days in (91, 31, 1):
        attic.add(Notification(user_id=sam.id, kind="lock", title="-", created_at=ago(days)))
        attic.add(Mail(recipient="a@b.de", subject="-", plain="", created_at=ago(days), sent_at=ago(days)))
        attic.add(LoginSession(token_hash=uuid4().hex, user_id=sam.id, created_at=ago(days)))
    waits = attic.add(Mail(recipient="a@b.de", subject="-", plain="-", created_at=ago(99))).id
    housekeeping(attic.runtime)
    assert len(attic.left(Notification)) == 2
    assert len(attic.left(LoginSession)) == 1
    assert len(attic.left(Mail)) == 2
    assert waits in attic.left(Mail)


def test_what_was_done_is_on_record_for_three_years(attic: Attic) -> None:
    sam, years = attic.sam(), 365
    for days in (3 * years + 1, 3 * years - 1, 1):
        attic.add(AuditEvent(what="lock.approved", dealer_id=attic.dealer.id, at=ago(days)))
        visit = attic.add(
            SupportSession(
                agent_id=sam.id,
                dealer_id=attic.dealer.id,
                reason="-",
                started_at=ago(days),
                expires_at=ago(days),
                ended_at=ago(days),
            )
        )
        attic.add(
            SupportRequest(support_session_id=visit.id, at=ago(days), method="GET", path="/", status=200)
        )
    housekeeping(attic.runtime)
    assert len(attic.left(AuditEvent)) == 2
    assert len(attic.left(SupportSession)) == 2
    assert len(attic.left(SupportRequest)) == 1, "which pages an agent saw: one year"


def test_the_last_whole_import_of_a_location_stays_for_the_brake(attic: Attic) -> None:
    place = {"dealer_id": attic.dealer.id, "location_id": attic.dealer.locations[0].id, "file_name": "-"}
    attic.add(VehicleImport(**place, partial=False, created_at=ago(101)))
    whole = attic.add(VehicleImport(**place, partial=False, created_at=ago(100))).id
    broken = attic.add(VehicleImport(**place, partial=False, error="leer", created_at=ago(99))).id
    part = attic.add(VehicleImport(**place, partial=True, created_at=ago(98))).id
    housekeeping(attic.runtime)
    assert attic.left(VehicleImport) == {whole, broken, part}


def test_what_a_dealer_said_of_a_model_stays_while_a_vehicle_is_spelled_so(attic: Attic) -> None:
    said = {"dealer_id": attic.dealer.id, "app": "mobile-de", "words": "", "key": "x", "label": "X"}
    needed, young, old = (
        attic.add(KnownModel(**said, make="VW", model=model, updated_at=ago(days))).id
        for model, days in (("Golf", 400), ("Käfer", 364), ("Iltis", 366))
    )
    attic.build.vehicle(attic.dealer)
    housekeeping(attic.runtime)
    assert attic.left(KnownModel) == {needed, young}
    assert old not in attic.left(KnownModel)


def test_batches_go_until_nothing_old_is_left(attic: Attic) -> None:
    vehicle = attic.build.vehicle(attic.dealer)
    for _ in range(5):
        attic.build.transfer(vehicle, attic.activation, state="ok", created_at=ago(6))
    transfers = replace(retention.retention_rules(timedelta(days=5))[0], batch=2)
    assert retention.forget_by_rule(attic.runtime.sessions, transfers) == 5
    assert attic.left(Transfer) == set()


def fetches(attic: Attic, number: int) -> None:
    """So many today, and PostgreSQL knows them by night."""
    fetched = text(
        "INSERT INTO feed_fetch (activation_id, status) SELECT :app, 200 FROM generate_series(1, :n)"
    )
    attic.session.execute(fetched, {"app": attic.activation.id, "n": number})
    attic.session.execute(text("ANALYZE feed_fetch"))
    attic.session.commit()


def test_an_old_fetch_is_found_without_a_look_at_all_the_others(attic: Attic) -> None:
    efforts = []
    for number in (6_000, 24_000):
        old = FeedFetch(id=UUID(int=number), activation_id=attic.activation.id, status=200, fetched_at=ago(6))
        attic.add(old)
        fetches(attic, number)
        with effort_of(attic.runtime.engine) as effort:
            retention.forget_old(attic.runtime.sessions, 5)
            forget_old_files(attic.runtime)
        assert attic.session.scalar(select(func.count()).where(FeedFetch.id == UUID(int=number))) == 0
        efforts.append(effort)
    assert not list(grown(*efforts, "rows"))


STAYS = {
    *("dealer", "location", "user", "api_key", "activation", "listing", "vehicle", "publication"),
    *("vehicle_image", "image_blob", "reference_list", "image_upload", "access_token"),
    *("login_throttle", "activation_lease", "platform_breaker", "webhook_endpoint"),
    "stock_layout",  # a dealer deletes it
    "import_memory",  # as many for each location as portal/vehicles/row_memory.py says
    *("stock_source", "drop_access"),
    "customer_number",  # who vouched for a number, and who had it before: for as long as claims are made
}
"""What there is once for each thing that people have."""
GOES_ALONG = {
    *("run_file", "run_file_part", "run_vehicle", "locked_vehicle", "match", "import_row"),
    "stock_upload_part",
    "stock_pickup",  # the last ten of each source: sources/pickups.py
    "prepared_entry",  # what is not in the next file, or when its app ends: stock_files/prepared.py
}


def test_what_points_to_rows_that_go_is_found_by_its_key() -> None:
    """For each row that goes PostgreSQL asks who points to it: without an index that is the whole table."""
    pointing = {
        (table.name, column.name): table
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name not in STAYS
    }
    assert len(pointing) > 10
    assert not [of for of, table in pointing.items() if of[1] not in _keys_of_indexes(table)]


def _keys_of_indexes(table: Table) -> set[str]:
    """Columns by which any row is found: an index with a condition of its own finds those that meet it."""
    indexed = [table.primary_key, *table.indexes]
    indexed += [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    found = set()
    for one in indexed:
        first = next(iter(one.columns)).name
        condition = one.dialect_options["postgresql"].get("where")
        if condition is None or str(condition) == f"{first} IS NOT NULL":
            found.add(first)
    return found


def test_every_table_that_grows_by_itself_has_a_rule() -> None:
    ruled = {rule.table.__tablename__ for rule in retention.retention_rules(timedelta(days=5))}
    assert ruled | STAYS | GOES_ALONG == set(Base.metadata.tables)


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::77", "2001:db8:1::/48"),
        ("proxy", ""),
        ("", ""),
    ],
)
def test_an_address_is_shortened_to_its_network(whole: str, short: str) -> None:
    assert retention.shortened(whole) == short


def test_addresses_are_whole_for_90_days(attic: Attic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ADDRESSES_PER_BATCH", 2)
    for days in (89, 91, 92, 93):
        attic.add(AuditEvent(what="a.b", at=ago(days), address="192.0.2.77"))
    visit = SupportSession(started_at=ago(91), expires_at=ago(91), address="2001:db8:1:2::77", reason="Hilfe")
    visit.agent_id, visit.dealer_id = attic.sam().id, attic.dealer.id
    attic.add(visit)
    attic.session.commit()
    housekeeping(attic.runtime)
    attic.session.expire_all()
    kept = [event.address for event in attic.session.query(AuditEvent).order_by(AuditEvent.at.desc())]
    assert kept == ["192.0.2.77", *["192.0.2.0/24"] * 3]
    assert attic.session.query(SupportSession).one().address == "2001:db8:1::/48"
    assert retention.shorten_addresses(attic.runtime.sessions) == 0


def test_figures_are_kept_by_day_then_by_week_and_end_after_400_days(attic: Attic) -> None:
    listing = attic.build.listing(attic.build.vehicle(attic.dealer), attic.activation)
    today = datetime.now(UTC).date()
    ages = (*range(1, 75), 399, 402)
    for age in ages:
        attic.add(ListingDay(listing_id=listing.id, day=today - timedelta(days=age)))
    housekeeping(attic.runtime)
    attic.session.expire_all()
    kept = {(today - row.day).days for row in attic.session.query(ListingDay)}
    mondays = {age for age in ages if (today - timedelta(days=age)).weekday() == 0}
    assert {age for age in kept if age < 60} == set(range(1, 60))
    assert {age for age in kept if age > 61} == {age for age in mondays if 61 < age < 400}
