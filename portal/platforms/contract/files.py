"""The contract of a file app: the whole stock in a format, delivered or pulled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from typing import Any, BinaryIO, Protocol

from portal.messages import Message, Wording, say
from portal.platforms.contract.answers import Account, Feedback
from portal.platforms.contract.subject import Rules, Subject


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
    month: str = ""
    """`YYYY-MM` of the run. No finer: what is prepared of a vehicle is good for as long."""


@dataclass(frozen=True)
class PictureFile:
    """A picture that goes along in the zip under this name. `bytes` is its size."""

    sha256: str
    name: str
    bytes: int = 0


FILTERED = "filtered"
"""Code of a problem that is a wish: the export's own filter leaves the vehicle out, nobody has to act."""

Pictures = Callable[[str], bytes | None]
"""The JPEG behind a SHA-256; None for one that is missing."""


@dataclass(frozen=True)
class FileEntry:
    """A vehicle in a file. Left out when `problems` is not empty; `hints` never leave it out."""

    number: str
    """Our number in the file: the platform's report names it."""
    values: tuple[Any, ...]
    problems: tuple[Feedback, ...] = ()
    hints: tuple[Feedback, ...] = ()
    pictures: tuple[PictureFile, ...] = ()
    unique: tuple[Message, ...] = ()
    """What no second vehicle of the file may have, beside the number ("VIN WVW…")."""


@dataclass(frozen=True, slots=True)
class Record:
    """A vehicle as it stands in a file; `number` is that of its entry."""

    number: str
    content: bytes
    pictures: tuple[PictureFile, ...] = ()


KEY_BYTES = 12


def unique_keys(entry: FileEntry) -> dict[bytes, Message]:
    """What no second vehicle of the file may have, by short keys that are the same in every process."""
    return {
        blake2b(repr(said).encode(), digest_size=KEY_BYTES).digest(): said
        for said in (say("Nr. {number}", number=entry.number), *entry.unique)
    }


def is_double(said: Wording) -> Feedback:
    """The problem of a vehicle of which the file has this already."""
    text = say(
        "{known} steht schon bei einem anderen Fahrzeug der Datei. Jedes darf nur einmal vorkommen.",
        known=said,
    )
    return Feedback("number-double", text, "offer_number")


class Doubles:
    """Keeps a second vehicle out of a file that has its number already; one for each file.

    Platforms ignore or refuse both of two entries with the same key.
    """

    def __init__(self, seen: bytes = b"") -> None:
        """`seen`: what `as_bytes` has made of the part of the file before."""
        self._seen = set(_single(seen))

    def as_bytes(self) -> bytes:
        return b"".join(self._seen)

    def __call__(self, entry: FileEntry) -> FileEntry:
        """The entry, with a problem if one of its keys was seen before. Those left out count for nothing."""
        if entry.problems:
            return entry
        keys = unique_keys(entry)
        place = self.find(b"".join(keys))
        return entry if place is None else replace(entry, problems=(is_double([*keys.values()][place]),))

    def find(self, keys: bytes) -> int | None:
        """The place of the first key that was seen before. Where none was, from now on all of them were."""
        single = _single(keys)
        for place, key in enumerate(single):
            if key in self._seen:
                return place
        self._seen.update(single)
        return None


def _single(keys: bytes) -> list[bytes]:
    return [keys[start : start + KEY_BYTES] for start in range(0, len(keys), KEY_BYTES)]


@dataclass(frozen=True)
class WriteResult:
    """What turned out while a file was written."""

    hints: Mapping[str, tuple[Feedback, ...]] = field(default_factory=dict)
    """By the number of the vehicle: a picture that is missing."""
    notes: tuple[Feedback, ...] = ()
    """About the file as a whole: pictures that had to stay out."""


class Writer(Protocol):
    """Vehicles into a file for one activation. Deterministic: the same stock gives the same bytes."""

    @property
    def file_name(self) -> str:
        """Of what is delivered: the file itself, or the zip that holds it."""

    @property
    def media_type(self) -> str: ...

    def entry(self, subject: Subject) -> FileEntry:
        """Pure: the row of a vehicle, with what keeps it out or is odd about it."""

    def record(self, entry: FileEntry) -> Record:
        """Pure: how an entry without problems stands in the file, whatever stands beside it."""

    def write(self, records: Iterable[Record], stream: BinaryIO, pictures: Pictures, /) -> WriteResult:
        """The whole file, streaming: memory does not grow with the number of records.

        The records are asked for once, the stream is written from the beginning to the end. Pictures are
        asked for one by one where they go along.
        """


@dataclass(frozen=True)
class ReportedVehicle:
    """What a platform's report says of one vehicle."""

    number: str
    result: str
    """accepted, hinted or rejected."""
    feedback: tuple[Feedback, ...] = ()


@dataclass(frozen=True)
class Report:
    """The platform's confirmation of a file; `file_name` is the file it speaks of."""

    file_name: str
    verdicts: tuple[ReportedVehicle, ...]
    sha256: str = ""
    """Of the file as the platform took it: tells which generation is meant; empty: not said."""
    refusal: tuple[Feedback, ...] = ()
    """Why the platform could not take the file at all; its stock is as before then."""


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
    leaves_at_once: bool = False
    """A vehicle that must not be in the file any more is taken out at once, not by the next regular run."""
