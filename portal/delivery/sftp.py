"""SFTP, by paramiko."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from itertools import islice
from stat import S_ISDIR
from typing import BinaryIO

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from portal.delivery.contract import Failure, HostKey, Refused, Step, Target
from portal.delivery.keys import private_key
from portal.delivery.trip import Trip

ALGORITHMS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
"""How a kind of host key is asked for, where that is another name."""
BLOCK = 32_768
"""What every server takes in one request."""
MOST_NAMES = 50_000
WITHOUT_KEY = "Der Server erlaubt keine Anmeldung mit Schlüssel. Tragen Sie stattdessen ein Passwort ein."
WITHOUT_PASSWORD = "Der Server erlaubt keine Anmeldung mit Passwort. Tragen Sie einen privaten Schlüssel ein."  # noqa: S105
HUNG_UP = "Der Server hat die Verbindung bei der Anmeldung beendet. Prüfen Sie Benutzername und Passwort."
# It writes every lost connection with its whole stack to the log; here that is an ordinary answer.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class SftpServer:
    """`portal.delivery.uploading.Server`."""

    def __init__(self, client: paramiko.SFTPClient, folder: str) -> None:
        self._client, self._folder = client, folder.rstrip("/") if folder.strip("/") else folder

    def enter(self) -> None:
        """Nothing to be done; but the folder is there, or Refused is raised."""
        with self._asked():
            mode = self._client.stat(self._folder or ".").st_mode
        if mode is not None and not S_ISDIR(mode):
            raise Refused("not a directory")

    def store(self, name: str, stream: BinaryIO) -> None:
        with self._asked(), self._client.open(self._path(name), "wb") as remote:
            remote.set_pipelined(True)
            block = stream.read(BLOCK)
            while block:
                following = stream.read(BLOCK)
                if not following:
                    # Not pipelined, it waits for the answers to all blocks before: a full disk shows here.
                    remote.set_pipelined(False)
                remote.write(block)
                block = following

    def size(self, name: str) -> int:
        with self._asked():
            return self._client.stat(self._path(name)).st_size or 0

    def replace(self, name: str, by: str) -> None:
        """In one step where the server can. Otherwise by the plain request, which replaces nothing on most
        servers: then the old file stays. It is never moved out of the way first: a connection that is lost
        in between would leave no file at all."""
        try:
            with self._asked():
                self._client.posix_rename(self._path(by), self._path(name))
        except Refused:
            with self._asked():
                self._client.rename(self._path(by), self._path(name))

    def remove(self, name: str) -> None:
        with self._asked():
            self._client.remove(self._path(name))

    def read(self, name: str, limit: int) -> bytes | None:
        """Up to one byte more than `limit`; None when there is no such file."""
        try:
            with self._client.open(self._path(name), "rb") as remote:
                return remote.read(limit + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._meant(error) from error

    def names(self) -> list[str]:
        """The first ones of a folder that is very full, or never comes to an end."""
        with self._asked():
            listed = self._client.listdir_iter(self._folder or ".", read_aheads=1)
            return [entry.filename for entry in islice(listed, MOST_NAMES)]

    def _path(self, name: str) -> str:
        return f"{self._folder.rstrip('/')}/{name}" if self._folder else name

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._meant(error) from error

    def _meant(self, error: OSError) -> Exception:
        """paramiko raises OSError both for a server's no and for a connection that is gone."""
        channel = self._client.get_channel()
        if isinstance(error, TimeoutError | ConnectionError) or channel is None or channel.closed:
            return error
        return Refused(error.strerror or str(error), temporary=error.errno is None)


@contextmanager
def open_server(trip: Trip) -> Iterator[SftpServer]:
    with _greeted(trip) as transport:
        _recognise(transport, trip)
        trip.at(Step.LOGIN)
        _log_in(transport, trip)
        trip.at(Step.FOLDER)
        with closing(_session(transport, trip)) as client:
            server = SftpServer(client, trip.target.folder)
            server.enter()
            yield server


