"""A connection to one customer at AutoScout24. Never retries, never raises for an answer.

There is no key of idempotency: whoever repeats a create whose outcome is unknown reads the list first
(`ExportApp.idempotent_create`), where our cross reference names the vehicle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from portal.messages import say
from portal.platforms.autoscout24 import answers, errors, figures
from portal.platforms.autoscout24.mapping_offer import BOOST
from portal.platforms.autoscout24.pictures import AutoScout24PictureUploads, PictureIds, shown_in
from portal.platforms.common.answers import GONE, confirms
from portal.platforms.common.http import Http, Reply
from portal.platforms.contract import (
    Accepted,
    Account,
    Answer,
    Exchange,
    FiguresReport,
    Gone,
    Json,
    Pending,
    PriceRating,
    Rejected,
    RemoteList,
    RemoteListing,
    Retry,
    Stop,
    Stores,
)

TEST_HEADERS = {"X-Testmode": "true"}
CULTURE = "?culture=de-DE"
WITH_PROTECTION = "?include=overwriteProtection"


class AutoScout24Client:
    """Safe to use from several threads; never two requests at once for the same listing.

    In test mode listings are stored and never shown, apart from the real ones.
    """

    def __init__(
        self, http: Http, account: Account, stores: Stores, listing_base: str, *, testmode: bool = False
    ) -> None:
        customer = f"/customers/{quote(account.seller_key, safe='')}"
        self._http = http
        self._listings = f"{customer}/listings"
        self._statistics = f"/statistics/{quote(account.seller_key, safe='')}/listings"
        self._evaluation = f"/priceevaluation/{quote(account.seller_key, safe='')}"
        self._listing_base = listing_base
        self._headers = TEST_HEADERS if testmode else {}
        self._uploads = AutoScout24PictureUploads(
            http, stores.images, account.seller_key, f"{customer}/images"
        )

    def create(self, payload: Json, request_id: str) -> Answer:  # noqa: ARG002  no such key here
        answer = self._write("POST", f"{self._listings}{CULTURE}", payload, None)
        return self._made_before(payload, answer) if answers.exists_already(answer) else answer

    def update(self, listing_id: str, payload: Json) -> Answer:
        """Replaces the whole listing."""
        return self._write("PUT", f"{self._listing(listing_id)}{CULTURE}", payload, listing_id)

    def delete(self, listing_id: str) -> Answer:
        reply = self._http.send("DELETE", self._listing(listing_id), headers=self._headers)
        if confirms(reply):
            url = answers.listing_url(self._listing_base, listing_id)
            return Answer(Accepted(listing_id, url), (reply.exchange,))
        if reply.ok:
            return Answer(Retry(answers.NONSENSE), (reply.exchange,))
        return self._refused(reply, listing_id)

    def poll(self, listings: Mapping[str, Json]) -> Mapping[str, Answer]:
        """What became of listings that wait, by their ids; the payloads say what was wished of them.

        One list for all, then each listing that is not waiting any more.
        """
        reply = self._http.get(f"{self._listings}{WITH_PROTECTION}", self._headers)
        found = answers.listed(reply, self._listing_base)
        if found.failure is not None:
            return {key: Answer(found.failure, (reply.exchange,)) for key in listings}
        shown = {one.listing_id: one for one in found.listings}
        return {
            key: self._polled(key, payload, shown.get(key), reply.exchange)
            for key, payload in listings.items()
        }

    def remote_listings(self) -> RemoteList:
        """The list is a summary: number, our key and dates. `details` reads the rest, one by one."""
        reply = self._http.get(f"{self._listings}{WITH_PROTECTION}", self._headers)
        return answers.listed(reply, self._listing_base)

    def details(self, listing_ids: Sequence[str]) -> Mapping[str, RemoteListing] | Retry | Stop:
        """Whole listings by their ids; those that have vanished meanwhile are missing."""
        found: dict[str, RemoteListing] = {}
        for listing_id in listing_ids:
            reply = self._read(listing_id)
            body = reply.json()
            if reply.ok and isinstance(body, dict):
                found[listing_id] = answers.whole(body, listing_id, self._listing_base)
                continue
            outcome = answers.failed(reply, missing=Gone()) if not reply.ok else Retry(answers.NONSENSE)
            if isinstance(outcome, (Retry, Stop)):
                return outcome
        return found

    def figures(self, listing_ids: Sequence[str]) -> FiguresReport:
        """One snapshot for all listings of the customer."""
        return figures.report(self._http.get(self._statistics), listing_ids)

    def rate_price(self, payload: Json) -> PriceRating | Rejected | Retry | Stop:
        """Pictures are no part of the question."""
        asked = {name: value for name, value in payload.items() if name != "images"}
        reply = self._http.send("POST", self._evaluation, json.dumps(asked, ensure_ascii=False).encode())
        return figures.evaluated(reply, asked)

    def close(self) -> None:
        self._http.close()

    def _made_before(self, payload: Json, refused: Answer) -> Answer:
        """A vehicle that exists already may be there by a request of ours, which was carried out only now:
        then the list shows it under our key, and it gets today's facts."""
        asked = self._http.get(f"{self._listings}{WITH_PROTECTION}", self._headers)
        found = answers.listed(asked, self._listing_base)
        exchanges = (*refused.exchanges, asked.exchange)
        if found.failure is not None:
            return Answer(found.failure, exchanges)
        key = payload.get("crossReferenceId")
        ours = next((one.listing_id for one in found.listings if key and one.our_key == key), None)
        if ours is None:
            return Answer(refused.outcome, exchanges)
        updated = self.update(ours, payload)
        return Answer(updated.outcome, (*exchanges, *updated.exchanges))

    def _listing(self, listing_id: str) -> str:
        return f"{self._listings}/{quote(listing_id, safe='')}"

    def _read(self, listing_id: str) -> Reply:
        return self._http.get(f"{self._listing(listing_id)}{CULTURE}", self._headers)

    def _write(self, method: str, path: str, payload: Json, listing_id: str | None) -> Answer:
        wanted = payload.get("images", ())
        pictures = self._pictures(wanted, listing_id)
        if pictures.failure:
            return Answer(pictures.failure, tuple(pictures.exchanges))
        # The whole list of pictures by the platform's names, also when it is empty.
        named = {**payload, "images": [{"id": image_id} for image_id in dict.fromkeys(pictures.ids)]}
        content = json.dumps(named, ensure_ascii=False).encode()
        reply = self._http.send(method, path, content, headers=self._headers)
        if not reply.ok:
            return self._not_written(reply, listing_id, pictures)
        outcome = answers.stored(reply, self._listing_base, wished_in(payload), listing_id)
        if isinstance(outcome, Accepted) and pictures.warnings:
            outcome = replace(outcome, warnings=(*outcome.warnings, *pictures.warnings))
        return Answer(outcome, (*pictures.exchanges, reply.exchange))

    def _pictures(self, wanted: Sequence[Json], listing_id: str | None) -> PictureIds:
        """What the listing shows already is found by its MD5: uploaded anew it would be a duplicate."""
        known = self._uploads.known(wanted)
        if listing_id is None or all(str(one["sha256"]) in known for one in wanted):
            return self._uploads.resolve(wanted, known, {})
        reply = self._read(listing_id)
        if not reply.ok:
            answer = self._refused(reply, listing_id)
            return PictureIds(exchanges=list(answer.exchanges), failure=answer.outcome)
        if not isinstance(reply.json(), dict):
            return PictureIds(exchanges=[reply.exchange], failure=Retry(answers.NONSENSE))
        resolved = self._uploads.resolve(wanted, known, shown_in(reply.json()))
        resolved.exchanges.insert(0, reply.exchange)
        return resolved

    def _not_written(self, reply: Reply, listing_id: str | None, pictures: PictureIds) -> Answer:
        """A refusal of pictures that we did not upload just now means that the platform has dropped them."""
        if listing_id is not None and (reply.status in GONE or answers.is_on_hold(reply)):
            answer = self._refused(reply, listing_id)
            return replace(answer, exchanges=(*pictures.exchanges, *answer.exchanges))
        outcome = answers.failed(reply, missing=answers.unknown_customer())
        unknown = set(errors.codes_in(reply.json())) & set(errors.UNKNOWN_PICTURE)
        if isinstance(outcome, Rejected) and pictures.ids and unknown:
            # Those of just now may not be known everywhere yet: they are sent once more before they are
            # uploaded anew.
            self._uploads.forget(pictures.reused)
            outcome = Retry(say("AutoScout24 kennt die Bilder nicht, sie werden neu übertragen"))
        return Answer(outcome, (*pictures.exchanges, reply.exchange))

    def _refused(self, reply: Reply, listing_id: str) -> Answer:
        """404 may be a lock by the dealer, and one that is on hold may be completed just now: the list says
        whether the listing is there, and in which state."""
        outcome = answers.failed(reply, missing=Gone())
        on_hold = answers.is_on_hold(reply)
        if not isinstance(outcome, Gone) and not on_hold:
            return Answer(outcome, (reply.exchange,))
        asked = self._http.get(f"{self._listings}{WITH_PROTECTION}", self._headers)
        found = answers.listed(asked, self._listing_base)
        exchanges = (reply.exchange, asked.exchange)
        if found.failure is not None:
            return Answer(found.failure, exchanges)
        listing = next((one for one in found.listings if one.listing_id == listing_id), None)
        if listing is None:
            return Answer(outcome, exchanges)
        if listing.protected:
            return Answer(answers.protected(), exchanges)
        if on_hold:
            return Answer(answers.held(listing, outcome), exchanges)
        text = say("AutoScout24 findet das Inserat nicht, führt es aber in seiner Liste")
        return Answer(Retry(text), exchanges)

    def _polled(self, listing_id: str, payload: Json, shown: RemoteListing | None, asked: Exchange) -> Answer:
        if shown is None:
            return Answer(Gone(), (asked,))
        status = shown.data.get("vinEnrichmentStatus")
        url = answers.listing_url(self._listing_base, listing_id)
        if status == "Processing":
            return Answer(Pending(listing_id, url, answers.WAITING, answers.NEXT_LOOK), (asked,))
        if status == "Fail":
            return Answer(answers.not_enriched(shown.data), (asked,))
        return self._looked_at(listing_id, payload, asked, published=status == "Success")

    def _looked_at(self, listing_id: str, payload: Json, asked: Exchange, *, published: bool) -> Answer:
        """Read whole; one that was completed and is still inactive is activated, a wish of its own."""
        reply = self._read(listing_id)
        if not reply.ok:
            return Answer(answers.failed(reply, missing=Gone()), (asked, reply.exchange))
        wished = wished_in(payload)
        outcome = answers.looked_at(reply.json(), listing_id, self._listing_base, wished)
        if not (isinstance(outcome, Pending) and published):
            return Answer(outcome, (asked, reply.exchange))
        changed = json.dumps({"publication": payload["publication"]}).encode()
        patched = self._http.send(
            "PATCH", f"{self._listing(listing_id)}{CULTURE}", changed, headers=self._headers
        )
        exchanges = (asked, reply.exchange, patched.exchange)
        if not patched.ok:
            return Answer(answers.failed(patched, missing=Gone()), exchanges)
        return Answer(answers.stored(patched, self._listing_base, wished, listing_id), exchanges)


def wished_in(payload: Json) -> frozenset[str]:
    """Codes of the paid extras that a payload asks for."""
    marketing = payload.get("marketing", {})
    tier = marketing.get("mia", {}).get("requestedTier")
    boost = marketing.get("listingBoost", {}).get("requested")
    return frozenset({*([tier] if tier else []), *([BOOST] if boost else [])})
