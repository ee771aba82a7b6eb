"""Pictures of one listing: uploaded to it, then named in one list, whose order is that of the pictures.

A key belongs to its listing. An upload that fails never shortens the list.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.messages import say
from portal.platforms.autoscout24_ch import answers, errors
from portal.platforms.common.answers import REFUSED
from portal.platforms.common.http import JPEG, Http, Reply
from portal.platforms.common.pictures import KEPT, left_out
from portal.platforms.contract import (
    Exchange,
    Feedback,
    Gone,
    ImageStore,
    Json,
    Outcome,
    Rejected,
    Retry,
)

TYPES = ((b"\xff\xd8\xff", JPEG, "jpg"), (b"\x89PNG\r\n", "image/png", "png"))
BOUNDARY = "vehicle-export-portal-7d1f1c0e9b"


@dataclass
class Delivery:
    """What became of the pictures of a listing."""

    keys: list[str] = field(default_factory=list)
    warnings: list[Feedback] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    failure: Outcome | None = None


class AutoScout24ChPictures:
    """Those of one listing."""

    def __init__(self, http: Http, images: ImageStore, account: str, listing: str) -> None:
        self._http = http
        self._images = images
        self._account = account
        self._path = f"{listing}/images"

    def deliver(self, wanted: Sequence[Json], shown: Sequence[str]) -> Delivery:
        """`shown`: the keys that the listing shows now."""
        delivery = Delivery()
        for place, picture in enumerate(wanted, start=1):
            self._one(str(picture["sha256"]), place, shown, delivery)
            if delivery.failure:
                return delivery
        if delivery.warnings and len(delivery.keys) < len(shown):
            delivery.warnings.append(KEPT)
            return delivery
        if delivery.keys != list(shown):
            self._arrange(delivery)
        return delivery

    def _one(self, sha256: str, place: int, shown: Sequence[str], delivery: Delivery) -> None:
        known = self._images.known_ref(self._account, sha256)
        if known is not None and known in shown:
            delivery.keys.append(known)
            return
        content = self._images.jpeg(sha256)
        kind = next((one for one in TYPES if content and content.startswith(one[0])), None)
        if content is None or kind is None:
            delivery.warnings.append(left_out(place, say("es ist nicht lesbar")))
            return
        body, media_type = _multipart(content, kind[1], f"{sha256[:32]}.{kind[2]}")
        reply = self._http.send("POST", f"{self._path}/upload", body, media_type)
        delivery.exchanges.append(reply.exchange)
        self._uploaded(reply, sha256, place, delivery)

    def _uploaded(self, reply: Reply, sha256: str, place: int, delivery: Delivery) -> None:
        keys = answers.keys_in([reply.json()]) if reply.ok else None
        if keys:
            self._images.remember_ref(self._account, sha256, keys[0])
            delivery.keys.append(keys[0])
        elif reply.status in REFUSED:
            said = errors.rejection(reply.json())[0].platform_text
            delivery.warnings.append(left_out(place, say("AutoScout24 Schweiz nimmt es nicht an"), said))
        elif reply.ok:
            delivery.failure = Retry(say("AutoScout24 Schweiz hat den Empfang eines Bildes nicht bestätigt"))
        else:
            delivery.failure = answers.failed(reply, missing=Gone())

    def _arrange(self, delivery: Delivery) -> None:
        content = json.dumps([{"key": key} for key in delivery.keys]).encode()
        reply = self._http.send("PUT", self._path, content)
        delivery.exchanges.append(reply.exchange)
        outcome = answers.trouble_with(reply)
        if isinstance(outcome, Rejected):
            delivery.warnings += outcome.feedback
        else:
            delivery.failure = outcome


def _multipart(content: bytes, media_type: str, name: str) -> tuple[bytes, str]:
    """One file as the form `file`, and the type of the body."""
    head = (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return body, f"multipart/form-data; boundary={BOUNDARY}"
