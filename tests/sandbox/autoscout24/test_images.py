"""Pictures of AutoScout24: uploaded first, one list, orphans gone at once, no picture twice."""

from __future__ import annotations

import hashlib

import pytest

from tests.sandbox.autoscout24.conftest import MUSTER, As24, codes, golf, picture


def test_uploaded_picture_is_shown_with_its_md5(as24: As24) -> None:
    image_id = as24.uploaded("red")
    listing_id = as24.created(golf(images=[{"id": image_id}]))
    (shown,) = as24.read(listing_id).json()["images"]
    assert shown["md5"] == hashlib.md5(picture("red")).hexdigest()  # noqa: S324
    assert as24.box.http.get(shown["previewUrl"]).content == picture("red")


def test_new_list_replaces_the_old_one_and_orphans_go_at_once(as24: As24) -> None:
    first, second = as24.uploaded("red"), as24.uploaded("blue")
    listing_id = as24.created(golf(images=[{"id": first}, {"id": second}]))
    assert as24.update(listing_id, golf(images=[{"id": second}])).status_code == 200
    assert list(as24.control("GET", f"/images?customer={MUSTER}").json()["images"]) == [second]
    assert codes(as24.update(listing_id, golf(images=[{"id": first}]))) == ["images-not-found"]


def test_put_without_pictures_clears_them(as24: As24) -> None:
    listing_id = as24.created(golf(images=[{"id": as24.uploaded()}]))
    as24.update(listing_id, golf())
    assert "images" not in as24.read(listing_id).json()


def test_picture_that_another_listing_shows_stays(as24: As24) -> None:
    shared = as24.uploaded("red")
    listing_id = as24.created(golf(images=[{"id": shared}]))
    as24.created(golf(images=[{"id": shared}], offerReferenceId="G-2"))
    as24.delete(listing_id)
    assert list(as24.control("GET", f"/images?customer={MUSTER}").json()["images"]) == [shared]


def test_same_picture_twice_is_refused(as24: As24) -> None:
    images = [{"id": as24.uploaded("red")}, {"id": as24.uploaded("red")}]
    assert codes(as24.create(golf(images=images))) == ["duplicated-image"]


def test_more_than_fifty_are_refused(as24: As24) -> None:
    images = [{"id": f"00000000-0000-4000-8000-{number:012}"} for number in range(51)]
    assert codes(as24.create(golf(images=images))) == ["too-many-images"]


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (b"no picture", "image/jpeg", "image-not-readable"),
        (picture(), "image/webp", "image-with-invalid-content-type"),
        (picture(size=(200, 150)), "image/jpeg", "minimum-image-resolution-not-met"),
    ],
)
def test_what_is_no_good_picture_is_refused(as24: As24, content: bytes, media_type: str, code: str) -> None:
    assert codes(as24.upload(content, media_type)) == [code]


def test_png_is_taken(as24: As24) -> None:
    assert as24.upload(picture(form="PNG"), "image/png").status_code == 201
