"""Pick-ups: a source is looked at when its time has come, and its file is taken once it rests.

One process is at a source at a time, under a lease in its row. The row of a pick-up is there before the
server is asked, and says what came of it; what a process leaves when it ends is gone on with by the next.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker, undefer

from portal.delivery import EgressPolicy, Missing, RemoteFile, Target, Undelivered, collect, look
from portal.exports.stock_files.rules import next_run, run_shift
from portal.messages import say
from portal.models.sources import PickupState, StockPickup, StockSource, Trouble
from portal.security.vault import Sealed, Vault
from portal.sources import notices, schedule
from portal.sources.intake import TakenIn, take_in
from portal.sources.settings import DROP_FOLDER, file_name_of, target_of

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=30)
"""Longer than a file may take to arrive and to be read (`jobs.SOURCE_TIMEOUT`)."""
KEPT = 10
"""Pick-ups of a source."""
STILL_GROWING = say("Die Datei ändert sich seit einer Stunde immer wieder. Sie wurde nicht abgeholt.")

Found = RemoteFile | Missing | Undelivered


class PickupLost(Exception):
    """Somebody else is at the source, or its pick-up is gone: what was done does not count."""


@dataclass(frozen=True)
class Collector:
    sessions: sessionmaker[Session]
    vault: Vault
    policy: EgressPolicy
    most_bytes: int
    """Of a file."""


@dataclass(frozen=True)
class PickupJob:
    """What one turn is about. `expected`: the file as it was at the last look; None at the first one."""

    source_id: UUID
    pickup_id: UUID
    token: UUID
    target: Target
    file_name: str
    expected: RemoteFile | None


def due_sources() -> Select[UUID]:
    """Whose time has come, or whose pick-up goes on now, and nobody is at them. What is dropped is taken by
    the process that it was dropped at."""
    goes_on = exists().where(
        StockPickup.source_id == StockSource.id,
        StockPickup.finished_at.is_(None),
        StockPickup.not_before <= func.now(),
    )
    free = or_(StockSource.leased_until.is_(None), StockSource.leased_until < func.now())
    fetched = StockSource.settings["transport"].astext.is_distinct_from(DROP_FOLDER)
    return select(StockSource.id).where(free, fetched, or_(StockSource.next_at <= func.now(), goes_on))


def serve(collector: Collector, source_id: UUID) -> bool:
    """One turn at a source: a look, or the file. Whether there was anything to do."""
    turn = PickupTurn(collector, source_id, uuid4())
    try:
        job = turn.begin()
        if job is not None:
            turn.carry_out(job)
    except PickupLost:
        log.warning("source %s: somebody else went on with it", source_id)
        return False
    finally:
        turn.give_back()
    return job is not None


@dataclass(frozen=True)
class PickupTurn:
    """One turn at a source, under a lease of its own."""

    collector: Collector
    source_id: UUID
    token: UUID

    def begin(self) -> PickupJob | None:
        with self.collector.sessions.begin() as session:
            source = self._take_lease(session)
            pickup = _due_pickup(session, source) if source else None
            if source is None or pickup is None:
                return None
            try:
                secrets = self.collector.vault.open(source.id, source.secrets)
            except Sealed as error:
                log.error("secrets of source %s cannot be read: %s", source.id, error)
                secrets = {}
            target = target_of(source.settings, secrets, source.host_key)
            expected = RemoteFile(**pickup.seen) if pickup.seen else None
            return PickupJob(source.id, pickup.id, self.token, target, pickup.file_name, expected)

    def _take_lease(self, session: Session) -> StockSource | None:
        due = due_sources().where(StockSource.id == self.source_id)
        lease = update(StockSource).where(StockSource.id.in_(due))
        lease = lease.values(lease_token=self.token, leased_until=func.now() + LEASE)
        if session.scalar(lease.returning(StockSource.id)) is None:
            return None
        return session.get(StockSource, self.source_id, options=[undefer(StockSource.secrets)])

    def give_back(self) -> None:
        ours = update(StockSource).where(StockSource.lease_token == self.token)
        with self.collector.sessions.begin() as session:
            session.execute(ours.values(lease_token=None, leased_until=None))

    def carry_out(self, job: PickupJob) -> None:
        """No connection to the database is held while the server is asked."""
        with tempfile.TemporaryFile() as sink:
            found: Found
            if job.expected is None:
                found = look(job.target, self.collector.policy)
            else:
                found = collect(
                    job.target, job.expected, sink, self.collector.most_bytes, self.collector.policy
                )
            with self.collector.sessions.begin() as session:
                self._note(session, job, found, sink)

    def _note(self, session: Session, job: PickupJob, found: Found, sink: BinaryIO) -> None:
        """What came of it. What people change meanwhile does not wait until a file is read: the rows are
        locked after it, and where they are not ours any more, nothing counts."""
        source = session.get(StockSource, job.source_id)
        if source is None:
            raise PickupLost
        taken = None
        if isinstance(found, RemoteFile) and found == job.expected:
            taken = take_in(session, source, job.file_name, sink, self.collector.most_bytes)
        source, pickup, now = still_ours(session, job.source_id, job.pickup_id, job.token)
        match found:
            case Undelivered():
                _put_off(pickup, found, now)
            case Missing():
                pickup.state = PickupState.MISSING
            case RemoteFile() if taken is not None:
                write_down(source, pickup, taken, now, asdict(found))
            case RemoteFile() if found.changed and asdict(found) == source.taken_file:
                pickup.state = PickupState.UNCHANGED
            case _ if now - pickup.created_at > schedule.GROWS_AT_MOST:
                pickup.state, pickup.reason = PickupState.FAILED, STILL_GROWING
            case _:
                # It rests until the next look.
                pickup.seen, pickup.not_before, pickup.reason = asdict(found), now + schedule.SETTLE, ""
        if pickup.state != PickupState.OPEN:
            finish(session, source, pickup, now)


def _due_pickup(session: Session, source: StockSource) -> StockPickup | None:
    """The open one where its moment has come, else a new one where the source's has."""
    now = session.scalars(select(func.now())).one()
    due = source.next_at is not None and source.next_at <= now
    if due:
        source.next_at = next_time(source, now)
    mine = select(StockPickup).where(StockPickup.source_id == source.id, StockPickup.finished_at.is_(None))
    pickup = session.scalars(mine).one_or_none()
    if pickup is None and due:
        pickup = StockPickup(source_id=source.id, file_name=file_name_of(source.settings)[:200])
        session.add(pickup)
        session.flush()
        return pickup
    return pickup if pickup is not None and pickup.not_before <= now else None


