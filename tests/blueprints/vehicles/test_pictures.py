"""Pictures: taken in, in order, shown to colleagues only."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import User, VehicleImage
from portal.vehicles import images
from tests.blueprints.vehicles.conftest import Yard, waiting
from tests.builders import Build
from tests.vehicles.huge_pictures import SAID, forbid_decoding, huge_picture
from tests.words import undo_of

LIMIT = 100_000
"""Instead of 20 MB: above 500 kB the test client leaves its temporary file open."""


def picture(colour: str = "red", kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(buffer, kind)
    return buffer.getvalue()


def bomb(side: int) -> bytes:
    """A small PNG that says it is a square of so many pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def upload(client: FlaskClient, yard: Yard, *files: tuple[bytes, str]) -> Any:
    data = {"images": [(io.BytesIO(content), name) for content, name in files]}
    return client.post(yard.url + "/images", data=data, content_type="multipart/form-data")


def stored(session: Session, yard: Yard) -> list[VehicleImage]:
    session.expire_all()
    statement = select(VehicleImage).where(VehicleImage.vehicle_id == yard.vehicle.id)
    return list(session.scalars(statement.order_by(VehicleImage.position)))


def act(client: FlaskClient, yard: Yard, image: VehicleImage, action: str) -> Any:
    return client.post(f"{yard.url}/images/{image.id}/{action}")


