"""What was dropped is taken into the stock like a source's file, in the order in which it came."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from portal.drop_folders.folder import DropFolder, DroppedFile
from portal.models.sources import PickupState, StockPickup, StockSource
from portal.sources import notices, schedule
from portal.sources.control import forget_open
from portal.sources.intake import take_in
from portal.sources.pickups import finish, write_down
from portal.sources.settings import DROP_FOLDER
from portal.translations.message import say

log = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError)
"""What is raised while the database is away: the file is taken afterwards."""
NOT_READ = say("Beim Lesen der Datei ist ein Fehler aufgetreten. Wir sehen ihn im Protokoll des Portals.")


def take(
    sessions: sessionmaker[Session],
    most_bytes: int,
    source_id: UUID,
    folder: DropFolder,
    arrival: DroppedFile,
) -> None:
    """Raises OperationalError or InterfaceError while the database is away."""
    # A mark alone: a process ended before the file lay there, or the dealer has deleted it since.
    pickup_id = _begin(sessions, source_id, arrival) if arrival.file.exists() else None
    if pickup_id is not None:
        try:
            _take(sessions, most_bytes, pickup_id, arrival)
        except AWAY:
            raise
        except Exception:
            log.exception("drop folder %s: a file could not be taken", source_id)
            _give_up(sessions, pickup_id)
    folder.settle(arrival)


def _begin(sessions: sessionmaker[Session], source_id: UUID, arrival: DroppedFile) -> UUID | None:
    """The row of the pick-up is there before the file is read; what an earlier process left is forgotten."""
    with sessions.begin() as session:
        source = session.get(StockSource, source_id, with_for_update=True)
        if source is None:
            return None
        forget_open(session, source)
        pickup = StockPickup(source_id=source.id, file_name=arrival.name[:200])
        session.add(pickup)
        session.flush()
        return pickup.id


def _take(sessions: sessionmaker[Session], most_bytes: int, pickup_id: UUID, arrival: DroppedFile) -> None:
    with sessions.begin() as session, arrival.file.open("rb") as stream:
        pickup = session.get(StockPickup, pickup_id)
        if pickup is None:
            return
        source = session.get_one(StockSource, pickup.source_id, with_for_update=True)
        taken = take_in(session, source, arrival.name, stream, most_bytes)
        now = session.scalars(select(func.clock_timestamp())).one()
        write_down(source, pickup, taken, now, {})
        finish(session, source, pickup, now)


def _give_up(sessions: sessionmaker[Session], pickup_id: UUID) -> None:
    with sessions.begin() as session:
        pickup = session.get(StockPickup, pickup_id)
        if pickup is not None:
            source = session.get_one(StockSource, pickup.source_id, with_for_update=True)
            pickup.state, pickup.reason = PickupState.FAILED, NOT_READ
            finish(session, source, pickup, session.scalars(select(func.clock_timestamp())).one())


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
