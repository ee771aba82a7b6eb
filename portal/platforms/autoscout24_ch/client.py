"""A connection to one seller at AutoScout24 Schweiz. Never retries, never raises for an answer.

A create answers without a body, so the listing is found by our key, before and after: a create that is
repeated goes on where the first one ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from portal.platforms.autoscout24_ch import answers, errors
from portal.platforms.autoscout24_ch.fields import BY_NAME, CREATE_ONLY
from portal.platforms.autoscout24_ch.pictures import AutoScout24ChPictures
from portal.platforms.autoscout24_ch.remote import ACTIVE, REMOVED
from portal.platforms.autoscout24_ch.remote_list import SellerList
from portal.platforms.autoscout24_ch.top_list import TopList
from portal.platforms.common.answers import GONE, of_the_activation
from portal.platforms.common.http import Http, Reply
from portal.platforms.contract import (
    Accepted,
    Account,
    Answer,
    Exchange,
    Feedback,
    FiguresReport,
    Gone,
    Json,
    Outcome,
    Rejected,
    RemoteList,
    RemoteListing,
    Retry,
    Stop,
    Stores,
)
from portal.translations.message import say

FIXED = Feedback(
    "make-and-model-fixed",
    say(
        "Fahrzeugart, Marke und Modell eines Inserats lassen sich bei AutoScout24 Schweiz nicht ändern. "
        "Nehmen Sie die Freigabe zurück und geben Sie das Fahrzeug danach neu frei."
    ),
    "model",
)


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


class AutoScout24ChClient:
    """Safe to use from several threads; never two requests at once for the same listing."""

    def __init__(self, http: Http, account: Account, stores: Stores, api_url: str) -> None:
        self._seller = account.seller_key
        self._http = http
        self._stores = stores
        self._api_url = api_url
        self._features = f"/public/v1/sellers/{quote(self._seller, safe='')}/features"
        self._listings = f"/public/v1/sellers/{quote(self._seller, safe='')}/listings"
        self._list = SellerList(http, stores.references, self._listings, api_url)

    def create(self, payload: Json, request_id: str) -> Answer:
        call, key = Call(), str(payload.get("externalId") or request_id)
        there = self._find(key, call)
        if isinstance(there, (Retry, Stop)):
            return call.answer(there)
        if there is not None:
            return self._replace(str(there["id"]), payload, there, call)
        body = _members(payload) | {"externalId": key}
        reply = call.noted(self._send("POST", self._listings, body))
        if not reply.ok:
            return call.answer(answers.failed(reply, missing=answers.unknown_seller()))
        made = self._find(key, call)
        if isinstance(made, (Retry, Stop)):
            return call.answer(made)
        if made is None:
            text = say("AutoScout24 Schweiz hat das Inserat noch nicht bestätigt")
            return call.answer(Retry(text))
        return self._complete(str(made["id"]), payload, made, call, fresh=True)

    def update(self, listing_id: str, payload: Json) -> Answer:
        """Replaces the whole listing, but for what is fixed when it is made."""
        call = Call()
        there = self._whole(listing_id, call)
        if there is None or (isinstance(there, dict) and there.get("status") == REMOVED):
            return call.answer(Gone())
        if isinstance(there, (Retry, Stop)):
            return call.answer(there)
        return self._replace(listing_id, payload, there, call)

    def delete(self, listing_id: str) -> Answer:
        reply = self._http.send("POST", f"{self._listing(listing_id)}/remove")
        if answers.silent(reply):
            return Answer(Accepted(listing_id, self._url(listing_id)), (reply.exchange,))
        outcome = Retry(answers.NONSENSE) if reply.ok else answers.failed(reply, missing=Gone())
        return Answer(outcome, (reply.exchange,))

    def remote_listings(self) -> RemoteList:
        return self._list.read()

    def poll(self, listings: Mapping[str, Json]) -> Mapping[str, Answer]:
        """Nothing answers later here."""
        return {key: Answer(Retry(answers.NONSENSE)) for key in listings}

    def details(self, listing_ids: Sequence[str]) -> Mapping[str, RemoteListing] | Retry | Stop:
        """The list is whole: what of it is wanted."""
        found = self._list.read()
        if found.failure is not None:
            return found.failure
        return {one.listing_id: one for one in found.listings if one.listing_id in listing_ids}

    def figures(self, listing_ids: Sequence[str]) -> FiguresReport:
        raise NotImplementedError(f"AutoScout24 Schweiz tells no figures: {len(listing_ids)}")

    def close(self) -> None:
        self._http.close()

    def _replace(self, listing_id: str, payload: Json, there: Json, call: Call) -> Answer:
        body = {name: value for name, value in _members(payload).items() if name not in CREATE_ONLY}
        reply = call.noted(self._send("PUT", self._listing(listing_id), body))
        if not answers.silent(reply):
            outcome = Retry(answers.NONSENSE) if reply.ok else answers.failed(reply, missing=Gone())
            return call.answer(outcome)
        if any(there.get(name, payload.get(name)) != payload.get(name) for name in ("makeKey", "modelKey")):
            call.warnings.append(FIXED)
        return self._complete(listing_id, payload, there, call, fresh=False)

    def _complete(self, listing_id: str, payload: Json, there: Json, call: Call, *, fresh: bool) -> Answer:
        """What a listing consists of beside its members; shown to buyers only when all of it is there."""
        failure = (
            self._equip(listing_id, payload, call)
            or self._show_pictures(listing_id, payload, there, call)
            or self._activate(listing_id, there, call, fresh=fresh)
        )
        if failure is not None:
            return call.answer(failure)
        top_list = TopList(self._http, self._stores.references, self._listing(listing_id))
        booked = top_list.wish(wanted=payload.get("topList") is True)
        call.exchanges += booked.exchanges
        if booked.failure is not None:
            return call.answer(booked.failure)
        warnings = (*call.warnings, *booked.warnings)
        return call.answer(Accepted(listing_id, self._url(listing_id), warnings, booked=booked.runs))

    def _equip(self, listing_id: str, payload: Json, call: Call) -> Outcome | None:
        if "equipment" not in payload:
            return None
        body = {"searchAttributes": payload["equipment"]}
        reply = call.noted(self._send("PUT", f"{self._listing(listing_id)}/equipment", body))
        if answers.silent(reply):
            return None
        outcome = Retry(answers.NONSENSE) if reply.ok else answers.failed(reply, missing=Gone())
        if isinstance(outcome, Rejected):
            call.warnings += outcome.feedback
            return None
        return outcome

    def _show_pictures(self, listing_id: str, payload: Json, there: Json, call: Call) -> Outcome | None:
        if "images" not in payload:
            return None
        pictures = AutoScout24ChPictures(
            self._http, self._stores.images, f"{self._seller}/{listing_id}", self._listing(listing_id)
        )
        delivery = pictures.deliver(payload["images"], answers.keys_in(there.get("images")) or [])
        call.exchanges += delivery.exchanges
        call.warnings += delivery.warnings
        return delivery.failure

    def _activate(self, listing_id: str, there: Json, call: Call, *, fresh: bool) -> Outcome | None:
        """A new listing is a draft until then. One that finds no free slot is taken back: nobody would
        look after it."""
        if there.get("status") == ACTIVE:
            return None
        reply = call.noted(self._http.send("POST", f"{self._listing(listing_id)}/activate"))
        if answers.silent(reply):
            return None
        outcome = Retry(answers.NONSENSE) if reply.ok else answers.failed(reply, missing=Gone())
        if not isinstance(outcome, Rejected):
            return outcome
        if self._slots_left(call) == 0:
            outcome = Rejected((errors.NO_SLOT,))
        if fresh:
            call.noted(self._http.send("POST", f"{self._listing(listing_id)}/remove"))
        return outcome

    def _slots_left(self, call: Call) -> int | None:
        reply = call.noted(self._http.get(f"{self._features}/list/free-slots"))
        body = reply.json() if reply.ok else None
        given = body.get("numberOfFreeSlots") if isinstance(body, dict) else None
        return given if isinstance(given, int) else None

    def _find(self, key: str, call: Call) -> Json | Retry | Stop | None:
        """The listing under our key that was not removed; None where there is none."""
        reply = call.noted(self._http.get(f"{self._listings}/external-id/{quote(key, safe='')}"))
        if reply.status in GONE:
            return None
        listing_id = answers.id_in(reply.json()) if reply.ok else None
        if listing_id is None:
            return _unread(reply)
        whole = self._whole(listing_id, call)
        is_removed = isinstance(whole, dict) and whole.get("status") == REMOVED
        return self._find_later(key, call) if whole is None or is_removed else whole

    def _find_later(self, key: str, call: Call) -> Json | Retry | Stop | None:
        """A removed listing keeps our key, and may hide the one that was made after it."""
        reply = call.noted(self._http.get(f"{self._listings}?{urlencode({'externalId': key})}"))
        body = reply.json() if reply.ok else None
        entries = body.get("content") if isinstance(body, dict) else None
        if not isinstance(entries, list):
            return _unread(reply)
        for entry in entries:
            listing_id = answers.id_in(entry)
            if listing_id is None or entry.get("status") == REMOVED:
                continue
            whole = self._whole(listing_id, call)
            if not isinstance(whole, dict):
                return whole
            if whole.get("externalId") == key:
                return whole
        return None

    def _whole(self, listing_id: str, call: Call) -> Json | Retry | Stop | None:
        """None: there is none."""
        reply = call.noted(self._http.get(self._listing(listing_id)))
        if reply.status in GONE:
            return None
        body = reply.json() if reply.ok else None
        return body | {"id": int(listing_id)} if isinstance(body, dict) else _unread(reply)

    def _send(self, method: str, path: str, body: Any) -> Reply:
        return self._http.send(method, path, json.dumps(body, ensure_ascii=False).encode())

    def _listing(self, listing_id: str) -> str:
        return f"{self._listings}/{quote(listing_id, safe='')}"

    def _url(self, listing_id: str) -> str:
        return answers.listing_url(self._api_url, listing_id)


def _members(payload: Json) -> Json:
    """What the listing itself carries: pictures, search attributes and extras have places of their own."""
    return {name: value for name, value in payload.items() if name in BY_NAME}


def _unread(reply: Reply) -> Retry | Stop:
    """Of a question that was not answered."""
    outcome = Retry(answers.NONSENSE) if reply.ok else answers.failed(reply, missing=answers.unknown_seller())
    return of_the_activation(outcome, answers.NONSENSE)
