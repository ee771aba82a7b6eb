"""A connection to one seller at mobile.de. Never retries, never raises for an answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from portal.messages import say
from portal.platforms.common.answers import in_its_own_words
from portal.platforms.common.http import Reply
from portal.platforms.contract import (
    Accepted,
    Account,
    Answer,
    FiguresReport,
    Gone,
    Json,
    ListingFigures,
    Outcome,
    PriceRating,
    Rejected,
    RemoteList,
    RemoteListing,
    Retry,
    Stop,
    Stores,
)
from portal.platforms.mobile_de import answers, errors
from portal.platforms.mobile_de.figures import figures_of, rating_of
from portal.platforms.mobile_de.pictures import PICTURES_STAY, MobileDePictureUploads, PictureRefs
from portal.platforms.mobile_de.transport import QUICK, MobileDeHttp

INSERTION_ID = "X-Mobile-Insertion-Request-Id"
SEE_OTHER = 303
Judge = Callable[[Reply], Outcome]


class MobileDeClient:
    """Safe to use from several threads; never two requests at once for the same listing."""

    def __init__(self, http: MobileDeHttp, account: Account, stores: Stores, listing_base: str) -> None:
        self._http = http
        self._ads = f"/seller-api/sellers/{quote(account.seller_key, safe='')}/ads"
        self._listing_base = listing_base
        self._max_images = account.limits.get("max_images")
        self._uploads = MobileDePictureUploads(http, stores.images, account.seller_key)

    def create(self, payload: Json, request_id: str) -> Answer:
        """The same `request_id` never makes a second ad: the platform answers 303 with the first."""
        headers = {INSERTION_ID: request_id}
        answer = self._put_ad(
            "POST", self._ads, payload, headers, lambda reply: answers.created(reply, self._listing_base)
        )
        return self._found(payload, answer) if answer.outcome == Retry(answers.UNCLEAR) else answer

    def update(self, listing_id: str, payload: Json) -> Answer:
        """Replaces the whole ad, but for pictures of which none are left."""
        answer = self._put_ad(
            "PUT",
            self._ad(listing_id),
            payload,
            {},
            lambda reply: answers.updated(reply, listing_id, self._listing_base),
        )
        return self._looked_at(listing_id, answer) if payload.get("images") == [] else answer

    def delete(self, listing_id: str) -> Answer:
        reply = self._http.send("DELETE", self._ad(listing_id))
        outcome = answers.deleted(reply, listing_id, self._listing_base)
        if isinstance(outcome, Gone) and not in_its_own_words(reply):
            outcome = self._is_gone(listing_id)
        return Answer(outcome, (reply.exchange,))

    def remote_listings(self) -> RemoteList:
        return answers.listed(self._http.get(self._ads), self._listing_base)

    def poll(self, listings: Mapping[str, Json]) -> Mapping[str, Answer]:
        """Every answer is final here."""
        raise NotImplementedError(f"mobile.de leaves nothing open: {sorted(listings)}")

    def details(self, listing_ids: Sequence[str]) -> Mapping[str, RemoteListing] | Retry | Stop:
        """The list shows whole ads."""
        found = self.remote_listings()
        if found.failure is not None:
            return found.failure
        return {one.listing_id: one for one in found.listings if one.listing_id in set(listing_ids)}

    def figures(self, listing_ids: Sequence[str]) -> FiguresReport:
        """Two requests for each: there is no list of them."""
        found: dict[str, ListingFigures] = {}
        for listing_id in listing_ids:
            statistic = self._http.get(f"{self._ad(listing_id)}/statistic")
            rating = self._http.get(f"{self._ad(listing_id)}/price-rating")
            for reply in (statistic, rating):
                outcome = None if reply.ok else answers.failed(reply, missing=Gone())
                if isinstance(outcome, (Retry, Stop)):
                    return FiguresReport(found, outcome)
            if statistic.ok or rating.ok:
                found[listing_id] = figures_of(statistic, rating)
        return FiguresReport(found)

    def rate_price(self, payload: Json) -> PriceRating | Rejected | Retry | Stop:
        """Photos count there too, as far as they were uploaded before: nothing is uploaded for a question."""
        known = PictureRefs(refs=self._uploads.known(payload.get("images", ())[: self._max_images]))
        content = json.dumps(_with_refs(payload, known), ensure_ascii=False).encode()
        reply = self._http.send("POST", f"{self._ads}/price-rating", content, timeout=QUICK)
        if not reply.ok:
            outcome = answers.failed(reply, missing=Retry(answers.NONSENSE))
            return outcome if isinstance(outcome, (Rejected, Retry, Stop)) else Retry(answers.NONSENSE)
        return rating_of(reply) or Retry(answers.NONSENSE)

    def close(self) -> None:
        self._http.close()

    def _ad(self, listing_id: str) -> str:
        return f"{self._ads}/{quote(listing_id, safe='')}"

    def _put_ad(self, method: str, path: str, payload: Json, headers: dict[str, str], judge: Judge) -> Answer:
        pictures = self._uploads.resolve(payload.get("images", ())[: self._max_images])
        if pictures.failure:
            return Answer(pictures.failure, tuple(pictures.exchanges))
        replies = self._written(method, path, _with_refs(payload, pictures), headers)
        outcome = self._judged(judge(replies[-1]), pictures)
        if len(replies) > 1 and isinstance(outcome, Accepted):
            outcome = replace(outcome, warnings=(*outcome.warnings, errors.LEASING_LEFT_ALONE))
        return Answer(outcome, (*pictures.exchanges, *(reply.exchange for reply in replies)))

    def _written(self, method: str, path: str, ad: Json, headers: dict[str, str]) -> list[Reply]:
        """A leasing offer that the dealer made there is left alone: the rest goes without one. Where leaving
        it out counts as a change too, the one that stands there goes along."""
        replies = [self._write(method, path, ad, headers)]
        if answers.protects_leasing(replies[-1]) and "leasing" in ad:
            ad = {name: value for name, value in ad.items() if name != "leasing"}
            replies.append(self._write(method, path, ad, headers))
        if answers.protects_leasing(replies[-1]) and method == "PUT":
            shown = self._http.get(path)
            kept = {**ad, "leasing": answers.leasing_of(shown)}
            replies += [shown, self._write(method, path, kept, headers)]
        return replies

    def _write(self, method: str, path: str, ad: Json, headers: dict[str, str]) -> Reply:
        content = json.dumps(ad, ensure_ascii=False).encode()
        return self._http.send(method, path, content, headers=headers)

    def _found(self, payload: Json, unclear: Answer) -> Answer:
        """An ad that was made and whose number the answer does not tell, as the list shows it: the only one
        with our number."""
        listed = self.remote_listings().listings
        number, vin = payload.get("internalNumber"), payload.get("vin", "")
        ours = [one for one in listed if number and one.internal_number == number]
        if len(ours) != 1 or (vin and ours[0].vin not in ("", vin)):
            return unclear
        existed = unclear.exchanges[-1].status == SEE_OTHER
        return Answer(Accepted(ours[0].listing_id, ours[0].url, existed=existed), unclear.exchanges)

    def _is_gone(self, listing_id: str) -> Outcome:
        """By the whole list."""
        found = self.remote_listings()
        if found.failure is not None:
            return found.failure
        is_there = any(one.listing_id == listing_id for one in found.listings)
        return Retry(answers.NONSENSE) if is_there else Gone()

    def _looked_at(self, listing_id: str, answer: Answer) -> Answer:
        """Whether the listing shows pictures that the vehicle does not have; what cannot be read may."""
        outcome = answer.outcome
        if not isinstance(outcome, Accepted):
            return answer
        reply = self._http.get(self._ad(listing_id))
        if not answers.shows_no_picture(reply):
            outcome = replace(outcome, warnings=(*outcome.warnings, PICTURES_STAY))
        return Answer(outcome, (*answer.exchanges, reply.exchange))

    def _judged(self, outcome: Outcome, pictures: PictureRefs) -> Outcome:
        """A refusal of pictures that we did not upload just now means that their names have expired."""
        if isinstance(outcome, Accepted) and pictures.warnings:
            return replace(outcome, warnings=(*outcome.warnings, *pictures.warnings))
        on_pictures = isinstance(outcome, Rejected) and any(
            note.field == "images" or "image" in note.code.casefold() for note in outcome.feedback
        )
        if on_pictures and pictures.reused:
            self._uploads.forget(pictures.reused)
            return Retry(say("mobile.de kennt die Bilder nicht mehr, sie werden neu übertragen"))
        return outcome


def _with_refs(payload: Json, pictures: PictureRefs) -> Json:
    """The ad with the platform's names of the pictures; without any, the field is missing, never empty."""
    sent = {name: value for name, value in payload.items() if name != "images"}
    if pictures.refs:
        sent["images"] = [{"ref": ref} for ref in pictures.refs]
    return sent
