"""A picture of more pixels than are taken, in a few kilobytes, and what tells that nobody decoded it."""

from __future__ import annotations

import io
from typing import NoReturn

import pytest
from PIL import Image, ImageFile

from portal.vehicles.images import MOST_PIXELS

SAID = "Das Bild hat mehr als 25 Millionen Pixel."


def huge_picture() -> bytes:
    """Whole and valid: only its header says that it is too large."""
    width, height = 5001, 5000
    assert width * height > MOST_PIXELS
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def forbid_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads a pixel of a file from now on fails the test."""

    def load(_picture: ImageFile.ImageFile) -> NoReturn:
        pytest.fail("decoded before it was measured")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
