"""The showroom around the vehicle: a wall, a floor, soft light and a shadow."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter

from portal.demo.drawing.canvas import HEIGHT, WIDTH, Rgb

WALL_TOP: Rgb = (208, 215, 223)
WALL_BOTTOM: Rgb = (236, 239, 242)
FLOOR_TOP: Rgb = (203, 209, 216)
FLOOR_BOTTOM: Rgb = (226, 230, 234)


@lru_cache(maxsize=1)
def _room() -> Image.Image:
    horizon = 590
    room = Image.new("RGB", (WIDTH, HEIGHT))
    room.paste(_gradient(WALL_TOP, WALL_BOTTOM, horizon), (0, 0))
    room.paste(_gradient(FLOOR_TOP, FLOOR_BOTTOM, HEIGHT - horizon), (0, horizon))
    _panels(room, horizon)
    return _lit(room)


def _gradient(top: Rgb, bottom: Rgb, height: int) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((WIDTH, height))
    return Image.composite(Image.new("RGB", ramp.size, bottom), Image.new("RGB", ramp.size, top), ramp)


def _panels(room: Image.Image, horizon: int) -> None:
    """Joints of the wall and the line where it meets the floor, barely visible."""
    draw = ImageDraw.Draw(room, "RGBA")
    for x in range(160, WIDTH, 320):
        draw.line((x, 0, x, horizon), fill=(120, 132, 146, 26), width=2)
    draw.rectangle((0, horizon - 10, WIDTH, horizon), fill=(120, 132, 146, 30))


def _lit(room: Image.Image) -> Image.Image:
    light = Image.new("L", (WIDTH // 8, HEIGHT // 8), 0)
    ImageDraw.Draw(light).ellipse((20, 8, WIDTH // 8 - 20, HEIGHT // 8 - 22), fill=150)
    light = light.filter(ImageFilter.GaussianBlur(16)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return Image.composite(Image.new("RGB", room.size, (252, 253, 254)), room, light)


def studio(left: float, right: float, floor: int) -> Image.Image:
    """The room with the shadow of something that stands between `left` and `right`."""
    room = _room().copy()
    shadow = Image.new("L", (WIDTH // 4, HEIGHT // 4), 0)
    draw = ImageDraw.Draw(shadow)
    draw.ellipse((left / 4 - 8, floor / 4 - 7, right / 4 + 8, floor / 4 + 9), fill=120)
    draw.ellipse((left / 4 + 10, floor / 4 - 4, right / 4 - 10, floor / 4 + 4), fill=205)
    shadow = shadow.filter(ImageFilter.GaussianBlur(3.2)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    room.paste((38, 44, 52), mask=shadow)
    return room
