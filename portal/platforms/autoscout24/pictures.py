"""Pictures: uploaded first, then named in one list. An upload that fails never shortens the list.

A picture is kept by the platform as long as some listing shows it, so its id is known for the whole
customer; what it names by MD5 is found again without a second upload.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.messages import say
from portal.platforms.autoscout24 import answers, errors
from portal.platforms.common.answers import REFUSED, of_the_activation
from portal.platforms.common.http import JPEG, Http
from portal.platforms.common.pictures import KEPT, left_out
from portal.platforms.contract import Exchange, Feedback, ImageStore, Json, Outcome, Retry

TYPES = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n", "image/png"))
"""Beginnings of the files that are taken."""
DUPLICATE = "duplicated-image"


@dataclass
class PictureIds:
    """Ids in display order, which were known before, and what was said on the way."""

    ids: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    """`sha256` of pictures that were not uploaded just now: their ids may mean nothing any more."""
    warnings: list[Feedback] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    failure: Outcome | None = None


class AutoScout24PictureUploads:
    def __init__(self, http: Http, images: ImageStore, customer_id: str, path: str) -> None:
        self._http = http
        self._images = images
        self._account = customer_id
        self._path = path

    def known(self, pictures: Sequence[Json]) -> dict[str, str]:
        """Ids of pictures that were uploaded before, by their SHA-256."""
        found = {}
        for picture in pictures:
            image_id = self._images.known_ref(self._account, str(picture["sha256"]))
            if image_id is not None:
                found[str(picture["sha256"])] = image_id
        return found

    def resolve(
        self, pictures: Sequence[Json], known: Mapping[str, str], there: Mapping[str, str]
    ) -> PictureIds:
        """`there`: ids of the pictures that the listing shows, by their MD5.

        Stops at the first picture that could not be delivered; one that is refused is left out, unless the
        list would become shorter than the one that is shown.
        """
        resolved = PictureIds()
        for place, picture in enumerate(pictures, start=1):
            sha256 = str(picture["sha256"])
            if sha256 in known:
                resolved.ids.append(known[sha256])
                resolved.reused.append(sha256)
            else:
                self._one(sha256, place, there, resolved)
            if resolved.failure:
                return resolved
        if resolved.warnings and len(resolved.ids) < len(there):
            resolved.ids = list(there.values())
            resolved.warnings.append(KEPT)
        return resolved

    def forget(self, hashes: Sequence[str]) -> None:
        for sha256 in hashes:
            self._images.forget_ref(self._account, sha256)

    def _one(self, sha256: str, place: int, there: Mapping[str, str], resolved: PictureIds) -> None:
        content = self._images.jpeg(sha256)
        media_type = next((kind for head, kind in TYPES if content and content.startswith(head)), None)
        if content is None or media_type is None:
            resolved.warnings.append(left_out(place, say("es ist nicht lesbar")))
            return
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if md5 in there:
            self._keep(sha256, there[md5], resolved)
            resolved.reused.append(sha256)
            return
        self._upload(sha256, content, media_type, place, resolved)

    def _upload(self, sha256: str, content: bytes, media_type: str, place: int, resolved: PictureIds) -> None:
        reply = self._http.send("POST", self._path, content, media_type)
        resolved.exchanges.append(reply.exchange)
        if reply.ok:
            body = reply.json()
            image_id = body.get("id") if isinstance(body, Mapping) else None
            if not isinstance(image_id, str) or not 0 < len(image_id) <= 200:
                resolved.failure = Retry(say("AutoScout24 hat den Empfang eines Bildes nicht bestätigt"))
                return
            self._keep(sha256, image_id, resolved)
        elif reply.status in REFUSED:
            body = reply.json()
            said = errors.rejection(body)[0].platform_text
            duplicate = DUPLICATE in errors.codes_in(body)
            why = say("es steht dort schon") if duplicate else say("AutoScout24 nimmt es nicht an")
            resolved.warnings.append(left_out(place, why, said))
        else:
            outcome = answers.failed(reply, missing=answers.unknown_customer())
            resolved.failure = of_the_activation(outcome, answers.NONSENSE)

    def _keep(self, sha256: str, image_id: str, resolved: PictureIds) -> None:
        self._images.remember_ref(self._account, sha256, image_id)
        resolved.ids.append(image_id)


def shown_in(body: Any) -> dict[str, str]:
    """Ids of a listing's pictures by their MD5, in display order."""
    entries = body.get("images") if isinstance(body, Mapping) else None
    found = {}
    for entry in entries if isinstance(entries, list) else ():
        image_id = entry.get("id") if isinstance(entry, Mapping) else None
        md5 = entry.get("md5") if isinstance(entry, Mapping) else None
        if isinstance(image_id, str):
            found[md5 if isinstance(md5, str) else image_id] = image_id
    return found
