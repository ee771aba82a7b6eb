"""The client against a real peer: what is asked, and what each answer means."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from portal.messages import say
from portal.platforms.common.http import retry_after
from portal.platforms.contract import Accepted, Gone, Outcome, Rejected, Retry, Stop, StopCause
from tests.platforms.mobile_de.conftest import Rig
from tests.platforms.peer import Says
from tests.platforms.stores import a_jpeg
from tests.words import german

ADS = "/seller-api/sellers/1000471/ads"
AD = f"{ADS}/30000001"
IMAGES = "/seller-api/images"
MEDIA = "application/vnd.de.mobile.api+json"
MADE = Says(201, headers={"Location": f"https://anywhere.example{AD}"})


def refusal(key: str, path: str, value: str = "", message: str = "No.") -> dict[str, Any]:
    args = [{"key": "path", "value": path}, {"key": "value", "value": value}]
    return {"errors": [{"key": key, "message": message, "args": args}]}


def create(rig: Rig, *answers: Says, payload: dict[str, Any] | None = None) -> Outcome:
    rig.peer.tell("POST", ADS, *answers)
    return rig.client().create(payload or {"make": "VW"}, "creation-1").outcome


def update(rig: Rig, *answers: Says) -> Outcome:
    rig.peer.tell("PUT", AD, *answers)
    return rig.client().update("30000001", {"make": "VW"}).outcome


def test_create_carries_idempotency_key_credentials_and_media_type(rig: Rig) -> None:
    outcome = create(rig, MADE)
    asked = rig.peer.requests("POST", ADS)[0]
    assert asked.headers["X-Mobile-Insertion-Request-Id"] == "creation-1"
    assert asked.headers["Authorization"].startswith("Basic ")
    assert asked.headers["Content-Type"] == asked.headers["Accept"] == MEDIA
    assert asked.headers["Accept-Encoding"] == "gzip"
    assert asked.json() == {"make": "VW"}
    url = f"{rig.peer.url}/fahrzeuge/details.html?id=30000001"
    assert outcome == Accepted("30000001", url)


def test_exists_already_is_accepted_and_not_followed(rig: Rig) -> None:
    rig.peer.tell("GET", AD, Says(body={"mobileAdId": "30000001"}))
    outcome = create(rig, Says(303, headers={"Location": f"{rig.peer.url}{AD}"}))
    assert isinstance(outcome, Accepted)
    assert (outcome.listing_id, outcome.existed) == ("30000001", True)
    assert rig.peer.requests("GET", AD) == []


def test_create_without_address_reads_the_body(rig: Rig) -> None:
    outcome = create(rig, Says(201, {"mobileAdId": 30000002}))
    assert isinstance(outcome, Accepted)
    assert outcome.listing_id == "30000002"


@pytest.mark.parametrize(
    "answer",
    [
        Says(201),
        Says(200, b"<html>login</html>"),
        Says(201, headers={"Location": f"http://x{ADS}"}),
        Says(303),
        Says(303, headers={"Location": "http://[broken"}),
        Says(201, {"mobileAdId": {"a": 1}}),
    ],
)
def test_create_without_a_usable_id_is_of_unknown_outcome(rig: Rig, answer: Says) -> None:
    assert isinstance(create(rig, answer), Retry)


def test_warnings_are_no_failure(rig: Rig) -> None:
    body = {"warnings": refusal("missing-field", "ad.cubicCapacity")["errors"]}
    outcome = create(rig, Says(201, body, headers=MADE.headers))
    assert isinstance(outcome, Accepted)
    warning = outcome.warnings[0]
    assert (warning.code, warning.field) == ("missing-field", "displacement")
    assert german(warning.text) == "Hubraum fehlt: mobile.de empfiehlt diese Angabe."


def test_blocked_booking_stands_by_itself(rig: Rig) -> None:
    body = {
        "warnings": refusal("feature-blocked", "ad.mobileFeatures")["errors"],
        "mobileFeatures": ["EYE_CATCHER"],
    }
    outcome = create(rig, Says(201, body, headers=MADE.headers))
    assert isinstance(outcome, Accepted)
    assert (outcome.warnings, outcome.booked) == ((), ("EYE_CATCHER",))
    assert [note.code for note in outcome.blocked] == ["feature-blocked"]


def test_refusal_becomes_feedback_with_field_and_german_text(rig: Rig) -> None:
    body = refusal("invalid-reference-data-value", "ad.vehicle.gearbox", "MAGIC", "Bad\x00 value")
    outcome = create(rig, Says(400, body))
    assert isinstance(outcome, Rejected)
    told = outcome.feedback[0]
    assert (told.code, told.field, told.platform_text) == (
        "invalid-reference-data-value",
        "gearbox",
        "Bad value",
    )
    assert german(told.text).startswith("Getriebe: „MAGIC“ ist bei mobile.de kein zulässiger Wert")


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize("body", [b"<html>", b"", {"errors": "x"}, [1], {"errors": []}, b"\xff\xfe"])
def test_unreadable_refusal_still_gives_feedback(rig: Rig, status: int, body: Any) -> None:
    outcome = create(rig, Says(status, body))
    assert isinstance(outcome, Rejected)
    assert len(outcome.feedback) == 1


def test_platform_text_is_cut(rig: Rig) -> None:
    outcome = create(rig, Says(400, refusal("something-new", "ad.x", message="y" * 9000)))
    assert isinstance(outcome, Rejected)
    assert len(outcome.feedback[0].platform_text) == 500


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (401, None, StopCause.CREDENTIALS),
        (403, None, StopCause.NOT_LINKED),
        (403, {"errors": [{"key": "seller-readonly"}]}, StopCause.READ_ONLY),
        (404, None, StopCause.UNKNOWN_CUSTOMER),
    ],
)
def test_what_concerns_the_whole_account_stops_it(rig: Rig, status: int, body: Any, cause: StopCause) -> None:
    outcome = create(rig, Says(status, body))
    assert isinstance(outcome, Stop)
    assert outcome.cause is cause


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_trouble_is_retried_by_the_engine_alone(rig: Rig, status: int) -> None:
    outcome = create(rig, Says(status, b"<html>", {"Retry-After": "120"}))
    assert isinstance(outcome, Retry)
    assert (outcome.after, outcome.platform_wide) == (120.0, status == 503)
    assert len(rig.peer.requests("POST", ADS)) == 1


@pytest.mark.parametrize("then", ["reset", "half"])
def test_broken_connection_is_of_unknown_outcome(rig: Rig, then: str) -> None:
    answer = rig.client()
    rig.peer.tell("POST", ADS, Says(201, {"mobileAdId": "30000001"}, then=then))
    outcome = answer.create({}, "creation-1")
    assert isinstance(outcome.outcome, Retry)
    assert not outcome.outcome.platform_wide
    assert outcome.exchanges[0].error


def test_nobody_there_concerns_the_whole_platform(rig: Rig) -> None:
    from portal.platforms.mobile_de.platform import connect
    from tests.platforms.mobile_de.conftest import ACCOUNT, mobile_de_access

    client = connect(mobile_de_access("http://127.0.0.1:1")).open(ACCOUNT, rig.stores)
    rig.opened.append(client)
    answer = client.create({}, "creation-1")
    assert answer.outcome == Retry(say("Keine Verbindung zur Plattform"), platform_wide=True)
    assert answer.exchanges[0].status is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5.0),
        ("0", 1.0),
        ("999999999999999999999", 14_400.0),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 1.0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 14_400.0),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_retry_after_is_read_and_clamped(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}) == seconds


def test_a_date_is_counted_from_the_platforms_clock_not_from_ours() -> None:
    """An hour of difference between the two machines changes nothing."""
    given = {"date": "Tue, 24 Nov 2020 10:00:00 GMT", "retry-after": "Tue, 24 Nov 2020 10:02:00 GMT"}
    assert retry_after(given) == 120


def test_retry_after_reads_a_date_ahead() -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    wait = retry_after({"retry-after": ahead})
    assert wait is not None
    assert 3_000 < wait <= 3_600


@pytest.mark.parametrize("answer", [Says(200), Says(204), Says(200, {"mobileAdId": "30000001"})])
def test_update_is_accepted(rig: Rig, answer: Says) -> None:
    outcome = update(rig, answer)
    assert isinstance(outcome, Accepted)
    assert outcome.listing_id == "30000001"


@pytest.mark.parametrize(
    "answer", [Says(200, b"<html>"), Says(200, [1]), Says(200, {"mobileAdId": "30000009"}), Says(302)]
)
def test_nonsense_on_update_is_never_accepted(rig: Rig, answer: Says) -> None:
    assert isinstance(update(rig, answer), Retry)


def test_unknown_ad_is_gone(rig: Rig) -> None:
    assert update(rig, Says(404)) == Gone()
    rig.peer.tell("DELETE", AD, Says(404))
    assert rig.client().delete("30000001").outcome == Gone()


@pytest.mark.parametrize("answer", [Says(200), Says(204)])
def test_delete_is_accepted(rig: Rig, answer: Says) -> None:
    rig.peer.tell("DELETE", AD, answer)
    assert isinstance(rig.client().delete("30000001").outcome, Accepted)


def test_delete_answered_with_a_page_is_not_believed(rig: Rig) -> None:
    rig.peer.tell("DELETE", AD, Says(200, b"<html>"))
    assert isinstance(rig.client().delete("30000001").outcome, Retry)


def test_listing_id_cannot_leave_its_place_in_the_path(rig: Rig) -> None:
    rig.client().delete("../../sellers")
    assert rig.peer.asked[-1].path == f"{ADS}/..%2F..%2Fsellers"


def test_list_is_whole(rig: Rig) -> None:
    ads = [
        {"mobileAdId": "1", "internalNumber": "A1", "vin": "V", "make": "VW", "model": "Golf"},
        {"mobileAdId": 2},
    ]
    rig.peer.tell("GET", ADS, Says(body={"ads": ads}))
    found = rig.client().remote_listings()
    assert found.failure is None
    assert [(ad.listing_id, ad.internal_number, ad.title) for ad in found.listings] == [
        ("1", "A1", "VW Golf"),
        ("2", "", ""),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        Says(body=b'{"ads": [{"mobileAdId": "1"}, {"mob'),
        Says(body={"ads": [{"mobileAdId": "1"}, {"internalNumber": "A2"}]}),
        Says(body={"ads": [{"mobileAdId": "1"}, {"mobileAdId": "1"}]}),
        Says(body={"ads": [{"mobileAdId": "1"}], "total": 2}),
        Says(body={"ads": None}),
        Says(body={}),
        Says(body=[{"mobileAdId": "1"}]),
        Says(body={"ads": ["1"]}),
        Says(204),
        Says(body={"ads": []}, then="half"),
        Says(500),
        Says(400),
    ],
)
def test_list_that_looks_short_or_malformed_is_a_failure(rig: Rig, answer: Says) -> None:
    rig.peer.tell("GET", ADS, answer)
    found = rig.client().remote_listings()
    assert found.listings == ()
    assert isinstance(found.failure, Retry)


def test_list_of_an_unknown_customer_stops(rig: Rig) -> None:
    rig.peer.tell("GET", ADS, Says(404))
    failure = rig.client().remote_listings().failure
    assert isinstance(failure, Stop)
    assert failure.cause is StopCause.UNKNOWN_CUSTOMER


def test_empty_list_is_a_list(rig: Rig) -> None:
    rig.peer.tell("GET", ADS, Says(body={"ads": []}))
    assert rig.client().remote_listings().failure is None


def test_sixteen_threads_share_a_client(rig: Rig) -> None:
    client = rig.client()
    rig.peer.tell("PUT", AD, Says(200, after=0.05))
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.update("30000001", {}), range(48)))
    assert all(isinstance(answer.outcome, Accepted) for answer in answers)


def pictured(rig: Rig, *names: str) -> dict[str, Any]:
    for number, name in enumerate(names):
        rig.images.add(name, a_jpeg(64 + number))
    return {"images": [{"sha256": name} for name in names]}


def test_pictures_are_uploaded_once_and_sent_in_order(rig: Rig) -> None:
    payload = pictured(rig, "one", "two")
    rig.peer.tell(
        "POST", IMAGES, Says(201, {"ref": "r1"}), Says(201, headers={"Location": "http://x/images/r2"})
    )
    for _ in range(2):
        assert isinstance(create(rig, MADE, payload=payload), Accepted)
    uploads = rig.peer.requests("POST", IMAGES)
    assert [asked.headers["Content-Type"] for asked in uploads] == ["image/jpeg"] * 2
    assert uploads[0].body == rig.images.pictures["one"]
    assert rig.peer.requests("POST", ADS)[1].json()["images"] == [{"ref": "r1"}, {"ref": "r2"}]


def test_no_more_pictures_than_the_account_may_have(rig: Rig) -> None:
    payload = pictured(rig, "one", "two", "three", "four")
    rig.peer.tell("POST", IMAGES, *(Says(201, {"ref": f"r{n}"}) for n in range(4)))
    create(rig, MADE, payload=payload)
    assert len(rig.peer.requests("POST", ADS)[0].json()["images"]) == 3


def test_refused_picture_is_left_out_with_a_warning(rig: Rig) -> None:
    payload = pictured(rig, "one", "two")
    rig.peer.tell("POST", IMAGES, Says(400, refusal("image-broken", "image")), Says(201, {"ref": "r2"}))
    outcome = create(rig, MADE, payload=payload)
    assert isinstance(outcome, Accepted)
    assert [german(note.text) for note in outcome.warnings] == [
        "Bild 1 wird nicht übertragen: mobile.de nimmt es nicht an."
    ]
    assert rig.peer.requests("POST", ADS)[0].json()["images"] == [{"ref": "r2"}]


def test_an_empty_list_of_pictures_is_never_sent(rig: Rig) -> None:
    rig.peer.tell("POST", IMAGES, Says(400))
    assert isinstance(create(rig, MADE, payload=pictured(rig, "one")), Accepted)
    assert "images" not in rig.peer.requests("POST", ADS)[0].json()


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (Says(200, {"images": [{"ref": "https://bilder/1.jpg"}]}), ["pictures-stay"]),
        (Says(200, {"images": []}), []),
        (Says(200, {"make": "VW"}), []),
        (Says(500), ["pictures-stay"]),
    ],
)
def test_pictures_that_stay_there_are_told_after_the_last_one_went(
    rig: Rig, shown: Says, told: list[str]
) -> None:
    rig.peer.tell("PUT", AD, Says(200))
    rig.peer.tell("GET", AD, shown)
    outcome = rig.client().update("30000001", {"make": "VW", "images": []}).outcome
    assert isinstance(outcome, Accepted)
    assert [note.code for note in outcome.warnings] == told
    assert rig.peer.requests("PUT", AD)[0].json() == {"make": "VW"}


def test_only_an_update_that_takes_pictures_away_is_looked_at(rig: Rig) -> None:
    assert isinstance(update(rig, Says(200)), Accepted)
    assert rig.peer.requests("GET", AD) == []


def test_lost_and_broken_pictures_are_left_out(rig: Rig) -> None:
    rig.images.add("broken", b"no picture")
    outcome = create(rig, MADE, payload={"images": [{"sha256": "lost"}, {"sha256": "broken"}]})
    assert isinstance(outcome, Accepted)
    assert len(outcome.warnings) == 2
    assert rig.peer.requests("POST", IMAGES) == []


@pytest.mark.parametrize(
    "answer", [Says(500), Says(429), Says(200, b"<html>"), Says(404), Says(then="reset")]
)
def test_undelivered_picture_is_retried_before_the_ad_is_sent(rig: Rig, answer: Says) -> None:
    rig.peer.tell("POST", IMAGES, answer)
    assert isinstance(create(rig, MADE, payload=pictured(rig, "one")), Retry)
    assert rig.peer.requests("POST", ADS) == []


def test_wrong_credentials_on_a_picture_stop(rig: Rig) -> None:
    rig.peer.tell("POST", IMAGES, Says(401))
    assert isinstance(create(rig, MADE, payload=pictured(rig, "one")), Stop)


def test_expired_picture_names_are_forgotten_and_uploaded_again(rig: Rig) -> None:
    payload = pictured(rig, "one")
    rig.images.remember_ref("1000471", "one", "old")
    rig.peer.tell("POST", IMAGES, Says(201, {"ref": "new"}))
    stale = Says(400, refusal("image-not-found", "ad.images[0].ref", "old"))
    assert isinstance(create(rig, stale, payload=payload), Retry)
    assert isinstance(create(rig, MADE, payload=payload), Accepted)
    assert rig.peer.requests("POST", ADS)[-1].json()["images"] == [{"ref": "new"}]


def test_pictures_refused_right_after_their_upload_are_a_refusal(rig: Rig) -> None:
    rig.peer.tell("POST", IMAGES, Says(201, {"ref": "new"}))
    fresh = Says(400, refusal("image-not-found", "ad.images[0].ref"))
    assert isinstance(create(rig, fresh, payload=pictured(rig, "one")), Rejected)


def test_every_request_is_noted(rig: Rig) -> None:
    payload = pictured(rig, "one")
    rig.peer.tell("POST", IMAGES, Says(201, {"ref": "r1"}))
    rig.peer.tell("POST", ADS, MADE)
    exchanges = rig.client().create(payload, "creation-1").exchanges
    assert [(e.method, e.path, e.status) for e in exchanges] == [("POST", IMAGES, 201), ("POST", ADS, 201)]


@pytest.mark.parametrize(
    ("member", "told"),
    [
        ({}, ()),
        ({"mobileFeatures": ["EYE_CATCHER", "NEW_ONE"]}, ("EYE_CATCHER", "NEW_ONE")),
        ({"mobileFeatures": ["a\x00b", "X" * 61, "OK"]}, ("OK",)),
        ({"mobileFeatures": [{"key": "EYE_CATCHER"}]}, None),
        ({"mobileFeatures": None}, None),
    ],
)
def test_the_list_tells_the_extras_that_run(
    rig: Rig, member: dict[str, Any], told: tuple[str, ...] | None
) -> None:
    rig.peer.tell("GET", ADS, Says(body={"ads": [{"mobileAdId": "1"} | member]}))
    assert [ad.bookings for ad in rig.client().remote_listings().listings] == [told]


def test_halves_of_a_character_are_nothing_that_a_database_holds(rig: Rig) -> None:
    odd = {"mobileAdId": "1", "internalNumber": "A\ud8001", "make": "V\udfffW"}
    rig.peer.tell("GET", ADS, Says(body={"ads": [odd]}))
    (listing,) = rig.client().remote_listings().listings
    told = (listing.internal_number, listing.title, listing.facts.make)
    assert all(text.encode() for text in told), "each is valid text"


PROTECTED = Says(400, refusal("leasing_overwrite_protection", "ad.leasing"))
UPDATED = Says(200, {"mobileAdId": "30000001"})
LEASED = {"make": "VW", "leasing": {"lender": "Bank"}}


@pytest.mark.parametrize("key", ["leasing_overwrite_protection", "automatic_leasing_overwrite_protection"])
def test_a_leasing_offer_made_there_is_left_alone_and_the_rest_is_sent(rig: Rig, key: str) -> None:
    rig.peer.tell("PUT", AD, Says(400, refusal(key, "ad.leasing")), UPDATED)
    answer = rig.client().update("30000001", LEASED)
    assert isinstance(answer.outcome, Accepted)
    assert [(note.code, note.field) for note in answer.outcome.warnings] == [
        ("leasing_overwrite_protection", "leasing")
    ]
    assert [asked.json() for asked in rig.peer.requests("PUT", AD)] == [LEASED, {"make": "VW"}]
    assert [exchange.status for exchange in answer.exchanges] == [400, 200]


def test_where_leaving_it_out_is_a_change_too_the_offer_that_stands_there_goes_along(rig: Rig) -> None:
    theirs = {"lender": "Hausbank"}
    rig.peer.tell("PUT", AD, PROTECTED, PROTECTED, UPDATED)
    rig.peer.tell("GET", AD, Says(200, {"mobileAdId": "30000001", "leasing": theirs}))
    outcome = rig.client().update("30000001", LEASED).outcome
    assert isinstance(outcome, Accepted)
    sent = [asked.json() for asked in rig.peer.requests("PUT", AD)]
    assert sent == [LEASED, {"make": "VW"}, {"make": "VW", "leasing": theirs}]


def test_a_protection_that_stays_is_told_as_a_refusal_and_no_loop(rig: Rig) -> None:
    rig.peer.tell("PUT", AD, PROTECTED)
    rig.peer.tell("GET", AD, Says(500))
    outcome = rig.client().update("30000001", LEASED).outcome
    assert isinstance(outcome, Rejected)
    assert [note.field for note in outcome.feedback] == ["leasing"]
    assert len(rig.peer.requests("PUT", AD)) == 3
