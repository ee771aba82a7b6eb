"""What each German day came to: counted while the transfers are there, kept for a month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, insert

from portal.exports.daily_results import DAYS, Day, load_daily_results, settle_days
from portal.exports.jobs import housekeeping
from portal.models import Activation, ActivationDay, Dealer, Run, Transfer
from portal.models.exports import RunKind, RunState, TransferState
from portal.models.realm import Realm
from portal.web.i18n import TIMEZONE
from tests.builders import Build
from tests.exports.conftest import Stage

NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)
KEPT = 5
"""Days of transfers."""


@pytest.fixture
def dealer(build: Build) -> Dealer:
    return build.dealer()


@pytest.fixture
def activation(build: Build, dealer: Dealer) -> Activation:
    return build.activation(dealer)


def results(build: Build, activation: Activation, now: datetime = NOW) -> dict[str, Day]:
    found = load_daily_results(build.session, Realm(activation.dealer_id), now)[activation.id]
    assert len(found.days) == DAYS
    return {str(day.day): day for day in found.days if day.sent or day.rejected}


def send(build: Build, activation: Activation, *told: tuple[TransferState, datetime]) -> None:
    vehicle = build.vehicle(activation.dealer)
    for state, at in told:
        build.transfer(vehicle, activation, state=state, finished_at=at)


def test_today_and_yesterday_are_counted_and_the_last_24_hours(build: Build, activation: Activation) -> None:
    ok, rejected = TransferState.OK, TransferState.REJECTED
    send(
        build,
        activation,
        *((ok, NOW - timedelta(hours=hours)) for hours in (1, 23, 25)),
        (TransferState.WARNING, NOW),
        (TransferState.FAILED, NOW),
        (TransferState.DISCARDED, NOW),
        (rejected, NOW - timedelta(hours=30)),
    )
    assert results(build, activation) == {
        "2026-11-20": Day(date(2026, 11, 20), 2, 1),
        "2026-11-19": Day(date(2026, 11, 19), 2, 1),
    }
    found = load_daily_results(build.session, Realm(activation.dealer_id), NOW)[activation.id]
    assert (found.sent, found.rejected) == (3, 1)


def test_a_day_that_is_over_is_written_down_once_and_outlives_its_transfers(
    build: Build, activation: Activation
) -> None:
    send(build, activation, *((TransferState.OK, NOW - timedelta(days=back)) for back in (0, 1, 3, 3)))
    assert settle_days(build.session, NOW, KEPT) == KEPT
    assert settle_days(build.session, NOW, KEPT) == 0
    build.session.query(Transfer).delete()
    assert {day: one.sent for day, one in results(build, activation).items()} == {"2026-11-17": 2}
    later = results(build, activation, NOW + timedelta(days=2))
    assert {day: one.sent for day, one in later.items()} == {"2026-11-17": 2, "2026-11-19": 1}


def test_a_day_is_not_closed_before_its_last_transaction_is_committed(
    build: Build, activation: Activation
) -> None:
    after_midnight = datetime(2026, 11, 19, 23, 10, tzinfo=UTC)
    settle_days(build.session, after_midnight, KEPT)
    written = {row.day for row in build.session.query(ActivationDay)}
    assert max(written) == date(2026, 11, 18)


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        ("2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),
        ("2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
    ],
)
def test_a_german_day_has_23_or_25_hours_when_the_clocks_change(
    build: Build, activation: Activation, day: str, begins: str, ends: str
) -> None:
    begin, end, moment = datetime.fromisoformat(begins), datetime.fromisoformat(ends), timedelta(seconds=1)
    send(build, activation, *((TransferState.OK, at) for at in (begin - moment, begin, end - moment, end)))
    now = end + timedelta(days=3)
    settle_days(build.session, now, KEPT)
    assert {name: one.sent for name, one in results(build, activation, now).items()} == {
        str((begin - moment).astimezone(ZoneInfo(TIMEZONE)).date()): 1,
        day: 2,
        str(end.astimezone(ZoneInfo(TIMEZONE)).date()): 1,
    }


def test_files_count_their_vehicles(build: Build, dealer: Dealer) -> None:
    app = build.activation(dealer, app="mobile-de-csv", customer_number="csv")
    for back, accepted, hinted, rejected in ((0, 5, 1, 0), (3, 10, 0, 2)):
        build.session.add(
            Run(
                activation_id=app.id,
                kind=RunKind.FILE,
                state=RunState.DONE,
                accepted=accepted,
                hinted=hinted,
                rejected=rejected,
                sent_at=NOW - timedelta(days=back),
            )
        )
    build.session.commit()
    settle_days(build.session, NOW, KEPT)
    settle_days(build.session, NOW, KEPT)
    assert results(build, app) == {
        "2026-11-20": Day(date(2026, 11, 20), 6, 0),
        "2026-11-17": Day(date(2026, 11, 17), 10, 2),
    }


def test_housekeeping_writes_days_down_before_it_forgets_and_forgets_them_after_a_month(
    build: Build, runtime: Any
) -> None:
    stage = Stage(build, runtime)
    four_days_ago, long_ago = (datetime.now(UTC) - timedelta(days=days) for days in (4, 40))
    send(build, stage.activation, (TransferState.OK, four_days_ago))
    build.session.add(
        ActivationDay(activation_id=stage.activation.id, day=long_ago.date(), sent=1, rejected=0)
    )
    build.session.commit()
    housekeeping(runtime)
    build.session.expire_all()
    written = {row.day: row.sent for row in build.session.query(ActivationDay)}
    assert written[four_days_ago.astimezone(ZoneInfo(TIMEZONE)).date()] == 1
    assert long_ago.date() not in written


def test_counting_reads_an_index_alone(build: Build, activation: Activation) -> None:
    """Rows of transfers are large: counting them must not fetch them."""
    vehicle = build.vehicle(activation.dealer)
    moments = [datetime.now(UTC) - timedelta(hours=hours) for hours in range(1000)]
    row = {"activation_id": activation.id, "vehicle_id": vehicle.id, "location_id": vehicle.location_id}
    build.session.execute(
        insert(Transfer), [row | {"state": TransferState.OK, "finished_at": moment} for moment in moments]
    )
    connection = build.session.connection()
    connection.exec_driver_sql("ANALYZE transfer")
    sent: list[tuple[str, Any]] = []
    event.listen(connection, "before_cursor_execute", lambda *told: sent.append((told[2], told[3])))
    load_daily_results(build.session, Realm(activation.dealer_id), datetime.now(UTC))
    ((statement, values),) = [told for told in sent if " AS days " in told[0]]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars().all()
    reading = [line for line in plan if " on transfer" in line]
    assert len(reading) == 1
    assert all("Index Only Scan using ix_transfer_results" in line for line in reading), reading
