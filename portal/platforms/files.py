"""The contract of a file app: the whole stock in a format, delivered or pulled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO, Protocol

from portal.platforms.base import Account, Feedback, Rules, Subject


class Transport(StrEnum):
    """How a file reaches the platform. PULL: the platform fetches it from the portal."""

    PULL = "pull"
    SFTP = "sftp"
    FTPS = "ftps"
    FTP = "ftp"
    HTTPS = "https"
    MAIL = "mail"


@dataclass(frozen=True)
class Surroundings:
    """What a file says beside its vehicles: where pictures are fetched, who and where the dealer is."""

    picture_base: str
    """Public address of the pictures; `<picture_base>/<sha256>.jpg`."""
    dealer_name: str
    location_name: str
    street: str = ""
    postal_code: str = ""
    city: str = ""
    phone: str = ""
    email: str = ""
    today: str = ""
    """ISO day of the run, for the few formats that carry one."""


@dataclass(frozen=True)
class PictureFile:
    """A picture that goes along in the zip under this name."""

    sha256: str
    name: str


@dataclass(frozen=True)
class Entry:
    """A vehicle in a file. Left out when `problems` is not empty; `hints` never leave it out."""

    number: str
    """Our number in the file: the platform's report names it."""
    values: tuple[Any, ...]
    problems: tuple[Feedback, ...] = ()
    hints: tuple[Feedback, ...] = ()
    pictures: tuple[PictureFile, ...] = ()


class Writer(Protocol):
    """Vehicles into a file for one activation. Deterministic: the same stock gives the same bytes."""

    file_name: str
    media_type: str

    def entry(self, subject: Subject) -> Entry:
        """Pure: the row of a vehicle, with what keeps it out or is odd about it."""

    def write(self, entries: Iterable[Entry], stream: BinaryIO) -> None:
        """The whole file, streaming: memory does not grow with the number of entries."""


@dataclass(frozen=True)
class Verdict:
    """What a platform's report says of one vehicle."""

    number: str
    result: str
    """accepted, hinted or rejected."""
    feedback: tuple[Feedback, ...] = ()


@dataclass(frozen=True)
class Report:
    """The platform's confirmation of a file; `file_name` is the file it speaks of."""

    file_name: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class FileSide:
    """What the manifest of a file app holds beside its texts and settings."""

    writer: Callable[[Mapping[str, Any], Account, Rules, Surroundings], Writer]
    transports: tuple[Transport, ...]
    schedule: tuple[str, ...] = ("02:00", "12:00")
    """Local times of the regular runs, unless the activation chooses its own."""
    report_name: str = ""
    """Name of the report in the same folder, `{file}` stands for the file's name; empty: there is none."""
    read_report: Callable[[bytes], Report] | None = None
    """Raises ValueError for what is no report."""
    hours_to_confirm: int = 6
