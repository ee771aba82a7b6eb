"""The seller's whole list. It lacks our key, our number and the VIN: these are read listing by listing, once,
and kept where all processes find them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from portal.messages import say
from portal.platforms.autoscout24_ch import answers
from portal.platforms.autoscout24_ch.remote import REMOVED
from portal.platforms.common.answers import GONE, of_the_activation
from portal.platforms.common.http import Http, Reply
from portal.platforms.contract import Json, ReferenceStore, RemoteList, Retry, Stop

LARGEST_PAGE, MOST_PAGES, ROUNDS, AT_ONCE = 2000, 100, 3, 4
ASKED = 4 * AT_ONCE
"""Listings that are asked for before the answers are looked at."""
INCOMPLETE = Retry(say("Die Bestandsliste von AutoScout24 Schweiz ist unvollständig"))
Names = dict[str, dict[str, str]]
"""By the id of the listing."""


class SellerList:
    def __init__(self, http: Http, references: ReferenceStore, path: str, api_url: str) -> None:
        self._http = http
        self._references = references
        self._path = path
        self._api_url = api_url
        self._key = f"names{path}"

    def read(self) -> RemoteList:
        found = all_pages(self._http.get, self._path)
        if isinstance(found, (Retry, Stop)):
            return RemoteList(failure=found)
        there = {str(entry["id"]): entry for entry in found if entry.get("status") != REMOVED}
        names = self._names(there)
        if isinstance(names, (Retry, Stop)):
            return RemoteList(failure=names)
        return RemoteList(
            tuple(answers.listing(there[key], named, self._api_url) for key, named in names.items())
        )

    def _names(self, there: Mapping[str, Json]) -> Names | Retry | Stop:
        """In the order of the list; what has vanished meanwhile is missing."""
        kept = {key: json.loads(named) for key, named in self._references.get(self._key) or ()}
        new = [key for key in there if key not in kept]
        read, failure = self._read(new)
        names = {key: found for key in there if (found := kept.get(key) or read.get(key))}
        if read or len(names) < len(kept):
            self._references.put(self._key, [(key, json.dumps(named)) for key, named in names.items()])
        return failure or names

    def _read(self, listing_ids: Sequence[str]) -> tuple[Names, Retry | Stop | None]:
        """Up to the first trouble; what was read until then is kept, so that the next time goes on there."""

        def ask(listing_id: str) -> tuple[str, Reply]:
            return listing_id, self._http.get(f"{self._path}/{listing_id}")

        found: Names = {}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for start in range(0, len(listing_ids), ASKED):
                failure = None
                for listing_id, reply in pool.map(ask, listing_ids[start : start + ASKED]):
                    body = reply.json() if reply.ok else None
                    if isinstance(body, dict):
                        found[listing_id] = answers.names_in(body)
                    elif reply.status not in GONE:
                        failure = failure or _failure(reply)
                if failure is not None:
                    return found, failure
        return found, None


def all_pages(ask: Callable[[str], Reply], path: str, **wanted: str) -> list[Json] | Retry | Stop:
    """As many listings as the platform says there are of those that are wanted. Where the order changes from
    page to page, one round shows some of them twice and others not at all: the next ones complete it."""
    found: dict[str, Json] = {}
    for _ in range(ROUNDS):
        seen = _round(ask, path, wanted)
        if isinstance(seen, (Retry, Stop)):
            return seen
        shown, total = seen
        found |= shown
        if len(shown) >= total or len(found) == total:
            return list((shown if len(shown) >= total else found).values())
        if len(found) > total:
            # Some have vanished meanwhile: nobody knows which.
            found = shown
    return INCOMPLETE


def _round(
    ask: Callable[[str], Reply], path: str, wanted: Mapping[str, str]
) -> tuple[dict[str, Json], int] | Retry | Stop:
    """What all pages show, once, and how many there are: as many as were seen where nobody says."""
    found: dict[str, Json] = {}
    given = 0
    for page in range(MOST_PAGES):
        query = urlencode({**wanted, "page": page, "size": LARGEST_PAGE})
        reply = ask(f"{path}?{query}")
        body = reply.json() if reply.ok else None
        entries = body.get("content") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(entries, list):
            return _failure(reply)
        ids = [answers.id_in(entry) for entry in entries]
        if None in ids:
            return Retry(say("Die Bestandsliste von AutoScout24 Schweiz ist fehlerhaft"))
        found |= {str(key): entry for key, entry in zip(ids, entries, strict=True)}
        given += len(entries)
        said = body.get("totalElements")
        total = said if isinstance(said, int) and not isinstance(said, bool) else len(found)
        if not entries or body.get("last") is True or given >= total:
            return found, total
    return INCOMPLETE


def _failure(reply: Reply) -> Retry | Stop:
    outcome = INCOMPLETE if reply.ok else answers.failed(reply, missing=answers.unknown_seller())
    return of_the_activation(outcome, answers.NONSENSE)
