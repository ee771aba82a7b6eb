"""The worst moments one by one, each with real processes. `make chaos` plays them after the storm."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from portal import audit
from portal.exports.core import retries
from portal.exports.mass_change import lock as mass_change_lock
from portal.exports.mass_change.lock import LockDecision, ShownNumbers
from portal.models import Activation, Transfer
from portal.models.exports import ActivationState, TransferState
from tests.chaos.ground import NO_BRAKE, ROOT, Ground, Group, until
from tests.chaos.platforms import AUTOSCOUT24, AUTOSCOUT24_CH, MOBILE_DE, PLATFORMS, ChaosPlatform
from tests.chaos.quick import SETTLED, SHARE
from tests.chaos.storm import heal, seeded, unfinished
from tests.chaos.verdict import Verdict, judge
from tests.chaos.yard import Yard, stock_at

COMMIT_AND_DIE = """
import os, signal, sys
from uuid import UUID
from config import load_settings
from portal.exports.core.runtime import make_runtime
from portal.models import Vehicle
from portal.outbox import note_changes
def die(activation_ids, line=None): os.kill(os.getpid(), signal.SIGKILL)
runtime = make_runtime(load_settings(), die)
with runtime.sessions.begin() as session:
    row = session.get_one(Vehicle, UUID(sys.argv[1]))
    row.set_facts(row.facts().model_copy(update={"mileage": 77_777}))
    note_changes(session, [row.id])
