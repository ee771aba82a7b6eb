"""What the answers of AutoScout24 Schweiz mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from portal.messages import say
from portal.platforms.autoscout24_ch import errors
from portal.platforms.autoscout24_ch.remote import facts_of
from portal.platforms.common.answers import GONE, REFUSED, cleaned, confirms, out_of_order
from portal.platforms.common.http import Reply
from portal.platforms.contract import Gone, Outcome, Rejected, RemoteListing, Retry, Stop, StopCause

NONSENSE = say("AutoScout24 Schweiz hat unverständlich geantwortet")
REAL_API = "https://api.autoscout24.ch"
REAL_SITE = "https://www.autoscout24.ch"
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")


def failed(reply: Reply, missing: Outcome) -> Outcome:
    """The meaning of everything but success; `missing` is what a 404 stands for here."""
    status = reply.status
    if status in REFUSED:
        return Rejected(errors.rejection(reply.json()))
    if status == 401:
        text = say("AutoScout24 Schweiz nimmt die Zugangsdaten des Betreibers nicht an.")
        return Stop(StopCause.CREDENTIALS, text)
    if status == 403:
        text = say(
            "AutoScout24 Schweiz lässt den Betreiber nicht auf die Inserate dieser Verkäufernummer zugreifen."
        )
        return Stop(StopCause.NOT_LINKED, text)
    if status in GONE:
        return missing
    return out_of_order(reply, "AutoScout24 Schweiz")


def trouble_with(reply: Reply) -> Outcome | None:
    """Of something that was to be done to a listing: None where it was done."""
    if confirms(reply):
        return None
    return Retry(NONSENSE) if reply.ok else failed(reply, missing=Gone())


def unknown_seller() -> Stop:
    return Stop(StopCause.UNKNOWN_CUSTOMER, say("AutoScout24 Schweiz kennt diese Verkäufernummer nicht."))


def id_in(body: Any) -> str | None:
    value = body.get("id") if isinstance(body, Mapping) else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def id_made(reply: Reply) -> str | None:
    """Of a listing that was just made: the document promises neither a body nor an address, so that whoever
    gives one of them is believed only where the listing says the same."""
    number = urlsplit(reply.headers.get("location", "")).path.rstrip("/").rpartition("/")[2]
    return id_in(reply.json()) or (number if _NUMBER.fullmatch(number) else None)


def keys_in(entries: Any) -> list[str] | None:
    """Keys of pictures in display order; None where that is no list of them."""
    if not isinstance(entries, list):
        return None
    keys = [entry.get("key") if isinstance(entry, Mapping) else None for entry in entries]
    return [key for key in keys if isinstance(key, str) and key]


def listing(summary: Mapping[str, Any], names: Mapping[str, str], base: str) -> RemoteListing:
    """An entry of the list, with the names that only the whole listing carries."""
    listing_id = id_in(summary) or ""
    words = (cleaned(summary.get(name)) for name in ("makeKey", "modelKey", "versionFullName"))
    return RemoteListing(
        listing_id,
        names.get("number", ""),
        names.get("vin", ""),
        listing_url(base, listing_id),
        " ".join(word for word in words if word),
        dict(summary),
        facts_of(summary),
        our_key=names.get("key", ""),
    )


def names_in(body: Mapping[str, Any]) -> dict[str, str]:
    """Our key, our number and the VIN of a whole listing."""
    return {
        "key": cleaned(body.get("externalId")),
        "number": cleaned(body.get("sellerVehicleId")),
        "vin": cleaned(body.get("vehicleIdentificationNumber")),
    }


def listing_url(api_url: str, listing_id: str) -> str:
    """The page that buyers see; the sandbox shows it on its own host."""
    base = api_url.rstrip("/")
    return f"{REAL_SITE if base == REAL_API else base}/de/d/{listing_id}"
