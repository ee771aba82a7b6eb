"""The pictures of the demo: drawn once for each body and colour, captioned once for each model."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from multiprocessing import get_context

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from portal.demo.drawing import car, details, shapes
from portal.demo.drawing.bike import draw_bike
from portal.demo.drawing.canvas import HEIGHT, WIDTH, Drawing, Paint
from portal.demo.inventory import DemoVehicle

QUALITY, THUMBNAIL_QUALITY = 86, 80
THUMBNAIL = 4
"""By how much it is smaller than the picture."""
INK, PALE = (44, 52, 62), (118, 128, 140)

PAINTS: Mapping[str, Paint] = {
    "black": Paint((4, 5, 7), (34, 37, 42), (150, 158, 168)),
    "grey": Paint((22, 25, 29), (92, 99, 107), (206, 212, 219)),
    "white": Paint((104, 112, 122), (218, 222, 227), (255, 255, 255)),
    "blue": Paint((10, 22, 48), (38, 78, 140), (170, 200, 235)),
    "silver": Paint((66, 72, 80), (164, 171, 179), (244, 247, 250)),
    "red": Paint((60, 6, 8), (168, 24, 28), (250, 170, 165)),
    "green": Paint((16, 30, 20), (62, 92, 68), (190, 214, 194)),
    "orange": Paint((86, 30, 4), (216, 98, 26), (255, 204, 160)),
    "Schwarz": Paint((8, 9, 11), (40, 43, 48), (104, 110, 118)),
    "Grau": Paint((34, 37, 41), (104, 110, 117), (190, 196, 202)),
    "Beige": Paint((70, 58, 44), (186, 166, 138), (238, 226, 206)),
    "Braun": Paint((32, 18, 10), (104, 66, 42), (190, 150, 122)),
}
SIDES: Mapping[str, Callable[[], Drawing]] = {
    "small_car": partial(car.draw_side, shapes.SMALL_CAR),
    "saloon": partial(car.draw_side, shapes.SALOON),
    "estate": partial(car.draw_side, shapes.ESTATE),
    "coupe": partial(car.draw_side, shapes.COUPE),
    "convertible": partial(car.draw_side, shapes.CONVERTIBLE),
    "off_road": partial(car.draw_side, shapes.OFF_ROAD),
    "mpv": partial(car.draw_side, shapes.MPV),
    "van": partial(car.draw_side, shapes.VAN),
    "motor_home": partial(car.draw_side, shapes.MOTOR_HOME),
    "motorbike": draw_bike,
}
ENDS: Mapping[str, car.End] = {
    "small_car": car.COMPACT,
    "convertible": car.OPEN_TOP,
    "off_road": car.HIGH,
    "mpv": car.WIDE,
    "van": car.TALL,
    "motor_home": car.CABIN,
}
"""Other bodies look like a saloon from the front and from the rear."""


@dataclass(frozen=True)
class PictureView:
    """What is to be seen; two vehicles with equal views share the picture."""

    name: str
    body: str
    paint: str
    caption: str = ""
    mirrored: bool = False

    def drawing(self) -> Drawing:
        """Without paint and caption."""
        match self.name:
            case "side":
                return SIDES[self.body]()
            case "front":
                return car.draw_front(ENDS.get(self.body, car.LOW))
            case "rear":
                return car.draw_rear(ENDS.get(self.body, car.LOW))
            case "interior":
                return details.draw_interior()
        return details.draw_wheel_detail()


@dataclass(frozen=True)
class Picture:
    sha256: str
    jpeg: bytes
    thumbnail: bytes

    @classmethod
    def of(cls, painted: Image.Image, view: PictureView) -> Picture:
        picture = painted.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if view.mirrored else painted.copy()
        if view.caption:
            pen = ImageDraw.Draw(picture)
            pen.text((64, 62), view.caption, fill=INK, font=_font(46))
            pen.line((66, 128, 122, 128), fill=(34, 98, 190), width=5)
            note = "Zeichnung, kein Foto"
            pen.text((WIDTH - 64, HEIGHT - 50), note, fill=PALE, font=_font(20), anchor="rs")
        jpeg = _jpeg(picture, QUALITY)
        thumbnail = _jpeg(picture.reduce(THUMBNAIL), THUMBNAIL_QUALITY)
        return cls(hashlib.sha256(jpeg).hexdigest(), jpeg, thumbnail)


def views(vehicle: DemoVehicle) -> tuple[PictureView, ...]:
    """In the order in which a dealer shows them; the first one carries the name of the model."""
    if not vehicle.pictures:
        return ()
    body, paint = vehicle.body, vehicle.paint
    title = PictureView("side", body, paint, caption=f"{vehicle.facts.make} {vehicle.facts.model}")
    other_side = PictureView("side", body, paint, mirrored=True)
    if body == "motorbike":
        return title, other_side
    face = body if body in ENDS else "saloon"
    around = (PictureView("front", face, paint), PictureView("rear", face, paint), other_side)
    return title, *around, PictureView("interior", "", vehicle.interior), PictureView("wheel", "", paint)


def draw(wanted: Iterable[PictureView]) -> dict[PictureView, Picture]:
    """Draw on all processors: those that share a drawing together."""
    groups: dict[tuple[str, str], list[PictureView]] = {}
    for view in wanted:
        groups.setdefault((view.name, view.body), []).append(view)
    largest_first = sorted(groups.values(), key=len, reverse=True)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        return {view: picture for done in pool.map(_draw_group, largest_first) for view, picture in done}


def _draw_group(group: list[PictureView]) -> list[tuple[PictureView, Picture]]:
    drawing = group[0].drawing()
    painted: dict[str, Image.Image] = {}
    done = []
    for view in group:
        if view.paint not in painted:
            painted[view.paint] = drawing.painted(PAINTS[view.paint])
        done.append((view, Picture.of(painted[view.paint], view)))
    return done


@lru_cache
def _font(size: int) -> FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
