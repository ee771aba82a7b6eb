"""Listings of AutoScout24: created, read, replaced, deleted; tests apart from what is real."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.autoscout24.conftest import FOREIGN, LOGIN, MUSTER, SONNENSCHEIN, TEST, As24, codes, golf


def test_what_was_created_is_listed_read_and_gone_after_its_deletion(as24: As24) -> None:
    listing_id = as24.created()
    (summary,) = as24.listed()
    assert (summary["id"], summary["offerReferenceId"], summary["crossReferenceId"]) == (
        listing_id,
        "G-1",
        "key-1",
    )
    assert as24.read(listing_id).json()["prices"]["public"]["price"] == 12_990
    assert as24.delete(listing_id).status_code == 204
    assert as24.listed() == []
    assert codes(as24.delete(listing_id)) == ["listing-does-not-exist-or-has-overwrite-protection"]
    assert [one["deletedAt"] is not None for one in as24.books()] == [True]


def test_wrong_login_is_401_without_a_body(as24: As24) -> None:
    answer = as24.api.get("/customers", auth=(LOGIN[0], "wrong"))
    assert (answer.status_code, answer.content) == (401, b"")


def test_references_need_no_login(as24: As24) -> None:
    with httpx.Client(base_url=f"{as24.box.url}/autoscout24", trust_env=False) as anybody:
        assert anybody.get("/references", params={"referenceType": "BodyType"}).status_code == 200
        assert anybody.get("/makes").status_code == 200
        assert anybody.get("/customers").status_code == 401


def test_customer_who_did_not_authorise_us_is_403_and_an_unknown_one_404(as24: As24) -> None:
    assert (as24.create(customer=FOREIGN).status_code, as24.create(customer=FOREIGN).content) == (403, b"")
    assert codes(as24.create(customer="1")) == ["customer-not-found-error"]
    shown = [one["id"] for one in as24.api.get("/customers").json()["customers"]]
    assert FOREIGN not in shown
    assert MUSTER in shown


def test_put_replaces_everything(as24: As24) -> None:
    listing_id = as24.created()
    as24.update(listing_id, golf(power=None))
    assert "power" not in as24.read(listing_id).json()
    assert [one["revision"] for one in as24.books()] == [2]


def test_patch_changes_what_it_names(as24: As24) -> None:
    listing_id = as24.created()
    path = f"/customers/{MUSTER}/listings/{listing_id}"
    changed = {"prices": {"public": {"price": 11_990, "currency": "EUR"}}}
    assert as24.api.patch(path, json=changed).status_code == 200
    shown = as24.read(listing_id).json()
    assert (shown["prices"]["public"]["price"], shown["power"]) == (11_990, 92)
    assert codes(as24.api.patch(path, json={"highlights": ["neu"]})) == ["cannot-partially-update-listing"]


def test_body_that_was_read_is_no_body_to_write(as24: As24) -> None:
    listing_id = as24.created()
    answer = as24.update(listing_id, as24.read(listing_id).json())
    assert answer.status_code == 400
    assert "invalid-listing-payload" in codes(answer)


def test_test_listing_is_seen_in_test_mode_only(as24: As24) -> None:
    listing_id = as24.created(headers=TEST)
    assert as24.listed() == []
    assert [one["id"] for one in as24.listed(headers=TEST)] == [listing_id]
    assert as24.read(listing_id).status_code == 404
    assert as24.read(listing_id, headers=TEST).status_code == 200
    assert as24.delete(listing_id).status_code == 404
    assert as24.delete(listing_id, headers=TEST).status_code == 204


def test_protected_listing_can_only_be_read(as24: As24) -> None:
    listing_id = as24.created()
    as24.control("PUT", f"/listings/{listing_id}", {"protected": True})
    for answer in (as24.update(listing_id, golf()), as24.delete(listing_id)):
        assert answer.status_code == 404
        assert codes(answer) == ["listing-does-not-exist-or-has-overwrite-protection"]
    assert "overwriteProtection" not in as24.listed()[0]
    (shown,) = as24.listed(params={"include": "overwriteProtection"})
    assert shown["overwriteProtection"] is True
    assert as24.read(listing_id).json()["overwriteProtection"] is True


def test_unknown_member_to_include_is_refused(as24: As24) -> None:
    path = f"/customers/{MUSTER}/listings"
    assert as24.api.get(path, params={"include": "everything"}).status_code == 400


def test_decimals_are_cut_and_not_rounded(as24: As24) -> None:
    wltp = {"consumptionCombined": 5.49, "co2EmissionsCombined": 124.99}
    listing_id = as24.created(golf(wltp=wltp, bodyColorName="x" * 40))
    shown = as24.read(listing_id).json()
    assert shown["wltp"]["consumptionCombined"] == 5.4
    assert shown["wltp"]["co2EmissionsCombined"] == 124.9
    assert shown["bodyColorName"] == "x" * 30
    assert shown["mileageUnit"] == "km"


@pytest.mark.parametrize(("customer", "applied"), [(MUSTER, "T30"), (SONNENSCHEIN, None)])
def test_tier_that_is_not_allowed_is_ignored_without_a_word(
    as24: As24, customer: str, applied: str | None
) -> None:
    wish = {"mia": {"requestedTier": "T30"}, "listingBoost": {"requested": True}}
    answer = as24.create(golf(marketing=wish), customer)
    assert answer.status_code == 201
    shown = answer.json()["marketing"]
    assert shown.get("mia", {}).get("appliedTier") == applied
    assert shown["listingBoost"]["applied"] is (applied is not None)
    assert "requestedTier" not in shown.get("mia", {})


@pytest.mark.parametrize(
    ("export", "channel", "exported"),
    [("none", True, False), ("selective", True, True), ("selective", False, False), ("all", False, True)],
)
def test_export_to_mobile_de_follows_channel_and_customer(
    as24: As24, export: str, channel: bool, exported: bool
) -> None:
    as24.control("PUT", f"/customers/{MUSTER}", {"mobileExport": export})
    channels = [{"id": "AS24"}, *([{"id": "mobile_de"}] if channel else [])]
    as24.created(golf(publication={"status": "Active", "channels": channels}))
    assert [one["exportedToMobileDe"] for one in as24.books()] == [exported]


def test_listing_is_shown_to_buyers_until_it_is_inactive(as24: As24) -> None:
    listing_id = as24.created()
    url = as24.read(listing_id, params={"culture": "de-DE"}).json()["publication"]["channels"][0]["url"]
    assert as24.box.http.get(url).status_code == 200
    as24.update(listing_id, golf(publication={"status": "Inactive", "channels": [{"id": "AS24"}]}))
    assert as24.box.http.get(url).status_code == 410
    assert "G-1" not in as24.box.http.get(f"/autoscout24/haendler/{MUSTER}").text