def next_time(source: StockSource, now: datetime) -> datetime | None:
    """By the schedule; however many times were missed, one pick-up makes up for them."""
    return next_run(now, source.settings.get("schedule") or (), run_shift(source.id))


def still_ours(
    session: Session, source_id: UUID, pickup_id: UUID, token: UUID
) -> tuple[StockSource, StockPickup, datetime]:
    """Locked: the source first, as everywhere. Raises PickupLost."""
    mine = select(StockSource).where(StockSource.id == source_id, StockSource.lease_token == token)
    opened = select(StockPickup).where(StockPickup.id == pickup_id, StockPickup.finished_at.is_(None))
    anew = {"populate_existing": True}
    source = session.scalars(mine.with_for_update(), execution_options=anew).one_or_none()
    pickup = session.scalars(opened.with_for_update(), execution_options=anew).one_or_none()
    if source is None or pickup is None:
        raise PickupLost
    return source, pickup, session.scalars(select(func.clock_timestamp())).one()


def write_down(
    source: StockSource, pickup: StockPickup, taken: TakenIn, now: datetime, as_found: dict[str, Any]
) -> None:
    """Also what was taken, so that it is not taken twice."""
    pickup.state, pickup.reason, pickup.size = taken.state, taken.reason, taken.size
    pickup.import_id, pickup.upload_id = taken.import_id, taken.upload_id
    if taken.state in (PickupState.TAKEN, PickupState.UNCHANGED):
        source.taken_file = as_found
    if taken.state == PickupState.TAKEN:
        source.gaps = schedule.with_gap(source.gaps, source.taken_at, now)
        source.taken_at, source.taken_sha256 = now, taken.digest


def _put_off(pickup: StockPickup, found: Undelivered, now: datetime) -> None:
    pickup.attempts += 1
    pickup.reason, pickup.seen = found.reason, {}
    pause = schedule.pause_after(pickup.attempts) if found.retryable else None
    if pause is None:
        pickup.state = PickupState.FAILED
    else:
        pickup.not_before = now + pause


def finish(session: Session, source: StockSource, pickup: StockPickup, now: datetime) -> None:
    pickup.finished_at = now
    _tell(session, source, pickup, now)
    session.flush()
    forget_older(session, source.id)
    log.info("source %s of dealer %s: %s, %s bytes", source.id, source.dealer_id, pickup.state, pickup.size)


def _tell(session: Session, source: StockSource, pickup: StockPickup, now: datetime) -> None:
    if pickup.state == PickupState.TAKEN:
        notices.tell_end(session, source, Trouble.FAILING, Trouble.AWAY)
        return
    if pickup.state not in (PickupState.MISSING, PickupState.UNCHANGED):
        notices.tell_failure(session, source, pickup)
        return
    missing = pickup.state == PickupState.MISSING
    if not missing:
        notices.tell_end(session, source, Trouble.FAILING)
    since = schedule.away_since(now, source.created_at, source.taken_at, source.gaps, missing=missing)
    if since is not None:
        notices.tell_absence(session, source, since)


def forget_older(session: Session, source_id: UUID) -> None:
    """All but the last pick-ups; their import reports stay as long as those of uploads."""
    last = select(StockPickup.id).where(StockPickup.source_id == source_id)
    last = last.order_by(StockPickup.id.desc()).limit(KEPT)
    older = StockPickup.source_id == source_id, StockPickup.id.not_in(last)
    session.execute(delete(StockPickup).where(*older), execution_options={"synchronize_session": False})
