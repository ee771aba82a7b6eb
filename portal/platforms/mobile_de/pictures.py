"""Pictures as mobile.de takes them: JPEG, at most 2 MB, known there by a `ref` once they are uploaded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageOps

from portal.messages import say
from portal.platforms.common.answers import REFUSED, of_the_activation
from portal.platforms.common.http import JPEG, Reply
from portal.platforms.common.pictures import left_out
from portal.platforms.contract import Actor, Exchange, Feedback, ImageStore, Json, Outcome, Retry
from portal.platforms.mobile_de import answers, errors
from portal.platforms.mobile_de.transport import MobileDeHttp

LARGEST_PICTURE = 2_097_152
"""Bytes of one picture."""
WIDEST = 2560
"""Pixels of the longer side once a picture is re-encoded."""
QUALITIES = (88, 80, 72)
PICTURES_STAY = Feedback(
    "pictures-stay",
    say(
        "Das Fahrzeug hat kein Bild mehr. mobile.de lässt sich das nicht mitteilen: Bilder, die dort stehen, "
        "bleiben stehen. Löschen Sie sie bei mobile.de, oder veröffentlichen Sie ein anderes Bild, das sie "
        "ersetzt."
    ),
    "images",
)
"""An update without pictures leaves those of the listing; no client sends an empty list (protocols.md)."""
_JPEG = b"\xff\xd8\xff"


def as_accepted(picture: bytes) -> bytes | None:
    """The picture as it is when the platform takes it, else scaled down; None when it is unreadable."""
    if picture.startswith(_JPEG) and len(picture) <= LARGEST_PICTURE:
        return picture
    opened = _open(picture)
    return _smaller(opened) if opened else None


def _open(picture: bytes) -> Image.Image | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(picture)) as opened:
                opened.draft("RGB", (WIDEST, WIDEST))
                return ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _smaller(opened: Image.Image) -> bytes:
    """Less quality first, then fewer pixels; ends because every round halves the area."""
    side = min(WIDEST, max(opened.size))
    while True:
        scaled = opened.copy()
        scaled.thumbnail((side, side))
        for quality in QUALITIES:
            encoded = io.BytesIO()
            scaled.save(encoded, "JPEG", quality=quality, optimize=True)
            if len(jpeg := encoded.getvalue()) <= LARGEST_PICTURE:
                return jpeg
        side = int(side * 0.7)


# From pictures by content (`sha256`) to what the platform calls them (`ref`), uploading what is new.


UPLOAD_PATH = "/seller-api/images"
LONGEST_REF = 500


@dataclass
class PictureRefs:
    """References in display order, which of them were known before, and what was said on the way."""

    refs: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    """`sha256` of pictures whose reference came from the cache."""
    warnings: list[Feedback] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    failure: Outcome | None = None


class MobileDePictureUploads:
    def __init__(self, http: MobileDeHttp, images: ImageStore, account: str) -> None:
        self._http = http
        self._images = images
        self._account = account

    def resolve(self, pictures: Sequence[Json]) -> PictureRefs:
        """Stops at the first picture that could not be delivered; one that is refused is left out."""
        resolved = PictureRefs()
        for place, picture in enumerate(pictures, start=1):
            self._one(str(picture["sha256"]), place, resolved)
            if resolved.failure:
                break
        return resolved

    def known(self, pictures: Sequence[Json]) -> list[str]:
        """References of those that were uploaded before."""
        found = (self._images.known_ref(self._account, str(picture["sha256"])) for picture in pictures)
        return [ref for ref in found if ref is not None]

    def forget(self, hashes: Sequence[str]) -> None:
        for sha256 in hashes:
            self._images.forget_ref(self._account, sha256)

    def _one(self, sha256: str, place: int, resolved: PictureRefs) -> None:
        known = self._images.known_ref(self._account, sha256)
        if known is not None:
            resolved.refs.append(known)
            resolved.reused.append(sha256)
            return
        stored = self._images.jpeg(sha256)
        jpeg = as_accepted(stored) if stored else None
        if jpeg is None:
            resolved.warnings.append(left_out(place, say("es ist nicht lesbar")))
            return
        self._upload(sha256, jpeg, place, resolved)

    def _upload(self, sha256: str, jpeg: bytes, place: int, resolved: PictureRefs) -> None:
        reply = self._http.send("POST", UPLOAD_PATH, jpeg, JPEG)
        resolved.exchanges.append(reply.exchange)
        if reply.ok:
            self._keep(sha256, _reference(reply), resolved)
        elif reply.status in REFUSED:
            told = errors.from_answer(reply.json(), "errors")
            said = told[0].platform_text if told else ""
            resolved.warnings.append(
                left_out(place, say("mobile.de nimmt es nicht an"), said, Actor.PLATFORM)
            )
        else:
            outcome = answers.failed(reply, missing=Retry(answers.NONSENSE))
            resolved.failure = of_the_activation(outcome, answers.NONSENSE)

    def _keep(self, sha256: str, ref: str | None, resolved: PictureRefs) -> None:
        if ref is None:
            resolved.failure = Retry(say("mobile.de hat den Empfang eines Bildes nicht bestätigt"))
            return
        self._images.remember_ref(self._account, sha256, ref)
        resolved.refs.append(ref)


def _reference(reply: Reply) -> str | None:
    """The picture's name in the body, else the last part of its address."""
    body: Any = reply.json()
    given = body.get("ref") if isinstance(body, dict) else None
    if isinstance(given, str) and 0 < len(given) <= LONGEST_REF:
        return given
    address = reply.headers.get("location", "").rstrip("/")
    name = address.rpartition("/")[2]
    return name if 0 < len(name) <= LONGEST_REF else None
