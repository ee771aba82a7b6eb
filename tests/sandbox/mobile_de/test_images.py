from __future__ import annotations

import hashlib

import pytest

from tests.sandbox.conftest import MEDIA_TYPE, MUSTER, Box, golf, jpeg, keys, paths


def refs(*names: str) -> list[dict[str, str]]:
    return [{"ref": name} for name in names]


def shown(sandbox: Box, ad_id: str) -> list[str]:
    return [image["ref"] for image in sandbox.read(ad_id).json()["images"]]


def test_an_uploaded_picture_gets_a_reference_and_its_hash(sandbox: Box) -> None:
    answer = sandbox.upload(jpeg())
    assert answer.status_code == 201
    assert answer.json()["ref"]
    assert answer.json()["hash"] == hashlib.sha256(jpeg()).hexdigest()


def test_pictures_are_shown_as_addresses_in_the_order_sent(sandbox: Box) -> None:
    red, blue = sandbox.uploaded("red"), sandbox.uploaded("blue")
    ad_id = sandbox.created(golf(images=refs(blue, red)))
    first, second = shown(sandbox, ad_id)
    assert first.startswith(f"{sandbox.url}/bilder/")
    assert sandbox.http.get(first).content == jpeg("blue")
    assert sandbox.http.get(second).content == jpeg("red")


@pytest.mark.parametrize(
    ("content", "content_type", "key"),
    [
        (jpeg(), "image/png", "image-type-not-supported"),
        (b"\xff\xd8\xff" + b"\0" * 2 * 1024 * 1024, "image/jpeg", "image-too-large"),
        (b"\x89PNG\r\n\x1a\n", "image/jpeg", "image-not-readable"),
        (b"", "image/jpeg", "image-not-readable"),
        (jpeg()[:-20], "image/jpeg", "image-not-readable"),
        (b"\xff\xd8\xff\xd9", "image/jpeg", "image-not-readable"),
    ],
)
def test_what_is_no_jpeg_of_at_most_2_mb_is_400(
    sandbox: Box, content: bytes, content_type: str, key: str
) -> None:
    answer = sandbox.upload(content, content_type)
    assert answer.status_code == 400
    assert keys(answer) == [key]


def test_a_reference_can_be_used_for_several_ads(sandbox: Box) -> None:
    ref = sandbox.uploaded()
    assert sandbox.create(golf(images=refs(ref))).status_code == 201
    assert sandbox.create(golf(images=refs(ref))).status_code == 201


def test_an_unknown_reference_is_refused(sandbox: Box) -> None:
    answer = sandbox.create(golf(images=refs(sandbox.uploaded(), "unknown")))
    assert answer.status_code == 400
    assert keys(answer) == ["unknown-image-ref"]
    assert paths(answer) == ["ad.images"]


def test_more_pictures_than_the_seller_may_have_are_refused(sandbox: Box) -> None:
    ref = sandbox.uploaded()
    assert sandbox.create(golf(images=refs(*[ref] * 15)), seller="1000470").status_code == 201
    answer = sandbox.create(golf(images=refs(*[ref] * 16)), seller="1000470")
    assert keys(answer) == ["too-many-images"]
    assert sandbox.create(golf(images=refs(*[ref] * 30))).status_code == 201


@pytest.mark.parametrize("images", ["x", {}, ["x"], [{}], [{"ref": 5}], None])
def test_a_malformed_list_of_pictures_is_refused(sandbox: Box, images: object) -> None:
    answer = sandbox.create({**golf(), "images": images})
    assert answer.status_code == 400
    assert keys(answer) == ["invalid-format"]


def test_an_update_without_pictures_keeps_them_and_an_empty_list_clears_them(sandbox: Box) -> None:
    ad_id = sandbox.created(golf(images=refs(sandbox.uploaded())))
    before = shown(sandbox, ad_id)
    sandbox.update(ad_id, golf(mileage=60_000))
    assert shown(sandbox, ad_id) == before
    sandbox.update(ad_id, golf(images=[]))
    assert shown(sandbox, ad_id) == []


def test_the_pictures_of_an_ad_can_be_reordered_alone(sandbox: Box) -> None:
    red, blue = sandbox.uploaded("red"), sandbox.uploaded("blue")
    ad_id = sandbox.created(golf(images=refs(red, blue)))
    path = f"/sellers/{MUSTER}/ads/{ad_id}/images"
    body = {"images": refs(blue, red)}
    assert sandbox.api.put(path, json=body, headers={"Content-Type": MEDIA_TYPE}).status_code == 200
    assert sandbox.api.get(path).json()["images"] == sandbox.read(ad_id).json()["images"]
    assert [address.rpartition("/")[2] for address in shown(sandbox, ad_id)] == [f"{blue}.jpg", f"{red}.jpg"]
    assert sandbox.read(ad_id).json()["mileage"] == 50_000


def test_forgotten_references_are_refused_afterwards(sandbox: Box) -> None:
    ref = sandbox.uploaded()
    assert sandbox.http.delete("/control/images").status_code == 204
    assert keys(sandbox.create(golf(images=refs(ref)))) == ["unknown-image-ref"]
