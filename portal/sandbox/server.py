"""The sandbox as a running server: HTTP, SMTP, and the file portal's SFTP and FTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from waitress.server import create_server

from portal.sandbox import create_sandbox
from portal.sandbox.effects import CutConnections
from portal.sandbox.files.ftp import FtpServer
from portal.sandbox.files.sftp import SftpServer
from portal.sandbox.parts import SandboxParts
from portal.sandbox.settings import SandboxSettings
from portal.sandbox.smtp import CatchingServer

THREADS = 32
MOST_CONNECTIONS = 1000
BACKLOG = 1024


class PortTaken(Exception):
    """Carries a text for the person who starts the sandbox."""


class SandboxServer:
    """All servers of one sandbox, listening from the moment it is made.

    `serve` answers until `stop` is called. Raises PortTaken; then nothing is left open.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        app = create_sandbox(settings)
        self.parts: SandboxParts = app.extensions["sandbox"]
        self._host = settings.host
        with ExitStack() as undo:
            undo.callback(self.parts.database.close)
            with _port_named("SANDBOX_PORT", settings.port):
                # A listener of our own: waitress leaks its sockets when it cannot have the port.
                listener = socket.create_server((settings.host, settings.port), backlog=BACKLOG)
                self._http = create_server(
                    CutConnections(app),
                    sockets=[listener],
                    threads=THREADS,
                    connection_limit=MOST_CONNECTIONS,
                    ident="sandbox",
                )
            undo.callback(self._close_http)
            self._smtp = CatchingServer(self.parts.mailbox, settings.host, settings.smtp_port)
            with _port_named("SANDBOX_SMTP_PORT", settings.smtp_port):
                self._smtp.start()
            undo.callback(self._smtp.stop)
            self.sftp, self.ftp = self._file_servers(settings, undo)
            undo.pop_all()

    def _file_servers(
        self, settings: SandboxSettings, undo: ExitStack
    ) -> tuple[SftpServer | None, FtpServer | None]:
        sftp, ftp = None, None
        if settings.sftp_port is not None:
            with _port_named("SANDBOX_SFTP_PORT", settings.sftp_port):
                sftp = SftpServer(self.parts.desk, settings.host, settings.sftp_port)
            undo.callback(sftp.stop)
        if settings.ftp_port is not None:
            with _port_named("SANDBOX_FTP_PORT", settings.ftp_port):
                ftp = FtpServer(self.parts.desk, settings.host, settings.ftp_port)
            undo.callback(ftp.stop)
        for server in (sftp, ftp):
            if server is not None:
                server.start()
        self.parts.desk.servers.update(
            smtpPort=self.smtp_port,
            sftpPort=sftp.port if sftp else None,
            hostKey=sftp.pin if sftp else None,
            ftpPort=ftp.port if ftp else None,
            authorities=str(ftp.authority.absolute()) if ftp else None,
        )
        return sftp, ftp

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._http.effective_port}"

    @property
    def smtp_port(self) -> int:
        port: int = self._smtp.port
        return port

    @property
    def welcome(self) -> str:
        """One line for who starts it; the address is its second word."""
        parts = [f"sandbox: {self.url}", f"SMTP {self.smtp_port}", f"mails {self.url}/mails"]
        if self.sftp:
            parts.append(f"SFTP {self.sftp.port}")
        if self.ftp:
            parts.append(f"FTP {self.ftp.port}")
        return " · ".join(parts)

    def serve(self) -> None:
        """Returns after `stop` or Ctrl-C; then everything is closed."""
        try:
            self._http.run()
        finally:
            self.parts.desk.ending.set()
            self._close_http()
            self._smtp.stop()
            for server in (self.sftp, self.ftp):
                if server is not None:
                    server.stop()
            self.parts.database.close()

    def stop(self) -> None:
        """From another thread: the server's own thread closes all sockets and so leaves its loop."""
        self.parts.desk.ending.set()
        with suppress(OSError):  # something else woke it meanwhile: it has closed them, the trigger too
            self._http.trigger.pull_trigger(self._close_sockets)

    def _close_http(self) -> None:
        self._http.task_dispatcher.shutdown()
        self._close_sockets()

    def _close_sockets(self) -> None:
        for dispatcher in list(self._http._map.values()):
            with suppress(OSError):
                dispatcher.close()


@contextmanager
def _port_named(variable: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise PortTaken(f"Port {port} cannot be used ({reason}): set {variable} to a free one.") from error


@contextmanager
def running(settings: SandboxSettings) -> Iterator[SandboxServer]:
    """A sandbox in a thread of its own, for tests."""
    server = SandboxServer(settings)
    thread = threading.Thread(target=server.serve, name="sandbox", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
