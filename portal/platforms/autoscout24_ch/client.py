"""A connection to one seller at AutoScout24 Schweiz. Never retries, never raises for an answer.

A create answers without a body, so the listing is found by our key, before and after: a create that is
repeated goes on where the first one ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from portal.messages import say
from portal.platforms.autoscout24_ch import answers, errors
from portal.platforms.autoscout24_ch.fields import BY_NAME, CREATE_ONLY
from portal.platforms.autoscout24_ch.lookup import Call, ListingLookup, is_gone
from portal.platforms.autoscout24_ch.pictures import AutoScout24ChPictures
from portal.platforms.autoscout24_ch.remote import ACTIVE
from portal.platforms.autoscout24_ch.remote_list import SellerList
from portal.platforms.autoscout24_ch.top_list import TopList
from portal.platforms.common.answers import confirms, in_its_own_words
from portal.platforms.common.http import Http, Reply
from portal.platforms.contract import (
    Accepted,
    Account,
    Answer,
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

LOOKS = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each look for a listing that was just made."""
CONFIRMED_BY = 60.0
"""Seconds by which one that was made must be found: before, it is not made a second time."""
CONFLICT = 409
FIXED = Feedback(
    "make-and-model-fixed",
    say(
        "Fahrzeugart, Marke und Modell eines Inserats lassen sich bei AutoScout24 Schweiz nicht ändern. "
        "Nehmen Sie die Freigabe zurück und geben Sie das Fahrzeug danach neu frei."
    ),
    "model",
)


class AutoScout24ChClient:
    """Safe to use from several threads; never two requests at once for the same listing."""

    def __init__(self, http: Http, account: Account, stores: Stores, api_url: str) -> None:
        self._seller = account.seller_key
        self._http = http
        self._stores = stores
        self._api_url = api_url
        self._features = f"/public/v1/sellers/{quote(self._seller, safe='')}/features"
        self._listings = f"/public/v1/sellers/{quote(self._seller, safe='')}/listings"
        self._lookup = ListingLookup(http, self._listings)
        self._list = SellerList(http, stores.references, self._listings, api_url)

    def create(self, payload: Json, request_id: str) -> Answer:
        call, key = Call(), str(payload.get("externalId") or request_id)
        there = self._lookup.find(key, call)
        if isinstance(there, (Retry, Stop)):
            return call.answer(there)
        if there is not None:
            return self._replace(str(there["id"]), payload, call)
        body = _members(payload) | {"externalId": key}
        reply = call.noted(self._send("POST", self._listings, body))
        if not reply.ok:
            return self._not_made(reply, key, payload, call)
        made = self._made(reply, key, call)
        if isinstance(made, (Retry, Stop)):
            return call.answer(made)
        if made is None:
            text = say("AutoScout24 Schweiz hat das Inserat noch nicht bestätigt")
            return call.answer(Retry(text, after=CONFIRMED_BY))
        return self._complete(str(made["id"]), payload, made, call, fresh=True)

    def update(self, listing_id: str, payload: Json) -> Answer:
        """Replaces the whole listing, but for what is fixed when it is made."""
        return self._replace(listing_id, payload, Call())

    def delete(self, listing_id: str) -> Answer:
        call = Call()
        reply = call.noted(self._http.send("POST", f"{self._listing(listing_id)}/remove"))
        outcome = answers.trouble_with(reply) or Accepted(listing_id, self._url(listing_id))
        if isinstance(outcome, Gone) and not in_its_own_words(reply):
            outcome = self._is_removed(listing_id)
        return call.answer(outcome)

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

    def _made(self, reply: Reply, key: str, call: Call) -> Json | Retry | Stop | None:
        """The listing that was just made. What is read may lag behind what was written: where it is not
        found at once, it is looked for a moment longer."""
        named = answers.id_made(reply)
        for pause in LOOKS if confirms(reply) else LOOKS[:1]:
            time.sleep(pause)
            whole = self._lookup.whole(named, call) if named else None
            if isinstance(whole, dict) and whole.get("externalId") == key:
                return whole
            made = self._lookup.find(key, call)
            if made is not None:
                return made
        return None

    def _not_made(self, reply: Reply, key: str, payload: Json, call: Call) -> Answer:
        """A conflict may be with a request of ours before, which the platform has carried out only now."""
        there = self._lookup.find(key, call) if reply.status == CONFLICT else None
        if isinstance(there, dict):
            return self._replace(str(there["id"]), payload, call)
        return call.answer(answers.failed(reply, missing=answers.unknown_seller()))

    def _read_again(self, listing_id: str, call: Call, looks: Sequence[float]) -> Json | Retry | Stop | None:
        """One that was written just now is there, though it may not be shown at once."""
        for pause in looks:
            time.sleep(pause)
            there = self._lookup.whole(listing_id, call)
            if there is not None:
                return there
        return None

    def _is_removed(self, listing_id: str) -> Outcome:
        """By the whole list."""
        found = self._list.read()
        if found.failure is not None:
            return found.failure
        is_there = any(one.listing_id == listing_id for one in found.listings)
        return Retry(answers.NONSENSE) if is_there else Gone()

    def _replace(self, listing_id: str, payload: Json, call: Call) -> Answer:
        """What is done after the PUT is decided by what is read after it: a request of before may have been
        carried out meanwhile."""
        body = {name: value for name, value in _members(payload).items() if name not in CREATE_ONLY}
        reply = call.noted(self._send("PUT", self._listing(listing_id), body))
        outcome = answers.trouble_with(reply)
        if outcome is not None and not isinstance(outcome, Rejected):
            return call.answer(outcome)
        there = self._read_again(listing_id, call, LOOKS if outcome is None else LOOKS[:1])
        if is_gone(there):
            return call.answer(Gone())
        if outcome is not None:
            return call.answer(outcome)
        if not isinstance(there, dict):
            return call.answer(there or Gone())
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
        outcome = answers.trouble_with(reply)
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
        outcome = answers.trouble_with(reply)
        if not isinstance(outcome, Rejected):
            return outcome
        shown = self._lookup.whole(listing_id, call)
        if isinstance(shown, dict) and shown.get("status") == ACTIVE:
            # It was active already, or an activation of before took effect only now.
            return None
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

    def _send(self, method: str, path: str, body: Any) -> Reply:
        return self._http.send(method, path, json.dumps(body, ensure_ascii=False).encode())

    def _listing(self, listing_id: str) -> str:
        return f"{self._listings}/{quote(listing_id, safe='')}"

    def _url(self, listing_id: str) -> str:
        return answers.listing_url(self._api_url, listing_id)


def _members(payload: Json) -> Json:
    """What the listing itself carries: pictures, search attributes and extras have places of their own."""
    return {name: value for name, value in payload.items() if name in BY_NAME}
