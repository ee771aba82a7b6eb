"""Pictures: uploaded once, named by a reference, shown under an address."""

from __future__ import annotations

import hashlib
import re
import secrets
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from portal.sandbox.database import Database, now

LARGEST = 2 * 1024 * 1024
"""Bytes of a picture that the platform takes."""
FOLDER = "bilder"
_ADDRESS = re.compile(rf"^https?://[^/]+/{FOLDER}/([0-9a-f]{{24}})\.jpg$")
_END = b"\xff\xd9"
_TAIL = 64
"""Some cameras pad after the end marker."""


class Pictures:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, username: str, jpeg: bytes) -> tuple[str, str]:
        """The new reference and the content's hash."""
        ref, sha256 = secrets.token_hex(12), hashlib.sha256(jpeg).hexdigest()
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO picture_file VALUES (?, ?)", (sha256, jpeg))
            connection.execute("INSERT INTO picture VALUES (?, ?, ?, ?)", (ref, sha256, username, now()))
        return ref, sha256

    def unknown(self, username: str, refs: list[str]) -> list[str]:
        """Those of the references that this account has never got."""
        statement = "SELECT 1 FROM picture WHERE ref = ? AND username = ?"
        return [ref for ref in refs if self._database.row(statement, ref, username) is None]

    def read(self, ref: str) -> bytes | None:
        statement = "SELECT jpeg FROM picture JOIN picture_file USING (sha256) WHERE ref = ?"
        row = self._database.row(statement, ref)
        return row["jpeg"] if row else None

    def forget(self) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM picture")
            connection.execute("DELETE FROM picture_file")


def is_jpeg(content: bytes) -> bool:
    """Complete, and with a readable head; decoding every pixel would cost too much."""
    if _END not in content[-_TAIL:]:
        return False
    try:
        with Image.open(BytesIO(content), formats=("JPEG",)):
            return True
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        return False


def address(base: str, ref: str) -> str:
    return f"{base}/{FOLDER}/{ref}.jpg"


def bare(ref: str) -> str:
    """A reference as we gave it: a client that reads an ad and writes it back sends the address."""
    found = _ADDRESS.match(ref)
    return found.group(1) if found else ref
