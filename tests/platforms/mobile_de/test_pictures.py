from __future__ import annotations

import io
import random

from PIL import Image

from portal.platforms.mobile_de.pictures import LARGEST_PICTURE, as_accepted
from tests.platforms.stores import a_jpeg


def noisy(width: int, height: int, form: str = "JPEG") -> bytes:
    """Noise does not compress: the worst picture there is."""
    pixels = random.Random(1).randbytes(width * height * 3)  # noqa: S311
    stream = io.BytesIO()
    Image.frombytes("RGB", (width, height), pixels).save(stream, form, quality=100)
    return stream.getvalue()


def test_small_jpeg_stays_as_it_is() -> None:
    assert as_accepted(a_jpeg()) == a_jpeg()


def test_large_jpeg_is_scaled_down_and_keeps_its_shape() -> None:
    large = noisy(2400, 1600)
    assert len(large) > LARGEST_PICTURE
    small = as_accepted(large)
    assert small is not None
    assert len(small) <= LARGEST_PICTURE
    with Image.open(io.BytesIO(small)) as opened:
        assert opened.format == "JPEG"
        assert abs(opened.width / opened.height - 1.5) < 0.01


def test_other_formats_become_jpeg() -> None:
    found = as_accepted(noisy(80, 60, "PNG"))
    assert found is not None
    assert found.startswith(b"\xff\xd8")


def test_what_is_no_picture_is_none() -> None:
    assert as_accepted(b"") is None
    assert as_accepted(b"GIF89a nonsense") is None
