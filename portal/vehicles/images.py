"""A vehicle's pictures: taken in as JPEG without anything hidden in them, put in order.

Every change is noted for the engine; the caller commits.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from PIL import Image
from pillow_heif import register_heif_opener
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.formats.jpeg import START, is_bare_jpeg
from portal.messages import Message, say
from portal.models.vehicles import ImageBlob, Vehicle, VehicleImage
from portal.outbox import note_changes
from portal.vehicles.colour_spaces import profile_of
from portal.vehicles.rendering import rendered

MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 25_000_000
MOST_SCANS = 30
"""Of a JPEG that is sent coarse to fine: each costs a pass over all pixels, and a thousand fit into a few
kilobytes. Cameras and programs write about ten."""
MOST_IMAGES = 100
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")
"""HEIF is what telephones write as HEIC."""
UNREADABLE = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    RuntimeError,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow and the libraries below it raise for a file that is spoilt."""
LONG_SIDE, THUMBNAIL_SIDE = 2048, 320
ROW_SIDE = 144
"""In a list, shown half as large: sharp on fine screens, and a tenth of the weight."""
SHRINKABLE = ("RGB", "RGBA", "L", "CMYK")
"""Modes whose pixels may be averaged before anything else is known of them."""
PATIENCE = 20.0
"""Seconds that a picture waits for its turn."""
_TURN = Lock()
_JPEG_SEGMENT = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
"""A marker that a length follows (ITU-T T.81, B.1.1.3), and the end of the picture."""
_END, _SCAN = 0xD9, 0xDA
MOST_KEPT = 4 * 1024 * 1024
"""Bytes of a JPEG that is kept as it is; a larger one of this size in pixels is worth packing anew."""

register_heif_opener()


class ImageRefused(ValueError):
    """Why a picture cannot be taken."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


def add_image(session: Session, vehicle: Vehicle, data: bytes) -> VehicleImage:
    """Append a picture, whichever way it comes in. Raises ImageRefused.

    Bytes that were taken before are not rendered again: the same file twice is the same picture, and a
    JPEG of the portal's own comes back as itself.
    """
    count, last = session.execute(
        select(func.count(), func.coalesce(func.max(VehicleImage.position), 0)).where(
            VehicleImage.vehicle_id == vehicle.id
        )
    ).one()
    _demand_room(count)
    given = hashlib.sha256(data).hexdigest()
    sha256 = taken_before(session, vehicle.dealer_id, [given]).get(given) or store(session, data)
    image = VehicleImage(vehicle_id=vehicle.id, sha256=sha256, given_sha256=given, position=last + 1)
    session.add(image)
    _changed(session, vehicle)
    return image


def taken_before(session: Session, dealer_id: UUID, given: Collection[str]) -> dict[str, str]:
    """The content that bytes became, by their digest, where this dealer has sent them or has that content.

    Others' pictures are not looked up: how long an answer takes would tell what they have.
    """
    wanted = set(given)
    mine = (
        select(VehicleImage.given_sha256, VehicleImage.sha256)
        .join(Vehicle, Vehicle.id == VehicleImage.vehicle_id)
        .where(
            Vehicle.dealer_id == dealer_id,
            or_(VehicleImage.given_sha256.in_(wanted), VehicleImage.sha256.in_(wanted)),
        )
        .distinct()
    )
    found: dict[str, str] = {}
    for sent, sha256 in session.execute(mine):
        found |= {digest: sha256 for digest in (sent, sha256) if digest in wanted}
    return found


def store(session: Session, data: bytes) -> str:
    """Keep a picture under the SHA-256 of its JPEG, and return that. Raises ImageRefused."""
    with _one_at_a_time():
        picture = _decode(data)
        jpeg = _kept(data) or _as_jpeg(_within(picture, LONG_SIDE), quality=88)
        small = _as_jpeg(_within(picture, THUMBNAIL_SIDE), quality=80)
    sha256 = hashlib.sha256(jpeg.content).hexdigest()
    statement = insert(ImageBlob).values(
        sha256=sha256,
        jpeg=jpeg.content,
        thumbnail=small.content,
        size=len(jpeg.content),
        width=jpeg.width,
        height=jpeg.height,
    )
    session.execute(statement.on_conflict_do_nothing())
    return sha256


def remove_image(session: Session, vehicle: Vehicle, image: VehicleImage) -> None:
    """The picture's content stays: other vehicles may show it, and platforms may still ask for it."""
    session.delete(image)
    _changed(session, vehicle)


