"""What the portal draws: real JPEGs, small, different where the vehicles differ."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image

from portal.demo.inventory import DemoVehicle, inventory
from portal.demo.pictures import ENDS, PAINTS, SIDES, Picture, PictureView, draw, views

pytestmark = pytest.mark.xdist_group("demo")
"""Where several processes share the tests, one of them draws."""


@pytest.fixture(scope="module")
def stock() -> list[DemoVehicle]:
    return inventory(300, "SO", "Bernd", date(2026, 11, 24), "sonnenschein")


@pytest.fixture(scope="module")
def drawn() -> dict[PictureView, Picture]:
    """Every drawing there is, in one colour."""
    wanted = [PictureView("side", body, "blue", caption="VW Golf") for body in SIDES]
    wanted += [PictureView(end, body, "red") for end in ("front", "rear") for body in (*ENDS, "saloon")]
    wanted += [
        PictureView("interior", "", "Beige"),
        PictureView("wheel", "", "grey"),
        PictureView("side", "saloon", "white", mirrored=True),
    ]
    return draw(wanted)


def test_they_are_jpegs_of_one_size_and_small(drawn: dict[PictureView, Picture]) -> None:
    for view, picture in drawn.items():
        with Image.open(io.BytesIO(picture.jpeg)) as image:
            image.load()
            assert (image.format, image.size) == ("JPEG", (1280, 960)), view
        assert len(picture.jpeg) < 150_000, view
        with Image.open(io.BytesIO(picture.thumbnail)) as small:
            assert small.size == (320, 240)


def test_every_drawing_is_another_one(drawn: dict[PictureView, Picture]) -> None:
    assert len({picture.sha256 for picture in drawn.values()}) == len(drawn)


def test_the_bodywork_has_the_colour_of_the_vehicle(drawn: dict[PictureView, Picture]) -> None:
    side = drawn[PictureView("side", "saloon", "blue", caption="VW Golf")]
    with Image.open(io.BytesIO(side.jpeg)) as image:
        red, _green, blue = image.getpixel((560, 600))
    assert blue > red + 40


def test_drawing_twice_gives_the_same_bytes(drawn: dict[PictureView, Picture]) -> None:
    view = PictureView("wheel", "", "grey")
    assert draw([view])[view].sha256 == drawn[view].sha256


def test_every_vehicle_of_the_demo_can_be_drawn(stock: list[DemoVehicle]) -> None:
    for vehicle in stock:
        for view in views(vehicle):
            assert view.paint in PAINTS
            assert view.name != "side" or view.body in SIDES


def test_equal_vehicles_share_pictures(stock: list[DemoVehicle]) -> None:
    shown = [view for vehicle in stock for view in views(vehicle)]
    assert len(set(shown)) < len(shown) / 3


def test_cars_have_six_views_and_begin_with_the_named_side(stock: list[DemoVehicle]) -> None:
    car = next(v for v in stock if v.body == "estate" and v.pictures)
    assert [view.name for view in views(car)] == ["side", "front", "rear", "side", "interior", "wheel"]
    assert views(car)[0].caption == f"{car.facts.make} {car.facts.model}"
