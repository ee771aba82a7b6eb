"""Removing or hiding the last picture: the platform is told where it can be, else the dealer is."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from sqlalchemy import select

from portal.models import Listing, Publication, Vehicle
from portal.models.exports import TransferState
from portal.vehicles.images import add_image, remove_image, set_published
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace
from tests.words import german


@pytest.fixture
def pictured(stage: Stage) -> Vehicle:
    """Online with one picture."""
    vehicle = stage.vehicle()
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), "red").save(buffer, "JPEG")
    add_image(stage.session, vehicle, buffer.getvalue())
    stage.session.commit()
    stage.drain()
    return vehicle


@pytest.mark.parametrize("way", ["remove", "hide"])
def test_where_the_pictures_stay_the_history_and_the_vehicle_say_so(
    stage: Stage, marketplace: Marketplace, pictured: Vehicle, way: str
) -> None:
    [image] = pictured.images
    if way == "remove":
        remove_image(stage.session, pictured, image)
    else:
        set_published(stage.session, pictured, image, False)
    stage.session.commit()
    stage.drain()
    [ad] = marketplace.online().values()
    assert len(ad["images"]) == 1
    transfer = stage.transfers()[-1]
    assert (transfer.action, transfer.state) == ("update", TransferState.WARNING)
    assert [note["code"] for note in transfer.feedback] == ["pictures-stay"]
    [change] = transfer.changes
    assert (german(change["label"]), change["new"]) == ("Bilder", "")
    publication = stage.session.scalars(select(Publication)).one()
    assert "pictures-stay" in [hint["code"] for hint in publication.hints]


def test_it_is_sent_once_and_over_with_the_next_picture(stage: Stage, pictured: Vehicle) -> None:
    [image] = pictured.images
    set_published(stage.session, pictured, image, False)
    stage.session.commit()
    stage.drain()
    stage.note(pictured)
    stage.drain()
    assert len(stage.transfers()) == 2
    set_published(stage.session, pictured, image, True)
    stage.session.commit()
    stage.drain()
    assert stage.transfers()[-1].state == TransferState.OK
    listing = stage.session.scalars(select(Listing)).one()
    stage.session.refresh(listing, ["sent_payload"])
    assert len(listing.sent_payload["images"]) == 1


def test_a_listing_that_never_had_pictures_is_not_spoken_of(stage: Stage) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    stage.change(vehicle, mileage=65_000)
    stage.drain()
    assert [row.state for row in stage.transfers()] == [TransferState.OK] * 2
