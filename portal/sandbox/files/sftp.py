"""The file portal's SFTP server."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from pathlib import Path
from typing import IO, Any, cast

import asyncssh

from portal.sandbox.faults import Effect
from portal.sandbox.files.desk import FileDesk
from portal.sandbox.files.strain import Cut, Hang, Strain

# Connections that tests cut are no news.
logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
VIA = "SFTP"


class Session(asyncssh.SFTPServer):
    """One client in its seller's folder."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], desk: FileDesk) -> None:
        self._desk = desk
        self._number = str(channel.get_extra_info("username"))
        self._home = desk.folders.home(self._number)
        self._uploads: dict[int, tuple[Path, Strain]] = {}
        self._login = cast(Login, channel.get_connection().get_owner())
        super().__init__(channel, chroot=str(self._home).encode())

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        writes = bool(pflags & asyncssh.FXF_WRITE)
        strain = self._desk.strain("store" if writes else "fetch", self._number)
        if strain.refused:
            raise asyncssh.SFTPPermissionDenied("Permission denied")
        opened = super().open(path, pflags, attrs)
        self._login.opened.append(cast(IO[bytes], opened))
        if writes:
            self._uploads[id(opened)] = (self._local(path), strain)
        return opened

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        _, strain = self._uploads[id(file_obj)]
        await asyncio.sleep(strain.seconds)
        room = strain.room(len(data))
        if room:
            super().write(file_obj, offset, data[:room])
        if room < len(data):
            await self._end(strain.full())
        return len(data)

    def close(self, file_obj: object) -> None:
        super().close(file_obj)
        path, strain = self._uploads.pop(id(file_obj), (None, Strain()))
        if path is not None:
            self._desk.note("store", VIA, path.name, self._number, strain, 200)
            self._desk.arrived(path, VIA)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._rename(oldpath, newpath)
        super().rename(oldpath, newpath)
        self._arrived(newpath)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self._desk.strain("replace", self._number).refused:
            raise asyncssh.SFTPOpUnsupported("Operation not supported")
        await self._rename(oldpath, newpath)
        super().posix_rename(oldpath, newpath)
        self._arrived(newpath)

    async def _rename(self, _old: bytes, new: bytes) -> None:
        """What faults make of it."""
        strain = self._desk.strain("rename", self._number)
        await asyncio.sleep(strain.seconds)
        status = 403 if strain.refused else 200
        self._desk.note("rename", VIA, self._local(new).name, self._number, strain, status)
        if strain.refused:
            raise asyncssh.SFTPPermissionDenied("Permission denied")
        try:
            strain.begin()
        except (Cut, Hang) as end:
            await self._end(end)

    def _arrived(self, path: bytes) -> None:
        self._desk.arrived(self._local(path), VIA)

    def _local(self, path: bytes) -> Path:
        return Path(self.map_path(path).decode())

    async def _end(self, how: OSError | Cut | Hang) -> None:
        if isinstance(how, OSError):
            raise how
        if isinstance(how, Cut):
            self.connection.abort()
        else:
            await self.connection.wait_closed()
        raise asyncssh.SFTPConnectionLost("Connection lost")


class Login(asyncssh.SSHServer):
    def __init__(self, desk: FileDesk, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._desk, self._connections = desk, connections
        self.opened: list[IO[bytes]] = []
        """asyncssh does not close the files of a session that it cancels."""
        self._gone = asyncio.Event()

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._connections.discard(self._connection)
        for file in self.opened:
            file.close()
        self._gone.set()

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        strain = await self._strained(username)
        return self._noted(username, not strain.refused and self._desk.admits(username, password), strain)

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        strain = await self._strained(username)
        known = self._desk.admits_key(username, key.export_public_key().decode())
        return self._noted(username, not strain.refused and known, strain)

    async def _strained(self, username: str) -> Strain:
        strain = self._desk.strain("login", username)
        await asyncio.sleep(strain.seconds)
        if strain.has(Effect.HANG):
            await self._gone.wait()
        return strain

    def _noted(self, username: str, admitted: bool, strain: Strain) -> bool:
        self._desk.note("login", VIA, "", username, strain, 200 if admitted else 401)
        return admitted


class SftpServer:
    """Listening from the moment it is made. Raises OSError when the port is taken."""

    def __init__(self, desk: FileDesk, host: str, port: int) -> None:
        self._desk = desk
        self._listener = socket.create_server((host, port), backlog=128)
        self._listener.setblocking(False)
        self._key = _kept_key(desk.folders.secrets / "host_key")
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._thread = threading.Thread(target=self._run, name="sandbox-sftp", daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def pin(self) -> str:
        """Kind and fingerprint of the host key."""
        return f"ssh-ed25519 {self._key.get_fingerprint()}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Also for a server that was never started."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._cancel)
            self._thread.join()
        else:
            self._loop.close()
        self._listener.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.run_until_complete(self._end())
            self._loop.close()

    async def _end(self) -> None:
        for connection in list(self._connections):
            connection.abort()
            await connection.wait_closed()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _cancel(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    async def _serve(self) -> None:
        greetings = set()
        while True:
            connection, _ = await self._loop.sock_accept(self._listener)
            greeting = self._loop.create_task(self._greet(connection))
            greetings.add(greeting)
            greeting.add_done_callback(greetings.discard)

    async def _greet(self, connection: socket.socket) -> None:
        strain = self._desk.strain("connect")
        await asyncio.sleep(strain.seconds)
        if strain.has(Effect.RESET) or strain.refused:
            connection.close()
            return
        if strain.has(Effect.HANG):
            with connection:
                while await self._loop.sock_recv(connection, 1024):
                    pass
            return
        key = asyncssh.generate_private_key("ssh-ed25519") if strain.has(Effect.WRONG_HOST_KEY) else self._key
        try:
            await asyncssh.run_server(
                connection,
                server_factory=lambda: Login(self._desk, self._connections),
                server_host_keys=[key],
                sftp_factory=lambda channel: Session(channel, self._desk),
                allow_scp=False,
            )
        except (OSError, asyncssh.Error):
            connection.close()


def _kept_key(file: Path) -> asyncssh.SSHKey:
    """The same after a restart: it is pinned by then."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        cast(Any, asyncssh.generate_private_key("ssh-ed25519")).write_private_key(str(file))
    return asyncssh.read_private_key(str(file))
