"""The server, and beside it what becomes of the files: one process for all drop folders of a data folder."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from portal.drop_folders.folder import DropFolder, DroppedFile, FolderBounds
from portal.drop_folders.host_key import FOLDER, kept_key
from portal.drop_folders.server import LOOK_AGAIN, FolderServer
from portal.drop_folders.taking import AWAY, forget_without_source, take, tell_who_stays_away
from portal.exports.core.runtime import Runtime

log = logging.getLogger(__name__)
MEGABYTE = 2**20
AGAIN = 5.0
"""Seconds after which what waits is looked at without a word: an earlier process left it, or the database was
away."""
TIDY = 600.0


class AlreadyServed(Exception):
    """Two processes on one folder would clear away what the other one is receiving."""


class DropFolders:
    """The server, and beside it the taking of what was dropped; one import at a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._settings = settings = runtime.settings
        self._sessions = runtime.sessions
        self._most_bytes = settings.max_upload_mb * MEGABYTE
        self._bell = asyncio.Event()
        self._root = settings.data_dir / FOLDER
        bounds = FolderBounds(self._most_bytes, settings.drop_quota_mb * MEGABYTE)
        self.server = FolderServer(runtime.sessions, self._root, bounds, self._bell.set)

    async def serve(self, stopping: asyncio.Event, listening: Callable[[int], None]) -> None:
        """Until `stopping`; `listening` is told the port. Raises AlreadyServed, OSError for a taken port."""
        key = kept_key(self._settings.data_dir)
        with _alone(self._root):
            acceptor = await self.server.listen(self._settings.drop_host, self._settings.drop_port, key)
            listening(acceptor.get_port())
            duties = [asyncio.ensure_future(duty()) for duty in (self._take, self._look_again, self._tidy)]
            waiting = asyncio.ensure_future(stopping.wait())
            await asyncio.wait([waiting, *duties], return_when=asyncio.FIRST_COMPLETED)
            acceptor.close()
            await self.server.end()
            for duty in duties:
                duty.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await duty  # what ended by itself has failed: say so

    async def _take(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), AGAIN)
            self._bell.clear()
            try:
                await self._take_all()
            except AWAY as error:
                log.warning("the database does not answer: %s", error)
                await asyncio.sleep(AGAIN)

    async def _take_all(self) -> None:
        """In turns, one file of each folder: nobody waits behind a hundred of somebody else's."""
        put_off: set[UUID] = set()
        while waiting := self._next_of_each(put_off):
            for source_id, folder, arrival in waiting:
                try:
                    await asyncio.to_thread(
                        take, self._sessions, self._most_bytes, source_id, folder, arrival
                    )
                except AWAY:
                    raise
                except Exception:  # of one folder; the others are served all the same
                    log.exception("drop folder %s: what waits cannot be taken", source_id)
                    put_off.add(source_id)

    def _next_of_each(self, but: set[UUID]) -> list[tuple[UUID, DropFolder, DroppedFile]]:
        there = {key: folder for key, folder in self.server.folders().items() if key not in but}
        first = ((key, folder, next(folder.waiting(), None)) for key, folder in there.items())
        return [(key, folder, arrival) for key, folder, arrival in first if arrival is not None]

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            await self.server.look_again()

    async def _tidy(self) -> None:
        while True:
            with contextlib.suppress(SQLAlchemyError):
                await asyncio.to_thread(tell_who_stays_away, self._sessions)
                places = {source_id: self._root / str(source_id) for source_id in self.server.folders()}
                for source_id in await asyncio.to_thread(forget_without_source, self._sessions, places):
                    self.server.forget(source_id)
            await asyncio.sleep(TIDY)


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    with (root / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyServed(f"The drop folders in {root} are served by another process.") from error
        yield
