"""Photographs keep their colours, whatever a camera, a telephone, a scanner or a print shop wrote."""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageCms

from portal.vehicles.images import ImageRefused, _as_jpeg, _decode

SIZE = (64, 48)
MIDDLE = (32, 24)
TOLERANCE = 4
"""Of 255: JPEG and lossy formats round."""
ADOBE_RGB = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
)
"""X, Y, Z of red, green and blue, adapted to D50, as the profile of that name states them."""
SRGB_OF_XYZ = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)
GAMMA = 563 / 256


def profile(
    primaries: tuple[tuple[float, float, float], ...] = ADOBE_RGB,
    kind: tuple[bytes, bytes, bytes] = (b"mntr", b"RGB ", b"XYZ "),
    more: Mapping[bytes, bytes] = MappingProxyType({}),
) -> bytes:
    """A profile with three primaries and one gamma, as ICC.1 lays it out."""

    def fixed(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(values: tuple[float, float, float]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))

    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(4 + 4 + 2 + 1 + 67)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(GAMMA * 256)) + b"\0\0"
    white = xyz((0.9642, 1.0, 0.8249))
    tags = {b"desc": text, b"cprt": b"text\0\0\0\0none\0", b"wtpt": white}
    tags |= dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(xyz, primaries), strict=True))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    tags |= more
    place, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", place + len(body), len(content))
        body += padded
    head = struct.pack(">I4sI4s4s4s", place + len(body), b"lcms", 0x02400000, *kind)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(24)
    head += bytes(4) + b"".join(map(fixed, (0.9642, 1.0, 0.8249)))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def in_srgb(colour: tuple[int, int, int]) -> tuple[int, ...]:
    """What a colour of that profile is in sRGB, reckoned by hand."""
    linear = [(part / 255) ** GAMMA for part in colour]
    xyz = [sum(linear[i] * ADOBE_RGB[i][axis] for i in range(3)) for axis in range(3)]
    parts = [sum(row[axis] * xyz[axis] for axis in range(3)) for row in SRGB_OF_XYZ]
    shown = (12.92 * p if p <= 0.0031308 else 1.055 * p ** (1 / 2.4) - 0.055 for p in parts)
    return tuple(round(255 * min(max(p, 0.0), 1.0)) for p in shown)


def saved(picture: Image.Image, form: str, **how: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **how)
    return buffer.getvalue()


def shown(content: bytes) -> tuple[int, ...]:
    """The colour in the middle of the JPEG that is kept."""
    kept = Image.open(io.BytesIO(_as_jpeg(_decode(content), 95).content))
    assert kept.mode == "RGB"
    pixel = kept.getpixel(MIDDLE)
    assert isinstance(pixel, tuple)
    return pixel


def alike(found: Any, meant: tuple[int, ...]) -> bool:
    return all(abs(one - other) <= TOLERANCE for one, other in zip(found, meant, strict=True))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_the_colours_of_every_format_stay(form: str) -> None:
    lossless = {"lossless": True} if form == "WEBP" else {"quality": 95} if form != "PNG" else {}
    assert alike(shown(saved(Image.new("RGB", SIZE, (200, 50, 60)), form, **lossless)), (200, 50, 60))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_a_larger_colour_space_is_converted_by_its_profile(form: str) -> None:
    colour = (130, 160, 110)
    meant = in_srgb(colour)
    assert not alike(colour, meant)
    content = saved(Image.new("RGB", SIZE, colour), form, quality=95, icc_profile=profile())
    assert alike(shown(content), meant)


def test_colours_stay_where_the_profile_is_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(Image.new("RGB", SIZE, (200, 50, 60)), "PNG", icc_profile=srgb)
    assert alike(shown(content), (200, 50, 60))


@pytest.mark.parametrize("broken", [b"no profile", profile()[:200], profile().replace(b"RGB ", b"CMYK")])
def test_a_profile_that_does_not_fit_counts_as_none(broken: bytes) -> None:
    content = saved(Image.new("RGB", SIZE, (200, 50, 60)), "PNG", icc_profile=broken)
    assert alike(shown(content), (200, 50, 60))


@pytest.mark.parametrize("level", [0, 1, 0x3000, 0x7FFF, 0xFEFF, 0xFFFF])
def test_of_sixteen_bits_of_gray_the_brightness_stays(level: int) -> None:
    content = saved(Image.new("I;16", SIZE, level), "PNG")
    assert alike(shown(content), (round(level / 257),) * 3)


