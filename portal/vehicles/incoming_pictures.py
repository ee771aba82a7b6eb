"""Pictures that came with a file: kept as they are, then taken in one by one, then given to their vehicle.

To take one in needs a tenth of a second, a stock has ten thousand: the import only puts them into a table,
and workers take them in slices. A vehicle gets its pictures all at once, when the last one is ready.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, or_, select, text, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from portal.formats.stock_archive import PictureEntry, StockArchive, UnreadableEntry
from portal.messages import Wording, say, sentences
from portal.models.vehicles import ImportRow, IncomingPicture, Vehicle, VehicleImage, VehicleImport
from portal.vehicles import images

SLICE = 3.0
"""Seconds of a worker at a time."""
CLAIM = timedelta(minutes=2)
"""Longer than any picture takes: then the worker that took it has died."""
MOST_ATTEMPTS = 3
MOST_BYTES = 2 * 1024**3
"""Of all pictures of a file, unpacked."""
MOST_REPORTED = 1_000
COLUMN = "Bilder"
GIVEN_AT_ONCE = 50

VEHICLES_OF_FILE = text("""
    SELECT s.offer_number, v.id, v.vin FROM import_stage AS s
    JOIN vehicle AS v ON v.location_id = :location AND v.offer_number = s.offer_number
        AND v.withdrawn_at IS NULL
    WHERE s.reason IS NULL ORDER BY s.line
""")

OTHER_NUMBERS = text("""
    SELECT offer_number FROM import_stage WHERE reason IS NOT NULL AND offer_number <> ''
    UNION SELECT offer_number FROM vehicle WHERE location_id = :location AND withdrawn_at IS NULL
