"""A dealer whose mobile.de is locked: eight deletions of sixty listings, unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation, AuditEvent, Dealer, Lock, LockedVehicle, Transfer
from portal.models.exports import ActivationState, LockRule
from tests.builders import Build

REASON = "Das Fahrzeug ist nicht mehr im Bestand."
Close = Callable[..., Lock]


class Hall:
    """Alice's dealer, and what is held back there."""

    def __init__(self, build: Build) -> None:
        self.build, self.session = build, build.session
        self.dealer: Dealer = build.dealer()
        opened = datetime.now(UTC) - timedelta(days=9)
        self.activation: Activation = build.activation(self.dealer, activated_at=opened)

    def lock(self, *, delete: int = 8, create: int = 0, **columns: Any) -> Lock:
        """Close the lock as the brake would: numbers, vehicles, their rows held back."""
        numbers = {"deletions": delete, "creations": create, "deletion_limit": 6, "creation_limit": 12}
        numbers |= {"deletions_done": 0, "creations_done": 0}
        values = {"rule": LockRule.DELETIONS, "online": 60} | numbers | columns
        lock: Lock = self.build._add(Lock(activation_id=self.activation.id, **values))
        self.hold(lock, delete, "delete")
        self.hold(lock, create, "create")
        if lock.closed_at is None:
            self.activation.state = ActivationState.LOCKED
        self.session.commit()
        return lock

    def hold(self, lock: Lock, number: int, action: str) -> None:
        with self.build.at_once():
            self._hold(lock, number, action)

    def _hold(self, lock: Lock, number: int, action: str) -> None:
        for _ in range(number):
            vehicle = self.build.vehicle(self.dealer)
            if action == "delete":
                since = datetime.now(UTC) - timedelta(days=30)
                self.build.listing(vehicle, self.activation, online_since=since)
            reason = REASON if action == "delete" else ""
            row = LockedVehicle(lock_id=lock.id, vehicle_id=vehicle.id, action=action, reason=reason)
            self.session.add(row)
            self.build.transfer(vehicle, self.activation, held=lock.closed_at is None)

    def grow(self, lock: Lock, number: int) -> None:
        """More vehicles are missing by now."""
        self.hold(lock, number, "delete")
        lock.deletions += number
        self.session.commit()

    @property
    def path(self) -> str:
        return f"/apps/{self.activation.id}"

    @property
    def state(self) -> str:
        self.session.expire_all()
        return self.session.get_one(Activation, self.activation.id).state

    def rows(self) -> set[tuple[str, bool]]:
        """State and mark of every transfer."""
        self.session.expire_all()
        return {(row.state, row.held) for row in self.session.scalars(select(Transfer))}

    def audited(self) -> list[AuditEvent]:
        self.session.expire_all()
        return list(self.session.scalars(select(AuditEvent).order_by(AuditEvent.id)))


@pytest.fixture
def hall(build: Build, session: Session) -> Hall:
    return Hall(build)
