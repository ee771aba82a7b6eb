"""An activation with a vehicle, and transfers at moments of the test's choice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from portal.exports.history.pages import first_id
from portal.models import Activation, Dealer, Transfer, Vehicle
from tests.builders import Build

Send = Callable[..., Transfer]
_order = count(1)


@pytest.fixture
def vehicle(build: Build, dealer: Dealer, activation: Activation) -> Vehicle:
    row = build.vehicle(dealer)
    build.release(row, activation)
    return row


@pytest.fixture
def send(build: Build, vehicle: Vehicle, activation: Activation) -> Send:
    """`send(hours=3, state="failed")`: a transfer of that age."""

    def one(hours: float = 1, **columns: Any) -> Transfer:
        at = datetime.now(UTC) - timedelta(hours=hours)
        key = UUID(int=first_id(at).int | next(_order))
        plausible = {"id": key, "state": "ok", "action": "update", "created_at": at, "finished_at": at}
        car = columns.pop("vehicle", vehicle)
        where = columns.pop("activation", activation)
        return build.transfer(car, where, **(plausible | columns))

    return one
