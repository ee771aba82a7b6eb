"""What RQ and the scheduler call. Nothing rests on RQ: a lost or doubled job loses and doubles nothing."""

from __future__ import annotations

import logging
import random
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import func, select, union
from sqlalchemy.exc import SQLAlchemyError

from portal import outbox
from portal.exports import (
    costs,
    daily_results,
    listing_figures,
    previews,
    retention,
    trial_leftovers,
    trial_transfer,
)
from portal.exports.core.lease import is_leased
from portal.exports.core.runtime import Runtime, runtime_from_environment
from portal.exports.core.tasks import run_tasks
from portal.exports.dispatch import loop, polling
from portal.exports.drift import task as drift_task
from portal.exports.full_transfer import task as full_transfer_task
from portal.exports.lifecycle import recheck, releasing
from portal.exports.planning import queue
from portal.exports.reconciliation.task import reconciliation_task
from portal.exports.stock_files import run_history
from portal.exports.stock_files import task as files
from portal.exports.stock_files.target import egress_policy
from portal.exports.trouble import platform_state, stopping
from portal.figures import RINGS
from portal.models.exports import (
    Activation,
    ActivationLease,
    ActivationState,
    Transfer,
    TransferState,
    Trigger,
)
from portal.models.plans import refresh_filled_tables
from portal.notifications import bell, run
from portal.ring_queue import RingQueue
from portal.sources.pickups import Collector, due_sources, serve
from portal.vehicles.incoming_pictures import pictures_wait, take_incoming
from portal.vehicles.release import apply_presets
from portal.webhooks.sending import WebhookLoop, WebhookSender

log = logging.getLogger(__name__)

PICTURES = "portal.exports.jobs.take_pictures"
SOURCES = "portal.exports.jobs.take_from_source"
EVERYTHING = "pictures"
"""One look is for all that wait."""
PICTURES_TIMEOUT, SOURCE_TIMEOUT = 300, 1500
"""Seconds; a large file from a slow server takes a quarter of an hour, and has to be read then."""
JOBS = frozenset({outbox.JOB, bell.JOB, PICTURES, SOURCES, previews.PREVIEWS})
"""All that a worker calls. Whoever can write into Redis can put any name into a queue."""
NOTICES_BUDGET = 10.0
DRAIN_BUDGET = 10.0
"""Seconds."""
MOMENTS_BACK = timedelta(seconds=3)
"""Longer than from one pulse to the next; a ring more costs three statements."""


def drain_activation(activation_id: str) -> None:
    """The job behind a ring of the doorbell."""
    runtime = runtime_from_environment()
    for line in outbox.Line:  # one look serves both
        outbox.activation_rings(runtime.redis, line).answer(activation_id)
    try:
        run_activation(runtime, UUID(activation_id))
    finally:
        runtime.tally.hand_in(runtime.redis)


def run_tick() -> bool:
    """True when the lines have it; False when Redis does not answer, and the scheduler did what it could."""
    runtime = runtime_from_environment()
    with runtime.sessions.begin() as session:
        refresh_filled_tables(session)
    if not redis_answers(runtime):
        drain_here(runtime)
        take_pictures_here(runtime)
        previews.take_here(runtime)
        return False
    for line in outbox.Line:
        outbox.activation_rings(runtime.redis, line).forget_lost()
    tick(runtime)
    return True


def run_pulse() -> int:
    runtime = runtime_from_environment()
    ring_for_pictures(runtime)
    ring_for_sources(runtime)
    previews.ring_for_previews(runtime)
    return ring_for_moments(runtime)


def ring_for_moments(runtime: Runtime) -> int:
    """Ring where a moment has come just now: the next attempt of a transfer, the end of a pause, or of the
    lease of a worker that died. Cheap enough for every second; what it misses the tick finds."""
    recent = func.now() - MOMENTS_BACK
    moments = union(
        select(Transfer.activation_id).where(
            Transfer.state == TransferState.WAITING, Transfer.not_before.between(recent, func.now())
        ),
        select(Activation.id).where(
            Activation.paused_until.between(recent, func.now()), ~Activation.shares_trouble
        ),
        select(ActivationLease.activation_id).where(ActivationLease.until.between(recent, func.now())),
    )
    with runtime.sessions.begin() as session:
        platform_state.tell_activations(session)
        activation_ids = list({*session.scalars(moments), *platform_state.to_ring(session, MOMENTS_BACK)})
    if activation_ids:
        runtime.ring(activation_ids)
    return len(activation_ids)


