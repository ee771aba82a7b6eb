"""What everything is drawn with: sheets, paints, stencils, and the room that the vehicles stand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

WIDTH, HEIGHT = 1280, 960
ZOOM = 2
Point = tuple[float, float]
Corner = tuple[float, float, float]
"""x, y and the radius within which the corner is rounded."""
Grey = int
Rgb = tuple[int, int, int]


def rounded(corners: Sequence[Corner], steps: int = 14) -> list[Point]:
    """The polygon with its corners replaced by curves."""
    outline: list[Point] = []
    for index, (x, y, radius) in enumerate(corners):
        before, after = corners[index - 1], corners[(index + 1) % len(corners)]
        start = _towards((x, y), before, radius)
        end = _towards((x, y), after, radius)
        for step in range(steps + 1):
            t = step / steps
            outline.append(
                (
                    (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * x + t**2 * end[0],
                    (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * y + t**2 * end[1],
                )
            )
    return outline


def _towards(point: Point, other: Sequence[float], distance: float) -> Point:
    dx, dy = other[0] - point[0], other[1] - point[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    share = min(distance / length, 0.5)
    return point[0] + dx * share, point[1] + dy * share


class Sheet:
    """A picture at twice its size; coordinates are those of the finished one."""

    def __init__(self, mode: str, fill: Grey | Rgb = 0) -> None:
        self.image = Image.new(mode, (WIDTH * ZOOM, HEIGHT * ZOOM), fill)
        self.draw = ImageDraw.Draw(self.image)

    def area(self, points: Sequence[Point], fill: Grey | Rgb) -> None:
        self.draw.polygon([(x * ZOOM, y * ZOOM) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Grey | Rgb, width: float) -> None:
        self.draw.line(
            [(x * ZOOM, y * ZOOM) for x, y in points], fill=fill, width=round(width * ZOOM), joint="curve"
        )

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: Grey | Rgb) -> None:
        box = ((x - rx) * ZOOM, (y - ry) * ZOOM, (x + rx) * ZOOM, (y + ry) * ZOOM)
        self.draw.ellipse(box, fill=fill)

    def circle(self, x: float, y: float, radius: float, fill: Grey | Rgb) -> None:
        self.ellipse(x, y, radius, radius, fill)

    def ramp(self, top: float, bottom: float, upper: Grey, lower: Grey) -> None:
        """Fill an L sheet between two heights with a vertical gradient."""
        size = (WIDTH * ZOOM, round((bottom - top) * ZOOM))
        gradient = Image.linear_gradient("L").resize(size)
        low, high = min(upper, lower), max(upper, lower)
        if upper > lower:
            gradient = ImageOps.invert(gradient)
        gradient = gradient.point(lambda value: low + value * (high - low) // 255)
        self.image.paste(gradient, (0, round(top * ZOOM)))

    def blur(self, radius: float) -> None:
        """Blur, at a quarter of the size: for soft things nobody sees the difference."""
        small = self.image.reduce(4).filter(ImageFilter.GaussianBlur(radius * ZOOM / 4))
        self.image = small.resize(self.image.size, Image.Resampling.BILINEAR)
        self.draw = ImageDraw.Draw(self.image)

    def finished(self) -> Image.Image:
        return self.image.reduce(ZOOM)


def _box_around(points: Sequence[Point]) -> tuple[int, int, int, int]:
    """In pixels of the sheet."""
    xs, ys = [x * ZOOM for x, _ in points], [y * ZOOM for _, y in points]
    return floor(min(xs)), floor(min(ys)), ceil(max(xs)) + 1, ceil(max(ys)) + 1


class Stencil:
    """The three sheets of a drawing: bodywork, its shading, and the parts on top of it."""

    def __init__(self) -> None:
        self.body = Sheet("L")
        self.shading = Sheet("L", 128)
        self.parts = Sheet("RGB")
        self.mask = Sheet("L")

    def part(self, points: Sequence[Point], fill: Rgb) -> None:
        self.parts.area(points, fill)
        self.mask.area(points, 255)

    def stroke(self, points: Sequence[Point], fill: Rgb, width: float) -> None:
        self.parts.line(points, fill, width)
        self.mask.line(points, 255, width)

    def disc(self, x: float, y: float, radius: float, fill: Rgb) -> None:
        self.parts.circle(x, y, radius, fill)
        self.mask.circle(x, y, radius, 255)

    def bare(self, points: Sequence[Point]) -> None:
        """Take parts away again, so that the bodywork shows."""
        self.mask.area(points, 0)

    def glint(self, outline: Sequence[Point], light: Rgb, bands: Sequence[tuple[float, float]]) -> None:
        """Slanted reflections, cut to a pane; `bands` are shares of its width: where and how wide."""
        box = _box_around(outline)
        left, top, right, bottom = box
        size = (right - left, bottom - top)
        pane, beam = Image.new("L", size), Image.new("L", size)
        ImageDraw.Draw(pane).polygon([(x * ZOOM - left, y * ZOOM - top) for x, y in outline], fill=255)
        width, height = size
        for where, wide in bands:
            x, lean = width * where, height * 0.7
            band = [(x + lean, 0), (x + lean + width * wide, 0), (x + width * wide, height), (x, height)]
            ImageDraw.Draw(beam).polygon(band, fill=120)
        self.parts.image.paste(light, box, ImageChops.darker(pane, beam))

    def inside_body(self, x: float, y: float, radius: float, fill: Rgb) -> None:
        """A disc, but only where there is bodywork."""
        box = _box_around([(x - radius, y - radius), (x + radius, y + radius)])
        disc = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(disc).ellipse((0, 0, *disc.size), fill=255)
        inside = ImageChops.darker(disc, self.body.image.crop(box))
        self.parts.image.paste(fill, box, inside)
        self.mask.image.paste(255, box, inside)

    def drawing(self, studio: Image.Image, ground: int = HEIGHT) -> Drawing:
        parts = self.parts.image.convert("RGBA")
        parts.putalpha(self.mask.image)
        return Drawing(studio, self.body.finished(), self.shading.finished(), parts.reduce(ZOOM), ground)


@dataclass(frozen=True)
class Paint:
    """A colour of bodywork: in the shade, as it is, and in the light."""

    dark: Rgb
    plain: Rgb
    light: Rgb


@dataclass(frozen=True)
class Drawing:
    """Layers of one view: the studio, the bodywork (where, and its shading), everything else on top."""

    studio: Image.Image
    body: Image.Image
    shading: Image.Image
    parts: Image.Image
    floor: int = HEIGHT
    """Height at which the vehicle stands; below it lies its reflection."""

    def painted(self, paint: Paint) -> Image.Image:
        colours = ImageOps.colorize(self.shading, paint.dark, paint.light, mid=paint.plain)
        picture = self.studio.copy()
        picture.paste(colours, mask=self.body)
        picture.paste(self.parts, mask=self.parts)
        if self.floor < HEIGHT:
            self._reflect(picture)
        return picture

    def _reflect(self, picture: Image.Image, depth: int = 110) -> None:
        mirrored = picture.crop((0, self.floor - depth, WIDTH, self.floor)).transpose(
            Image.Transpose.FLIP_TOP_BOTTOM
        )
        fading = (
            Image.linear_gradient("L").resize((WIDTH, depth)).point(lambda value: (255 - value) * 26 // 255)
        )
        picture.paste(mirrored, (0, self.floor), fading)


# The showroom around the vehicle: a wall, a floor, soft light and a shadow.


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
    # Joints of the wall and the line where it meets the floor, barely visible.
    draw = ImageDraw.Draw(room, "RGBA")
    for x in range(160, WIDTH, 320):
        draw.line((x, 0, x, horizon), fill=(120, 132, 146, 26), width=2)
    draw.rectangle((0, horizon - 10, WIDTH, horizon), fill=(120, 132, 146, 30))
    light = Image.new("L", (WIDTH // 8, HEIGHT // 8), 0)
    ImageDraw.Draw(light).ellipse((20, 8, WIDTH // 8 - 20, HEIGHT // 8 - 22), fill=150)
    light = light.filter(ImageFilter.GaussianBlur(16)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return Image.composite(Image.new("RGB", room.size, (252, 253, 254)), room, light)


def _gradient(top: Rgb, bottom: Rgb, height: int) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((WIDTH, height))
    return Image.composite(Image.new("RGB", ramp.size, bottom), Image.new("RGB", ramp.size, top), ramp)


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
