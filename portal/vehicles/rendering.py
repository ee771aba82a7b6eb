"""What a picture shows, as upright pixels in sRGB: browsers and platforms take every JPEG for that.

Cameras and telephones write larger colour spaces (Display P3, Adobe RGB) and say so in a profile; without
its conversion the colours of a car turn pale. Scanners write gray with 16 bits, print shops CMYK.
"""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Callable
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageFile, ImageMath

log = logging.getLogger(__name__)
WHITE = (255, 255, 255)
SIXTEEN_BITS = ("I;16", "I;16B", "I;16L", "I")
_SRGB = ImageCms.createProfile("sRGB")
_MODES = {"RGB": ("RGB",), "GRAY": ("L",), "CMYK": ("CMYK",)}
"""Modes of pictures that a profile of a colour space can describe. A profile of another space is a slip of
the program that wrote it."""
_EIGHT_BITS = {"L;2": 85, "L;4": 17, "RGB;16B": 1 / 256}
"""What a value of such pixels is multiplied by."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the orientation of Exif."""


def rendered(opened: Image.Image, profile: bytes | None) -> Image.Image:
    """Upright, RGB, on white where it was transparent: a JPEG knows no transparency. `profile` says what its
    colours mean (`colour_spaces.profile_of`).

    Nothing else of the file stays: comments would be written into the JPEG as well. Raises what Pillow
    raises for pixels that cannot be read.
    """
    _name_clear_colour_in_eight_bits(opened)
    picture = _upright(opened)
    colours, opacity = _without_opacity(picture)
    ground = Image.new("RGB", colours.size, WHITE)
    ground.paste(_in_srgb(colours, profile), mask=opacity)
    return ground


def _name_clear_colour_in_eight_bits(opened: Image.Image) -> None:
    """A PNG names its transparent colour in as many bits as its pixels have; Pillow makes eight of those."""
    raw = opened.tile[0].args if isinstance(opened, ImageFile.ImageFile) and opened.tile else ""
    clear = opened.info.get("transparency")
    if raw in _EIGHT_BITS and clear is not None:
        scale = _EIGHT_BITS[raw]
        parts = clear if isinstance(clear, tuple) else (clear,)
        scaled = tuple(int(part * scale) for part in parts)
        opened.info["transparency"] = scaled if isinstance(clear, tuple) else scaled[0]


def _upright(picture: Image.Image) -> Image.Image:
    """Pillow's own turning writes all of the Exif data anew, and fails where another fact in it is odd."""
    try:
        stated = picture.getexif().get(ExifTags.Base.Orientation)
    except (KeyError, OSError, SyntaxError, TypeError, ValueError, struct.error) as error:
        log.info("Exif data cannot be read: %s", error)
        return picture
    orientation = stated[0] if isinstance(stated, tuple) and stated else stated
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return picture if turn is None else picture.transpose(turn)


def _without_opacity(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The colours, in a mode that profiles describe, and how opaque they are."""
    if picture.mode in SIXTEEN_BITS:
        # 65535 is white. Pillow's own conversion cuts everything above 255.
        gray = _reckoned(picture, lambda value: (value + 128) / 257)
        return gray, _opacity_of_gray(picture)
    is_gray = picture.mode in ("1", "L", "LA", "La")
    if picture.has_transparency_data:
        whole = picture.convert("RGBA")
        opacity = whole.getchannel("A")
        return whole.convert("RGB").convert("L") if is_gray else whole.convert("RGB"), opacity
    if picture.mode in ("RGB", "L", "CMYK"):
        return picture, None
    return picture.convert("L" if is_gray else "RGB"), None


def _opacity_of_gray(picture: Image.Image) -> Image.Image | None:
    """Of a gray with 16 bits one value can stand for transparency."""
    clear = picture.info.get("transparency")
    if not isinstance(clear, int):
        return None
    return _reckoned(picture, lambda gray: (gray != clear) * 255)


def _reckoned(picture: Image.Image, reckon: Callable[[Any], Any]) -> Image.Image:
    """Each value of a gray picture as another one, at most 255."""
    found: Image.Image = ImageMath.lambda_eval(lambda of: reckon(of["gray"]), gray=picture.convert("I"))
    return found.convert("L")


def _in_srgb(colours: Image.Image, profile: bytes | None) -> Image.Image:
    """By its profile; without one, or with one that is broken, colours are taken for sRGB."""
    if profile:
        try:
            described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = described.profile.xcolor_space.strip()
            if colours.mode in _MODES.get(space, ()):
                converted = ImageCms.profileToProfile(colours, described, _SRGB, outputMode="RGB")
                assert converted is not None  # noqa: S101  # only a conversion in place returns nothing
                return converted
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError) as error:
            log.info("a colour profile cannot be used: %s", error)
    return colours.convert("RGB")
