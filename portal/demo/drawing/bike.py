"""Side view of a motorbike, in metres."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin

from portal.demo.drawing.canvas import WIDTH, Corner, Drawing, Point, Stencil, rounded, studio

FLOOR = 740
SCALE = 400.0
LENGTH = 2.15
FRONT, REAR, RADIUS = 0.34, 1.8, 0.33
DARK, STEEL, ALLOY, BLACK, SEAT = (46, 50, 55), (150, 156, 163), (196, 201, 206), (28, 30, 33), (36, 37, 40)


class BikeView(Stencil):
    left = (WIDTH - LENGTH * SCALE) / 2

    def at(self, x: float, y: float) -> Point:
        return self.left + x * SCALE, FLOOR - y * SCALE

    def curve(self, corners: Sequence[Corner]) -> list[Point]:
        return rounded([(*self.at(x, y), radius * SCALE) for x, y, radius in corners])

    def bar(self, start: Point, end: Point, fill: tuple[int, int, int], width: float) -> None:
        self.stroke([self.at(*start), self.at(*end)], fill, width)

    def bodywork(self) -> None:
        """Tank with its side panels, front mudguard, tail."""
        tank = (
            (0.66, 0.78, 0.06),
            (0.7, 0.98, 0.1),
            (0.92, 1.06, 0.14),
            (1.2, 0.86, 0.1),
            (1.14, 0.78, 0.05),
            (0.86, 0.66, 0.06),
        )
        tail = ((1.5, 0.88, 0.03), (1.5, 0.82, 0.03), (1.94, 0.92, 0.03), (2.0, 1.0, 0.03))
        guard = (
            (0.1, 0.62, 0.03),
            (0.26, 0.72, 0.14),
            (0.56, 0.68, 0.1),
            (0.62, 0.56, 0.02),
            (0.5, 0.62, 0.1),
            (0.28, 0.67, 0.12),
        )
        for shape in (tank, tail, guard):
            self.body.area(self.curve(shape), 255)
        self.shading.ramp(self.at(0, 1.08)[1], self.at(0, 0.64)[1], 206, 84)
        shine = ((0.76, 0.94, 0.03), (0.9, 1.0, 0.1), (1.08, 0.92, 0.06), (0.92, 0.95, 0.08))
        self.shading.area(self.curve(shine), 250)
        self.shading.blur(5)

    def wheel(self, x: float) -> None:
        x_px, y_px = self.at(x, RADIUS)
        self.disc(x_px, y_px, RADIUS * SCALE, BLACK)
        self.mask.circle(x_px, y_px, RADIUS * SCALE * 0.76, 0)
        for radius, width, fill in ((0.74, 6, ALLOY), (0.4, 5, STEEL)):
            ring = [
                (
                    x_px + RADIUS * SCALE * radius * cos(a * pi / 30),
                    y_px + RADIUS * SCALE * radius * sin(a * pi / 30),
                )
                for a in range(61)
            ]
            self.stroke(ring, fill, width)
        for spoke in range(10):
            angle = spoke * pi / 5
            rim = (x_px + RADIUS * SCALE * 0.74 * cos(angle), y_px + RADIUS * SCALE * 0.74 * sin(angle))
            self.stroke([(x_px, y_px), rim], ALLOY, 5)
        self.disc(x_px, y_px, 0.06 * SCALE, DARK)

    def frame(self) -> None:
        self.bar((FRONT, RADIUS), (0.62, 0.98), STEEL, 15)
        self.bar((FRONT + 0.01, RADIUS + 0.02), (0.46, 0.62), DARK, 20)
        self.bar((1.1, 0.42), (REAR, RADIUS), DARK, 24)
        self.bar((1.24, 0.5), (1.52, 0.84), STEEL, 9)
        self.bar((0.64, 0.92), (1.06, 0.5), DARK, 15)
        self.bar((1.12, 0.8), (1.94, 0.95), DARK, 12)
        self.bar((1.04, 0.78), (1.18, 0.42), DARK, 15)

    def engine(self) -> None:
        block = (
            (0.72, 0.36, 0.05),
            (0.7, 0.64, 0.05),
            (0.98, 0.7, 0.05),
            (1.18, 0.56, 0.08),
            (1.16, 0.32, 0.08),
        )
        self.part(self.curve(block), (74, 79, 86))
        for step in range(5):
            y = 0.46 + step * 0.036
            self.bar((0.7, y), (0.94, y + 0.02), STEEL, 4)
        self.disc(*self.at(1.06, 0.44), 0.1 * SCALE, STEEL)
        self.disc(*self.at(1.06, 0.44), 0.075 * SCALE, (96, 102, 109))
        pipe = (
            (0.72, 0.4, 0.03),
            (0.78, 0.28, 0.06),
            (1.3, 0.3, 0.05),
            (1.3, 0.26, 0.02),
            (0.72, 0.24, 0.08),
            (0.68, 0.4, 0.02),
        )
        self.part(self.curve(pipe), ALLOY)
        self.part(
            self.curve(((1.26, 0.24, 0.03), (1.26, 0.36, 0.03), (1.96, 0.56, 0.03), (2.0, 0.44, 0.03))), DARK
        )
        self.part(
            self.curve(((1.9, 0.43, 0.02), (1.89, 0.54, 0.02), (1.96, 0.56, 0.02), (2.0, 0.44, 0.02))), STEEL
        )

    def seat_and_bars(self) -> None:
        seat = (
            (1.14, 0.84, 0.04),
            (1.18, 0.9, 0.06),
            (1.5, 0.88, 0.1),
            (1.62, 0.98, 0.08),
            (1.98, 1.02, 0.04),
            (1.98, 0.97, 0.02),
            (1.5, 0.84, 0.06),
        )
        self.part(self.curve(seat), SEAT)
        self.bar((0.62, 1.0), (0.74, 1.16), DARK, 10)
        self.bar((0.72, 1.15), (0.9, 1.13), BLACK, 13)
        self.part(
            self.curve(((0.44, 0.86, 0.04), (0.44, 1.0, 0.06), (0.6, 1.02, 0.04), (0.62, 0.88, 0.04))), DARK
        )
        self.part(
            self.curve(((0.42, 0.89, 0.03), (0.43, 0.98, 0.04), (0.5, 0.99, 0.03), (0.5, 0.88, 0.03))),
            (226, 232, 238),
        )
        self.part(
            self.curve(((0.5, 1.02, 0.02), (0.6, 1.26, 0.06), (0.66, 1.24, 0.04), (0.62, 1.02, 0.02))),
            (112, 124, 136),
        )
        self.part(
            self.curve(((1.96, 0.95, 0.01), (1.96, 1.0, 0.02), (2.03, 1.0, 0.02), (2.03, 0.95, 0.01))),
            (190, 30, 36),
        )


def draw_bike() -> Drawing:
    view = BikeView()
    view.bodywork()
    for x in (FRONT, REAR):
        view.wheel(x)
    view.frame()
    view.engine()
    view.seat_and_bars()
    return view.drawing(studio(view.left, view.left + LENGTH * SCALE, FLOOR), FLOOR)
