"""A file app's writer as the engine makes it, and its file as somebody else reads it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from portal.platforms import APPS, get_app
from portal.platforms.contract import Account, ImageRef, Rules, Subject
from portal.platforms.contract.files import Doubles, FileEntry, Surroundings, Writer, WriteResult
from portal.vehicle_facts.data import Energy, VehicleData
from tests import builders
from tests.platforms.filled import filled

FILE_APPS = tuple(slug for slug, app in APPS.items() if app.file)
JPEG = b"\xff\xd8\xff jpeg"
AROUND = Surroundings(
    picture_base="https://portal.example/feeds/pictures",
    dealer_name="Autohaus Muster",
    location_name="Hamburg",
    street="Elbchaussee 1",
    postal_code="22765",
    city="Hamburg",
    phone="+49 40 123456",
    email="muster@dein.auto",
    month="2026-11",
)
NUMBERS = {"dealer-website": "www.autohaus-muster.de", "configurator": "liste-3f9a"}


def golf(**facts: Any) -> VehicleData:
    """A used Golf that catalogues take too: they ask for its colour, Google for its CO₂ emissions."""
    return builders.golf(**({"colour": "Silber", "energy": Energy(co2=123)} | facts))


def images(count: int) -> tuple[ImageRef, ...]:
    return tuple(ImageRef(f"{place:064x}", len(JPEG)) for place in range(1, count + 1))


@dataclass(frozen=True)
class FileRig:
    slug: str
    writer: Writer
    settings: dict[str, Any]

    def entry(self, vehicle: VehicleData, pictures: int = 2, **subject: Any) -> FileEntry:
        return self.writer.entry(Subject(vehicle, "HH", images(pictures), **subject))

    def write(self, entries: Iterable[FileEntry], pictures: Any = lambda _sha256: JPEG) -> bytes:
        return self.written(entries, pictures)[0]

    def written(self, entries: Iterable[FileEntry], pictures: Any) -> tuple[bytes, WriteResult]:
        stream = io.BytesIO()
        found = self.writer.write(map(self.writer.record, entries), stream, pictures)
        return stream.getvalue(), found

    def file(self, *vehicles: VehicleData, pictures: int = 2) -> bytes:
        """Only what belongs into it."""
        doubles = Doubles()
        entries = (doubles(self.entry(vehicle, pictures)) for vehicle in vehicles)
        return self.write(entry for entry in entries if not entry.problems)


def file_rig(slug: str, rules: Rules = Rules(), **changed: Any) -> FileRig:  # noqa: B008  frozen
    app = get_app(slug)
    assert app.file is not None
    settings = filled(app, **changed)
    account = Account(NUMBERS.get(slug, "4711001"), "")
    return FileRig(slug, app.file.writer(settings, account, rules, AROUND), settings)


def read(rig: FileRig, content: bytes) -> list[Sequence[Any]]:
    """The vehicles in a file: lists of cells, or records as lists of values. None of our own readers."""
    media_type = rig.writer.media_type
    if media_type == "application/zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = next(name for name in archive.namelist() if not name.endswith(".jpg"))
            return _table(rig, archive.read(name), name)
    return _table(rig, content, rig.writer.file_name)


def _table(rig: FileRig, content: bytes, name: str) -> list[Sequence[Any]]:
    if name.endswith(".json"):
        return [list(record.values()) for record in json.loads(content)]
    if name.endswith(".xml"):
        return [[cell.text or "" for cell in vehicle] for vehicle in etree.fromstring(content)]
    separator, charset, header = _dialect(rig)
    text = content.decode(charset)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator))
    return rows[1:] if header else rows  # type: ignore[return-value]


def _dialect(rig: FileRig) -> tuple[str, str, bool]:
    if rig.slug in ("meta-catalog", "tiktok-automotive"):
        return ",", "utf-8", True
    if rig.slug in ("google-vehicle-ads", "microsoft-autos"):
        return "\t", "utf-8", True
    if rig.slug == "mobile-de-csv" or rig.settings.get("format") == "mobile_de_csv":
        return ";", "iso-8859-15", False
    return ";", str(rig.settings.get("charset") or "utf-8"), bool(rig.settings.get("header", True))
