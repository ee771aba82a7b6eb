"""Files in pieces that are deflated once and sent often. Pure.

The pieces one after the other, between `HEADER` and `trailer()`, are one gzip file: a feed that is
fetched every hour is never compressed again. Each piece starts anew, so that it also inflates alone.
"""

from __future__ import annotations

import struct
import zlib

PART = 1024 * 1024
"""Bytes of a plain piece."""
HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LAST_BLOCK = b"\x03\x00"
RAW = -zlib.MAX_WBITS
LEVEL = 6


def pack(piece: bytes, level: int = LEVEL) -> bytes:
    """Deflated, ending at a byte without ending the stream."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, RAW)
    return deflate.compress(piece) + deflate.flush(zlib.Z_FULL_FLUSH)


def unpack(packed: bytes) -> bytes:
    return zlib.decompressobj(RAW).decompress(packed)


def trailer(crc32: int, size: int) -> bytes:
    """The end of the gzip file: checksum and size of the plain one."""
    return LAST_BLOCK + struct.pack("<II", crc32, size & 0xFFFFFFFF)


def gzip_size(packed_size: int) -> int:
    return len(HEADER) + packed_size + len(trailer(0, 0))