@pytest.mark.parametrize(
    ("mode", "colour", "meant"),
    [
        ("RGBA", (200, 50, 60, 255), (200, 50, 60)),
        ("RGBA", (200, 50, 60, 0), (255, 255, 255)),
        ("RGBA", (0, 0, 0, 128), (127, 127, 127)),
        ("LA", (0, 128), (127, 127, 127)),
        ("L", 90, (90, 90, 90)),
        ("1", 1, (255, 255, 255)),
    ],
)
def test_transparency_lets_white_through(mode: str, colour: object, meant: tuple[int, ...]) -> None:
    assert alike(shown(saved(Image.new(mode, SIZE, colour), "PNG")), meant)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["L", "I;16", "P", "RGB"])
def test_one_transparent_colour_lets_white_through(mode: str) -> None:
    clear: object = (0, 0, 0) if mode == "RGB" else 0
    picture = Image.new(mode, SIZE, 0)
    assert alike(shown(saved(picture, "PNG", transparency=clear)), (255, 255, 255))


def test_transparency_is_no_reason_to_forget_the_profile() -> None:
    colour = (130, 160, 110)
    content = saved(Image.new("RGBA", SIZE, (*colour, 255)), "PNG", icc_profile=profile())
    assert alike(shown(content), in_srgb(colour))


def printing_profile(colour_of: Callable[..., tuple[int, int, int]]) -> bytes:
    """Of four inks: a table of the sixteen colours in L*a*b* (lut8, ICC.1) between which all others lie."""
    inks = itertools.product((0, 1), repeat=4)
    unity = b"".join(struct.pack(">i", 65536 * (place % 4 == 0)) for place in range(9))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + unity + bytes(range(256)) * 4
    table += b"".join(bytes(colour_of(*one)) for one in inks) + bytes(range(256)) * 3
    return profile(kind=(b"prtr", b"CMYK", b"Lab "), more={b"A2B0": table})


def test_printing_colours_are_converted_by_their_profile() -> None:
    """Without it cyan of the press would glow as (0, 255, 255), which no paper does."""

    def on_paper(cyan: int, magenta: int, yellow: int, black: int) -> tuple[int, int, int]:
        return (0 if black else 128 if cyan or magenta or yellow else 255, 128, 128)

    content = saved(Image.new("CMYK", SIZE, (255, 0, 0, 0)), "JPEG", icc_profile=printing_profile(on_paper))
    assert alike(shown(content), (119, 119, 119))  # L* 50
    paper = saved(Image.new("CMYK", SIZE, (0, 0, 0, 0)), "JPEG", icc_profile=printing_profile(on_paper))
    assert alike(shown(paper), (255, 255, 255))


def test_four_printing_colours_become_three() -> None:
    content = saved(Image.new("CMYK", SIZE, (0, 255, 255, 0)), "JPEG", quality=95)
    assert alike(shown(content), (255, 0, 0))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_a_turned_photograph_is_upright_once(form: str) -> None:
    """The camera lay on its side: what is left in the file is above in the picture."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.new("RGB", SIZE, "white")
    picture.paste("black", (0, 0, SIZE[0] // 2, SIZE[1]))
    upright = _decode(saved(picture, form, exif=exif.tobytes()))
    assert upright.size == SIZE[::-1]
    above, below = upright.crop((0, 0, 48, 16)), upright.crop((0, 48, 48, 64))
    assert alike(above.resize((1, 1)).getpixel((0, 0)), (0, 0, 0))
    assert alike(below.resize((1, 1)).getpixel((0, 0)), (255, 255, 255))


def test_nothing_of_the_file_but_its_pixels_is_kept() -> None:
    content = saved(
        Image.new("RGB", SIZE), "JPEG", comment=b"geheim-1", xmp=b"geheim-2", icc_profile=profile()
    )
    kept = _as_jpeg(_decode(content), 80).content
    assert b"geheim" not in kept
    assert b"ICC_PROFILE" not in kept


def spoilt(content: bytes, turn: int) -> bytes:
    """Cut off, or with five bytes of other values."""
    if turn % 2:
        return content[: len(content) * turn // 80]
    changed = bytearray(content)
    for byte in range(5):
        changed[(turn * 7919 + byte * 104729) % len(content)] ^= 1 + turn
    return bytes(changed)


def outcome(content: bytes) -> str:
    try:
        return _decode(content).mode
    except ImageRefused:
        return "refused"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_a_spoilt_file_is_refused_or_shown_and_never_fails(form: str) -> None:
    content = saved(Image.radial_gradient("L").resize(SIZE).convert("RGB"), form)
    assert {outcome(spoilt(content, turn)) for turn in range(80)} <= {"RGB", "refused"}


def odd_exif(*entries: tuple[int, int, int, bytes]) -> bytes:
    """Tag, type, count and value of each, as Exif lays them out."""
    rows = b"".join(struct.pack("<HHI", tag, kind, count) + value for tag, kind, count, value in entries)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(entries)) + rows + bytes(4)


@pytest.mark.parametrize(
    "odd",
    [
        (0x0100, 12, 1, struct.pack("<I", 8)),
        (0x0100, 7, 4, b"abcd"),
        (0x8825, 2, 4, b"abc\0"),
        (0x010F, 99, 1, bytes(4)),
    ],
)
def test_an_odd_fact_beside_the_orientation_keeps_no_picture_out(odd: tuple[int, int, int, bytes]) -> None:
    exif = odd_exif(odd, (0x0112, 3, 1, struct.pack("<HH", 6, 0)))
    assert _decode(saved(Image.new("RGB", SIZE), "JPEG", exif=exif)).size == SIZE[::-1]


@pytest.mark.filterwarnings("ignore:Metadata Warning")
def test_an_orientation_that_is_stated_twice_turns_once() -> None:
    exif = odd_exif((0x0112, 3, 2, struct.pack("<HH", 6, 6)))
    assert _decode(saved(Image.new("RGB", SIZE), "JPEG", exif=exif)).size == SIZE[::-1]


def test_a_camera_that_says_adobe_rgb_in_its_exif_data_alone_is_believed() -> None:
    """DCF 2.0: such a file carries no profile."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[0xA001] = 0xFFFF
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.IFD.Interop] = {1: "R03"}
    colour = (130, 160, 110)
    content = saved(Image.new("RGB", SIZE, colour), "JPEG", quality=95, exif=exif.tobytes())
    assert alike(shown(content), in_srgb(colour))


