from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sandbox.conftest import MEDIA_TYPE, MUSTER, SONNENSCHEIN, Box, golf, keys


def test_a_new_ad_answers_201_with_its_location(sandbox: Box) -> None:
    answer = sandbox.create()
    assert answer.status_code == 201
    assert answer.headers["location"].startswith(f"{sandbox.url}/seller-api/sellers/{MUSTER}/ads/")
    assert "warnings" not in answer.json()


def test_an_ad_is_read_back_as_it_was_sent(sandbox: Box) -> None:
    sent = golf(description="Sehr gepflegt", abs=True, mobileFeatures=["EYE_CATCHER"])
    ad_id = sandbox.created(sent)
    read = sandbox.read(ad_id).json()
    assert read["mobileAdId"] == ad_id
    assert read["mobileSellerId"] == MUSTER
    assert {name: read[name] for name in sent} == sent
    assert read["images"] == []


def test_a_repeated_insertion_id_answers_303_with_the_first_ad(sandbox: Box) -> None:
    first = sandbox.create(insertion_id="one")
    again = sandbox.create(golf(internalNumber="other"), insertion_id="one")
    assert (first.status_code, again.status_code) == (201, 303)
    assert again.headers["location"] == first.headers["location"]
    assert [ad["internalNumber"] for ad in sandbox.online()] == ["G-1"]


def test_a_repeated_insertion_id_ignores_even_a_wrong_body(sandbox: Box) -> None:
    sandbox.create(insertion_id="one")
    assert sandbox.create({"make": "nonsense"}, insertion_id="one").status_code == 303


def test_the_same_insertion_id_at_another_seller_makes_another_ad(sandbox: Box) -> None:
    assert sandbox.create(insertion_id="one").status_code == 201
    assert sandbox.create(insertion_id="one", seller=SONNENSCHEIN).status_code == 201


def test_a_refused_creation_does_not_use_up_its_insertion_id(sandbox: Box) -> None:
    assert sandbox.create(golf(model="GOLF"), insertion_id="one").status_code == 400
    assert sandbox.create(insertion_id="one").status_code == 201


def test_of_simultaneous_creations_with_one_insertion_id_one_makes_an_ad(sandbox: Box) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: sandbox.create(insertion_id="one").status_code, range(12)))
    assert sorted(answers) == [201] + [303] * 11
    assert len(sandbox.online()) == 1


def test_without_an_insertion_id_each_request_makes_an_ad(sandbox: Box) -> None:
    assert sandbox.create().status_code == sandbox.create().status_code == 201
    assert len(sandbox.online()) == 2


def test_an_insertion_id_still_names_its_ad_after_the_deletion(sandbox: Box) -> None:
    first = sandbox.create(insertion_id="one")
    sandbox.delete(first.json()["mobileAdId"])
    again = sandbox.create(insertion_id="one")
    assert again.status_code == 303
    assert again.headers["location"] == first.headers["location"]
    assert sandbox.online() == []


def test_an_update_replaces_the_whole_ad(sandbox: Box) -> None:
    ad_id = sandbox.created(golf(seats=5, mobileFeatures=["TOP_OF_PAGE"]))
    assert sandbox.update(ad_id, golf(mileage=51_000)).status_code == 200
    read = sandbox.read(ad_id).json()
    assert read["mileage"] == 51_000
    assert "seats" not in read
    assert "mobileFeatures" not in read


def test_a_refused_update_changes_nothing(sandbox: Box) -> None:
    ad_id = sandbox.created()
    assert sandbox.update(ad_id, golf(mileage=-1)).status_code == 400
    assert sandbox.read(ad_id).json()["mileage"] == 50_000


def test_an_ad_that_was_read_can_be_written_back(sandbox: Box) -> None:
    ad_id = sandbox.created(golf(images=[{"ref": sandbox.uploaded()}]))
    before = sandbox.read(ad_id).json()
    assert sandbox.update(ad_id, before).status_code == 200
    after = sandbox.read(ad_id).json()
    dates = {"modificationDate": "", "renewalDate": ""}
    assert before | dates == after | dates


def test_a_deleted_ad_is_gone(sandbox: Box) -> None:
    ad_id = sandbox.created()
    answer = sandbox.delete(ad_id)
    assert (answer.status_code, answer.content) == (204, b"")
    assert sandbox.read(ad_id).status_code == 404
    assert sandbox.update(ad_id, golf()).status_code == 404
    assert sandbox.delete(ad_id).status_code == 404
    assert sandbox.online() == []


@pytest.mark.parametrize("ad_id", ["1", "abc", "9" * 30, "300000001'--"])
def test_an_unknown_ad_is_404(sandbox: Box, ad_id: str) -> None:
    assert sandbox.read(ad_id).status_code == 404
    assert sandbox.delete(ad_id).status_code == 404


def test_the_list_holds_all_ads_of_the_seller_without_paging(sandbox: Box) -> None:
    for number in range(120):
        sandbox.created(golf(internalNumber=f"G-{number}"))
    sandbox.created(seller=SONNENSCHEIN)
    numbers = [ad["internalNumber"] for ad in sandbox.online()]
    assert numbers == [f"G-{number}" for number in range(120)]


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_another_media_type_is_415(sandbox: Box, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    answer = sandbox.api.post(f"/sellers/{MUSTER}/ads", content=b"{}", headers=headers)
    assert answer.status_code == 415
    assert keys(answer) == ["unsupported-media-type"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff", b'{"vin": NaN}', b'{"vin": "\\ud800"}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_400(sandbox: Box, content: bytes) -> None:
    headers = {"Content-Type": MEDIA_TYPE}
    answer = sandbox.api.post(f"/sellers/{MUSTER}/ads", content=content, headers=headers)
    assert answer.status_code == 400
    assert keys(answer) == ["malformed-json"]
