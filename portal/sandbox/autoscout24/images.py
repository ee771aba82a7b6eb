"""Pictures: uploaded first, kept as long as a listing shows them."""

from __future__ import annotations

import hashlib
from io import BytesIO
from uuid import uuid4

from PIL import Image, UnidentifiedImageError

from portal.sandbox.database import Database, now

LARGEST = 20 * 1024 * 1024
WIDEST, NARROWEST = 10_000, 320
"""Bytes and pixels of the longer and the shorter side. AutoScout24 publishes no figures: these are ours."""
TYPES = {"image/jpeg": "JPEG", "image/png": "PNG"}


class Images:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, customer_id: str, content: bytes) -> str:
        """The id of the new picture."""
        image_id = str(uuid4())
        sha256, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest()  # noqa: S324
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO picture_file VALUES (?, ?)", (sha256, content))
            connection.execute(
                "INSERT INTO as24_image VALUES (?, ?, ?, ?, ?)", (image_id, customer_id, md5, sha256, now())
            )
        return image_id

    def md5s(self, customer_id: str) -> dict[str, str]:
        """MD5 by id, of all pictures of the customer."""
        statement = "SELECT image_id, md5 FROM as24_image WHERE customer_id = ?"
        return {row["image_id"]: row["md5"] for row in self._database.rows(statement, customer_id)}

    def read(self, image_id: str) -> bytes | None:
        statement = "SELECT jpeg FROM as24_image JOIN picture_file USING (sha256) WHERE image_id = ?"
        row = self._database.row(statement, image_id)
        return row["jpeg"] if row else None

    def drop(self, image_ids: set[str]) -> None:
        """Pictures that no listing shows any more."""
        for image_id in image_ids:
            self._database.run("DELETE FROM as24_image WHERE image_id = ?", image_id)

    def forget(self) -> None:
        self._database.run("DELETE FROM as24_image")


def refusal(content: bytes, media_type: str) -> tuple[str, str] | None:
    """Code and message, where a picture is not taken."""
    if media_type not in TYPES:
        return "image-with-invalid-content-type", f"The content type {media_type} is not supported"
    if len(content) > LARGEST:
        return "maximum-image-size-exceeded", f"The image has {len(content)} bytes"
    try:
        with Image.open(BytesIO(content), formats=(TYPES[media_type],)) as picture:
            sides = picture.size
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return "image-not-readable", "The image could not be read"
    if max(sides) > WIDEST:
        return "maximum-image-resolution-exceeded", f"The image has {sides[0]} x {sides[1]} pixels"
    if max(sides) < NARROWEST:
        return "minimum-image-resolution-not-met", f"The image has {sides[0]} x {sides[1]} pixels"
    return None
