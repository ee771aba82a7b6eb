"""A wheel: tyre, rim with spokes, brake disc."""

from __future__ import annotations

from math import cos, pi, sin

from portal.demo.drawing.canvas import HEIGHT, WIDTH, Corner, Drawing, Point, Sheet, Stencil, rounded, studio

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


# A wheel from near by, and the driver's place.


TRIM, GAP, CHROME = (28, 31, 35), (24, 27, 31), (168, 175, 182)


def draw_wheel_detail() -> Drawing:
    """Front wheel, wing and the edge of the door."""
    stencil = Stencil()
    x, y, radius = 600.0, 570.0, 250.0
    stencil.body.area([(0, 90), (WIDTH, 40), (WIDTH, 715), (0, 715)], 255)
    stencil.shading.ramp(40, 330, 214, 150)
    stencil.shading.ramp(330, 715, 148, 84)
    stencil.shading.area(rounded([(-40, 170, 60), (WIDTH, 120, 60), (WIDTH, 190, 60), (-40, 250, 60)]), 226)
    stencil.shading.blur(16)
    stencil.shading.line([(0, 318), (WIDTH, 268)], 92, 4)
    stencil.shading.line([(0, 323), (WIDTH, 273)], 196, 3)
    stencil.part([(0, 660), (WIDTH, 660), (WIDTH, 730), (0, 730)], TRIM)
    house = radius * 1.16
    arc = [(x + house * cos(a * pi / 60), y - house * sin(a * pi / 60)) for a in range(-6, 67)]
    stencil.part(arc, TRIM)
    draw_wheel(stencil, x, y, radius)
    stencil.stroke([(1010, 50), (1000, 300), (1012, 656)], GAP, 4)
    lamp = rounded([(0, 330, 1), (0, 200, 1), (190, 250, 40), (250, 330, 30)])
    stencil.part(lamp, (150, 164, 178))
    stencil.part(rounded([(0, 316, 1), (0, 216, 1), (176, 262, 36), (226, 318, 26)]), (228, 235, 242))
    stencil.glint(lamp, (255, 255, 255), ((0.1, 0.18),))
    return stencil.drawing(studio(x - radius, x + radius, round(y + radius)))


def draw_interior() -> Drawing:
    """Steering wheel, instruments and screen; the upholstery takes the colour."""
    view = InteriorView()
    view.upholstery()
    view.dashboard()
    view.screens()
    view.steering_wheel()
    outside = studio(0, WIDTH, HEIGHT + 200)
    return view.drawing(outside)


