"""What an answer of AutoScout24 means for a vehicle or for the whole activation. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from portal.messages import say
from portal.platforms.autoscout24 import errors
from portal.platforms.autoscout24.fields import label_of, our_place
from portal.platforms.autoscout24.mapping_offer import BOOKINGS, BOOST
from portal.platforms.autoscout24.remote_listing import facts_of
from portal.platforms.common.answers import GONE, REFUSED, cleaned, of_the_activation, out_of_order
from portal.platforms.common.http import Reply
from portal.platforms.contract import (
    Accepted,
    Actor,
    Answer,
    Feedback,
    Outcome,
    Pending,
    Protected,
    Rejected,
    RemoteList,
    RemoteListing,
    Retry,
    Stop,
    StopCause,
)

NONSENSE = say("AutoScout24 hat unverständlich geantwortet")
UNCLEAR = say("AutoScout24 hat die Anlage nicht eindeutig bestätigt")
WAITING = say("Gespeichert, aber noch nicht veröffentlicht: AutoScout24 ergänzt fehlende Angaben.")
FIRST_LOOK, NEXT_LOOK, BOOKING_LOOK = 60.0, 300.0, 120.0
"""Seconds: after an answer that waits, while it goes on waiting, and for a paid extra."""
LOCKED = Feedback(
    errors.PROTECTED,
    say(
        "Vom Händler auf AutoScout24 gesperrt: Das Inserat lässt sich von hier weder ändern noch löschen, "
        "bis der Schutz vor Überschreiben dort aufgehoben ist."
    ),
    who=Actor.DEALER,
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


def stored(
    reply: Reply, listing_base: str, wished: Collection[str], listing_id: str | None = None
) -> Outcome:
    """Of a create or an update: 201 and 200, or 202 for what is stored inactive and goes on later."""
    body = reply.json()
    found = _id_in(body) or (None if listing_id else _id_of_address(reply.headers.get("location", "")))
    if listing_id is None and found is None:
        return Retry(UNCLEAR)
    if not isinstance(body, dict) and reply.body.strip():
        return Retry(NONSENSE)
    if listing_id is not None and found not in (None, listing_id):
        return Retry(NONSENSE)
    key = listing_id or str(found)
    url = url_in(body) or listing_url(listing_base, key)
    if reply.status == 202 or _status_in(body) == "Inactive":
        return Pending(key, url, WAITING, FIRST_LOOK)
    applied = applied_in(body)
    # What was wished and does not apply yet is looked at again: a refusal is never said.
    later = BOOKING_LOOK if set(wished) - applied else None
    return Accepted(key, url, booked=tuple(sorted(set(wished) & applied)), look_again=later)


def looked_at(body: Any, listing_id: str, listing_base: str, wished: Collection[str]) -> Outcome:
    """A listing that was read to see what became of it: published, and with which paid extras."""
    url = url_in(body) or listing_url(listing_base, listing_id)
    if _status_in(body) == "Inactive":
        return Pending(listing_id, url, WAITING, NEXT_LOOK)
    applied = applied_in(body)
    text = say("{booking} wurde gewünscht, läuft aber nicht: AutoScout24 hat es nicht gebucht.")
    labels = {booking.code: booking.label for booking in BOOKINGS}
    refused = tuple(
        Feedback(
            "booking-not-applied", text.filled(booking=labels.get(code, code)), "bookings", who=Actor.DEALER
        )
        for code in sorted(set(wished) - applied)
    )
    return Accepted(listing_id, url, booked=tuple(sorted(set(wished) & applied)), blocked=refused)


def applied_in(body: Any) -> set[str]:
    """Codes of the paid extras that run."""
    marketing = body.get("marketing") if isinstance(body, Mapping) else None
    mia = marketing.get("mia") if isinstance(marketing, Mapping) else None
    boost = marketing.get("listingBoost") if isinstance(marketing, Mapping) else None
    found = set()
    if isinstance(mia, Mapping) and isinstance(mia.get("appliedTier"), str):
        found.add(mia["appliedTier"])
    if isinstance(boost, Mapping) and boost.get("applied") is True:
        found.add(BOOST)
    return found


def not_enriched(summary: Mapping[str, Any]) -> Rejected:
    """The search for missing values has failed: what the entry of the list names is due."""
    named = summary.get("vinEnrichmentMissingFields")
    paths = [path for path in named if isinstance(path, str)] if isinstance(named, list) else []
    if not paths:
        text = say("AutoScout24 konnte fehlende Angaben nicht ergänzen. Das Inserat bleibt unsichtbar.")
        return Rejected((Feedback("enrichment-failed", text),))
    missing = errors.TEXTS["mandatory-attribute-missing"]
    texts = ((path, missing.filled(label=label_of(path) or path)) for path in paths)
    return Rejected(tuple(Feedback("enrichment-failed", text, our_place(path), path) for path, text in texts))


def failed(reply: Reply, missing: Outcome) -> Outcome:
    """The meaning of everything but success; `missing` is what a 404 stands for here."""
    status = reply.status
    if status in REFUSED:
        return Rejected(errors.rejection(reply.json()))
    if status == 401:
        return Stop(StopCause.CREDENTIALS, say("AutoScout24 nimmt die Zugangsdaten des Betreibers nicht an."))
    if status == 403:
        text = say(
            "Der Betreiber ist bei AutoScout24 nicht als Datenlieferant für diese Kundennummer hinterlegt."
        )
        return Stop(StopCause.NOT_LINKED, text)
    if status in GONE:
        if "customer-not-found-error" in errors.codes_in(reply.json()):
            return unknown_customer()
        return missing
    return out_of_order(reply, "AutoScout24")


def unknown_customer() -> Stop:
    return Stop(StopCause.UNKNOWN_CUSTOMER, say("AutoScout24 kennt diese Kundennummer nicht."))


def is_on_hold(reply: Reply) -> bool:
    return errors.ON_HOLD in errors.codes_in(reply.json())


def held(listing: RemoteListing, refused: Outcome) -> Outcome:
    """Of a listing on hold that the dealer has not locked: one that is completed takes changes afterwards."""
    if listing.data.get("vinEnrichmentStatus") == "Processing":
        return Retry(say("AutoScout24 ergänzt gerade fehlende Angaben des Inserats"), after=FIRST_LOOK)
    return refused


def exists_already(answer: Answer) -> bool:
    """A create that was refused because the vehicle is there."""
    refused = answer.outcome
    if not isinstance(refused, Rejected):
        return False
    return answer.exchanges[-1].status == 409 or any(one.code == errors.EXISTS for one in refused.feedback)


def listed(reply: Reply, listing_base: str) -> RemoteList:
    """The whole list or a failure; anything malformed is a failure."""
    if not reply.ok:
        return RemoteList(failure=of_the_activation(failed(reply, missing=unknown_customer()), NONSENSE))
    body = reply.json()
    entries = body.get("listings") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        return RemoteList(failure=Retry(say("Die Bestandsliste von AutoScout24 ist unvollständig")))
    found = [_remote(entry, listing_base) for entry in entries]
    whole = tuple(one for one in found if one is not None)
    if len({one.listing_id for one in whole}) != len(entries):
        return RemoteList(failure=Retry(say("Die Bestandsliste von AutoScout24 ist fehlerhaft")))
    return RemoteList(whole)


def _remote(entry: Any, listing_base: str) -> RemoteListing | None:
    listing_id = _id_in(entry)
    if listing_id is None:
        return None
    number = cleaned(entry.get("offerReferenceId"))
    return RemoteListing(
        listing_id,
        number,
        "",
        listing_url(listing_base, listing_id),
        f"Inserat {number}".strip(),
        entry,
        our_key=cleaned(entry.get("crossReferenceId")),
        protected=entry.get("overwriteProtection") is True,
        changed_at=_moment(entry.get("lastUpdatedAt")),
    )


def _moment(value: Any) -> datetime | None:
    """ISO 8601; what is none says nothing."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def whole(body: Mapping[str, Any], listing_id: str, listing_base: str) -> RemoteListing:
    """A listing that was read by itself, with the facts that the list lacks."""
    words = (cleaned(body.get(name)) for name in ("modelName", "modelVersion"))
    return RemoteListing(
        listing_id,
        cleaned(body.get("offerReferenceId")),
        cleaned(body.get("vin")),
        url_in(body) or listing_url(listing_base, listing_id),
        " ".join(word for word in words if word),
        dict(body),
        facts_of(body),
        our_key=cleaned(body.get("crossReferenceId")),
        protected=body.get("overwriteProtection") is True,
    )