def move_image(session: Session, vehicle: Vehicle, image: VehicleImage, step: int) -> None:
    """Move it by `step` places (−1 is one towards the front); at the end of the row nothing happens."""
    mine = select(VehicleImage).where(VehicleImage.vehicle_id == vehicle.id)
    order = list(session.scalars(mine.order_by(VehicleImage.position)))
    here = order.index(image)
    there = min(max(here + step, 0), len(order) - 1)
    if there == here:
        return
    order.insert(there, order.pop(here))
    for position, each in enumerate(order, start=1):
        each.position = position
    _changed(session, vehicle)


def arrange_images(session: Session, vehicle: Vehicle, order: Sequence[VehicleImage]) -> bool:
    """These pictures of the vehicle in this order, the others gone; False when that is how it was."""
    mine = select(VehicleImage).where(VehicleImage.vehicle_id == vehicle.id)
    before = list(session.scalars(mine.order_by(VehicleImage.position)))
    if before == list(order):
        return False
    for image in before:
        if image not in order:
            session.delete(image)
    for position, image in enumerate(order, start=1):
        image.position = position
    _changed(session, vehicle)
    return True


class TakenPicture(NamedTuple):
    """A picture that is kept already: its content, and the digest of the bytes that it was made from."""

    sha256: str
    given_sha256: str


def put_back(session: Session, vehicle: Vehicle, picture: TakenPicture, place: int, published: bool) -> bool:
    """A picture that the vehicle had, at its place (0 is the first); False where it has it again.

    Raises ImageRefused where there is no room for it meanwhile.
    """
    mine = select(VehicleImage).where(VehicleImage.vehicle_id == vehicle.id)
    order = list(session.scalars(mine.order_by(VehicleImage.position)))
    if any(image.sha256 == picture.sha256 for image in order):
        return False
    _demand_room(len(order))
    image = VehicleImage(
        vehicle_id=vehicle.id,
        sha256=picture.sha256,
        given_sha256=picture.given_sha256,
        published=published,
    )
    order.insert(min(place, len(order)), image)
    for position, each in enumerate(order, start=1):
        each.position = position
    session.add(image)
    _changed(session, vehicle)
    return True


def _demand_room(count: int) -> None:
    if count >= MOST_IMAGES:
        raise ImageRefused(say("Ein Fahrzeug kann höchstens {most} Bilder haben.", most=MOST_IMAGES))


def replace_images(session: Session, vehicle: Vehicle, order: Sequence[TakenPicture], *, bulk: bool) -> bool:
    """These pictures in this order and no others; False when that is how it was.

    A picture that the vehicle had already stays hidden where it was. `bulk` is that of `note_changes`.
    """
    before = list(vehicle.images)
    if [image.sha256 for image in before] == [picture.sha256 for picture in order]:
        return False
    had: dict[str, list[VehicleImage]] = defaultdict(list)
    for image in reversed(before):
        had[image.sha256].append(image)
    for position, (sha256, given) in enumerate(order, start=1):
        known = had[sha256]
        image = known.pop() if known else VehicleImage(vehicle_id=vehicle.id, sha256=sha256)
        image.position, image.given_sha256 = position, given
        session.add(image)
    for image in (image for left in had.values() for image in left):
        session.delete(image)
    _changed(session, vehicle, bulk=bulk)
    return True


def set_published(session: Session, vehicle: Vehicle, image: VehicleImage, published: bool) -> None:
    if image.published == published:
        return
    image.published = published
    _changed(session, vehicle)


