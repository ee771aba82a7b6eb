"""A worker that is killed at any moment loses nothing and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from portal.models import ActivationLease, Listing
from portal.models.exports import ListingState, TransferState
from portal.vehicle_facts.data import Prices
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace
from tests.programs import WHOLE_MACHINE
from tests.waiting import until

VEHICLES = 60
DRAIN = "import sys; from portal.exports.jobs import drain_activation; drain_activation(sys.argv[1])"
pytestmark = WHOLE_MACHINE
ROOT = Path(__file__).parents[3]


def start_worker(stage: Stage) -> subprocess.Popen[bytes]:
    settings = stage.runtime.settings
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "MOBILE_DE_API_URL": settings.platforms["mobile-de"]["api_url"],
    }
    command = [sys.executable, "-c", DRAIN, str(stage.activation.id)]
    return subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)


def kill_once_it_sends(worker: subprocess.Popen[bytes], marketplace: Marketplace, seen: int) -> None:
    """SIGKILL to the whole group as soon as the platform has seen more requests than before."""

    def sends() -> bool:
        assert worker.poll() is None, "the worker ended before it could be killed"
        return len(marketplace.requests("create", "update", "delete")) > seen + 5

    until(sends)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def expire_lease(stage: Stage) -> None:
    """As if the dead worker's lease had run out."""
    with stage.runtime.sessions.begin() as session:
        session.get_one(ActivationLease, stage.activation.id).until = None


def test_every_vehicle_is_online_exactly_once_after_workers_were_killed_in_the_middle(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicles = [stage.vehicle() for _ in range(VEHICLES)]
    marketplace.fault("slow", delayMs=60)
    marketplace.fault("reset-after-commit", "create", probability=0.1, count=5)
    for round_number in range(3):
        seen = len(marketplace.requests("create", "update", "delete"))
        kill_once_it_sends(start_worker(stage), marketplace, seen)
        expire_lease(stage)
        stage.change(vehicles[round_number], prices=Prices(selling=Decimal(5000 + round_number)))
    marketplace.heal()
    stage.make_due()
    stage.drain()
    stage.make_due()
    stage.drain()
    online = marketplace.online()
    assert len(online) == VEHICLES
    assert len(marketplace.generations()) == VEHICLES, "an ad was created twice"
    for round_number in range(3):
        ad = online[vehicles[round_number].offer_number]
        assert ad["price"]["consumerPriceGross"] == f"{5000 + round_number}.00"
    assert not [row for row in stage.transfers() if row.state in (TransferState.WAITING, "sending")]
    assert set(stage.session.scalars(select(Listing.state))) == {ListingState.ONLINE}