def protected() -> Protected:
    return Protected(LOCKED)


def listing_url(base: str, listing_id: str) -> str:
    """The name before the id is free: buyers are led on."""
    return f"{base.rstrip('/')}/angebote/-{listing_id}"


def url_in(body: Any) -> str:
    """The public address that the platform names; empty where it names none."""
    publication = body.get("publication") if isinstance(body, Mapping) else None
    channels = publication.get("channels") if isinstance(publication, Mapping) else None
    for channel in channels if isinstance(channels, list) else ():
        url = channel.get("url") if isinstance(channel, Mapping) else None
        if isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) <= 500:
            return url
    return ""


def _status_in(body: Any) -> str:
    publication = body.get("publication") if isinstance(body, Mapping) else None
    status = publication.get("status") if isinstance(publication, Mapping) else ""
    return status if isinstance(status, str) else ""


def _id_of_address(address: str) -> str | None:
    """The id in `…/listings/{id}`."""
    head, _, last = urlsplit(address).path.rstrip("/").rpartition("/")
    return last if head.endswith("/listings") and _ID.fullmatch(last) else None


def _id_in(body: Any) -> str | None:
    value = body.get("id") if isinstance(body, Mapping) else None
    return value if isinstance(value, str) and _ID.fullmatch(value) else None
