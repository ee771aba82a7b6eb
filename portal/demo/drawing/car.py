"""Cars from the side, from the front and from behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import ImageFont

from portal.demo.drawing.canvas import WIDTH, ZOOM, Corner, Drawing, Point, Rgb, Stencil, rounded, studio
from portal.demo.drawing.details import draw_wheel
from portal.demo.drawing.shapes import Shape

SIDE_FLOOR = 690
TALLEST_SIDE, LONGEST, LARGEST_SIDE = 470.0, 1020.0, 218.0
"""Pixels for the height and the length of a vehicle, and at most for a metre."""
GLASS, GLASS_LIGHT, TRIM, GAP = (38, 47, 58), (92, 106, 122), (28, 31, 35), (24, 27, 31)


class SideView(Stencil):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.scale = min(LARGEST_SIDE, LONGEST / shape.length, TALLEST_SIDE / shape.height)
        self.left = (WIDTH - shape.length * self.scale) / 2

    def at(self, x: float, y: float) -> Point:
        return self.left + x * self.scale, SIDE_FLOOR - y * self.scale

    def curve(self, corners: Sequence[Corner]) -> list[Point]:
        return rounded([(*self.at(x, y), radius * self.scale) for x, y, radius in corners])

    def shade(self) -> None:
        """Light from above: bright roof and shoulder, dark flanks, a reflex above the sill."""
        shape, sheet = self.shape, self.shading
        top, belt, sill = self.at(0, shape.height)[1], self.at(0, shape.belt)[1], self.at(0, 0.26)[1]
        sheet.ramp(top - 4, belt, 196, 150)
        sheet.ramp(belt, sill, 148, 82)
        sheet.ramp(sill, SIDE_FLOOR, 70, 40)
        shoulder = [
            (0.3, shape.belt - 0.2, 0.2),
            (shape.length * 0.4, shape.belt - 0.03, 1.2),
            (shape.length - 0.3, shape.belt - 0.04, 0.2),
            (shape.length - 0.3, shape.belt - 0.1, 0.2),
            (shape.length * 0.4, shape.belt - 0.11, 1.2),
            (0.3, shape.belt - 0.25, 0.2),
        ]
        sheet.area(self.curve(shoulder), 214)
        reflex = [
            (1.2, 0.36, 0.3),
            (shape.length * 0.5, 0.42, 0.8),
            (shape.length - 1.3, 0.36, 0.3),
            (2.0, 0.33, 0.3),
        ]
        sheet.area(self.curve(reflex), 138)
        sheet.blur(5)
        crease = [self.at(0.62, shape.belt - 0.3), self.at(shape.length * 0.5, shape.belt - 0.21)]
        crease.append(self.at(shape.length - 0.42, shape.belt - 0.18))
        sheet.line(crease, 96, 2.2)
        sheet.line([(x, y + 2.4) for x, y in crease], 190, 1.8)

    def underside(self) -> None:
        shape = self.shape
        front, rear = shape.wheels
        arch = shape.wheel + 0.07
        self.part([self.at(front, 0.2), self.at(rear, 0.2), self.at(rear, 0.3), self.at(front, 0.3)], TRIM)
        if shape.cladding:
            for low, high in ((0.02, front), (rear, shape.length - 0.03)):
                self.part(self.curve(_side_box(low, 0.26, high, 0.42, 0.06)), TRIM)
        for x in shape.wheels:
            self.inside_body(*self.at(x, shape.wheel), (arch + 0.05 * shape.cladding) * self.scale, TRIM)
        if shape.stripe:
            self.part(self.curve(shape.stripe), (84, 104, 128))

    def windows(self) -> None:
        for pane in self.shape.windows:
            outline = self.curve(pane)
            self.part(outline, GLASS)
            self.glint(outline, GLASS_LIGHT, ((0.42, 0.2), (0.68, 0.07)))
            self.stroke([*outline, outline[0]], TRIM, 2.6)

    def gaps(self) -> None:
        shape = self.shape
        for x in shape.doors:
            if any(abs(x - wheel) < shape.wheel + 0.12 for wheel in shape.wheels):
                self.stroke(
                    [self.at(x + 0.02, shape.belt), self.at(x - 0.05, shape.wheel * 2 + 0.08)], GAP, 1.5
                )
            else:
                middle = (shape.belt + 0.32) / 2
                self.stroke([self.at(x, shape.belt), self.at(x - 0.03, middle), self.at(x, 0.31)], GAP, 1.5)
        for x in shape.handles:
            y = shape.belt - 0.15
            self.part(self.curve(_side_box(x - 0.1, y, x + 0.1, y + 0.03, 0.02)), (70, 76, 84))
        if shape.rails:
            low, high = shape.rails
            self.stroke(
                [self.at(low, shape.height - 0.035), self.at(high, shape.height - 0.055)], (86, 92, 99), 5
            )
        self.mirror()

    def mirror(self) -> None:
        x, y = self.shape.windows[0][0][0] + 0.16, self.shape.belt + 0.04
        outline = self.curve(
            ((x, y, 0.03), (x - 0.01, y + 0.12, 0.05), (x + 0.2, y + 0.13, 0.05), (x + 0.22, y, 0.04))
        )
        self.bare(outline)
        self.stroke([*outline, outline[0]], GAP, 1.6)

    def lamps(self) -> None:
        self.part(self.curve(self.shape.headlight), (222, 230, 238))
        inner = [(x + 0.03, y + 0.02, r) for x, y, r in self.shape.headlight]
        self.part(self.curve(inner[1:]), (164, 178, 192))
        self.part(self.curve(self.shape.taillight), (176, 24, 32))
        self.stroke(self.curve(self.shape.taillight)[10:40], (232, 92, 88), 1.8)

    def wheel(self, x: float) -> None:
        x_px, y_px = self.at(x, self.shape.wheel)
        draw_wheel(self, x_px, y_px, self.shape.wheel * self.scale)

    def open_roof(self) -> None:
        """Headrests and the folded roof of a convertible."""
        for x in (2.3, 2.78):
            self.part(
                self.curve(
                    ((x, 0.93, 0.02), (x + 0.06, 1.14, 0.06), (x + 0.24, 1.14, 0.06), (x + 0.28, 0.93, 0.02))
                ),
                (58, 50, 46),
            )
        self.part(
            self.curve(((3.02, 0.93, 0.05), (3.16, 1.06, 0.08), (3.62, 1.02, 0.1), (3.72, 0.96, 0.05))),
            (42, 45, 50),
        )


def draw_side(shape: Shape) -> Drawing:
    view = SideView(shape)
    view.body.area(view.curve(shape.outline), 255)
    view.shade()
    view.underside()
    view.windows()
    view.gaps()
    view.lamps()
    for x in shape.wheels:
        view.wheel(x)
    if not shape.windows[1:] and shape.height < 1.5:
        view.open_roof()
    right = view.left + shape.length * view.scale
    return view.drawing(studio(view.left, right, SIDE_FLOOR), SIDE_FLOOR)


def _side_box(left: float, low: float, right: float, high: float, radius: float) -> list[Corner]:
    return [(left, low, radius), (left, high, radius), (right, high, radius), (right, low, radius)]


# Front and rear views, symmetric, in metres from the middle and above the road.


END_FLOOR = 720
TALLEST_END, LARGEST_END = 520.0, 345.0
TYRE, CHROME, LAMP, LAMP_EDGE = (30, 32, 35), (168, 175, 182), (224, 232, 240), (150, 164, 178)
RED, RED_LIGHT, BLUE = (176, 24, 32), (236, 96, 90), (24, 66, 150)
PLATE = "MU ST 1000"


@dataclass(frozen=True)
class End:
    """`lift` raises belt, lamps and grille; `taper` is half the width of the roof; no roof: a convertible."""

    width: float
    height: float
    lift: float = 0.0
    taper: float = 0.6
    roof: bool = True
    alcove: bool = False


LOW = End(1.8, 1.46)
COMPACT = End(1.7, 1.5, 0.03)
OPEN_TOP = End(1.8, 1.3, taper=0.66, roof=False)
HIGH = End(1.86, 1.68, 0.13, 0.64)
WIDE = End(1.82, 1.7, 0.07, 0.66)
TALL = End(1.92, 2.1, 0.2, 0.82)
CABIN = End(2.2, 2.9, 0.22, 1.04, alcove=True)


class EndView(Stencil):
    def __init__(self, end: End) -> None:
        super().__init__()
        self.end = end
        self.scale = min(LARGEST_END, TALLEST_END / end.height)

    def at(self, x: float, y: float) -> Point:
        return WIDTH / 2 + x * self.scale, END_FLOOR - y * self.scale

    def curve(self, corners: Sequence[Corner]) -> list[Point]:
        return rounded([(*self.at(x, y), radius * self.scale) for x, y, radius in corners])

    def both(self, half: Sequence[Corner]) -> list[Point]:
        """A closed outline from its right half, bottom to top."""
        return self.curve([*half, *((-x, y, radius) for x, y, radius in reversed(half))])

    def pair(self, corners: Sequence[Corner], fill: Rgb) -> None:
        """The same part on the left and on the right."""
        self.part(self.curve(corners), fill)
        self.part(self.curve([(-x, y, radius) for x, y, radius in corners]), fill)

    def screen(self, low: float) -> None:
        end = self.end
        top = min(end.height - 0.1, low + 0.72)
        wide = end.width / 2 - 0.2
        narrow = max(end.taper - 0.06, wide - (top - low) * 0.4) if not end.alcove else wide - 0.1
        if not end.roof:
            outline = self.both(((wide, low - 0.02, 0.04), (narrow, end.height - 0.02, 0.1)))
            self.part(outline, (126, 138, 150))
            self.glint(outline, (176, 187, 198), ((0.3, 0.12), (0.46, 0.04)))
            self.stroke([*outline, outline[0]], TRIM, 5)
            return
        outline = self.both(((wide, low, 0.06), (narrow, top, 0.1)))
        self.part(outline, GLASS)
        self.glint(outline, GLASS_LIGHT, ((0.28, 0.14), (0.46, 0.04)))
        self.stroke([*outline, outline[0]], TRIM, 3)

    def plate(self, low: float) -> None:
        self.part(self.curve(_end_box(-0.27, low, 0.27, low + 0.115, 0.012)), (30, 33, 37))
        self.part(self.curve(_end_box(-0.262, low + 0.007, 0.262, low + 0.108, 0.01)), (246, 247, 248))
        self.part(self.curve(_end_box(-0.262, low + 0.007, -0.22, low + 0.108, 0.01)), BLUE)
        x, y = self.at(0.022, low + 0.057)
        font = ImageFont.load_default(size=0.082 * self.scale * ZOOM)
        self.parts.draw.text(
            (x * ZOOM, y * ZOOM), PLATE, fill=(24, 26, 30), font=font, anchor="mm", stroke_width=1
        )


def draw_front(end: End) -> Drawing:
    view = _body(end)
    lift = end.lift
    view.screen(0.98 + lift)
    hood = [
        view.at(x, y)
        for x, y in ((-0.62, 0.96 + lift), (-0.46, 0.74 + lift), (0.46, 0.74 + lift), (0.62, 0.96 + lift))
    ]
    view.stroke(hood, GAP, 1.5)
    lamp: Sequence[Corner] = ((0.44, 0.62, 0.03), (0.42, 0.72, 0.04), (0.86, 0.8, 0.06), (0.86, 0.66, 0.06))
    view.pair([(x, y + lift, r) for x, y, r in lamp], LAMP_EDGE)
    view.pair([(0.48 + (x - 0.44) * 0.86, y + lift + 0.012, r) for x, y, r in lamp], LAMP)
    view.part(view.both(((0.3, 0.54 + lift, 0.06), (0.38, 0.71 + lift, 0.06))), TRIM)
    for step in range(4):
        y = 0.575 + lift + step * 0.034
        view.stroke([view.at(-0.33, y), view.at(0.33, y)], (70, 76, 83), 2)
    view.disc(*view.at(0, 0.625 + lift), 0.055 * view.scale, CHROME)
    view.disc(*view.at(0, 0.625 + lift), 0.04 * view.scale, (92, 99, 107))
    view.part(view.both(((0.5, 0.25, 0.06), (0.66, 0.41 + lift / 2, 0.06))), TRIM)
    view.pair(((0.7, 0.32, 0.02), (0.7, 0.44, 0.03), (0.84, 0.46, 0.03), (0.82, 0.34, 0.03)), TRIM)
    view.plate(0.36 + lift / 2)
    return _finished(view)


def draw_rear(end: End) -> Drawing:
    view = _body(end)
    lift = end.lift
    view.screen(1.0 + lift)
    gap = ((-0.66, 0.98 + lift), (-0.62, 0.52 + lift), (0.62, 0.52 + lift), (0.66, 0.98 + lift))
    view.stroke([view.at(x, y) for x, y in gap], GAP, 1.6)
    lamp: Sequence[Corner] = ((0.5, 0.76, 0.03), (0.52, 0.87, 0.04), (0.87, 0.9, 0.07), (0.88, 0.72, 0.07))
    view.pair([(x, y + lift, r) for x, y, r in lamp], RED)
    view.pair(
        [(0.54 + (x - 0.5) * 0.8, y + lift + (0.8 - y) * 0.55 + 0.02, r) for x, y, r in lamp], RED_LIGHT
    )
    view.part(view.both(((0.62, 0.24, 0.05), (0.74, 0.36, 0.06))), TRIM)
    view.pair(((0.42, 0.26, 0.02), (0.42, 0.31, 0.02), (0.58, 0.31, 0.02), (0.58, 0.26, 0.02)), CHROME)
    view.disc(*view.at(0, 0.9 + lift), 0.05 * view.scale, CHROME)
    view.disc(*view.at(0, 0.9 + lift), 0.036 * view.scale, (92, 99, 107))
    view.plate(0.66 + lift)
    return _finished(view)


def _body(end: End) -> EndView:
    view = EndView(end)
    half, lift = end.width / 2, end.lift
    outline: list[Corner] = [(half - 0.1, 0.22, 0.08), (half, 0.42, 0.14), (half, 0.8 + lift, 0.16)]
    if end.roof:
        outline += [
            (half - 0.1, 0.98 + lift, 0.1),
            (end.taper + 0.03, end.height - 0.02, 0.22),
            (0.1, end.height, 0.3),
        ]
    else:
        outline += [(half - 0.12, 0.98 + lift, 0.12), (0.1, 1.0 + lift, 0.2)]
    if end.alcove:
        outline[2:] = [(half, 1.7, 0.05), (half, end.height - 0.04, 0.2), (0.1, end.height, 0.3)]
    view.body.area(view.both(outline), 255)
    top, belt = view.at(0, end.height)[1], view.at(0, 0.9 + lift)[1]
    view.shading.ramp(top - 2, belt, 200, 160)
    view.shading.ramp(belt, view.at(0, 0.22)[1], 156, 78)
    band = ((0.7, 0.82 + lift, 0.2), (0.6, 0.93 + lift, 0.2))
    view.shading.area(view.both(band), 212)
    view.shading.blur(7)
    mirror: Sequence[Corner] = (
        (half - 0.06, 1.0, 0.03),
        (half - 0.04, 1.12, 0.05),
        (half + 0.12, 1.13, 0.05),
        (half + 0.14, 1.03, 0.05),
    )
    view.pair([(x, y + lift, r) for x, y, r in mirror], (58, 63, 70))
    view.pair(_end_box(half - 0.3, 0.0, half - 0.08, 0.25, 0.04), TYRE)
    return view


def _end_box(left: float, low: float, right: float, high: float, radius: float) -> list[Corner]:
    return [(left, low, radius), (left, high, radius), (right, high, radius), (right, low, radius)]


def _finished(view: EndView) -> Drawing:
    half = view.end.width / 2 * view.scale
    return view.drawing(studio(WIDTH / 2 - half, WIDTH / 2 + half, END_FLOOR), END_FLOOR)
