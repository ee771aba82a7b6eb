"""A wheel: tyre, rim with spokes, brake disc."""

from __future__ import annotations

from math import cos, pi, sin

from portal.demo.drawing.canvas import Point, Sheet, Stencil

TYRE, TYRE_EDGE, WELL, DISC, RIM, RIM_LIGHT = (
    (30, 32, 35),
    (58, 61, 65),
    (22, 24, 27),
    (118, 123, 129),
    (176, 182, 189),
    (214, 219, 224),
)


def draw_wheel(stencil: Stencil, x: float, y: float, radius: float, spokes: int = 5) -> None:
    parts = stencil.parts
    stencil.disc(x, y, radius, TYRE)
    parts.circle(x, y, radius * 0.93, TYRE_EDGE)
    parts.circle(x, y, radius * 0.915, TYRE)
    parts.circle(x, y, radius * 0.72, RIM)
    parts.circle(x, y, radius * 0.665, WELL)
    parts.circle(x, y, radius * 0.45, DISC)
    parts.circle(x, y, radius * 0.42, (142, 147, 153))
    for index in range(spokes):
        _spoke(parts, x, y, radius, 2 * pi * index / spokes - pi / 2)
    parts.circle(x, y, radius * 0.16, RIM_LIGHT)
    parts.circle(x, y, radius * 0.085, (92, 98, 105))


def _spoke(parts: Sheet, x: float, y: float, radius: float, angle: float) -> None:
    def at(distance: float, off: float) -> Point:
        return (
            x + radius * (distance * cos(angle) - off * sin(angle)),
            y + radius * (distance * sin(angle) + off * cos(angle)),
        )

    parts.area([at(0.1, -0.09), at(0.69, -0.13), at(0.69, -0.015), at(0.1, -0.01)], RIM_LIGHT)
    parts.area([at(0.1, 0.01), at(0.69, 0.015), at(0.69, 0.13), at(0.1, 0.09)], RIM)
