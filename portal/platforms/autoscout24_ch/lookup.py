"""Whether a listing is there: under the platform's number, or under our key."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from portal.platforms.autoscout24_ch import answers
from portal.platforms.autoscout24_ch.remote import REMOVED
from portal.platforms.autoscout24_ch.remote_list import all_pages
from portal.platforms.common.answers import GONE, in_its_own_words, of_the_activation
from portal.platforms.common.http import Http, Reply
from portal.platforms.contract import Answer, Exchange, Feedback, Json, Outcome, Retry, Stop


@dataclass
class Call:
    """A write in hand: what was asked so far, and what is worth telling."""

    exchanges: list[Exchange] = field(default_factory=list)
    warnings: list[Feedback] = field(default_factory=list)

    def answer(self, outcome: Outcome) -> Answer:
        return Answer(outcome, tuple(self.exchanges))

    def noted(self, reply: Reply) -> Reply:
        self.exchanges.append(reply.exchange)
        return reply


class ListingLookup:
    """Of one seller."""

    def __init__(self, http: Http, listings: str) -> None:
        self._http = http
        self._listings = listings

    def find(self, key: str, call: Call) -> Json | Retry | Stop | None:
        """The listing under our key that was not removed; None where there is none."""
        reply = call.noted(self._http.get(f"{self._listings}/external-id/{quote(key, safe='')}"))
        if reply.status in GONE:
            return None if in_its_own_words(reply) else self._find_later(key, call)
        listing_id = answers.id_in(reply.json()) if reply.ok else None
        if listing_id is None:
            return _unread(reply)
        whole = self.whole(listing_id, call)
        return self._find_later(key, call) if is_gone(whole) else whole

    def _find_later(self, key: str, call: Call) -> Json | Retry | Stop | None:
        """A removed listing keeps our key, and may hide the one that was made after it. The same question put
        to the list, and that until it shows as many as there are: a part of it would have one made twice."""
        found = all_pages(lambda path: call.noted(self._http.get(path)), self._listings, externalId=key)
        if not isinstance(found, list):
            return found
        for entry in found:
            if entry.get("status") == REMOVED:
                continue
            whole = self.whole(str(entry["id"]), call)
            if not isinstance(whole, dict):
                return whole
            if whole.get("externalId") == key:
                return whole
        return None

    def whole(self, listing_id: str, call: Call) -> Json | Retry | Stop | None:
        """None: there is none."""
        reply = call.noted(self._http.get(f"{self._listings}/{quote(listing_id, safe='')}"))
        if reply.status in GONE:
            return None
        body = reply.json() if reply.ok else None
        return body | {"id": int(listing_id)} if isinstance(body, dict) else _unread(reply)


def is_gone(whole: Json | Retry | Stop | None) -> bool:
    """There is none, or one that was removed; what could not be read is not said to be gone."""
    return whole is None or (isinstance(whole, dict) and whole.get("status") == REMOVED)


def _unread(reply: Reply) -> Retry | Stop:
    """Of a question that was not answered."""
    outcome = Retry(answers.NONSENSE) if reply.ok else answers.failed(reply, missing=answers.unknown_seller())
    return of_the_activation(outcome, answers.NONSENSE)
