"""A dealer with a file app, a worker that runs when told, and the file that came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.exports.core.runtime import Runtime
from portal.exports.jobs import run_activation
from portal.exports.lifecycle.customer_numbers import owner_of
from portal.exports.stock_files import control, storage
from portal.models import Activation, ActivationLease, Dealer, Listing, Vehicle
from portal.models.exports import RunKind, Trigger
from portal.models.runs import Lock, Run, RunVehicle
from portal.platforms import APPS
from portal.platforms.contract import ExportApp
from portal.vehicle_facts.data import VehicleData
from tests.builders import Build
from tests.conftest import Work
from tests.exports.stock_files import paper

PaperApp = Callable[..., ExportApp]


@pytest.fixture
def runtime(at_work: Work) -> Runtime:
    return at_work(delivery_allow_private=("127.0.0.0/8",))


class FileStage:
    """`activation` is live and its schedule far away: a run begins when a test asks for it."""

    def __init__(self, build: Build, runtime: Runtime, **columns: Any) -> None:
        self.build, self.session, self.runtime = build, build.session, runtime
        self.dealer: Dealer = build.dealer()
        if owner_of(build.session, paper.SLUG, "4711001") is None:  # the first dealer of a test has it
            build.bind(self.dealer, platform=paper.SLUG)
        later = datetime.now(UTC) + timedelta(days=1)
        self.activation: Activation = build.activation(
            self.dealer, **({"app": paper.SLUG, "next_run_at": later} | columns)
        )

    def vehicle(self, facts: VehicleData | None = None, **changed: Any) -> Vehicle:
        with self.build.at_once():
            vehicle = self.build.vehicle(self.dealer, facts, **changed)
            self.build.release(vehicle, self.activation)
        return vehicle

    def vehicles(self, count: int) -> list[Vehicle]:
        with self.build.at_once():
            return [self.vehicle() for _ in range(count)]

    def take_offline(self, *vehicles: Vehicle) -> None:
        self._set_online(vehicles, False)

    def put_online(self, *vehicles: Vehicle) -> None:
        self._set_online(vehicles, True)

    def _set_online(self, vehicles: tuple[Vehicle, ...], online: bool) -> None:
        ids = [vehicle.id for vehicle in vehicles]
        with self.runtime.sessions.begin() as session:
            session.execute(update(Vehicle).where(Vehicle.id.in_(ids)).values(online=online))

    def put(self, **columns: Any) -> None:
        """Columns of the activation."""
        with self.runtime.sessions.begin() as session:
            session.execute(update(Activation).where(Activation.id == self.activation.id).values(**columns))

    def lose_lease(self) -> None:
        """As if it had run out, and another worker had begun and ended since."""
        with self.runtime.sessions.begin() as session:
            session.execute(update(ActivationLease).values(token=None, until=None))

    def work(self) -> None:
        run_activation(self.runtime, self.activation.id)

    def run(self) -> Run:
        """Somebody presses the button, and a worker looks."""
        self.ask()
        self.work()
        return self.last()

    def ask(self) -> None:
        with self.runtime.sessions.begin() as session:
            control.request_run(session, self.activation.id, Trigger.BY_HAND)

    def make_due(self) -> None:
        """As if every waiting time were over."""
        with self.runtime.sessions.begin() as session:
            session.execute(
                update(Run).where(Run.not_before.is_not(None)).values(not_before=datetime.now(UTC))
            )

    def runs(self) -> list[Run]:
        self.session.expire_all()
        return list(self.session.scalars(select(Run).where(Run.kind == RunKind.FILE).order_by(Run.id)))

    def last(self) -> Run:
        return self.runs()[-1]

    def now(self) -> Activation:
        self.session.expire_all()
        return self.session.get_one(Activation, self.activation.id)

    def file(self, run: Run | None = None) -> bytes:
        """The plain file of a run; by default the last good one."""
        key = run.id if run else self.now().published_run_id
        found = storage.find_file(self.session, key)
        assert found is not None
        return b"".join(storage.plain_pieces(self.runtime.sessions, found))

    def numbers(self, run: Run | None = None) -> list[str]:
        return paper.numbers_in(self.file(run))

    def results(self, run: Run) -> dict[str, str]:
        self.session.expire_all()
        rows = self.session.scalars(select(RunVehicle).where(RunVehicle.run_id == run.id))
        return {row.number: row.result for row in rows}

    def online(self) -> set[str]:
        """Numbers of the listings that are online for all we know."""
        self.session.expire_all()
        return set(self.session.scalars(select(Listing.internal_number).where(Listing.state == "online")))

    def lock(self) -> Lock | None:
        self.session.expire_all()
        return self.session.scalars(select(Lock).where(Lock.closed_at.is_(None))).one_or_none()


@pytest.fixture
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called on the engine's machine is an hour behind the database."""

    class SlowClock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) - timedelta(hours=1)

    def slow() -> None:
        for name, module in list(sys.modules.items()):
            if name.startswith("portal.exports.") and vars(module).get("datetime") is datetime:
                monkeypatch.setattr(module, "datetime", SlowClock)

    return slow


@pytest.fixture
def paper_app(monkeypatch: pytest.MonkeyPatch) -> PaperApp:
    """`paper_app(schedule=…)` puts the app with these changes into the store."""

    def register(**side: Any) -> ExportApp:
        app = paper.paper(**side)
        monkeypatch.setitem(APPS, app.slug, app)
        return app

    return register


@pytest.fixture
def stage(build: Build, runtime: Runtime, paper_app: PaperApp) -> FileStage:
    paper_app()
    return FileStage(build, runtime)