""")
"""A picture of theirs must not be taken for one of a vehicle whose number begins like it."""


def called_by(number: str, vin: str | None, names: Mapping[str, str]) -> tuple[str, ...]:
    """What the pictures of a vehicle may be called by; `names` are those that its file gives them."""
    return tuple(name for name in (names.get(number), number, vin) if name)


class PictureStage:
    """Puts the pictures of a file in line: in the transaction of its import, whose staging table it reads."""

    def __init__(self, session: Session, record: VehicleImport, archive: StockArchive) -> None:
        self._session, self._record, self._archive = session, record, archive
        self._bytes = self._reported = record.pictures = 0

    def put_in_line(self, names: Mapping[str, str]) -> Wording:
        """`names`: what the pictures of a vehicle begin with, where that is not its number. Returns what is
        to be said of the pictures as a whole."""
        here = {"location": self._record.location_id}
        rows = self._session.execute(VEHICLES_OF_FILE, here).all()
        called = {row.offer_number: called_by(row.offer_number, row.vin, names) for row in rows}
        found = self._archive.pictures_of(called, self._session.scalars(OTHER_NUMBERS, here))
        for row in rows:
            if pictures := found.of.get(row.offer_number):
                self._put(row.offer_number, row.id, pictures)
        return sentences(self._too_much(), self._homeless(found.homeless))

    def _put(self, number: str, vehicle_id: UUID, found: Sequence[PictureEntry]) -> None:
        """A newer file counts: what still waits of an older one is forgotten."""
        contents = list(self._contents(number, found))
        if not contents:
            return
        digests = {digest for _, _, digest in contents}
        known = images.taken_before(self._session, self._record.dealer_id, digests)
        self._record.pictures += len(contents)
        mine = IncomingPicture.vehicle_id == vehicle_id
        self._session.execute(delete(IncomingPicture).where(mine))
        if self._has_them(vehicle_id, [known.get(digest, "") for _, _, digest in contents]):
            return
        for position, (picture, content, digest) in enumerate(contents, start=1):
            row = {
                "import_id": self._record.id,
                "vehicle_id": vehicle_id,
                "offer_number": number,
                "file_name": picture.file_name[:200],
                "position": position,
                "given_sha256": digest,
                "sha256": known.get(digest),
                "content": None if digest in known else content,
            }
            self._session.execute(insert(IncomingPicture), [row])

    def _contents(
        self, number: str, found: Sequence[PictureEntry]
    ) -> Iterator[tuple[PictureEntry, bytes, str]]:
        """Of one vehicle: at most a hundred pictures are in memory at a time."""
        for picture in found[: images.MOST_IMAGES]:
            if self._bytes > MOST_BYTES:
                return
            try:
                content = self._archive.read(picture, images.MOST_BYTES)
            except UnreadableEntry as error:
                self._report(number, picture, error.reason)
                continue
            self._bytes += len(content)
            yield picture, content, hashlib.sha256(content).hexdigest()
        for picture in found[images.MOST_IMAGES :][:1]:
            self._report(
                number,
                picture,
                say("Ein Fahrzeug kann höchstens {most} Bilder haben.", most=images.MOST_IMAGES),
            )

    def _has_them(self, vehicle_id: UUID, order: Sequence[str]) -> bool:
        mine = select(VehicleImage.sha256).where(VehicleImage.vehicle_id == vehicle_id)
        return list(self._session.scalars(mine.order_by(VehicleImage.position))) == list(order)

    def _report(self, number: str, picture: PictureEntry, reason: Wording) -> None:
        self._reported += 1
        self._record.pictures_refused = self._reported
        if self._reported <= MOST_REPORTED:
            self._session.add(_remark(self._record.id, number, picture.file_name, reason))

    def _too_much(self) -> Wording:
        if self._bytes <= MOST_BYTES:
            return ""
        return say(
            "Die Bilder sind zusammen größer als {most} GB: Die übrigen fehlen.", most=MOST_BYTES // 2**30
        )

    def _homeless(self, count: int) -> Wording:
        if not count:
            return ""
        return say(
            "{count} von {all_of_them} Bildern der Zip-Datei gehören zu keinem übernommenen Fahrzeug.",
            count=count,
            all_of_them=len(self._archive.pictures),
        )


# What workers do.


def pictures_wait(session: Session) -> bool:
    """Whether there is anything for a worker to do just now."""
    waits = or_(exists().where(*_unclaimed()), _complete().exists())
    return bool(session.scalars(select(waits)).one())


def count_waiting(session: Session, import_id: UUID) -> int:
    """Pictures of an import that are not at their vehicles yet."""
    mine = IncomingPicture.import_id == import_id
    return session.scalar(select(func.count()).select_from(IncomingPicture).where(mine)) or 0


def take_incoming(sessions: sessionmaker[Session], seconds: float = SLICE) -> bool:
    """Take in what waits, for so long; whether something is left."""
    until = time.monotonic() + seconds
    while _take_next(sessions) and time.monotonic() < until:
        pass
    while _give_to_vehicles(sessions) == GIVEN_AT_ONCE:
        pass
    with sessions() as session:
        return pictures_wait(session)


def _take_next(sessions: sessionmaker[Session]) -> bool:
    """Claimed and committed first: a picture that ends its process is tried a few times, not for ever."""
    with sessions.begin() as session:
        first = select(IncomingPicture.id).where(*_unclaimed()).order_by(IncomingPicture.id).limit(1)
        picked = first.with_for_update(skip_locked=True).scalar_subquery()
        claim = update(IncomingPicture).where(IncomingPicture.id == picked)
        claim = claim.values(claimed_at=func.now(), attempts=IncomingPicture.attempts + 1)
        picture_id = session.scalar(claim.returning(IncomingPicture.id))
    if picture_id is None:
        return False
    with sessions.begin() as session:
        row = session.get(IncomingPicture, picture_id, with_for_update=True)
        if row is not None and row.content is not None:
            _take(session, row, row.content)
    return True


def _take(session: Session, row: IncomingPicture, content: bytes) -> None:
    try:
        if row.attempts > MOST_ATTEMPTS:
            raise images.ImageRefused(say("Das Bild lässt sich nicht verarbeiten."))
        sha256 = images.store(session, content)
    except images.ImageRefused as error:
        session.add(_remark(row.import_id, row.offer_number, row.file_name, error.reason))
        record = session.get_one(VehicleImport, row.import_id)
        record.pictures = VehicleImport.pictures - 1
        record.pictures_refused = VehicleImport.pictures_refused + 1
        session.delete(row)
    else:
        # A dealer's placeholder stands for many vehicles: one conversion is for all of them.
        same = IncomingPicture.import_id == row.import_id, IncomingPicture.given_sha256 == row.given_sha256
        session.execute(update(IncomingPicture).where(*same).values(sha256=sha256, content=None))


def _give_to_vehicles(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        ready = session.scalars(_complete().limit(GIVEN_AT_ONCE)).all()
    for vehicle_id in ready:
        with sessions.begin() as session:
            _give(session, vehicle_id)
    return len(ready)


def _give(session: Session, vehicle_id: UUID) -> None:
    vehicle = session.get(Vehicle, vehicle_id, with_for_update=True)
    mine = IncomingPicture.vehicle_id == vehicle_id
    rows = session.execute(
        select(IncomingPicture.sha256, IncomingPicture.given_sha256)
        .where(mine)
        .order_by(IncomingPicture.position)
        .with_for_update()
    ).all()
    order = [images.TakenPicture(sha256, given) for sha256, given in rows if sha256 is not None]
    if vehicle is None or len(order) < len(rows) or not order:
        return  # a newer file has come in between
    images.replace_images(session, vehicle, order, bulk=True)
    session.execute(delete(IncomingPicture).where(mine))


def _unclaimed() -> tuple[ColumnElement[bool], ...]:
    claimed = IncomingPicture.claimed_at
    return IncomingPicture.content.is_not(None), or_(claimed.is_(None), claimed < func.now() - CLAIM)


def _complete() -> Select[UUID]:
    """Vehicles whose pictures are all taken in. OFFSET 0 keeps it a look-up for each of those that are: all
    that wait would be read each second."""
    left = aliased(IncomingPicture)
    unready = select(left.id).where(left.vehicle_id == IncomingPicture.vehicle_id, left.content.is_not(None))
    taken = IncomingPicture.content.is_(None)
    return select(IncomingPicture.vehicle_id).where(taken, ~unready.offset(0).exists()).distinct()


def _remark(import_id: UUID, number: str, file_name: str, reason: Wording) -> ImportRow:
    return ImportRow(
        import_id=import_id,
        line=0,
        column=COLUMN,
        offer_number=number[:80],
        value=file_name[:200],
        reason=reason,
        refused=False,
    )
