"""The file portal's server for FTP and FTPS (explicit TLS on the same port)."""

from __future__ import annotations

import logging
import os
import threading
import time
import warnings
from pathlib import Path
from typing import Any, ClassVar

from portal.sandbox.faults import Effect
from portal.sandbox.files.certificates import prepare
from portal.sandbox.files.desk import FileDesk
from portal.sandbox.files.strain import Cut, DiskFull, Hang, Strain

with warnings.catch_warnings():
    # Until Python 3.12 pyftpdlib uses the standard library's asyncore, which warns.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import AuthenticationFailed
    from pyftpdlib.filesystems import AbstractedFS
    from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
WAKE = 0.1
"""Seconds between two looks whether the server shall end."""


class Inlet:
    """A file that is being written. Raises OSError, Cut or Hang where a fault demands it."""

    def __init__(self, file: Any, strain: Strain) -> None:
        self._file, self.strain = file, strain
        self.name: str = file.name

    @property
    def closed(self) -> bool:
        return bool(self._file.closed)

    def close(self) -> None:
        self._file.close()

    def write(self, block: bytes) -> None:
        if self.strain.seconds:
            time.sleep(self.strain.seconds)
        room = self.strain.room(len(block))
        self._file.write(block[:room])
        if room < len(block):
            raise self.strain.full()


class Shelf(AbstractedFS):  # type: ignore[misc]
    """A seller's folder."""

    def open(self, filename: str, mode: str) -> Any:
        handler: Handler = self.cmd_channel
        writes = "r" not in mode
        strain = handler.desk.strain("store" if writes else "fetch", handler.username)
        if strain.refused:
            raise PermissionError(13, "Permission denied")
        file = super().open(filename, mode)
        return Inlet(file, strain) if writes else file

    def rename(self, src: str, dst: str) -> None:
        handler: Handler = self.cmd_channel
        if os.path.exists(dst) and handler.desk.strain("replace", handler.username).refused:
            raise FileExistsError(17, "File exists")
        strain = handler.desk.strain("rename", handler.username)
        status = 403 if strain.refused else 200
        handler.desk.note("rename", handler.via, Path(dst).name, handler.username, strain, status)
        if strain.seconds:
            time.sleep(strain.seconds)
        if strain.refused:
            raise PermissionError(13, "Permission denied")
        strain.begin()
        super().rename(src, dst)


class DataLine(TLS_DTPHandler):  # type: ignore[misc]
    def handle_read_event(self) -> None:
        try:
            super().handle_read_event()
        except Cut:
            self.cmd_channel.close()
        except Hang:
            self.cmd_channel.hang(self)
        except OSError as error:
            if not isinstance(error.__cause__, DiskFull):
                raise
            # With TLS about, pyftpdlib would hang up and not say why.
            self._resp = ("452 No space left on device.", logging.debug)
            self.close()


class Doorman:
    """pyftpdlib's authorizer: every seller has all rights in the own folder."""

    def __init__(self, desk: FileDesk) -> None:
        self._desk = desk

    def validate_authentication(self, username: str, password: str, handler: Handler) -> None:
        strain = self._desk.strain("login", username)
        strain.begin()
        admitted = not strain.refused and self._desk.admits(username, password)
        self._desk.note("login", handler.via, "", username, strain, 200 if admitted else 401)
        if not admitted:
            raise AuthenticationFailed("Login incorrect.")

    def get_home_dir(self, username: str) -> str:
        return str(self._desk.folders.home(username))

    def has_perm(self, _username: str, _perm: str, _path: str | None = None) -> bool:
        return True

    def get_perms(self, _username: str) -> str:
        return "elradfmwMT"

    def get_msg_login(self, _username: str) -> str:
        return "Welcome."

    def get_msg_quit(self, _username: str) -> str:
        return "Goodbye."

    def impersonate_user(self, _username: str, _password: str) -> None:
        """As the process that it is."""

    def terminate_impersonation(self, _username: str) -> None:
        """Nothing to undo."""


class Handler(TLS_FTPHandler):  # type: ignore[misc]
    """One client. `desk`, `authorizer` and `certfile` are set for each server."""

    desk: ClassVar[FileDesk]
    hung: ClassVar[list[Any]]
    username: str
    abstracted_fs = Shelf
    dtp_handler = DataLine
    banner = "Sandbox ready."
    auth_failed_timeout = 0
    use_sendfile = False

    @property
    def via(self) -> str:
        return "FTPS" if self._ssl_established else "FTP"

    def handle(self) -> None:
        strain = self.desk.strain("connect")
        if strain.has(Effect.RESET):
            self.close()
        elif strain.refused:
            self.respond("421 Too many connections.")
            self.close_when_done()
        elif not strain.has(Effect.HANG):
            super().handle()

    def process_command(self, cmd: str, *args: Any, **more: Any) -> None:
        try:
            super().process_command(cmd, *args, **more)
        except Cut:
            self.close()
        except Hang:
            self.hang(self)

    def hang(self, channel: Any) -> None:
        """Nobody listens to this channel any more."""
        channel.del_channel()
        self.hung.append(channel)

    def ftp_RNTO(self, path: str) -> None:
        if super().ftp_RNTO(path):
            self.desk.arrived(Path(path), self.via)

    def on_file_received(self, file: str) -> None:
        self._arrived(file)

    def on_incomplete_file_received(self, file: str) -> None:
        """What lies under its name is taken, half or not: as a careless portal would."""
        self._arrived(file)

    def _arrived(self, file: str) -> None:
        self.desk.note("store", self.via, Path(file).name, self.username, Strain(), 200)
        self.desk.arrived(Path(file), self.via)


class FtpServer:
    """Listening from the moment it is made. Raises OSError when the port is taken."""

    def __init__(self, desk: FileDesk, host: str, port: int) -> None:
        self.authority, certificate = prepare(desk.folders.secrets)
        facts = {"desk": desk, "hung": [], "authorizer": Doorman(desk), "certfile": str(certificate)}
        handler = type("SandboxHandler", (Handler,), {**facts, "ssl_context": None})
        self._loop = IOLoop()
        try:
            self._server = FTPServer((host, port), handler, ioloop=self._loop)
        except OSError:
            self._loop.close()
            raise
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-ftp", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Also for a server that was never started."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        else:
            self._server.close_all()

    def _run(self) -> None:
        while not self._ending.is_set():
            self._loop.loop(timeout=WAKE, blocking=False)
        for channel in self._server.handler.hung:
            channel.close()
        self._server.close_all()