def host_key(trip: Trip) -> HostKey:
    with _greeted(trip) as transport:
        return _shown_key(transport)


@contextmanager
def _greeted(trip: Trip) -> Iterator[paramiko.Transport]:
    """Encrypted, but nobody knows yet with whom."""
    transport = paramiko.Transport(trip.connect())
    with closing(transport):
        transport.auth_timeout = transport.banner_timeout = trip.reach.patience.answer
        wanted = _pinned_kind(trip.target)
        if wanted:
            transport.get_security_options().key_types = wanted
        try:
            with trip.one_answer():
                transport.start_client()
        except IncompatiblePeer as error:
            raise _incompatible(error, trip) from error
        yield transport


def _pinned_kind(target: Target) -> tuple[str, ...]:
    """A server may have keys of several kinds: ask for the one that was pinned."""
    kind, separator, _ = target.host_key.partition(" ")
    return ALGORITHMS.get(kind, (kind,)) if separator else ()


def _incompatible(error: Exception, trip: Trip) -> Failure:
    if trip.target.host_key and "host key" in str(error):
        reason = (
            "Der Server zeigt den bestätigten Hostschlüssel nicht mehr. Fragen Sie seinen Betreiber, "
            "ob er ihn ausgetauscht hat, und bestätigen Sie erst dann den neuen."
        )
        return Failure(Step.HOST_KEY, reason)
    return Failure(
        Step.CONNECT, "Der Server beherrscht nur veraltete Verschlüsselung. Er muss erneuert werden."
    )


def _shown_key(transport: paramiko.Transport) -> HostKey:
    key = transport.get_remote_server_key()
    digest = b64encode(sha256(key.asbytes()).digest()).decode().rstrip("=")
    return HostKey(key.get_name(), f"SHA256:{digest}")


def _recognise(transport: paramiko.Transport, trip: Trip) -> None:
    trip.at(Step.HOST_KEY)
    shown = _shown_key(transport)
    pinned = trip.target.host_key
    if not pinned:
        reason = (
            f"Der Server zeigt den Hostschlüssel {shown.fingerprint}. Vergleichen Sie ihn mit den Angaben "
            "des Betreibers und bestätigen Sie ihn."
        )
        raise Failure(Step.HOST_KEY, reason, host_key=shown)
    if pinned not in (shown.pin, shown.fingerprint):
        reason = (
            f"Der Server zeigt einen anderen Hostschlüssel als den bestätigten: {shown.fingerprint}. "
            "Es wurde nichts übertragen. Fragen Sie den Betreiber, ob er ihn ausgetauscht hat; vielleicht "
            "antwortet ein fremder Server."
        )
        raise Failure(Step.HOST_KEY, reason, host_key=shown)


def _log_in(transport: paramiko.Transport, trip: Trip) -> None:
    target = trip.target
    try:
        if target.private_key:
            transport.auth_publickey(target.username, private_key(target.private_key, target.password))
        else:
            transport.auth_password(target.username, target.password)
    except paramiko.BadAuthenticationType as error:
        raise Failure(Step.LOGIN, WITHOUT_KEY if target.private_key else WITHOUT_PASSWORD) from error
    except paramiko.AuthenticationException as error:
        if "timeout" in str(error):
            raise TimeoutError from error
        if not transport.is_active():
            raise Failure(Step.LOGIN, HUNG_UP, retryable=True) from error
        raise Refused("") from error
    if not transport.is_authenticated():
        raise Failure(
            Step.LOGIN, "Der Server verlangt eine zweite Anmeldung. Das Portal kann sie nicht leisten."
        )


def _session(transport: paramiko.Transport, trip: Trip) -> paramiko.SFTPClient:
    with trip.one_answer():
        channel = transport.open_session(timeout=trip.reach.patience.answer)
        channel.settimeout(trip.reach.patience.answer)
        channel.invoke_subsystem("sftp")
        return paramiko.SFTPClient(channel)
