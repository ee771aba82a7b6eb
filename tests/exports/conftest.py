"""The engine without Flask: its own sessions on the test database, rings that are only noted."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import run_tasks
from portal.exports.dispatch.loop import recovery_task
from portal.exports.jobs import run_activation
from portal.models import Activation, ActivationLease, Dealer, Listing, PlatformBreaker, Transfer, Vehicle
from portal.outbox import note_changes
from portal.platforms import read_environment
from portal.vehicle_facts.data import VehicleData
from tests.bell import Bell
from tests.builders import Build
from tests.conftest import Work
from tests.exports.killing import start_worker_of
from tests.marketplace import Marketplace


@pytest.fixture
def runtime(at_work: Work, marketplace: Marketplace) -> Runtime:
    return at_work(platforms=read_environment({}, marketplace.url))


class Stage:
    """A dealer with mobile.de activated, and the ways his vehicles change."""

    def __init__(self, build: Build, runtime: Runtime, **activation: object) -> None:
        self.build = build
        self.session = build.session
        self.runtime = runtime
        self.dealer: Dealer = build.dealer()
        self.activation: Activation = build.activation(self.dealer, **activation)

    def vehicle(self, facts: VehicleData | None = None, **changed: object) -> Vehicle:
        """A released vehicle whose change is noted."""
        with self.build.at_once():
            vehicle = self.build.vehicle(self.dealer, facts, **changed)
            self.build.release(vehicle, self.activation)
        self.note(vehicle)
        return vehicle

    def vehicles(self, number: int, **changed: Any) -> list[Vehicle]:
        """So many of them, saved and noted together."""
        with self.build.at_once():
            vehicles = [self.build.vehicle(self.dealer, **changed) for _ in range(number)]
            for vehicle in vehicles:
                self.build.release(vehicle, self.activation)
        self.note(*vehicles)
        return vehicles

    def others_online(self, number: int = 1) -> list[Vehicle]:
        """Vehicles that are online already and stay: without them a deletion would empty the stock."""
        with self.build.at_once():
            vehicles = [self.build.vehicle(self.dealer) for _ in range(number)]
            for vehicle in vehicles:
                self.build.release(vehicle, self.activation)
                self.build.listing(vehicle, self.activation)
        return vehicles

    def note(self, *vehicles: Vehicle) -> None:
        with self.runtime.sessions.begin() as session:
            note_changes(session, [vehicle.id for vehicle in vehicles])

    def change(self, vehicle: Vehicle, **facts: object) -> None:
        with self.runtime.sessions.begin() as session:
            row = session.get_one(Vehicle, vehicle.id)
            row.set_facts(row.facts().model_copy(update=facts))
            note_changes(session, [vehicle.id])

    def take_offline(self, vehicle: Vehicle) -> None:
        self._set_online(vehicle, False)

    def put_online(self, vehicle: Vehicle) -> None:
        self._set_online(vehicle, True)

    def _set_online(self, vehicle: Vehicle, online: bool) -> None:
        with self.runtime.sessions.begin() as session:
            session.get_one(Vehicle, vehicle.id).online = online
            note_changes(session, [vehicle.id])

    def drain(self) -> None:
        """One turn: a slice of what waits."""
        run_activation(self.runtime, self.activation.id)

    def drain_all(self) -> None:
        """Turn after turn, as long as one asks for the next."""
        bell = Bell()
        runtime = replace(self.runtime, ring=bell)
        while True:
            before = len(bell.rung)
            run_activation(runtime, self.activation.id)
            if len(bell.rung) == before:
                return

    def transfers(self, vehicle: Vehicle | None = None) -> list[Transfer]:
        """As the database has them now, oldest first."""
        self.session.expire_all()
        statement = select(Transfer).order_by(Transfer.id)
        if vehicle is not None:
            statement = statement.where(Transfer.vehicle_id == vehicle.id)
        return list(self.session.scalars(statement))

    def worker(self) -> subprocess.Popen[bytes]:
        """Another process that works off this activation."""
        return start_worker_of(self.runtime, self.activation)

    def outlive_the_dead(self) -> None:
        """As if the killed worker's lease had run out, and what it left had had the time to settle."""
        with self.runtime.sessions.begin() as session:
            session.get_one(ActivationLease, self.activation.id).until = None
        assert run_tasks(self.runtime, self.activation.id, (recovery_task,))
        self.make_due()

    def make_due(self) -> None:
        """As if every waiting time were over."""
        with self.runtime.sessions.begin() as session:
            for row in session.scalars(select(Transfer).where(Transfer.not_before.is_not(None))):
                row.not_before = None
            session.get_one(Activation, self.activation.id).paused_until = None
            end_pauses(session)


def end_pauses(session: Session) -> None:
    """As if every platform that is left alone had been so for long enough, and every list were old."""
    hour = timedelta(hours=1)
    earlier = {"missed_at": Listing.missed_at - hour, "vanished_at": Listing.vanished_at - hour}
    session.execute(update(Listing).values(earlier))
    session.execute(update(PlatformBreaker).values(paused_until=None))


@pytest.fixture
def stage(build: Build, runtime: Runtime) -> Stage:
    return Stage(build, runtime)