class InteriorView(Stencil):
    def upholstery(self) -> None:
        """Lower dashboard, door panels and the seats in front."""
        self.body.area([(0, 470), (WIDTH, 470), (WIDTH, HEIGHT), (0, HEIGHT)], 255)
        self.shading.ramp(470, 720, 150, 92)
        self.shading.ramp(720, HEIGHT, 108, 60)
        for left in (70.0, 820.0):
            seat = rounded(
                [
                    (left, HEIGHT + 40, 60),
                    (left + 20, 800, 90),
                    (left + 330, 800, 90),
                    (left + 360, HEIGHT + 40, 60),
                ]
            )
            self.shading.area(seat, 172)
        self.shading.blur(9)
        for left in (150.0, 900.0):
            for seam in (0, 70, 140):
                self.shading.line([(left + seam, 830), (left + seam - 6, HEIGHT)], 128, 3)

    def dashboard(self) -> None:
        top: list[Corner] = [
            (0, 560, 1),
            (0, 392, 1),
            (330, 372, 90),
            (640, 396, 120),
            (WIDTH, 404, 1),
            (WIDTH, 560, 1),
        ]
        self.part(rounded(top), (38, 41, 46))
        self.part(rounded([(0, 556, 1), (0, 540, 1), (WIDTH, 528, 1), (WIDTH, 544, 1)]), CHROME)
        self.part(rounded([(0, 620, 1), (0, 554, 1), (WIDTH, 542, 1), (WIDTH, 596, 1)]), (54, 58, 64))
        self.part(rounded([(510, HEIGHT, 1), (530, 640, 50), (760, 636, 50), (790, HEIGHT, 1)]), (44, 47, 53))
        self.part(rounded([(600, 900, 20), (606, 780, 24), (676, 780, 24), (682, 900, 20)]), (24, 26, 30))
        self.stroke([(612, 800), (668, 800)], CHROME, 4)
        for left in (40.0, 1130.0):
            self.vent(left)
        pillar = ((0.0, 0.0), (78.0, 0.0), (0.0, 250.0)), ((WIDTH, 0.0), (WIDTH - 78.0, 0.0), (WIDTH, 250.0))
        for points in pillar:
            self.part(points, (62, 66, 72))
        self.part(rounded([(520, 20, 20), (520, 92, 26), (760, 92, 26), (760, 20, 20)]), (46, 50, 56))

    def vent(self, left: float) -> None:
        self.part(
            rounded([(left, 520, 14), (left, 436, 14), (left + 110, 436, 14), (left + 110, 520, 14)]),
            (20, 22, 25),
        )
        for step in range(4):
            y = 452 + step * 18
            self.stroke([(left + 10, y), (left + 100, y)], (82, 87, 94), 3)

    def screens(self) -> None:
        self.part(rounded([(560, 566, 22), (560, 356, 22), (950, 350, 22), (950, 560, 22)]), (14, 16, 20))
        self.part(rounded([(572, 552, 12), (572, 370, 12), (938, 364, 12), (938, 546, 12)]), (228, 236, 230))
        self.map()
        self.part(rounded([(150, 500, 40), (160, 380, 60), (460, 380, 60), (470, 500, 40)]), (14, 16, 20))
        for x, share in ((236.0, 0.62), (384.0, 0.34)):
            self.gauge(x, 446.0, share)

    def map(self) -> None:
        clip = Sheet("L")
        clip.area(rounded([(572, 552, 12), (572, 370, 12), (938, 364, 12), (938, 546, 12)]), 255)
        roads = Sheet("RGB", (228, 236, 230))
        roads.area([(572, 470), (720, 430), (800, 552), (572, 560)], (205, 226, 203))
        roads.area([(820, 364), (938, 364), (938, 440), (850, 420)], (190, 214, 234))
        for points in (
            [(560, 430), (950, 500)],
            [(650, 360), (700, 560)],
            [(850, 360), (800, 560)],
            [(560, 520), (950, 400)],
        ):
            roads.line(points, (255, 255, 255), 10)
        roads.line([(692, 552), (676, 450), (742, 463), (826, 440), (846, 372)], (38, 110, 214), 8)
        roads.circle(692, 530, 11, (38, 110, 214))
        self.parts.image.paste(roads.image, mask=clip.image)

    def gauge(self, x: float, y: float, share: float) -> None:
        def at(angle: float, radius: float) -> Point:
            return x + radius * cos(angle), y + radius * sin(angle)

        arc = [at(pi * 0.8 + step * pi * 1.4 / 40, 50) for step in range(41)]
        self.stroke(arc, (70, 78, 88), 5)
        self.stroke(arc[: round(41 * share)], (90, 178, 240), 5)
        self.stroke(
            [at(pi * 0.8 + pi * 1.4 * share, 10), at(pi * 0.8 + pi * 1.4 * share, 44)], (240, 244, 248), 3
        )

    def steering_wheel(self) -> None:
        x, y, radius = 310.0, 640.0, 214.0
        ring = [(x + radius * cos(a * pi / 60), y + radius * 0.94 * sin(a * pi / 60)) for a in range(122)]
        self.stroke(ring, (22, 24, 27), 36)
        self.stroke([(px - 3, py - 4) for px, py in ring[66:116]], (70, 75, 82), 5)
        for points in (
            [(x - 200, 650), (x - 60, 640)],
            [(x + 200, 650), (x + 60, 640)],
            [(x, 700), (x, 838)],
        ):
            self.stroke(points, (34, 37, 41), 46)
        hub = rounded([(x - 92, 590, 40), (x + 92, 590, 40), (x + 76, 724, 50), (x - 76, 724, 50)])
        self.part(hub, (44, 48, 53))
        self.disc(x, 652, 27, CHROME)
        self.disc(x, 652, 21, (62, 67, 74))
