"""What an answer of mobile.de means for a vehicle or for the whole activation. Pure."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from portal.messages import say
from portal.platforms.common.answers import (
    GONE,
    REFUSED,
    cleaned,
    in_its_own_words,
    of_the_activation,
    out_of_order,
)
from portal.platforms.common.http import Reply
from portal.platforms.contract import (
    Accepted,
    Feedback,
    Gone,
    Outcome,
    Rejected,
    RemoteList,
    RemoteListing,
    Retry,
    Stop,
    StopCause,
)
from portal.platforms.mobile_de import errors
from portal.platforms.mobile_de.remote_ads import facts_of

NONSENSE = say("mobile.de hat unverständlich geantwortet")
UNCLEAR = say("mobile.de hat die Anlage nicht eindeutig bestätigt")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_READ_ONLY = re.compile(r"read[-_ ]?only|nur lese|schreibgesch", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9._-]{1,60}")
_COUNTS = ("total", "totalCount", "totalResults", "numberOfAds", "count")


def created(reply: Reply, listing_base: str) -> Outcome:
    """201 with the listing's address, or 303 with that of the one which exists already."""
    existed = reply.status == 303
    if not reply.ok and not existed:
        return failed(reply, missing=_unknown_customer())
    body = reply.json()
    found = _id_of_address(reply.headers.get("location", "")) or _id_in(body)
    if found is None:
        return Retry(UNCLEAR if in_its_own_words(reply) else NONSENSE)
    return _accepted(found, listing_base, body, existed=existed)


def updated(reply: Reply, listing_id: str, listing_base: str) -> Outcome:
    if not reply.ok:
        return failed(reply, missing=Gone())
    body = reply.json()
    named = _id_in(body)
    if _is_nonsense(reply, body) or (named is not None and named != listing_id):
        return Retry(NONSENSE)
    return _accepted(listing_id, listing_base, body)


def shows_no_picture(reply: Reply) -> bool:
    """Of an ad that was read; False also where it could not be read."""
    body = reply.json() if reply.ok else None
    return isinstance(body, dict) and not body.get("images")


def protects_leasing(reply: Reply) -> bool:
    """Whether the ad is refused because of a leasing offer that only the dealer can change."""
    if reply.status not in REFUSED:
        return False
    return any(note.code in errors.LEASING_PROTECTED for note in errors.rejection(reply.json()))


def leasing_of(reply: Reply) -> Any:
    """The leasing offer of an ad that was read; None without one, or where it could not be read."""
    body = reply.json() if reply.ok else None
    return body.get("leasing") if isinstance(body, dict) else None


def deleted(reply: Reply, listing_id: str, listing_base: str) -> Outcome:
    if not reply.ok:
        return failed(reply, missing=Gone())
    if _is_nonsense(reply, reply.json()):
        return Retry(NONSENSE)
    return _accepted(listing_id, listing_base, None)


def failed(reply: Reply, missing: Outcome) -> Outcome:
    """The meaning of everything but success; `missing` is what a 404 stands for here."""
    status = reply.status
    if status in REFUSED:
        return Rejected(errors.rejection(reply.json()))
    if status == 401:
        return Stop(StopCause.CREDENTIALS, say("mobile.de nimmt die Zugangsdaten des Betreibers nicht an."))
    if status == 403:
        if _READ_ONLY.search(reply.body[:10_000].decode("utf-8", "replace")):
            return Stop(StopCause.READ_ONLY, say("mobile.de erlaubt bei dieser Kundennummer nur Lesen."))
        text = say(
            "Der Betreiber ist bei mobile.de nicht als Datendienstleister für diese Kundennummer hinterlegt."
        )
        return Stop(StopCause.NOT_LINKED, text)
    if status in GONE:
        return missing
    return out_of_order(reply, "mobile.de")


def _unknown_customer() -> Stop:
    return Stop(StopCause.UNKNOWN_CUSTOMER, say("mobile.de kennt diese Kundennummer nicht."))


def _is_nonsense(reply: Reply, body: Any) -> bool:
    """A success with something else than an object, like a login page; nothing at all is fine."""
    return bool(reply.body.strip()) and not isinstance(body, dict)


def _accepted(listing_id: str, listing_base: str, body: Any, *, existed: bool = False) -> Accepted:
    told = errors.from_answer(body, "warnings")
    return Accepted(
        listing_id,
        listing_url(listing_base, listing_id),
        warnings=tuple(note for note in told if not _on_booking(note)),
        booked=_booked(body),
        blocked=tuple(note for note in told if _on_booking(note)),
        existed=existed,
    )


def _on_booking(note: Feedback) -> bool:
    return note.field == "bookings"


def _booked(body: Any) -> tuple[str, ...] | None:
    """The codes of paid extras; None where nothing is said of them, or in another way than we know."""
    codes = body.get("mobileFeatures") if isinstance(body, dict) else None
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        return None
    return tuple(code for code in codes if _CODE.fullmatch(code))


def listing_url(base: str, listing_id: str) -> str:
    return f"{base.rstrip('/')}/fahrzeuge/details.html?id={listing_id}"


def _id_of_address(address: str) -> str | None:
    """The id in `…/ads/{id}`."""
    try:
        parts = [unquote(part) for part in urlsplit(address).path.split("/") if part]
    except ValueError:
        return None
    return _id(parts[-1]) if len(parts) > 1 and parts[-2] == "ads" else None


def _id_in(body: Any) -> str | None:
    return _id(body.get("mobileAdId")) if isinstance(body, dict) else None


def _id(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = str(value)
    return text if _ID.fullmatch(text) else None


def listed(reply: Reply, listing_base: str) -> RemoteList:
    """The whole list or a failure; anything that looks short or malformed is a failure."""
    if not reply.ok:
        return RemoteList(failure=of_the_activation(failed(reply, missing=_unknown_customer()), NONSENSE))
    body = reply.json()
    ads = body.get("ads") if isinstance(body, dict) else None
    if not isinstance(ads, list) or any(
        isinstance(count, int) and count != len(ads) for count in map(body.get, _COUNTS)
    ):
        return RemoteList(failure=Retry(say("Die Bestandsliste von mobile.de ist unvollständig")))
    listings = [_remote(ad, listing_base) for ad in ads]
    whole = tuple(listing for listing in listings if listing is not None)
    if len({listing.listing_id for listing in whole}) != len(ads):
        return RemoteList(failure=Retry(say("Die Bestandsliste von mobile.de ist fehlerhaft")))
    return RemoteList(whole)


def _remote(ad: Any, listing_base: str) -> RemoteListing | None:
    listing_id = _id_in(ad)
    if listing_id is None:
        return None
    title = " ".join(cleaned(ad.get(name)) for name in ("make", "model", "modelDescription")).strip()
    return RemoteListing(
        listing_id,
        cleaned(ad.get("internalNumber")),
        cleaned(ad.get("vin")),
        listing_url(listing_base, listing_id),
        title,
        ad,
        facts_of(ad),
        # The list shows whole ads: one without the member has no extras.
        _booked(ad) if "mobileFeatures" in ad else (),
    )