def test_several_at_once_keep_their_order(session: Session, yard: Yard, alice: FlaskClient) -> None:
    files = (
        (picture("red"), "a.jpg"),
        (picture("blue", "PNG"), "b.png"),
        (picture("lime", "WEBP"), "c.webp"),
    )
    assert upload(alice, yard, *files).status_code == 303
    assert len(stored(session, yard)) == 3
    assert len(waiting(session)) == 1
    assert "3 Bilder hinzugefügt." in alice.get(yard.url).text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<svg onload=alert(1)>", "kein lesbares Bild"),
        (b"", "kein lesbares Bild"),
        (picture()[:300], "kein lesbares Bild"),
        (b"\0" * (LIMIT + 1), "größer als 20 MB"),
        (bomb(8_000), "mehr als 25 Millionen Pixel"),
        (bomb(50_000), "kein lesbares Bild"),
    ],
    ids=["markup", "empty", "cut", "large", "many pixels", "bomb"],
)
def test_what_cannot_be_taken_says_why_and_the_rest_is_taken(
    session: Session,
    yard: Yard,
    alice: FlaskClient,
    content: bytes,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(images, "MOST_BYTES", LIMIT)
    upload(alice, yard, (content, "<b>bad</b>.jpg"), (picture(), "good.jpg"))
    page = alice.get(yard.url).text
    assert message in page
    assert "<b>bad</b>" not in page
    assert len(stored(session, yard)) == 1


def test_a_picture_above_25_megapixels_is_refused_by_its_header(
    session: Session, yard: Yard, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_decoding(monkeypatch)
    upload(alice, yard, (huge_picture(), "huge.png"))
    assert SAID in alice.get(yard.url).text
    assert stored(session, yard) == []


def test_no_file_says_so(yard: Yard, alice: FlaskClient) -> None:
    upload(alice, yard)
    assert "Bitte wählen Sie zuerst Bilder aus." in alice.get(yard.url).text


def test_order_removal_and_publication(session: Session, yard: Yard, alice: FlaskClient) -> None:
    upload(alice, yard, *((picture(colour), "x.jpg") for colour in ("red", "blue", "lime")))
    first, second, third = (image.id for image in stored(session, yard))
    act(alice, yard, stored(session, yard)[2], "up")
    assert [image.id for image in stored(session, yard)] == [first, third, second]
    act(alice, yard, stored(session, yard)[0], "down")
    assert [image.id for image in stored(session, yard)] == [third, first, second]
    act(alice, yard, stored(session, yard)[0], "hide")
    assert [image.published for image in stored(session, yard)] == [False, True, True]
    act(alice, yard, stored(session, yard)[0], "publish")
    act(alice, yard, stored(session, yard)[1], "remove")
    assert [image.id for image in stored(session, yard)] == [third, second]
    assert act(alice, yard, stored(session, yard)[0], "explode").status_code == 404
    assert len(waiting(session)) == 1


def test_the_page_says_where_the_last_picture_would_stay(
    session: Session, build: Build, yard: Yard, alice: FlaskClient, bob: FlaskClient
) -> None:
    said = "bleibt es bei mobile.de stehen"
    upload(alice, yard, (picture("red"), "a.jpg"), (picture("blue"), "b.jpg"))
    assert said not in alice.get(yard.url).text
    act(alice, yard, stored(session, yard)[0], "hide")
    assert said not in alice.get(yard.url).text  # no listing yet
    build.listing(yard.vehicle, yard.activation)
    assert said in alice.get(yard.url).text
    assert said not in bob.get(yard.url).text  # who may not edit has nothing to press


@pytest.mark.parametrize("size", ["thumbnail", "full"])
def test_a_picture_is_private_and_kept_by_the_browser(
    session: Session, yard: Yard, alice: FlaskClient, bob: FlaskClient, size: str
) -> None:
    upload(alice, yard, (picture(), "a.jpg"))
    url = f"{yard.url}/images/{stored(session, yard)[0].id}/{size}"
    response = bob.get(url)
    assert response.mimetype == "image/jpeg"
    assert Image.open(io.BytesIO(response.data)).format == "JPEG"
    assert response.headers["Cache-Control"].startswith("private")
    again = bob.get(url, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(("who", "status"), [("charlie", 404), ("sam", 403)])
def test_strangers_see_and_change_no_picture(
    session: Session, yard: Yard, alice: FlaskClient, who: str, status: int, request: Any
) -> None:
    upload(alice, yard, (picture(), "a.jpg"))
    image = stored(session, yard)[0]
    client: FlaskClient = request.getfixturevalue(who)
    for size in ("thumbnail", "full"):
        assert client.get(f"{yard.url}/images/{image.id}/{size}").status_code == status
    assert act(client, yard, image, "remove").status_code == status
    assert upload(client, yard, (picture("blue"), "b.jpg")).status_code == status
    assert len(stored(session, yard)) == 1


def test_bob_changes_no_picture(session: Session, yard: Yard, alice: FlaskClient, bob: FlaskClient) -> None:
    upload(alice, yard, (picture(), "a.jpg"))
    assert act(bob, yard, stored(session, yard)[0], "remove").status_code == 403
    assert upload(bob, yard, (picture("blue"), "b.jpg")).status_code == 403
    assert len(stored(session, yard)) == 1


@pytest.mark.usefixtures("limits")
def test_a_user_sends_so_many_pictures_a_minute(
    yard: Yard, alice: FlaskClient, build: Build, login: Callable[[User], FlaskClient], session: Session
) -> None:
    colleague = login(build.user("carla", yard.dealer, rights=("view", "edit_vehicles")))
    files = [(b"", f"{number}.jpg") for number in range(75)]
    assert [upload(alice, yard, *files).status_code for _ in range(3)] == [303, 303, 429]
    assert upload(colleague, yard, *files).status_code == 303, "it is the limit of a user, not of the dealer"
    assert stored(session, yard) == []


def test_a_removed_picture_comes_back_to_its_place_once(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    upload(alice, yard, (picture("red"), "a.jpg"), (picture("blue"), "b.jpg"), (picture("lime"), "c.jpg"))
    before = stored(session, yard)
    contents = [image.sha256 for image in before]
    act(alice, yard, before[1], "hide")
    act(alice, yard, before[1], "remove")
    undo = undo_of(alice.get(yard.url).text)
    for _twice in range(2):
        assert alice.post(f"{yard.url}/images/restore", data=undo).status_code == 303
    after = stored(session, yard)
    assert [image.sha256 for image in after] == contents
    assert [image.published for image in after] == [True, False, True]
    assert len(waiting(session)) == 1


def test_nobody_takes_back_what_another_did_or_at_another_vehicle(
    session: Session, yard: Yard, alice: FlaskClient, build: Build, login: Callable[[User], FlaskClient]
) -> None:
    upload(alice, yard, (picture("red"), "a.jpg"))
    act(alice, yard, stored(session, yard)[0], "remove")
    undo = undo_of(alice.get(yard.url).text)
    bob = login(build.user("bob-of-pictures", yard.dealer))
    other = build.vehicle(yard.dealer)
    build.session.commit()
    bob.post(f"{yard.url}/images/restore", data=undo)
    alice.post(f"/vehicles/{other.id}/images/restore", data=undo)
    alice.post(f"{yard.url}/images/restore", data={"undo": undo["undo"][:-2] + "xx"})
    answer = alice.post(f"{yard.url}/images/restore", data={})
    assert stored(session, yard) == []
    assert "nicht mehr rückgängig" in alice.get(answer.location).text