"""
MANY = 40
Play = Callable[[Ground, ChaosPlatform], Verdict]
NOTICED = "was lost; another worker goes on"


def killed_between_commit_and_doorbell(ground: Ground, platform: ChaosPlatform = MOBILE_DE) -> Verdict:
    """The change is committed, nobody was rung: the tick finds it."""
    yard, group = online(ground, 3, platform)
    car = yard.cars[0]
    process = subprocess.run(
        [sys.executable, "-c", COMMIT_AND_DIE, str(car.id)],
        cwd=ROOT,
        env=dict(group.environment),
        check=False,
    )
    assert process.returncode == -signal.SIGKILL
    car.mileage = 77_777
    heal(ground)
    return judge(ground, yard)


def killed_between_request_and_outcome(ground: Ground, platform: ChaosPlatform = MOBILE_DE) -> Verdict:
    """The marketplace has carried it out, the worker dies before it writes that down."""
    yard = stock_at(ground, MANY, platform)
    group = ground.group("--workers", "1", **NO_BRAKE)
    group.start(CHAOS_DIE_AT="outcome")
    heal(ground)
    verdict = judge(ground, yard)
    assert verdict.by_unknown > 0, "no request was left without its outcome"
    created = [row["status"] for row in ground.market.requests("create")]
    if platform.keyed:
        assert created.count(303) > 0, "nothing was adopted"
    else:
        assert len(created) == MANY, "something was created again instead of being looked for"
    return verdict


def scheduler_doubled(ground: Ground, platform: ChaosPlatform = MOBILE_DE) -> Verdict:
    """Two schedulers ring for the same rows, four workers answer: every request goes out once."""
    ground.runtime.ring([])
    yard = stock_at(ground, MANY, platform)
    for _ in range(2):
        ground.group("--workers", "2", **NO_BRAKE).start()
    heal(ground)
    assert len(ground.market.requests("create")) == MANY
    return judge(ground, yard)


def clock_an_hour_back(ground: Ground, platform: ChaosPlatform = MOBILE_DE) -> Verdict:
    """What waits for its next attempt waits by the database's clock, whatever the worker's says."""
    yard = stock_at(ground, MANY, platform)
    ground.market.fault("error", "create", status=500, count=4)
    group = ground.group("--workers", "1", **NO_BRAKE)
    group.start(clock=-3600)
    until(lambda: bool(_next_attempts(ground)), "nothing had to wait")
    until(lambda: group.said("clock "), "the clock was not moved")
    said = group.log.read_text().split("clock ", 1)[1].split()[0]
    assert datetime.fromisoformat(said) < datetime.now(UTC) - timedelta(minutes=59)
    longest = timedelta(seconds=max(SETTLED, retries.PAUSES[0] / SHARE) + 1)
    for at, not_before in _next_attempts(ground):
        assert timedelta() < not_before - at <= longest, "an attempt was planned by the wrong clock"
        assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    heal(ground)
    return judge(ground, yard)


def _next_attempts(ground: Ground) -> list[tuple[datetime, datetime]]:
    with ground.runtime.sessions() as session:
        rows = session.scalars(select(Transfer).where(Transfer.attempts != []))
        last = [(row.attempts[-1], row.not_before) for row in rows]
    return [
        (datetime.fromisoformat(one["at"]), moment)
        for one, moment in last
        if moment and one["outcome"] == "retry"
    ]


def lease_expired_during_a_slow_call(ground: Ground, platform: ChaosPlatform = MOBILE_DE) -> Verdict:
    """A create takes longer than the lease; the next holder sends today's data with the same key.

    Only where the platform knows a key by which a creation is repeated. Elsewhere no request may outlast
    the lease: the client gives up before (`PATIENT` in the platform's folder).
    """
    yard = stock_at(ground, 1, platform)
    [car] = yard.cars
    ground.market.fault("slow", "create", count=1, delayMs=12_000)
    slow = ground.group("--workers", "1", "--no-scheduler", **NO_BRAKE)
    slow.start(CHAOS_LEASE="1", CHAOS_HEARTBEAT="3600", CHAOS_TIME_OUT="30")
    ring_until_sending(ground, yard)
    car.price = 9_999
    _write_price(yard)
    second = ground.group("--workers", "1", **NO_BRAKE)
    second.start()
    until(lambda: slow.said(NOTICED), "the late writer did not notice that it is late")
    until(lambda: len(ground.market.requests("create")) == 2, "the next holder repeated no creation")
    heal(ground)
    verdict = judge(ground, yard)
    [seller] = car.sellers
    assert len(platform.generations(ground.market, seller.number)) == 1
    assert verdict.by_unknown == 1, "the late writer has written"
    return verdict


def withdrawal_carried_out_late(ground: Ground, platform: ChaosPlatform = MOBILE_DE) -> Verdict:
    """Its worker dies without the answer, the vehicle comes back, and the platform carries it out only after
    the lease has run out: what puts the vehicle online again has to come later still."""
    yard, before = online(ground, 3, platform)
    before.kill()
    ground.group("--workers", "1", **NO_BRAKE).start(CHAOS_DIE_AT="outcome")
    ground.market.fault("slow", "delete", count=1, delayMs=10_000)
    yard.set_online(yard.cars[:1], False)
    until(lambda: _sending(ground) == 1, "nothing was sent")
    yard.set_online(yard.cars[:1], True)
    until(lambda: bool(ground.market.requests("delete")), "it was never carried out")
    heal(ground)
    verdict = judge(ground, yard)
    assert verdict.by_unknown == 1, "the worker did not die without the answer"
    return verdict


def frozen_worker_wakes_up(ground: Ground, platform: ChaosPlatform = MOBILE_DE) -> Verdict:
    """Its answer has arrived while it stood still, another one holds the lease by then."""
    yard, group = online(ground, 1, platform)
    [car] = yard.cars
    ground.market.fault("slow", "update", count=1, delayMs=1000)
    car.price = 11_111
    _write_price(yard)
    until(lambda: _sending(ground) == 1, "nothing was sent")
    group.freeze()
    car.price = 22_222
    _write_price(yard)
    second = ground.group("--workers", "1", **NO_BRAKE)
    second.start()
    until(lambda: not unfinished(ground), "the second one did not take over")
    group.thaw()
    until(lambda: group.said(NOTICED), "the late writer did not notice that it is late")
    heal(ground)
    verdict = judge(ground, yard)
    assert verdict.by_unknown == 1, "the late writer has written"
    return verdict


def lock_closes_in_the_middle(ground: Ground, platform: ChaosPlatform = MOBILE_DE) -> Verdict:
    """Deletions lock while workers are killed; nothing goes out until somebody approves, then all of it."""
    yard, group = online(ground, 60, platform, brake=True)
    choose = seeded(4711)
    leaving = yard.cars[:20]
    for car in leaving:
        yard.set_online([car], False)
        if choose.random() < 0.1:
            group.kill()
            group.start()
    until(lambda: _state(ground) == ActivationState.LOCKED, "the lock did not close")
    yard.change(yard.cars[-1], choose)
    until(lambda: _looked_at_all(ground, len(leaving)), "the lock does not know all deletions")
    [seller] = yard.sellers
    shown = [row for row in platform.generations(ground.market, seller.number) if row.ended is None]
    assert len(shown) >= 60 - 6
    with ground.runtime.sessions.begin() as session:
        lock = mass_change_lock.find_open_lock(session, yard.activations[0])
        assert lock is not None
        numbers = ShownNumbers(lock.deletions, lock.creations)
        decision, _ = mass_change_lock.approve_lock(session, lock.id, numbers, audit.PORTAL)
    assert decision == LockDecision.DONE
    group.kill()
    group.start()
    heal(ground)
    return judge(ground, yard)


def _looked_at_all(ground: Ground, deletions: int) -> bool:
    with ground.runtime.sessions() as session:
        activation_id = session.scalars(select(Activation.id)).one()
        lock = mass_change_lock.find_open_lock(session, activation_id)
        return lock is not None and lock.deletions >= deletions


def online(
    ground: Ground, vehicles: int, platform: ChaosPlatform, *, brake: bool = False
) -> tuple[Yard, Group]:
    """All vehicles online at one account, and the group that has sent them."""
    yard = stock_at(ground, vehicles, platform)
    group = ground.group("--workers", "1", **({} if brake else NO_BRAKE))
    group.start()
    heal(ground)
    return yard, group


def ring_until_sending(ground: Ground, yard: Yard) -> None:
    def rung() -> bool:
        ground.runtime.ring(yard.activations)
        return _sending(ground) > 0

    until(rung, "nothing was sent")


def _write_price(yard: Yard) -> None:
    yard.set_online(yard.cars, True)


def _sending(ground: Ground) -> int:
    with ground.runtime.sessions() as session:
        return session.scalar(select(func.count()).where(Transfer.state == TransferState.SENDING)) or 0


def _state(ground: Ground) -> str:
    with ground.runtime.sessions() as session:
        return session.scalars(select(Activation.state)).one()


MOMENTS = (
    killed_between_commit_and_doorbell,
    killed_between_request_and_outcome,
    scheduler_doubled,
    clock_an_hour_back,
    lease_expired_during_a_slow_call,
    withdrawal_carried_out_late,
    frozen_worker_wakes_up,
    lock_closes_in_the_middle,
)
SHORT = (
    *((moment, MOBILE_DE) for moment in MOMENTS),
    *((killed_between_request_and_outcome, platform) for platform in (AUTOSCOUT24, AUTOSCOUT24_CH)),
)
"""What `make test` plays: all moments once, and at each platform the one that hangs on its answers."""
ALL = tuple(
    (moment, platform)
    for platform in PLATFORMS
    for moment in MOMENTS
    if platform.keyed or moment is not lease_expired_during_a_slow_call
)
