"""SFTP: a folder at a server whose host key was pinned, and private keys as dealers paste them."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from io import StringIO
from itertools import islice
from stat import S_ISDIR
from typing import BinaryIO

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from paramiko.ssh_exception import IncompatiblePeer

from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import (
    DeliveryFailure,
    DeliveryStep,
    HostKey,
    RemoteFile,
    ServerRefusal,
)
from portal.delivery.remote_folder import too_large
from portal.messages import say

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
PROTECTED = say("Der private Schlüssel ist mit einem Kennwort geschützt. Tragen Sie es als Passwort ein.")
KEY_UNREADABLE = say(
    "Der private Schlüssel ist nicht lesbar. Fügen Sie ihn vollständig ein; "
    "ist er mit einem Kennwort geschützt, gehört dieses ins Feld Passwort."
)
UNKNOWN_KIND = say("Schlüssel dieser Art kennt das Portal nicht. Verwenden Sie Ed25519, ECDSA oder RSA.")


def private_key(text: str, passphrase: str) -> paramiko.PKey:
    """From OpenSSH's format or PEM. Raises Failure for what is no key, or needs another passphrase.

    Read by cryptography and handed on in the simplest form: paramiko itself fails at many sound ECDSA keys.
    """
    content = (text.replace("\r", "").strip() + "\n").encode()
    key = _loaded(content, passphrase.encode() or None)
    if isinstance(key, Ed25519PrivateKey):
        return paramiko.Ed25519Key.from_private_key(_plain(key, serialization.PrivateFormat.OpenSSH))
    kind = paramiko.ECDSAKey if isinstance(key, EllipticCurvePrivateKey) else paramiko.RSAKey
    return kind.from_private_key(_plain(key, serialization.PrivateFormat.TraditionalOpenSSL))


def _loaded(content: bytes, passphrase: bytes | None) -> PrivateKey:
    is_openssh = content.startswith(b"-----BEGIN OPENSSH")
    load = serialization.load_ssh_private_key if is_openssh else serialization.load_pem_private_key
    try:
        key = load(content, passphrase)
    except TypeError as error:
        # Not protected although a password is entered, or the other way round.
        if passphrase is None:
            raise DeliveryFailure(DeliveryStep.LOGIN, PROTECTED) from error
        return _loaded(content, None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise DeliveryFailure(DeliveryStep.LOGIN, KEY_UNREADABLE) from error
    if not isinstance(key, PrivateKey):
        raise DeliveryFailure(DeliveryStep.LOGIN, UNKNOWN_KIND)
    return key


def _plain(key: PrivateKey, form: serialization.PrivateFormat) -> StringIO:
    written = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return StringIO(written.decode())


# SFTP, by paramiko.


ALGORITHMS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
"""How a kind of host key is asked for, where that is another name."""
BLOCK = 32_768
"""What every server takes in one request."""
AT_ONCE = 64
"""Requests for blocks that wait for their answers."""
MOST_NAMES = 50_000
UNKNOWN_KEY = say(
    "Diesen Server kennen wir noch nicht. Sein Schlüssel ist {fingerprint}. Vergleichen Sie ihn mit "
    "den Angaben seines Betreibers und bestätigen Sie ihn."
)
OTHER_KEY = say(
    "Der Server zeigt einen anderen Schlüssel als den bestätigten: {fingerprint}. "
    "Es wurde nichts übertragen. Fragen Sie den Betreiber, ob er ihn ausgetauscht hat; vielleicht "
    "antwortet ein fremder Server."
)
SECOND_LOGIN = say("Der Server verlangt eine zweite Anmeldung. Das Portal kann sie nicht leisten.")
WITHOUT_KEY = say(
    "Der Server erlaubt keine Anmeldung mit Schlüssel. Tragen Sie stattdessen ein Passwort ein."
)
WITHOUT_PASSWORD = say(
    "Der Server erlaubt keine Anmeldung mit Passwort. Tragen Sie einen privaten Schlüssel ein."
)
HUNG_UP = say(
    "Der Server hat die Verbindung bei der Anmeldung beendet. Prüfen Sie Benutzername und Passwort."
)
# It writes every lost connection with its whole stack to the log; here that is an ordinary answer.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class _LenientClient(paramiko.SFTPClient):
    """Servers of Windows say why not in the code page of their country."""

    def _convert_status(self, msg: paramiko.Message) -> None:
        said = paramiko.Message()
        said.add_int(msg.get_int())
        said.add_string(msg.get_string().decode("utf-8", "replace"))
        said.rewind()
        super()._convert_status(said)  # type: ignore[misc]


class SftpFolder:
    """`portal.delivery.remote_folder.Server`."""

    def __init__(self, client: paramiko.SFTPClient, folder: str) -> None:
        self._client, self._folder = client, folder.rstrip("/") if folder.strip("/") else folder

    def enter(self) -> None:
        """Nothing to be done; but the folder is there, or Refused is raised."""
        with self._asked():
            mode = self._client.stat(self._folder or ".").st_mode
        if mode is not None and not S_ISDIR(mode):
            raise ServerRefusal("not a directory")

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
        except ServerRefusal:
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
        """The first ones of a folder that is very full, or never comes to an end; those before a name in
        another charset than UTF-8, where somebody else has put one there."""
        found: list[str] = []
        with self._asked(), suppress(UnicodeDecodeError):
            for entry in islice(self._client.listdir_iter(self._folder or ".", read_aheads=1), MOST_NAMES):
                found.append(entry.filename)  # noqa: PERF401  # what came before the odd one is kept
        return found

    def describe(self, name: str) -> RemoteFile | None:
        try:
            found = self._client.stat(self._path(name))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._meant(error) from error
        if found.st_mode is not None and S_ISDIR(found.st_mode):
            raise ServerRefusal("is a directory")
        return RemoteFile(found.st_size, str(found.st_mtime or ""))

    def load(self, name: str, sink: BinaryIO, limit: int) -> None:
        with self._asked():
            remote = self._client.open(self._path(name), "rb")
        with remote:
            with self._asked():
                size = remote.stat().st_size or 0
            if size > limit:
                raise too_large(name, limit)
            remote.prefetch(size, AT_ONCE)
            received = 0
            while block := self._next_block(remote):
                received += len(block)
                if received > limit:
                    raise too_large(name, limit)
                sink.write(block)

    def _next_block(self, remote: paramiko.SFTPFile) -> bytes:
        with self._asked():
            return remote.read(BLOCK)

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
        return ServerRefusal(error.strerror or str(error), temporary=error.errno is None)


class _Conversation:
    """With a server, encrypted; nobody knows yet with whom."""

    def __init__(self, transport: paramiko.Transport, attempt: DeliveryAttempt) -> None:
        self._transport, self._attempt = transport, attempt

    def shown_key(self) -> HostKey:
        key = self._transport.get_remote_server_key()
        digest = b64encode(sha256(key.asbytes()).digest()).decode().rstrip("=")
        return HostKey(key.get_name(), f"SHA256:{digest}")

    def recognise(self) -> None:
        self._attempt.at(DeliveryStep.HOST_KEY)
        shown, confirmed = self.shown_key(), self._attempt.target.host_key
        if confirmed in (shown.pin, shown.fingerprint):
            return
        reason = OTHER_KEY if confirmed else UNKNOWN_KEY
        raise DeliveryFailure(
            DeliveryStep.HOST_KEY, reason.filled(fingerprint=shown.fingerprint), host_key=shown
        )

    def log_in(self) -> None:
        target = self._attempt.target
        try:
            if target.private_key:
                self._transport.auth_publickey(
                    target.username, private_key(target.private_key, target.password)
                )
            else:
                self._transport.auth_password(target.username, target.password)
        except paramiko.BadAuthenticationType as error:
            raise DeliveryFailure(
                DeliveryStep.LOGIN, WITHOUT_KEY if target.private_key else WITHOUT_PASSWORD
            ) from error
        except paramiko.AuthenticationException as error:
            if "timeout" in str(error):
                raise TimeoutError from error
            if not self._transport.is_active():
                raise DeliveryFailure(DeliveryStep.LOGIN, HUNG_UP, retryable=True) from error
            raise ServerRefusal("") from error
        if not self._transport.is_authenticated():
            raise DeliveryFailure(DeliveryStep.LOGIN, SECOND_LOGIN)

    def open_sftp(self) -> paramiko.SFTPClient:
        with self._attempt.one_answer():
            channel = self._transport.open_session(timeout=self._attempt.policy.patience.answer)
            channel.settimeout(self._attempt.policy.patience.answer)
            channel.invoke_subsystem("sftp")
            return _LenientClient(channel)


@contextmanager
def open_folder(attempt: DeliveryAttempt) -> Iterator[SftpFolder]:
    with _greeted(attempt) as server:
        server.recognise()
        attempt.at(DeliveryStep.LOGIN)
        server.log_in()
        attempt.at(DeliveryStep.FOLDER)
        with closing(server.open_sftp()) as client:
            folder = SftpFolder(client, attempt.target.folder)
            if not attempt.target.direct:  # who may only write may not look either
                folder.enter()
            yield folder


def host_key(attempt: DeliveryAttempt) -> HostKey:
    with _greeted(attempt) as server:
        return server.shown_key()


@contextmanager
def _greeted(attempt: DeliveryAttempt) -> Iterator[_Conversation]:
    transport = paramiko.Transport(attempt.connect())
    with closing(transport):
        transport.auth_timeout = transport.banner_timeout = attempt.policy.patience.answer
        kind, pinned, _ = attempt.target.host_key.partition(" ")
        if pinned:  # a server may have keys of several kinds: ask for the one that was confirmed
            transport.get_security_options().key_types = ALGORITHMS.get(kind, (kind,))
        try:
            with attempt.one_answer():
                transport.start_client()
        except IncompatiblePeer as error:
            raise _incompatible(error, attempt) from error
        yield _Conversation(transport, attempt)


def _incompatible(error: Exception, attempt: DeliveryAttempt) -> DeliveryFailure:
    if attempt.target.host_key and "host key" in str(error):
        reason = say(
            "Der Server zeigt den bestätigten Schlüssel nicht mehr. Fragen Sie seinen Betreiber, "
            "ob er ihn ausgetauscht hat, und bestätigen Sie erst dann den neuen."
        )
        return DeliveryFailure(DeliveryStep.HOST_KEY, reason)
    return DeliveryFailure(
        DeliveryStep.CONNECT,
        say("Der Server beherrscht nur veraltete Verschlüsselung. Er muss erneuert werden."),
    )
