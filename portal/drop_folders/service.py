"""The server, and beside it what becomes of the files: one process for all drop folders of a data folder."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.exc import SQLAlchemyError

from portal.drop_folders.folder import FolderBounds
from portal.drop_folders.host_key import FOLDER, kept_key
from portal.drop_folders.line import TurnOfDealers
from portal.drop_folders.server import LOOK_AGAIN, FolderServer
from portal.drop_folders.taking import (
    AWAY,
    Outcome,
    Taker,
    dealers_of,
    forget_without_source,
    tell_who_stays_away,
)
from portal.exports.core.runtime import Runtime

log = logging.getLogger(__name__)
MEGABYTE = 2**20
AT_ONCE = 3
"""Imports. Workers cannot take them over: the files lie on this machine's disk."""
AGAIN = 5.0
"""Seconds after which a folder is looked at again whose file could not be taken: the database was away, or
somebody else is at the source."""
TIDY = 600.0


class AlreadyServed(Exception):
    """Two processes on one folder would clear away what the other one is receiving."""


class DropFolders:
    """The server, and beside it the taking of what was dropped: some files at a time, one of each dealer."""

    def __init__(self, runtime: Runtime) -> None:
        self._settings = settings = runtime.settings
        self._sessions = runtime.sessions
        self._most_bytes = settings.max_upload_mb * MEGABYTE
        self._root = settings.data_dir / FOLDER
        bounds = FolderBounds(self._most_bytes, settings.drop_quota_mb * MEGABYTE)
        self.server = FolderServer(runtime.sessions, self._root, bounds, self._arrived)
        self._line = TurnOfDealers()
        self._bell = asyncio.Event()
        self._rung: set[UUID] = set()
        """Folders in which something waits, not in the line yet."""

    async def serve(self, stopping: asyncio.Event, listening: Callable[[int], None]) -> None:
        """Until `stopping`; `listening` is told the port. Raises AlreadyServed, OSError for a taken port."""
        key = kept_key(self._settings.data_dir)
        with _alone(self._root) as token:
            taker = Taker(self._sessions, self._most_bytes, token)
            acceptor = await self.server.listen(self._settings.drop_host, self._settings.drop_port, key)
            listening(acceptor.get_port())
            duties = [self._line_up(), self._look_again(), self._tidy()]
            duties += [self._serve_line(taker) for _ in range(AT_ONCE)]
            tasks = [asyncio.ensure_future(duty) for duty in duties]
            waiting = asyncio.ensure_future(stopping.wait())
            await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
            acceptor.close()
            await self.server.end()
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task  # what ended by itself has failed: say so

    def _arrived(self, source_id: UUID) -> None:
        self._rung.add(source_id)
        self._bell.set()

    def _later(self, source_id: UUID, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._arrived, source_id)

    async def _line_up(self) -> None:
        """Nobody looks into a folder in which nothing has arrived."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            rung, self._rung = self._rung, set()
            try:
                dealers = await asyncio.to_thread(dealers_of, self._sessions, rung)
            except AWAY as error:
                log.warning("the database does not answer: %s", error)
                for source_id in rung:
                    self._later(source_id, AGAIN)
                continue
            for source_id, dealer_id in dealers.items():
                self._line.join(source_id, dealer_id)

    async def _serve_line(self, taker: Taker) -> None:
        while True:
            source_id, dealer_id = await self._line.next()
            try:
                more = await self._take_one(taker, source_id)
            finally:
                self._line.leave(dealer_id)
            if more:
                self._line.join(source_id, dealer_id)

    async def _take_one(self, taker: Taker, source_id: UUID) -> bool:
        """The file that came first. Whether the folder is to be looked at again now."""
        folder = self.server.folder(source_id)
        try:
            arrival = next(folder.waiting(), None)
            if arrival is None:
                return False
            outcome = await asyncio.to_thread(taker.take, source_id, folder, arrival)
        except AWAY as error:
            log.warning("the database does not answer: %s", error)
            outcome = Outcome.AGAIN
        except Exception:  # of one folder; the others are served all the same
            log.exception("drop folder %s: what waits cannot be taken", source_id)
            outcome = Outcome.AGAIN
        if outcome is Outcome.AGAIN:
            self._later(source_id, AGAIN)
        return outcome is Outcome.DONE

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            await self.server.look_again()

    async def _tidy(self) -> None:
        while True:
            for source_id, folder in self.server.folders().items():  # left by an earlier process
                if folder.is_waiting():
                    self._arrived(source_id)
            with contextlib.suppress(SQLAlchemyError):
                await asyncio.to_thread(tell_who_stays_away, self._sessions)
                places = {source_id: self._root / str(source_id) for source_id in self.server.folders()}
                for source_id in await asyncio.to_thread(forget_without_source, self._sessions, places):
                    self.server.forget(source_id)
            await asyncio.sleep(TIDY)


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[UUID]:
    """The token by which this folder's server claims sources; the lock's file keeps it."""
    with (root / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyServed(f"The drop folders in {root} are served by another process.") from error
        lock.seek(0)
        token = lock.read() or str(uuid4())
        lock.truncate(0)
        lock.write(token)
        lock.flush()
        yield UUID(token)
