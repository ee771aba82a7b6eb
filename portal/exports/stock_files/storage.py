"""The file of a run in the database: written and read piece by piece, whatever its size.

The pieces are deflated once and sent often. One after the other, between `GZIP_HEADER` and `trailer()`, they
are one gzip file: a feed that is fetched every hour is never compressed again. Each piece starts anew, so
that it also inflates alone.
"""

from __future__ import annotations

import hashlib
import io
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.exports.core.lease import Lease
from portal.models.base import commit_soon
from portal.models.runs import RunFile, RunFilePart

PART_SIZE = 1024 * 1024
"""Bytes of a plain piece."""
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LAST_BLOCK = b"\x03\x00"
RAW_DEFLATE = -zlib.MAX_WBITS
COMPRESSION_LEVEL = 6
SPOOLED_IN_MEMORY = 4 * PART_SIZE
"""A spooled file larger than this lies on the disk."""
COMPRESSED_TYPES = ("application/zip", "application/gzip", "image/jpeg")


def pack(piece: bytes, level: int = COMPRESSION_LEVEL) -> bytes:
    """Deflated, ending at a byte without ending the stream."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, RAW_DEFLATE)
    return deflate.compress(piece) + deflate.flush(zlib.Z_FULL_FLUSH)


def unpack(packed: bytes) -> bytes:
    return zlib.decompressobj(RAW_DEFLATE).decompress(packed)


def trailer(crc32: int, size: int) -> bytes:
    """The end of the gzip file: checksum and size of the plain one."""
    return LAST_BLOCK + struct.pack("<II", crc32, size & 0xFFFFFFFF)


def gzip_size(packed_size: int) -> int:
    return len(GZIP_HEADER) + packed_size + len(trailer(0, 0))


@dataclass(frozen=True)
class StoredFile:
    size: int
    packed_size: int
    crc32: int
    sha256: str


class PartStream(io.RawIOBase):
    """A stream to write to; hands over each piece that is full. Call `finish` at the end."""

    def __init__(self, keep: Callable[[int, bytes], None], level: int = COMPRESSION_LEVEL) -> None:
        self._keep, self._level = keep, level
        self._buffer = bytearray()
        self._digest, self._crc32 = hashlib.sha256(), 0
        self._position = self._size = self._packed_size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        """Everything is taken."""
        piece = memoryview(cast(bytes, data)).cast("B")
        self._buffer += piece
        while len(self._buffer) >= PART_SIZE:
            self._hand_over(bytes(self._buffer[:PART_SIZE]))
            del self._buffer[:PART_SIZE]
        return len(piece)

    def finish(self) -> StoredFile:
        if self._buffer:
            self._hand_over(bytes(self._buffer))
            self._buffer.clear()
        return StoredFile(self._size, self._packed_size, self._crc32, self._digest.hexdigest())

    def _hand_over(self, piece: bytes) -> None:
        packed = pack(piece, self._level)
        self._digest.update(piece)
        self._crc32 = zlib.crc32(piece, self._crc32)
        self._size += len(piece)
        self._packed_size += len(packed)
        self._keep(self._position, packed)
        self._position += 1


def begin_file(session: Session, run_id: UUID, name: str, media_type: str) -> None:
    """A file without content takes the place of one that an earlier attempt may have left."""
    session.execute(delete(RunFile).where(RunFile.run_id == run_id))
    session.add(RunFile(run_id=run_id, name=name[-200:], media_type=media_type[:80]))


def open_stream(sessions: sessionmaker[Session], lease: Lease, run_id: UUID, media_type: str) -> PartStream:
    """Pieces are committed as they come, as long as the lease is ours. The one commit that waits for the disk
    is that which makes the file whole."""

    def keep(position: int, packed: bytes) -> None:
        with sessions.begin() as session:
            lease.guard(session)
            commit_soon(session)
            session.add(RunFilePart(run_id=run_id, position=position, content=packed))

    return PartStream(keep, 0 if media_type in COMPRESSED_TYPES else COMPRESSION_LEVEL)


def complete_file(session: Session, run_id: UUID, written: StoredFile) -> None:
    """From now on the file is whole."""
    session.execute(
        update(RunFile)
        .where(RunFile.run_id == run_id)
        .values(
            size=written.size,
            packed_size=written.packed_size,
            crc32=written.crc32,
            sha256=written.sha256,
        )
    )


def find_file(session: Session, run_id: UUID | None) -> RunFile | None:
    """The file of a run, if it is whole."""
    statement = select(RunFile).where(RunFile.run_id == run_id, RunFile.sha256 != "")
    return session.scalars(statement).one_or_none()


def packed_pieces(sessions: sessionmaker[Session], run_id: UUID) -> Iterator[bytes]:
    """Each is read when it is asked for; no connection is held in between."""
    position = 0
    while True:
        statement = select(RunFilePart.content).where(
            RunFilePart.run_id == run_id, RunFilePart.position == position
        )
        with sessions() as session:
            packed = session.scalar(statement)
        if packed is None:
            return
        yield packed
        position += 1


def plain_pieces(sessions: sessionmaker[Session], file: RunFile) -> Iterator[bytes]:
    return map(unpack, packed_pieces(sessions, file.run_id))


def gzip_pieces(sessions: sessionmaker[Session], file: RunFile) -> Iterator[bytes]:
    yield GZIP_HEADER
    yield from packed_pieces(sessions, file.run_id)
    yield trailer(file.crc32, file.size)


@contextmanager
def spooled(sessions: sessionmaker[Session], file: RunFile) -> Iterator[BinaryIO]:
    """The plain file as something to read from, at its beginning. Raises OSError where it is not whole."""
    with tempfile.SpooledTemporaryFile(SPOOLED_IN_MEMORY) as stream:
        digest = hashlib.sha256()
        for piece in plain_pieces(sessions, file):
            digest.update(piece)
            stream.write(piece)
        if digest.hexdigest() != file.sha256:
            raise OSError(f"the file of run {file.run_id} is not as it was written")
        stream.seek(0)
        yield cast(BinaryIO, stream)
