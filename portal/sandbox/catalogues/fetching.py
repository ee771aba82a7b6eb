"""A catalogue fetches a feed, as its operator's schedule does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import httpx

from portal.sandbox.catalogues.books import CatalogueBooks
from portal.sandbox.catalogues.catalogue import Catalogue, judge
from portal.sandbox.catalogues.reading import Unreadable, rows_of
from portal.sandbox.catalogues.visiting import Visitor

PATIENCE = 60


@dataclass(frozen=True)
class FeedAddress:
    url: str
    login: tuple[str, str] | None = None


def fetch(
    books: CatalogueBooks, catalogue: Catalogue, address: FeedAddress, look: frozenset[str]
) -> dict[str, Any]:
    """What came of it. A file that nobody can read changes nothing, nor does one that has not changed."""
    feed = books.feed(catalogue, address.url)
    headers = {"User-Agent": f"{catalogue.name}-Sandbox"} | (
        {"If-None-Match": feed.etag} if feed.etag else {}
    )
    with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
        answer = client.get(address.url, headers=headers, auth=address.login)
        told = {"feed": feed.feed_id, "status": answer.status_code}
        if answer.status_code != 200:
            books.note(feed, answer.status_code)
            return told
        try:
            judged = judge(catalogue, rows_of(catalogue, answer.content))
        except Unreadable as error:
            books.note(feed, answer.status_code, str(error))
            return told | {"refused": str(error)}
        judged = Visitor(catalogue, client, look).visited(judged)
    return told | asdict(books.take(catalogue, feed, answer.headers.get("ETag", ""), judged))