def _changed(session: Session, vehicle: Vehicle, bulk: bool = False) -> None:
    vehicle.updated_at = func.now()
    session.flush()
    session.expire(vehicle, ["images"])
    note_changes(session, [vehicle.id], bulk=bulk)


class _Jpeg:
    def __init__(self, content: bytes, size: tuple[int, int]) -> None:
        self.content = content
        self.width, self.height = size


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A process decodes one picture at a time: half a gigabyte at most, however many are sent at once."""
    if not _TURN.acquire(timeout=PATIENCE):
        raise ImageRefused(
            say("Gerade werden viele Bilder verarbeitet. Bitte senden Sie es gleich noch einmal.")
        )
    try:
        yield
    finally:
        _TURN.release()


def _decode(data: bytes) -> Image.Image:
    """The pixels, upright; colours only, without metadata."""
    if len(data) > MOST_BYTES:
        raise ImageRefused(say("Das Bild ist größer als 20 MB."))
    try:
        return _pixels(data)
    except ImageRefused:
        raise
    except UNREADABLE as error:
        whole = _without_its_end(data)
        if whole is None:
            raise ImageRefused(
                say("Die Datei ist kein lesbares Bild (JPEG, PNG, WebP, HEIC oder AVIF).")
            ) from error
        return whole


def _pixels(data: bytes) -> Image.Image:
    """Raises ImageRefused and UNREADABLE."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        _demand_bearable(opened, data)
        opened.draft("RGB", (LONG_SIDE, LONG_SIDE))
        profile = profile_of(opened, data)
        return rendered(_shrunk(opened), profile)


def _without_its_end(data: bytes) -> Image.Image | None:
    """A JPEG that lacks the marker of its end and no pixel: whatever follows changes nothing in it."""
    if not data.startswith(START):
        return None
    try:
        picture, other = (
            _pixels(data.rstrip(b"\xff") + what * 64 + b"\xff\xd9") for what in (b"\0", b"\xaa")
        )
    except UNREADABLE:
        return None
    return picture if picture.tobytes() == other.tobytes() else None


def for_a_row(jpeg: bytes) -> bytes:
    """A thumbnail of ours, smaller still."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        return _as_jpeg(_within(picture, ROW_SIDE), quality=70).content


def _demand_bearable(opened: Image.Image, data: bytes) -> None:
    """By the header, before a pixel is read."""
    if opened.width * opened.height > MOST_PIXELS:
        raise ImageRefused(say("Das Bild hat mehr als 25 Millionen Pixel."))
    if opened.format in ("JPEG", "MPO") and _scans(data) > MOST_SCANS:
        raise ImageRefused(say("Das Bild ist ungewöhnlich aufgebaut. Bitte speichern Sie es neu als JPEG."))


def _scans(jpeg: bytes) -> int:
    """Of the picture itself: what telephones append to it, and small pictures inside, do not count."""
    at = found = 0
    while (segment := _JPEG_SEGMENT.search(jpeg, at)) and jpeg[segment.start() + 1] != _END:
        found += jpeg[segment.start() + 1] == _SCAN
        at = segment.end() + int.from_bytes(jpeg[segment.end() : segment.end() + 2])
    return found


def _shrunk(opened: Image.Image) -> Image.Image:
    """Small as early as its mode allows: what comes then takes a sixth of the memory."""
    if opened.mode not in SHRINKABLE or "transparency" in opened.info:
        return opened
    return _within(opened, LONG_SIDE)


def _kept(data: bytes) -> _Jpeg | None:
    """The file itself, where nothing would be gained by converting it."""
    if len(data) > MOST_KEPT or not is_bare_jpeg(data):
        return None
    with Image.open(io.BytesIO(data)) as as_it_came:
        size = as_it_came.size
    return _Jpeg(data, size) if max(size) <= LONG_SIDE else None


def _within(picture: Image.Image, side: int) -> Image.Image:
    """The picture itself where it is small enough."""
    scale = side / max(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(length * scale)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _as_jpeg(picture: Image.Image, quality: int) -> _Jpeg:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True)
    return _Jpeg(buffer.getvalue(), picture.size)
