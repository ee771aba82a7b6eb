"""A zip archive, written from front to back: flat, and in as much memory as its largest picture.

zipfile keeps every entry's name until the end; a stock of pictures has a million. Here the directory waits
in a temporary file. The same content gives the same bytes: nothing carries a time.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zlib
from types import TracebackType
from typing import BinaryIO

BLOCK = 1 << 20
LOCAL, CENTRAL, END = (
    struct.Struct("<IHHHHHIIIHH"),
    struct.Struct("<IHHHHHHIIIHHHHHII"),
    struct.Struct("<IHHHHIIH"),
)
END_64, LOCATOR, EXTRA = struct.Struct("<IQHHIIQQQQ"), struct.Struct("<IIQI"), struct.Struct("<HHQ")
STORED, DEFLATED = 0, 8
FIRST_DAY = 0x21
"""1 January 1980, the earliest that the format knows."""
MOST_16, MOST_32 = 0xFFFF, 0xFFFFFFFF


class ZipWriter:
    """Use as a context manager; the directory is written at the end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._directory = tempfile.TemporaryFile()  # noqa: SIM115  closed by __exit__
        self._position = 0
        self._count = 0

    def __enter__(self) -> ZipWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._directory.close()

    def add(self, name: str, content: bytes) -> None:
        """As it is: pictures are packed already."""
        self._begin(name, STORED, zlib.crc32(content), len(content), len(content))
        self._write(content)

    def add_file(self, name: str, file: BinaryIO) -> None:
        """Deflated; the file is read from its beginning."""
        file.seek(0)
        with tempfile.TemporaryFile() as packed:
            crc, plain = _deflate(file, packed)
            size = packed.tell()
            packed.seek(0)
            self._begin(name, DEFLATED, crc, size, plain)
            shutil.copyfileobj(packed, self._stream, BLOCK)
        self._position += size

    def _begin(self, name: str, method: int, crc: int, packed: int, plain: int) -> None:
        if max(packed, plain) > MOST_32:
            raise OverflowError(f"{name} is too large for an archive")
        label = name.encode("ascii")
        self._note(label, method, crc, packed, plain)
        self._write(
            LOCAL.pack(0x04034B50, 20, 0, method, 0, FIRST_DAY, crc, packed, plain, len(label), 0) + label
        )

    def _note(self, label: bytes, method: int, crc: int, packed: int, plain: int) -> None:
        """The entry of the directory. An offset beyond 4 GiB stands in an extra field."""
        far = self._position >= MOST_32
        extra = EXTRA.pack(1, 8, self._position) if far else b""
        sizes = crc, packed, plain, len(label), len(extra)
        offset = MOST_32 if far else self._position
        version = 45 if far else 20
        fixed = 0x02014B50, 0x0300 | version, version, 0, method, 0, FIRST_DAY
        self._directory.write(CENTRAL.pack(*fixed, *sizes, 0, 0, 0, 0o644 << 16, offset) + label + extra)
        self._count += 1

    def _finish(self) -> None:
        start, size = self._position, self._directory.tell()
        self._directory.seek(0)
        shutil.copyfileobj(self._directory, self._stream, BLOCK)
        self._position += size
        if self._count >= MOST_16 or start >= MOST_32 or size >= MOST_32:
            counts = self._count, self._count, size, start
            self._stream.write(END_64.pack(0x06064B50, 44, 45, 45, 0, 0, *counts))
            self._stream.write(LOCATOR.pack(0x07064B50, 0, self._position, 1))
        count = min(self._count, MOST_16)
        self._stream.write(
            END.pack(0x06054B50, 0, 0, count, count, min(size, MOST_32), min(start, MOST_32), 0)
        )

    def _write(self, content: bytes) -> None:
        self._stream.write(content)
        self._position += len(content)


def _deflate(source: BinaryIO, target: BinaryIO) -> tuple[int, int]:
    """CRC and size of the plain content."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    crc = size = 0
    while block := source.read(BLOCK):
        crc = zlib.crc32(block, crc)
        size += len(block)
        target.write(packer.compress(block))
    target.write(packer.flush())
    return crc, size
