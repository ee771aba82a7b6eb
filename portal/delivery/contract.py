"""What travels between the engine and a transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from portal.delivery.smtp import SmtpAnswer
from portal.messages import Message, Wording, say

MEGABYTE = 1024 * 1024
HTTPS_LIMIT = 50 * MEGABYTE
"""Largest file that mobile.de's upload takes by HTTP."""
MAIL_LIMIT = 15 * MEGABYTE
"""An attachment grows by a third on its way, and many mail servers refuse more than 20 MB."""


class DeliveryStep(StrEnum):
    """What a delivery consists of, in this order."""

    NAME = "name"
    CONNECT = "connect"
    HOST_KEY = "host_key"
    CERTIFICATE = "certificate"
    LOGIN = "login"
    FOLDER = "folder"
    WRITE = "write"
    RENAME = "rename"
    READ = "read"
    """Of what is read from a server only."""

    @property
    def label(self) -> Message:
        return STEP_LABELS[self]


STEP_LABELS: Mapping[DeliveryStep, Message] = {
    DeliveryStep.NAME: say("Name"),
    DeliveryStep.CONNECT: say("Verbindung"),
    DeliveryStep.HOST_KEY: say("Schlüssel des Servers"),
    DeliveryStep.CERTIFICATE: say("Zertifikat"),
    DeliveryStep.LOGIN: say("Anmeldung"),
    DeliveryStep.FOLDER: say("Ordner"),
    DeliveryStep.WRITE: say("Schreiben"),
    DeliveryStep.RENAME: say("Umbenennen"),
    DeliveryStep.READ: say("Lesen"),
}


class StepState(StrEnum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not looked at, because an earlier step failed or because trying it would do harm."""


@dataclass(frozen=True)
class Target:
    """Where a file goes. `transport` is a value of `portal.platforms.contract.files.Transport`, except pull.

    Which members are read: SFTP, FTPS and FTP `host` to `file_name`; HTTPS `url`, `username`, `password`,
    `file_name`; mail `recipient`, `sender`, `subject`, `text`, `file_name`.
    """

    transport: str
    host: str = ""
    port: int = 0
    """0 is the usual one: 22 or 21."""
    username: str = ""
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    """OpenSSH or PEM text; `password` is then its passphrase, if it has one."""
    folder: str = ""
    """Must exist. Relative to where the login leads, unless it begins with a slash."""
    file_name: str = ""
    host_key: str = ""
    """The pinned host key, as `HostKey.pin` gives it. SFTP sends nothing, not even the login, without it."""
    direct: bool = False
    """File servers: stored under the final name at once, and not looked at afterwards. For receivers that
    take files away, let only certain names in, or let nobody read or rename. A connection that is lost on
    the way leaves a file that is cut off."""
    implicit_tls: bool = False
    """FTPS: encrypted from the first byte, as on port 990."""
    url: str = field(default="", repr=False)
    """May carry a token."""
    recipient: str = ""
    sender: str = ""
    subject: str = ""
    text: str = ""
    media_type: str = "application/octet-stream"

    @property
    def folder_server(self) -> bool:
        return self.transport in ("sftp", "ftps", "ftp")


@dataclass(frozen=True)
class Patience:
    """Seconds until a server counts as hanging: to connect, for one answer, for the whole delivery."""

    connect: float = 10
    answer: float = 30
    total: float = 900
    trial: float = 60
    """For the whole of `test_connection`, `test_reading`, `host_key`, `fetch` and `look`."""


@dataclass(frozen=True)
class EgressPolicy:
    """How the world outside is reached: what the surroundings decide, not the dealer."""

    allow: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks that are reached although they are not public (`DELIVERY_ALLOW_PRIVATE`)."""
    patience: Patience = Patience()
    authorities: Path | None = None
    """PEM file of further certificate authorities to trust."""
    send: Callable[[EmailMessage], SmtpAnswer] | None = None
    """Sends a mail; `portal.delivery.mail.sender(smtp_url)` makes one."""
    look_up: Callable[[str], list[str]] | None = None
    """Addresses of a host name, best first; None asks the system. Called once for each delivery."""


@dataclass(frozen=True)
class HostKey:
    kind: str
    """For example `ssh-ed25519`."""
    fingerprint: str
    """`SHA256:…`, as `ssh-keygen -l` shows it."""

    @property
    def pin(self) -> str:
        """What is kept to know the server again."""
        return f"{self.kind} {self.fingerprint}"


@dataclass(frozen=True)
class Delivered:
    """The server has the file whole, under its name. `answer` is what it said to it, cut (HTTPS only)."""

    file_name: str
    size: int
    answer: str = ""


@dataclass(frozen=True)
class Undelivered:
    """Nothing changed at the server: an older file still lies there as it was.

    Only a connection that is lost while renaming leaves it open which of the two complete files lies there,
    and a direct delivery that broke off may have left half a file: `reason` says so.
    """

    step: DeliveryStep
    reason: Wording
    """For the dealer: what happened and what to do."""
    retryable: bool
    """True: may succeed by itself later. False: somebody has to change something first."""


@dataclass(frozen=True)
class Answered:
    """A server's answer to a message, as it came: what it says is its own, cut and on one line."""

    status: int
    text: str
    retry_after: str


@dataclass(frozen=True)
class Missing:
    """There is no such file at the server (yet)."""

    file_name: str


@dataclass(frozen=True)
class RemoteFile:
    """A file as a server describes it: as long as this is the same, so is the file."""

    size: int | None
    """Bytes; None where the server does not say."""
    changed: str = ""
    """When it was changed last, in whatever form the server says it; empty where it does not."""


@dataclass(frozen=True)
class StepResult:
    step: DeliveryStep
    state: StepState
    text: Wording
    """What was found or what to do; empty for a plain ok."""
    host_key: HostKey | None = None
    """What the server showed, at HOST_KEY: to be confirmed and pinned by the dealer."""


class ServerRefusal(Exception):
    """Inside this package: the server said no. `text` is its own; the step tells what it refused."""

    def __init__(self, text: str, *, code: str = "", temporary: bool = False) -> None:
        super().__init__(text)
        self.text, self.code, self.temporary = text, code, temporary


class DeliveryFailure(Exception):
    """Inside this package: a delivery ends here. Its boundary makes an `Undelivered` of it."""

    def __init__(
        self, step: DeliveryStep, reason: Wording, *, retryable: bool = False, host_key: HostKey | None = None
    ) -> None:
        super().__init__(reason)
        self.step, self.reason, self.retryable, self.host_key = step, reason, retryable, host_key

    def undelivered(self) -> Undelivered:
        return Undelivered(self.step, self.reason, self.retryable)
