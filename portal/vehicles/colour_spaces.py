"""In which colour space a picture was taken, also where it carries no profile that says so.

Cameras that are set to Adobe RGB say it in their Exif data alone (DCF 2.0, 4.7); telephones name Display P3
by a number in the file (ITU-T H.273: primaries 12). Both would turn pale if they were taken for sRGB.
"""

from __future__ import annotations

import re
import struct
from functools import cache

from PIL import ExifTags, Image

DCF_ADOBE_RGB = "R03"
CAMERA_FORMATS = ("JPEG", "MPO")
P3_PRIMARIES = 12
HDR_TRANSFERS = (16, 18)
"""PQ and HLG: their brightness would have to be reckoned anew, not only their colours."""
_HEAD = 64 * 1024
_NAMED = {
    "PNG": re.compile(rb"\x00\x00\x00\x04cICP(?P<primaries>.)(?P<transfer>.)", re.DOTALL),
    "AVIF": re.compile(rb"colrnclx(?P<primaries>..)(?P<transfer>..)", re.DOTALL),
}
_NAMED["HEIF"] = _NAMED["AVIF"]
_Primaries = tuple[tuple[float, float, float], ...]
ADOBE_RGB: _Primaries = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
)
"""X, Y, Z of red, green and blue, adapted to D50."""
DISPLAY_P3: _Primaries = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
ADOBE_CURVE = (0, 563 / 256)
SRGB_CURVE = (3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""Kind of a parametric curve and its parameters (ICC.1, 10.18)."""
_WHITE = (0.9642, 1.0, 0.8249)


def profile_of(opened: Image.Image, data: bytes) -> bytes | None:
    """The profile that a picture carries, else the one that fits what it says; None counts as sRGB."""
    carried = opened.info.get("icc_profile")
    if carried:
        return bytes(carried)
    if _names_p3(opened.format or "", data):
        return _profile(DISPLAY_P3, SRGB_CURVE)
    if _says_adobe_rgb(opened):
        return _profile(ADOBE_RGB, ADOBE_CURVE)
    return None


def _names_p3(form: str, data: bytes) -> bool:
    named = _NAMED[form].search(data[:_HEAD]) if form in _NAMED else None
    if named is None:
        return False
    primaries, transfer = (int.from_bytes(named[part]) for part in ("primaries", "transfer"))
    return primaries == P3_PRIMARIES and transfer not in HDR_TRANSFERS


def _says_adobe_rgb(opened: Image.Image) -> bool:
    if opened.format not in CAMERA_FORMATS:
        return False
    try:
        interoperability = opened.getexif().get_ifd(ExifTags.IFD.Interop)
    except (KeyError, OSError, SyntaxError, TypeError, ValueError, struct.error):
        return False  # Exif data that nobody can read say nothing.
    return str(interoperability.get(ExifTags.Interop.InteropIndex, "")).strip("\0 ") == DCF_ADOBE_RGB


@cache
def _profile(primaries: _Primaries, curve: tuple[float, ...]) -> bytes:
    """Three primaries and one curve, as ICC.1:2010 lays them out."""
    kind, *parameters = curve
    toned = struct.pack(">4s4xHxx", b"para", int(kind)) + b"".join(map(_fixed, parameters))
    tags = {b"wtpt": _xyz(_WHITE)}
    tags |= dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(_xyz, primaries), strict=True))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), toned)
    place, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, place + len(body), len(content))
        body += content
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x", place + len(body), 0x04300000, b"mntr", b"RGB ", b"XYZ ", b"acsp"
    )
    head += b"".join(map(_fixed, _WHITE))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, values))


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))