def with_chunk(png: bytes, name: bytes, content: bytes) -> bytes:
    """Behind the header of a PNG."""
    chunk = struct.pack(">I", len(content)) + name + content
    return png[:33] + chunk + struct.pack(">I", zlib.crc32(name + content)) + png[33:]


@pytest.mark.parametrize(
    ("primaries", "transfer", "meant"),
    [(12, 13, (218, 24, 53)), (1, 13, (200, 50, 60)), (12, 16, (200, 50, 60))],
)
def test_a_colour_space_that_is_named_by_a_number_counts(
    primaries: int, transfer: int, meant: tuple[int, ...]
) -> None:
    """ITU-T H.273: 12 is Display P3, 1 is sRGB; the transfer 16 is HDR, which is left as it is."""
    png = saved(Image.new("RGB", SIZE, (200, 50, 60)), "PNG")
    assert alike(shown(with_chunk(png, b"cICP", bytes((primaries, transfer, 0, 1)))), meant)
    heic = saved(Image.new("RGB", SIZE, (200, 50, 60)), "HEIF", quality=95)
    at = heic.index(b"colrnclx") + 8
    named = heic[:at] + struct.pack(">HH", primaries, transfer) + heic[at + 4 :]
    assert alike(shown(named), meant)


def png_of(bits: int, kind: int, pixel: bytes, clear: bytes) -> bytes:
    """64 × 64 pixels, as `pixel` packs them; `kind` 0 is gray, 2 is colour."""
    rows = (b"\0" + pixel * (64 * bits * (3 if kind else 1) // 8 // len(pixel))) * 64
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 64, 64, bits, kind, 0, 0, 0)),
        (b"tRNS", clear),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


@pytest.mark.parametrize(
    ("bits", "kind", "pixel", "clear"),
    [
        (2, 0, b"\x55", b"\0\x01"),
        (4, 0, b"\x77", b"\0\x07"),
        (8, 0, b"\x77", b"\0\x77"),
        (16, 0, b"\x30\x01", b"\x30\x01"),
        (8, 2, b"\1\2\3", b"\0\1\0\2\0\3"),
        (16, 2, b"\x30\0\x40\0\x50\0", b"\x30\0\x40\0\x50\0"),
    ],
)
def test_a_transparent_colour_counts_in_the_bits_of_its_picture(
    bits: int, kind: int, pixel: bytes, clear: bytes
) -> None:
    assert alike(shown(png_of(bits, kind, pixel, clear)), (255, 255, 255))


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("cut", [1, 2])
def test_a_jpeg_that_lacks_its_end_marker_alone_is_whole(cut: int, progressive: bool) -> None:
    picture = Image.radial_gradient("L").convert("RGB")
    content = saved(picture, "JPEG", progressive=progressive)
    assert _decode(content[:-cut]).tobytes() == _decode(content).tobytes()


@pytest.mark.parametrize("part", [0.5, 0.9, 0.99])
def test_a_jpeg_that_lacks_pixels_is_refused(part: float) -> None:
    content = saved(Image.radial_gradient("L").convert("RGB"), "JPEG")
    assert outcome(content[: round(len(content) * part)]) == "refused"
