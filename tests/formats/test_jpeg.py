"""Which JPEGs carry nothing but a picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms

from portal.formats.jpeg import is_bare_jpeg


def jpeg(mode: str = "RGB", **save: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert(mode).save(buffer, "JPEG", **save)  # type: ignore[arg-type]
    return buffer.getvalue()


def with_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "Kamera mit Seriennummer"
    return exif


@pytest.mark.parametrize("save", [{}, {"progressive": True}, {"optimize": True, "restart_marker_rows": 1}])
def test_a_picture_without_anything_else_is_bare(save: dict[str, object]) -> None:
    assert is_bare_jpeg(jpeg(**save))


@pytest.mark.parametrize(
    "content",
    [
        jpeg(exif=with_exif()),
        jpeg(icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()),
        jpeg(comment=b"bought at"),
        jpeg() + b"hidden behind the end",
        jpeg()[:-2],
        jpeg()[:40],
        jpeg(mode="CMYK"),
        jpeg(mode="L"),
        b"",
        b"\xff\xd8",
        b"\x89PNG\r\n\x1a\n",
    ],
    ids=["exif", "profile", "comment", "appended", "no end", "cut", "cmyk", "gray", "empty", "start", "png"],
)
def test_whatever_else_is_in_it_calls_for_a_conversion(content: bytes) -> None:
    assert not is_bare_jpeg(content)
