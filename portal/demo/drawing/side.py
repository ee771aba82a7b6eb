"""Side view of everything that has four wheels."""

from __future__ import annotations

from collections.abc import Sequence

from portal.demo.drawing.canvas import WIDTH, Corner, Drawing, Point, Stencil, rounded
from portal.demo.drawing.shapes import Shape
from portal.demo.drawing.studio import studio
from portal.demo.drawing.wheel import draw_wheel

FLOOR = 690
TALLEST, LONGEST, LARGEST = 470.0, 1020.0, 218.0
"""Pixels for the height and the length of a vehicle, and at most for a metre."""
GLASS, GLASS_LIGHT, TRIM, GAP = (38, 47, 58), (92, 106, 122), (28, 31, 35), (24, 27, 31)


class SideView(Stencil):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.scale = min(LARGEST, LONGEST / shape.length, TALLEST / shape.height)
        self.left = (WIDTH - shape.length * self.scale) / 2

    def at(self, x: float, y: float) -> Point:
        return self.left + x * self.scale, FLOOR - y * self.scale

    def curve(self, corners: Sequence[Corner]) -> list[Point]:
        return rounded([(*self.at(x, y), radius * self.scale) for x, y, radius in corners])


def draw_side(shape: Shape) -> Drawing:
    view = SideView(shape)
    view.body.area(view.curve(shape.outline), 255)
    _shade(view)
    _underside(view)
    _windows(view)
    _gaps(view)
    _lamps(view)
    for x in shape.wheels:
        _wheel(view, x)
    if not shape.windows[1:] and shape.height < 1.5:
        _open_roof(view)
    right = view.left + shape.length * view.scale
    return view.drawing(studio(view.left, right, FLOOR), FLOOR)


def _shade(view: SideView) -> None:
    """Light from above: bright roof and shoulder, dark flanks, a reflex above the sill."""
    shape, sheet = view.shape, view.shading
    top, belt, sill = view.at(0, shape.height)[1], view.at(0, shape.belt)[1], view.at(0, 0.26)[1]
    sheet.ramp(top - 4, belt, 196, 150)
    sheet.ramp(belt, sill, 148, 82)
    sheet.ramp(sill, FLOOR, 70, 40)
    shoulder = [
        (0.3, shape.belt - 0.2, 0.2),
        (shape.length * 0.4, shape.belt - 0.03, 1.2),
        (shape.length - 0.3, shape.belt - 0.04, 0.2),
        (shape.length - 0.3, shape.belt - 0.1, 0.2),
        (shape.length * 0.4, shape.belt - 0.11, 1.2),
        (0.3, shape.belt - 0.25, 0.2),
    ]
    sheet.area(view.curve(shoulder), 214)
    reflex = [
        (1.2, 0.36, 0.3),
        (shape.length * 0.5, 0.42, 0.8),
        (shape.length - 1.3, 0.36, 0.3),
        (2.0, 0.33, 0.3),
    ]
    sheet.area(view.curve(reflex), 138)
    sheet.blur(5)
    crease = [view.at(0.62, shape.belt - 0.3), view.at(shape.length * 0.5, shape.belt - 0.21)]
    crease.append(view.at(shape.length - 0.42, shape.belt - 0.18))
    sheet.line(crease, 96, 2.2)
    sheet.line([(x, y + 2.4) for x, y in crease], 190, 1.8)


def _underside(view: SideView) -> None:
    shape = view.shape
    front, rear = shape.wheels
    arch = shape.wheel + 0.07
    view.part([view.at(front, 0.2), view.at(rear, 0.2), view.at(rear, 0.3), view.at(front, 0.3)], TRIM)
    if shape.cladding:
        for low, high in ((0.02, front), (rear, shape.length - 0.03)):
            view.part(view.curve(_box(low, 0.26, high, 0.42, 0.06)), TRIM)
    for x in shape.wheels:
        view.inside_body(*view.at(x, shape.wheel), (arch + 0.05 * shape.cladding) * view.scale, TRIM)
    if shape.stripe:
        view.part(view.curve(shape.stripe), (84, 104, 128))


def _box(left: float, low: float, right: float, high: float, radius: float) -> list[Corner]:
    return [(left, low, radius), (left, high, radius), (right, high, radius), (right, low, radius)]


def _windows(view: SideView) -> None:
    for pane in view.shape.windows:
        outline = view.curve(pane)
        view.part(outline, GLASS)
        view.glint(outline, GLASS_LIGHT, ((0.42, 0.2), (0.68, 0.07)))
        view.stroke([*outline, outline[0]], TRIM, 2.6)


def _gaps(view: SideView) -> None:
    shape = view.shape
    for x in shape.doors:
        if any(abs(x - wheel) < shape.wheel + 0.12 for wheel in shape.wheels):
            view.stroke([view.at(x + 0.02, shape.belt), view.at(x - 0.05, shape.wheel * 2 + 0.08)], GAP, 1.5)
        else:
            middle = (shape.belt + 0.32) / 2
            view.stroke([view.at(x, shape.belt), view.at(x - 0.03, middle), view.at(x, 0.31)], GAP, 1.5)
    for x in shape.handles:
        y = shape.belt - 0.15
        view.part(view.curve(_box(x - 0.1, y, x + 0.1, y + 0.03, 0.02)), (70, 76, 84))
    if shape.rails:
        low, high = shape.rails
        view.stroke(
            [view.at(low, shape.height - 0.035), view.at(high, shape.height - 0.055)], (86, 92, 99), 5
        )
    _mirror(view)


def _mirror(view: SideView) -> None:
    x, y = view.shape.windows[0][0][0] + 0.16, view.shape.belt + 0.04
    outline = view.curve(
        ((x, y, 0.03), (x - 0.01, y + 0.12, 0.05), (x + 0.2, y + 0.13, 0.05), (x + 0.22, y, 0.04))
    )
    view.bare(outline)
    view.stroke([*outline, outline[0]], GAP, 1.6)


def _lamps(view: SideView) -> None:
    view.part(view.curve(view.shape.headlight), (222, 230, 238))
    inner = [(x + 0.03, y + 0.02, r) for x, y, r in view.shape.headlight]
    view.part(view.curve(inner[1:]), (164, 178, 192))
    view.part(view.curve(view.shape.taillight), (176, 24, 32))
    view.stroke(view.curve(view.shape.taillight)[10:40], (232, 92, 88), 1.8)


def _wheel(view: SideView, x: float) -> None:
    x_px, y_px = view.at(x, view.shape.wheel)
    draw_wheel(view, x_px, y_px, view.shape.wheel * view.scale)


def _open_roof(view: SideView) -> None:
    """Headrests and the folded roof of a convertible."""
    for x in (2.3, 2.78):
        view.part(
            view.curve(
                ((x, 0.93, 0.02), (x + 0.06, 1.14, 0.06), (x + 0.24, 1.14, 0.06), (x + 0.28, 0.93, 0.02))
            ),
            (58, 50, 46),
        )
    view.part(
        view.curve(((3.02, 0.93, 0.05), (3.16, 1.06, 0.08), (3.62, 1.02, 0.1), (3.72, 0.96, 0.05))),
        (42, 45, 50),
    )
