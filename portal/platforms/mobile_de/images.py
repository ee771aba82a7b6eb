"""Pictures as mobile.de takes them: JPEG, at most 2 MB."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

LARGEST = 2_097_152
"""Bytes of one picture."""
WIDEST = 2560
"""Pixels of the longer side once a picture is re-encoded."""
QUALITIES = (88, 80, 72)
_JPEG = b"\xff\xd8\xff"


def prepare(picture: bytes) -> bytes | None:
    """The picture as it is when the platform takes it, else scaled down; None when it is unreadable."""
    if picture.startswith(_JPEG) and len(picture) <= LARGEST:
        return picture
    opened = _open(picture)
    return _smaller(opened) if opened else None


def _open(picture: bytes) -> Image.Image | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(picture)) as opened:
                opened.draft("RGB", (WIDEST, WIDEST))
                return ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _smaller(opened: Image.Image) -> bytes:
    """Less quality first, then fewer pixels; ends because every round halves the area."""
    side = min(WIDEST, max(opened.size))
    while True:
        scaled = opened.copy()
        scaled.thumbnail((side, side))
        for quality in QUALITIES:
            encoded = _encoded(scaled, quality)
            if len(encoded) <= LARGEST:
                return encoded
        side = int(side * 0.7)


def _encoded(picture: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality, optimize=True)
    return stream.getvalue()
