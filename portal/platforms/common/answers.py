"""What the answers of platforms have in common: which say something about a vehicle, which that the platform
is out of order, and how a text of theirs is kept."""

from __future__ import annotations

import re
from typing import Any

from portal.messages import Message, say
from portal.platforms.common.http import Reply, retry_after
from portal.platforms.contract import CustomerCheck, Outcome, Retry, Stop

REFUSED = (400, 409, 413, 415, 422)
GONE = (404, 410)
LONGEST_TEXT = 500
"""Characters of a platform's text that are kept."""
UNAVAILABLE = CustomerCheck(
    "unavailable", say("Plattform antwortet nicht. Bitte versuchen Sie es später noch einmal.")
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")


def cleaned(text: Any) -> str:
    """A platform's text as data: without control characters, cut."""
    spaced = " ".join(_CONTROL.sub(" ", text if isinstance(text, str) else "").split())
    return spaced if len(spaced) <= LONGEST_TEXT else f"{spaced[: LONGEST_TEXT - 1]}…"


def confirms(reply: Reply) -> bool:
    """A success that says nothing, or something of the platform's own; the page of a proxy is none."""
    return reply.ok and in_its_own_words(reply)


def in_its_own_words(reply: Reply) -> bool:
    """Nothing, or JSON: whatever else comes, a proxy or a web server on the way has said, and it knows of no
    listing whether it is there."""
    return not reply.body.strip() or isinstance(reply.json(), dict | list)


def out_of_order(reply: Reply, platform: str) -> Retry:
    """Of an answer that says nothing about the vehicle, or of none at all."""
    status = reply.status
    match status:
        case None:
            return Retry(reply.exchange.error, platform_wide=not reply.connected)
        case 429:
            text = say("{platform} bittet um langsamere Übertragung (429)", platform=platform)
        case 503:
            text = say("{platform} wird gewartet (503)", platform=platform)
        case _ if status >= 500 or status == 408:
            text = say("{platform} ist gestört ({status})", platform=platform, status=status)
        case _:
            text = say(
                "{platform} hat unverständlich geantwortet ({status})", platform=platform, status=status
            )
    return Retry(text, retry_after(reply.headers), platform_wide=status == 503)


def of_the_activation(outcome: Outcome, nonsense: Message) -> Retry | Stop:
    """What a failure means where no vehicle was asked about: one that speaks of a vehicle is nonsense."""
    return outcome if isinstance(outcome, (Stop, Retry)) else Retry(nonsense)


def credentials_refused(platform: str) -> CustomerCheck:
    text = say(
        "{platform} nimmt die Zugangsdaten des Portals nicht an. Das muss der Betreiber des Portals beheben.",
        platform=platform,
    )
    return CustomerCheck("credentials", text)