def redis_answers(runtime: Runtime) -> bool:
    try:
        return bool(runtime.redis.ping())
    except RedisError:
        return False


def drain_here(runtime: Runtime, budget: float = DRAIN_BUDGET) -> int:
    """Without Redis: see to what is due in this process, one activation after the other, for so many seconds.

    What people changed comes first, the rest in any order: what a slice leaves waits for its next turn.
    Returns how many were seen to.
    """
    began, seen_to = time.monotonic(), 0
    with runtime.sessions.begin() as session:
        platform_state.tell_activations(session)
    rows = due_now(runtime)
    random.shuffle(rows)
    for activation_id, _ in sorted(rows, key=lambda row: not row[1]):
        try:
            run_activation(runtime, activation_id)
        except Exception:
            log.exception("draining %s without Redis failed", activation_id)
        seen_to += 1
        if time.monotonic() - began >= budget:
            break
    return seen_to


def run_notices() -> None:
    """The job behind a ring for notices and mails."""
    runtime = runtime_from_environment()
    bell.notice_rings(runtime.redis).answer(bell.EVERYTHING)
    run.run_once(runtime.sessions, runtime.settings)


def look_for_notices() -> None:
    """What the scheduler does at each tick: short, so that the next tick is not late."""
    runtime = runtime_from_environment()
    bell.notice_rings(runtime.redis).forget_lost()
    run.run_once(runtime.sessions, runtime.settings, budget=NOTICES_BUDGET)


@lru_cache(maxsize=1)
def webhook_loop() -> WebhookLoop:
    """Of this process: it knows whom its threads are serving."""
    runtime = runtime_from_environment()
    return WebhookLoop(WebhookSender(runtime.sessions, runtime.vault, egress_policy(runtime.settings)))


def look_for_webhooks() -> int:
    """What the scheduler does at each pulse, with Redis or without: threads of their own do the rest."""
    return webhook_loop().look()


def run_housekeeping() -> None:
    housekeeping(runtime_from_environment())


TASKS = (
    recheck.recheck_task,
    recheck.probe_task,
    recheck.recheck_delivery,
    releasing.release_task,
    files.whole_stock_task,
    loop.recovery_task,
    trial_transfer.trial_task,
    reconciliation_task,
    full_transfer_task.begin_task,
    loop.dispatch_task,
    polling.polling_task,
    full_transfer_task.end_task,
    drift_task.drift_check_task,
    listing_figures.figures_task,
    trial_leftovers.leftover_task,
)
"""In this order: what may go on at all, then what asks for transfers, what sends, what checks and looks."""


def run_activation(runtime: Runtime, activation_id: UUID) -> None:
    """Do what is due for this activation. Returns at once if another worker is at it."""
    runtime.tally.count(RINGS)
    if not run_tasks(runtime, activation_id, TASKS):
        return
    # The rest of a slice, or a change that came between the last look and giving the lease back.
    with runtime.sessions.begin() as session:
        line = queue.line_of_waiting(session, activation_id)
    if line is not None:
        runtime.ring([activation_id], line)


def tick(runtime: Runtime) -> int:
    """Ring for every activation where something is due and nobody is at it; returns how many."""
    rows = due_now(runtime)
    for line in outbox.Line:
        activation_ids = [key for key, people in rows if people == (line == outbox.Line.PEOPLE)]
        if activation_ids:
            runtime.ring(activation_ids, line)
    return len(rows)


