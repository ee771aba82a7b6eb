"""FTP and FTPS (explicit and implicit TLS), by ftplib."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from portal.delivery import egress
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import DeliveryFailure, DeliveryStep, RemoteFile, ServerRefusal
from portal.delivery.remote_folder import too_large
from portal.messages import say

BLOCK = 65_536
MOST_NAMES = 4 * 1024 * 1024
"""Bytes of a folder's list that are read."""
MOST_LINES = 1_000
"""Of one answer: a greeting with its terms of use has some dozens."""
NO_SUCH_FILE = "550"
DISK_FULL = ("452", "552")


class _Ftp(ftplib.FTP):
    """Over a connection that somebody else made, to an address that was looked at.

    Data connections go to the same address, whatever the server names (ftplib's own rule).
    """

    _lines = 0
    """Of the answer that is being read."""

    def adopt(self, connection: socket.socket, host: str) -> None:
        self.sock, self.af, self.host = connection, connection.family, host
        self.timeout = connection.gettimeout()
        self.read_leniently()
        self.welcome = self.getresp()

    def getmultiline(self) -> str:
        self._lines = 0
        return super().getmultiline()

    def getline(self) -> str:
        self._lines += 1
        if self._lines > MOST_LINES:
            raise EOFError("an answer without end")
        return super().getline()

    def read_leniently(self) -> None:
        """Messages in another charset than UTF-8 are no reason to fail."""
        assert self.sock is not None  # noqa: S101
        self.file = self.sock.makefile("r", encoding=self.encoding, errors="replace")


class _FtpTls(ftplib.FTP_TLS, _Ftp):
    """Data connections continue the TLS session of the control connection: many servers demand it."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321  # below TLS
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        try:
            return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size
        except BaseException:
            connection.close()
            raise

    def encrypt(self, attempt: DeliveryAttempt) -> None:
        """Never goes on without: the password would be readable on the way."""
        try:
            self.auth()
        except ftplib.error_perm as error:
            reason = say(
                "Der Server bietet keine verschlüsselte Übertragung (FTPS) an. "
                "Bitten Sie den Betreiber darum oder wählen Sie eine andere Übertragungsart."
            )
            raise DeliveryFailure(DeliveryStep.CERTIFICATE, reason) from error
        self.read_leniently()
        if isinstance(self.sock, ssl.SSLSocket):
            attempt.watch(self.sock)


class FtpFolder:
    """`portal.delivery.remote_folder.Server`."""

    def __init__(self, client: _Ftp, attempt: DeliveryAttempt) -> None:
        self._client, self._trip = client, attempt

    def store(self, name: str, stream: BinaryIO) -> None:
        with _asked(), self.data(f"STOR {name}") as connection:
            try:
                while block := stream.read(BLOCK):
                    connection.sendall(block)
            except (ConnectionError, ssl.SSLError):
                # The server hung up on the data; on the other line it says why.
                self._client.voidresp()
                raise

    def size(self, name: str) -> int:
        try:
            with _asked():
                self._client.voidcmd("TYPE I")
                return self._client.size(name) or 0
        except ServerRefusal:
            # Not every server has the command: count what comes back.
            with _asked(), self.data(f"RETR {name}") as connection:
                return sum(len(block) for block in iter(lambda: connection.recv(BLOCK), b""))

    def replace(self, name: str, by: str) -> None:
        """A server that refuses to overwrite keeps the old file; it is never removed first."""
        with _asked():
            self._client.rename(by, name)

    def remove(self, name: str) -> None:
        with _asked():
            self._client.delete(name)

    def read(self, name: str, limit: int) -> bytes | None:
        """Up to one byte more than `limit`; None when there is no such file."""
        try:
            return self._received(f"RETR {name}", limit + 1)
        except ServerRefusal as error:
            if error.code == NO_SUCH_FILE:
                return None
            raise

    def names(self) -> list[str]:
        try:
            listed = self._received("NLST", MOST_NAMES)
        except ServerRefusal as error:
            if error.code == NO_SUCH_FILE:  # some servers say so of an empty folder
                return []
            raise
        return [line.rpartition("/")[2] for line in listed.decode("utf-8", "replace").splitlines()]

    def describe(self, name: str) -> RemoteFile | None:
        try:
            size = self.size(name)
        except ServerRefusal as error:
            if error.code == NO_SUCH_FILE:
                return None
            raise
        return RemoteFile(size, self._changed(name))

    def _changed(self, name: str) -> str:
        """Not every server has the command."""
        with suppress(ServerRefusal), _asked():
            return self._client.voidcmd(f"MDTM {name}").partition(" ")[2].strip()
        return ""

    def load(self, name: str, sink: BinaryIO, limit: int) -> None:
        received = 0
        with _asked(), self.data(f"RETR {name}") as connection:
            while block := connection.recv(BLOCK):
                received += len(block)
                if received > limit:
                    raise too_large(name, limit)
                sink.write(block)

    def _received(self, command: str, most: int) -> bytes:
        content = bytearray()
        with _asked():
            with self._opened(command) as connection:
                while len(content) < most and (block := connection.recv(min(BLOCK, most - len(content)))):
                    content += block
            try:
                self._client.voidresp()
            except ftplib.Error:
                # A server that could not say everything complains; that is what was wanted.
                if len(content) < most:
                    raise
        return bytes(content)

    @contextmanager
    def data(self, command: str) -> Iterator[socket.socket]:
        with self._opened(command) as connection:
            yield connection
            if isinstance(connection, ssl.SSLSocket):
                # Some servers close without the farewell; the size is verified afterwards.
                with suppress(OSError):
                    connection.unwrap()
        self._client.voidresp()

    def _opened(self, command: str) -> socket.socket:
        self._client.voidcmd("TYPE I")
        connection = self._client.transfercmd(command)
        self._trip.watch(connection)
        return connection


@contextmanager
def open_folder(attempt: DeliveryAttempt) -> Iterator[FtpFolder]:
    target = attempt.target
    encrypted = target.transport == "ftps"
    client = _FtpTls(context=egress.trust(attempt.policy)) if encrypted else _Ftp()
    try:
        with _asked():
            connection = attempt.connect()
            if isinstance(client, _FtpTls) and target.implicit_tls:
                attempt.at(DeliveryStep.CERTIFICATE)
                connection = client.context.wrap_socket(connection, server_hostname=target.host)
                attempt.watch(connection)
            client.adopt(connection, target.host)
            if isinstance(client, _FtpTls) and not target.implicit_tls:
                attempt.at(DeliveryStep.CERTIFICATE)
                client.encrypt(attempt)
            attempt.at(DeliveryStep.LOGIN)
            client.login(target.username, target.password)
            if isinstance(client, _FtpTls):
                client.prot_p()
            attempt.at(DeliveryStep.FOLDER)
            if target.folder:
                client.cwd(target.folder)
        yield FtpFolder(client, attempt)
        with suppress(OSError, EOFError, ftplib.Error):
            client.quit()
    finally:
        client.close()


@contextmanager
def _asked() -> Iterator[None]:
    """Answers 4xx and 5xx are a no; everything else that ftplib raises means a broken conversation."""
    try:
        yield
    except (ftplib.error_perm, ftplib.error_temp) as error:
        code, _, text = str(error).partition(" ")
        temporary = isinstance(error, ftplib.error_temp) or code in DISK_FULL
        raise ServerRefusal(text, code=code, temporary=temporary) from error
    except ValueError as error:
        # Numbers that are none, in an answer.
        raise ftplib.error_proto from error
