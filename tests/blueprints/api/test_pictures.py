"""`…/images`: pictures sent by a tool."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import Dealer, Transfer
from portal.vehicles import images
from tests.blueprints.api.conftest import Tool, tool_of
from tests.blueprints.api.test_vehicles import GOLF, post
from tests.builders import Build
from tests.vehicles.huge_pictures import forbid_decoding, huge_picture
from tests.vehicles.test_images import picture

HERE = "/vehicles/HH/A1/images"


@pytest.fixture
def golf(tool: Tool) -> Tool:
    post(tool, GOLF)
    return tool


def send(tool: Tool, data: bytes, kind: str = "image/jpeg") -> Any:
    return tool("POST", HERE, data=data, content_type=kind)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def shown(tool: Tool) -> list[str]:
    return [image["digest"] for image in tool("GET", HERE).get_json()["images"]]


def test_pictures_are_appended_and_listed_by_the_digest_of_what_was_sent(golf: Tool) -> None:
    red, blue = picture(), picture(form="PNG", colour="blue")
    assert send(golf, red).status_code == 201
    assert send(golf, blue, "image/png").status_code == 201
    assert shown(golf) == [digest(red), digest(blue)]
    assert [one["digest"] for one in golf("GET", "/vehicles/HH/A1").get_json()["images"]] == shown(golf)


def test_the_same_bytes_again_change_and_send_nothing(
    golf: Tool, build: Build, session: Session, alices: Dealer
) -> None:
    build.activation(alices)
    send(golf, picture())
    session.execute(Transfer.__table__.delete())  # type: ignore[attr-defined]
    session.commit()
    assert send(golf, picture()).status_code == 200
    assert golf("PUT", HERE, json={"images": [digest(picture())]}).status_code == 200
    assert len(shown(golf)) == 1
    assert session.scalar(select(func.count()).select_from(Transfer)) == 0


def test_an_order_puts_pictures_where_they_belong_and_takes_the_others_away(golf: Tool) -> None:
    files = [picture(colour=colour) for colour in ("red", "green", "blue")]
    for file in files:
        send(golf, file)
    wanted = [digest(files[2]), digest(files[0])]
    assert golf("PUT", HERE, json={"images": wanted}).status_code == 200
    assert shown(golf) == wanted
    golf("PUT", HERE, json={"images": []})
    assert shown(golf) == []


def test_an_order_names_what_was_never_sent_and_changes_nothing(golf: Tool) -> None:
    send(golf, picture())
    unknown = digest(b"other")
    answer = golf("PUT", HERE, json={"images": [unknown, digest(picture())]})
    assert (answer.status_code, answer.get_json()["missing"]) == (422, [unknown])
    assert shown(golf) == [digest(picture())]


@pytest.mark.parametrize("kind", ["image/jpg", "image/pjpeg", "image/heif", "image/png"])
def test_a_picture_is_what_its_content_says(golf: Tool, kind: str) -> None:
    assert send(golf, picture(), kind).status_code == 201


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"no picture", "image/jpeg", 422),
        (b"", "image/png", 422),
        (b"GIF89a", "image/gif", 415),
        (b"{}", "application/json", 415),
        (b" " * (images.MOST_BYTES + 1), "image/jpeg", 413),
    ],
)
def test_what_is_no_picture_is_refused(golf: Tool, data: bytes, kind: str, status: int) -> None:
    answer = send(golf, data, kind)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert shown(golf) == []


def test_a_picture_above_25_megapixels_is_refused_by_its_header(
    golf: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_decoding(monkeypatch)
    answer = send(golf, huge_picture(), "image/png")
    assert answer.status_code == 422
    assert "25" in answer.get_json()["detail"]
    assert shown(golf) == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("[]", "application/json", 400),
        ('{"images": [1]}', "application/json", 400),
        ("{", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ('{"images": []}', "text/plain", 415),
        ('{"images": [' + ",".join(['"x"'] * 101) + "]}", "application/json", 413),
        ('{"images": ["\\ud800"]}', "application/json", 422),
    ],
)
def test_an_order_that_is_none_is_refused(golf: Tool, body: str, kind: str, status: int) -> None:
    assert golf("PUT", HERE, data=body, content_type=kind).status_code == status


def test_there_is_room_for_so_many_pictures(golf: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_IMAGES", 1)
    send(golf, picture())
    assert send(golf, picture(colour="blue")).status_code == 422


def test_a_strangers_pictures_are_not_there(golf: Tool, build: Build, client: FlaskClient) -> None:
    send(golf, picture())
    stranger = tool_of(build, client, build.dealer("Autohaus Charlie", code="CH"))
    assert stranger("GET", HERE).status_code == 404
    assert stranger("PUT", HERE, json={"images": []}).status_code == 404
    assert send(stranger, picture()).status_code == 404
    assert len(shown(golf)) == 1
