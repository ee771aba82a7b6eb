"""What was dropped is taken into the stock like a source's file, in the order in which it came."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from portal.drop_folders.folder import DropFolder, DroppedFile
from portal.messages import say
from portal.models.base import database_time
from portal.models.sources import PickupState, StockPickup, StockSource
from portal.sources import notices, schedule
from portal.sources.control import forget_open
from portal.sources.intake import take_in
from portal.sources.pickups import LEASE, PickupLost, finish, still_ours, write_down
from portal.sources.settings import DROP_FOLDER

log = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError)
"""What is raised while the database is away: the file is taken afterwards."""
NOT_READ = say("Beim Lesen der Datei ist ein Fehler aufgetreten. Wir sehen ihn im Protokoll des Portals.")


class Outcome(Enum):
    DONE = "done"
    AGAIN = "again"
    """Somebody else is at the source, or people changed it meanwhile: the file still waits."""


@dataclass(frozen=True)
class Taker:
    """`token`: this server's; what it claimed before it was killed is its own still."""

    sessions: sessionmaker[Session]
    most_bytes: int
    token: UUID

    def take(self, source_id: UUID, folder: DropFolder, arrival: DroppedFile) -> Outcome:
        """Raises OperationalError or InterfaceError while the database is away."""
        # A mark alone: a process ended before the file lay there, or the dealer has deleted it since.
        try:
            pickup_id = self._begin(source_id, arrival) if arrival.file.exists() else None
            if pickup_id is not None:
                self._take(source_id, pickup_id, arrival)
        except PickupLost:
            return Outcome.AGAIN
        folder.settle(arrival)
        return Outcome.DONE

    def _begin(self, source_id: UUID, arrival: DroppedFile) -> UUID | None:
        """Claims the source; None where it is gone. The row of the pick-up is there before the file is read;
        what an earlier process left is forgotten. Raises PickupLost."""
        with self.sessions.begin() as session:
            source = session.get(StockSource, source_id, with_for_update=True)
            if source is None:
                return None
            now = database_time(session)
            if source.lease_token != self.token and source.leased_until and source.leased_until > now:
                raise PickupLost
            source.lease_token, source.leased_until = self.token, now + LEASE
            forget_open(session, source)
            pickup = StockPickup(source_id=source.id, file_name=arrival.name[:200])
            session.add(pickup)
            session.flush()
            return pickup.id

    def _take(self, source_id: UUID, pickup_id: UUID, arrival: DroppedFile) -> None:
        try:
            self._import(source_id, pickup_id, arrival)
        except (PickupLost, *AWAY):
            raise
        except Exception:
            log.exception("drop folder %s: a file could not be taken", source_id)
            self._give_up(source_id, pickup_id)

    def _import(self, source_id: UUID, pickup_id: UUID, arrival: DroppedFile) -> None:
        """What people change meanwhile does not wait until the file is read: the rows are locked after it."""
        with self.sessions.begin() as session, arrival.file.open("rb") as stream:
            source = session.get(StockSource, source_id)
            if source is None:
                raise PickupLost
            taken = take_in(session, source, arrival.name, stream, self.most_bytes)
            source, pickup, now = still_ours(session, source_id, pickup_id, self.token)
            write_down(source, pickup, taken, now, {})
            _end(session, source, pickup, now)

    def _give_up(self, source_id: UUID, pickup_id: UUID) -> None:
        with self.sessions.begin() as session:
            source, pickup, now = still_ours(session, source_id, pickup_id, self.token)
            pickup.state, pickup.reason = PickupState.FAILED, NOT_READ
            _end(session, source, pickup, now)


def _end(session: Session, source: StockSource, pickup: StockPickup, now: datetime) -> None:
    source.lease_token = source.leased_until = None
    finish(session, source, pickup, now)


def dealers_of(sessions: sessionmaker[Session], source_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Source → dealer; those that are gone are missing."""
    with sessions() as session:
        rows = select(StockSource.id, StockSource.dealer_id).where(StockSource.id.in_(source_ids))
        return {row[0]: row[1] for row in session.execute(rows)}


def tell_who_stays_away(sessions: sessionmaker[Session]) -> None:
    """Nobody asks a drop folder for its file: that none comes any longer is noticed here, once."""
    with sessions.begin() as session:
        now = session.scalars(select(func.now())).one()
        dropped = StockSource.settings["transport"].astext == DROP_FOLDER
        for source in session.scalars(select(StockSource).where(dropped, StockSource.trouble == "")):
            since = schedule.away_since(now, source.created_at, source.taken_at, source.gaps, missing=False)
            if since is not None:
                notices.tell_absence(session, source, since)


def forget_without_source(sessions: sessionmaker[Session], places: dict[UUID, Path]) -> list[UUID]:
    """Folders of sources that are gone, with what lay in them; returns whose they were."""
    with sessions() as session:
        there = set(session.scalars(select(StockSource.id)))
    gone = [source_id for source_id in places if source_id not in there]
    for source_id in gone:
        shutil.rmtree(places[source_id], ignore_errors=True)
    return gone
