"""Looking at what a feed leads to: the first picture and the page of each vehicle."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import httpx
from PIL import Image

from portal.sandbox.catalogues.catalogue import Catalogue, JudgedRow, Row
from portal.sandbox.catalogues.findings import Finding

PICTURES, PAGES = "pictures", "pages"


@dataclass(frozen=True)
class Visitor:
    """`look`: of PICTURES and PAGES. No redirection is followed."""

    catalogue: Catalogue
    client: httpx.Client
    look: frozenset[str]

    def visited(self, rows: Sequence[JudgedRow]) -> list[JudgedRow]:
        return [replace(one, findings=(*one.findings, *self._found(one.row))) for one in rows]

    def _found(self, row: Row) -> Iterator[Finding]:
        if PICTURES in self.look:
            yield from self._picture(self.catalogue.first_picture(row))
        if PAGES in self.look and self.catalogue.id_on_page:
            yield from self._page(row)

    def _picture(self, url: str) -> Iterator[Finding]:
        column, rules = self.catalogue.picture, self.catalogue.pictures
        content = self._fetched(url)
        if content is None:
            yield Finding("unreachable", column, url)
            return
        if rules.most_bytes is not None and len(content) > rules.most_bytes:
            yield Finding("picture-heavy", column, str(len(content)))
        try:
            width, height = Image.open(io.BytesIO(content)).size
        except OSError:
            yield Finding("no-picture", column, url)
            return
        size = f"{width} × {height}"
        if width < rules.smallest[0] or height < rules.smallest[1]:
            yield Finding("picture-small", column, size)
        elif rules.largest and (width > rules.largest[0] or height > rules.largest[1]):
            yield Finding("picture-large", column, size)

    def _page(self, row: Row) -> Iterator[Finding]:
        url, key = row.get(self.catalogue.page, ""), row.get(self.catalogue.key, "")
        content = self._fetched(url)
        if content is None:
            yield Finding("unreachable", self.catalogue.page, url)
        elif key not in content.decode("utf-8", "replace"):
            yield Finding("not-on-page", self.catalogue.key, key)

    def _fetched(self, url: str) -> bytes | None:
        try:
            answer = self.client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return answer.content if answer.status_code == 200 else None
