"""The SFTP server: who may come in, how many and how often, and that those who may no longer are out at once.

No shell, no commands, no forwarding of ports, agents or X11: what is not asked for is not there in asyncssh,
and what it would offer is switched off.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import asyncssh
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from portal.drop_folders import access
from portal.drop_folders.access import Admission
from portal.drop_folders.attempts import Attempts
from portal.drop_folders.folder import DropFolder, FolderBounds
from portal.drop_folders.sftp import FolderSession
from portal.security.origin import origin_of

log = logging.getLogger(__name__)
T = TypeVar("T")
THREADS = 4
"""For passwords and questions to the database: so many at a time, however many come at once."""
LOOK_AGAIN = 2.0
"""Seconds after which those whose access does not hold any longer are out."""
LOGIN_PATIENCE, KEEPALIVE = 30, 60
MOST_CONNECTIONS, MOST_FROM_ADDRESS, MOST_OF_FOLDER = 200, 20, 10
MOST_TRIES, MOST_PROGRAMS = 20, 10
"""Of one connection: keys and passwords, and programs that are at work in it."""
LONGEST_LOGIN, LONGEST_PASSWORD = 100, 200


class FolderServer:
    """`arrived` is told in which folder a file waits to be taken; all of it runs in one loop."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        root: Path,
        bounds: FolderBounds,
        arrived: Callable[[UUID], None],
    ) -> None:
        self.sessions, self.root, self.arrived = sessions, root, arrived
        self.attempts = Attempts()
        self.logins: set[Login] = set()
        self._bounds = bounds
        self._folders: dict[UUID, DropFolder] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="drop-access")

    def folder(self, source_id: UUID) -> DropFolder:
        if source_id not in self._folders:
            self._folders[source_id] = DropFolder(self.root / str(source_id), self._bounds)
        return self._folders[source_id]

    def folders(self) -> dict[UUID, DropFolder]:
        """All that there are, also those of an earlier process."""
        for place in self.root.iterdir():
            with suppress(ValueError):  # the key, the lock, or somebody else's
                self.folder(UUID(place.name))
        return dict(self._folders)

    def forget(self, source_id: UUID) -> None:
        self._folders.pop(source_id, None)

    async def listen(self, host: str, port: int, key_file: Path) -> asyncssh.SSHAcceptor:
        """Raises OSError where the port is taken."""
        return await asyncssh.create_server(
            lambda: Login(self),
            host,
            port,
            server_host_keys=[str(key_file)],
            sftp_factory=_session,
            sftp_version=3,
            allow_scp=False,
            allow_pty=False,
            agent_forwarding=False,
            x11_forwarding=False,
            kbdint_auth=False,
            gss_host=None,
            compression_algs=["none"],
            login_timeout=LOGIN_PATIENCE,
            keepalive_interval=KEEPALIVE,
            server_version="portal",
            config=None,
        )

    async def end(self) -> None:
        """Whoever is inside is sent away: what is half there is not kept."""
        for login in list(self.logins):
            login.abort()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)

    async def ask(self, question: Callable[[], T], unknown: T) -> T:
        """In a thread; while the database is away nobody is known."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, question)
        except SQLAlchemyError as error:
            log.warning("the database does not answer: %s", error)
            return unknown

    async def look_again(self) -> None:
        """Ends the connections of those who may not any longer."""
        inside = {login: login.admission for login in self.logins if login.is_in and login.admission}
        if not inside:
            return
        valid = partial(access.still_in_force, self.sessions, set(inside.values()))
        holding = await self.ask(valid, set(inside.values()))
        for login, admission in inside.items():
            if admission not in holding:
                log.info("drop folder %s: access ended", admission.source_id)
                login.abort()


class Login(asyncssh.SSHServer):
    """One connection."""

    def __init__(self, server: FolderServer) -> None:
        self.server = server
        self.admission: Admission | None = None
        self.address = ""
        self.programs = 0
        self.is_in = False
        self._tries = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self.address = origin_of(str((conn.get_extra_info("peername") or ("",))[0]))
        neighbours = sum(login.address == self.address for login in self.server.logins)
        if len(self.server.logins) >= MOST_CONNECTIONS or neighbours >= MOST_FROM_ADDRESS:
            conn.abort()
            return
        self.server.logins.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.server.logins.discard(self)

    def abort(self) -> None:
        self._connection.abort()

    def password_auth_supported(self) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        login = username[:LONGEST_LOGIN]
        attempts = self.server.attempts
        if self._tries_too_often() or not attempts.admit(login, self.address):
            log.warning("drop folder: too many failed logins", extra={"address": self.address})
            self.abort()
            return False
        # It counts as failed until it is known to be right: many at once cannot slip past the counter.
        moment = attempts.fail(login, self.address)
        given = partial(access.admit_password, self.server.sessions, login, password[:LONGEST_PASSWORD])
        self.admission = await self.server.ask(given, None)
        if self.admission is None:
            log.warning("drop folder: login failed", extra={"address": self.address})
            return False
        attempts.forgive(login, self.address, moment)
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Asked before there is a signature, too: nobody is in by it yet."""
        if self._tries_too_often():
            self.abort()
            return False
        line = access.key_of(key.export_public_key().decode())
        shown = partial(access.admit_key, self.server.sessions, username[:LONGEST_LOGIN], line)
        self.admission = await self.server.ask(shown, None)
        return self.admission is not None

    async def auth_completed(self) -> None:
        assert self.admission is not None  # noqa: S101
        source_id = self.admission.source_id
        self.is_in = True
        inside = (login.admission for login in self.server.logins if login.is_in)
        if sum(one is not None and one.source_id == source_id for one in inside) > MOST_OF_FOLDER:
            log.warning("drop folder %s: too many connections", source_id)
            self.abort()
            return
        await self.server.ask(partial(access.note_login, self.server.sessions, source_id), None)

    def begin_program(self) -> None:
        self.programs += 1
        if self.programs > MOST_PROGRAMS:
            log.warning("drop folder: too many programs in one connection", extra={"address": self.address})
            self.abort()

    def end_program(self) -> None:
        self.programs -= 1

    def _tries_too_often(self) -> bool:
        self._tries += 1
        return self._tries > MOST_TRIES

    async def holds(self) -> bool:
        """Asked before anything is read or written."""
        if self.admission is None:
            return False
        valid = partial(access.still_in_force, self.server.sessions, {self.admission})
        nobody: set[Admission] = set()
        return self.admission in await self.server.ask(valid, nobody)


def _session(channel: asyncssh.SSHServerChannel[bytes]) -> FolderSession:
    login = channel.get_connection().get_owner()
    assert isinstance(login, Login) and login.admission is not None  # noqa: S101, PT018
    source_id = login.admission.source_id
    folder, arrived = login.server.folder(source_id), partial(login.server.arrived, source_id)
    login.begin_program()
    return FolderSession(channel, folder, login.holds, arrived, login.end_program)
