"""Whether a JPEG carries nothing but a picture (ITU-T T.81)."""

from __future__ import annotations

import re
import struct

START, END = b"\xff\xd8", 0xD9
JFIF, FRAMES, SCAN = 0xE0, (0xC0, 0xC1, 0xC2), 0xDA
"""Baseline, extended and progressive, all by Huffman: what everybody reads."""
TABLES = (0xC4, 0xDB, 0xDD)
"""Huffman, quantisation, restart interval."""
BARE_JFIF = 14
"""Bytes of the header without a small picture in it."""
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In the data of a scan only this ends it: all else is the picture, or a restart."""


def is_bare_jpeg(data: bytes) -> bool:
    """In three colours of eight bits, without profile, Exif, comment, small picture, or anything behind its
    end: there is nothing that a conversion would have to take out."""
    if not data.startswith(START):
        return False
    try:
        return _walks_to_its_end(data)
    except (struct.error, IndexError):
        return False


def _walks_to_its_end(data: bytes) -> bool:
    at = len(START)
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == END:
            return at + 2 == len(data)
        (length,) = struct.unpack_from(">H", data, at + 2)
        body = data[at + 4 : at + 2 + length]
        if not _is_needed(marker, body):
            return False
        at += 2 + length
        if marker == SCAN:
            following = _AFTER_SCAN.search(data, at)
            if following is None:
                return False
            at = following.start()
    return False


def _is_needed(marker: int, body: bytes) -> bool:
    if marker == JFIF:
        return body.startswith(b"JFIF\0") and len(body) == BARE_JFIF
    if marker in FRAMES:
        return body[0] == 8 and body[5] == 3
    return marker == SCAN or marker in TABLES