def due_now(runtime: Runtime) -> list[tuple[UUID, bool]]:
    """Activations where something is due and nobody is at it, and whether a person's change waits there."""
    due = union(*(task.due() for task in TASKS)).subquery()
    waiting = select(Activation.id, queue.changed_by_people()).where(
        Activation.id.in_(select(due.c[0])), ~is_leased(Activation.id)
    )
    with runtime.sessions() as session:
        return [(key, people) for key, people in session.execute(waiting)]


def housekeeping(runtime: Runtime) -> None:
    """Every few minutes: vehicles whose stock days are reached, what each day came to is kept, and what
    is old is forgotten."""
    release_by_stock_days(runtime)
    with runtime.sessions.begin() as session:
        queue.discard_unfinished_of_deactivated(session)
        run_history.cancel_runs_of_deactivated(session)
    with runtime.sessions.begin() as session:
        stopping.suspend_unreachable(session, runtime.settings.give_up_days)
    with runtime.sessions.begin() as session:
        daily_results.settle_days(session, datetime.now(UTC), runtime.settings.history_days)
    with runtime.sessions.begin() as session:
        costs.write_costs(session)
    retention.forget_old(runtime.sessions, runtime.settings.history_days)
    retention.shorten_addresses(runtime.sessions)
    forget_old_files(runtime)


def release_by_stock_days(runtime: Runtime) -> None:
    """Each dealer in a transaction of their own: what goes wrong with one keeps no other waiting."""
    live = select(Activation.dealer_id).where(Activation.state == ActivationState.ACTIVE).distinct()
    with runtime.sessions() as session:
        dealer_ids = list(session.scalars(live))
    for dealer_id in dealer_ids:
        try:
            with runtime.sessions.begin() as session:
                apply_presets(session, dealer_id, trigger=Trigger.SCHEDULE)
        except SQLAlchemyError:
            log.exception("presets of dealer %s", dealer_id)


def forget_old_files(runtime: Runtime) -> None:
    while True:
        with runtime.sessions.begin() as session:
            if run_history.forget_old_runs(session, runtime.settings.history_days) < run_history.RUNS_AT_ONCE:
                return


# What comes in: pictures of imports, and files of dealers' systems.


def take_pictures() -> None:
    """The job behind a ring for pictures: a slice, and the rest at the end of the line."""
    runtime = runtime_from_environment()
    _picture_rings(runtime).answer(EVERYTHING)
    if take_incoming(runtime.sessions):
        _picture_rings(runtime).ring([EVERYTHING], with_key=False)


def ring_for_pictures(runtime: Runtime) -> bool:
    """Every second: one query says whether any wait that nobody is at. Whether it rang."""
    with runtime.sessions() as session:
        if not pictures_wait(session):
            return False
    return _picture_rings(runtime).ring([EVERYTHING], with_key=False)


def take_pictures_here(runtime: Runtime) -> None:
    """Without Redis: a slice in this process."""
    take_incoming(runtime.sessions)


def take_from_source(source_id: str) -> None:
    """The job behind a ring for a source: one turn at it."""
    runtime = runtime_from_environment()
    _source_rings(runtime).answer(source_id)
    serve(collector(runtime), UUID(source_id))


def ring_for_sources(runtime: Runtime) -> int:
    """Every second: for those whose time has come; returns how many. Without Redis they wait for it."""
    with runtime.sessions() as session:
        due = [str(key) for key in session.scalars(due_sources())]
    if due:
        _source_rings(runtime).ring(due)
    return len(due)


def collector(runtime: Runtime) -> Collector:
    settings = runtime.settings
    most_bytes = settings.max_upload_mb * 1024 * 1024
    return Collector(runtime.sessions, runtime.vault, egress_policy(settings), most_bytes)


def _source_rings(runtime: Runtime) -> RingQueue:
    return RingQueue(runtime.redis, str(outbox.Line.BULK), SOURCES, SOURCE_TIMEOUT)


def _picture_rings(runtime: Runtime) -> RingQueue:
    """In the line of what machines do: what people wait for goes before."""
    return RingQueue(runtime.redis, str(outbox.Line.BULK), PICTURES, PICTURES_TIMEOUT)
