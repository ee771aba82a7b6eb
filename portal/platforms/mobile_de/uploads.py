"""From pictures by content (`sha256`) to what the platform calls them (`ref`), uploading what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.platforms.contract import Actor, Exchange, Feedback, ImageStore, Json, Outcome, Retry, Stop
from portal.platforms.mobile_de import answers, errors
from portal.platforms.mobile_de.images import prepare
from portal.platforms.mobile_de.transport import JPEG, Http, Reply

PATH = "/seller-api/images"
LONGEST_REF = 500


@dataclass
class Resolved:
    """References in display order, which of them were known before, and what was said on the way."""

    refs: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    """`sha256` of pictures whose reference came from the cache."""
    warnings: list[Feedback] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    failure: Outcome | None = None


class Uploads:
    def __init__(self, http: Http, images: ImageStore, account: str) -> None:
        self._http = http
        self._images = images
        self._account = account

    def resolve(self, pictures: Sequence[Json]) -> Resolved:
        """Stops at the first picture that could not be delivered; one that is refused is left out."""
        resolved = Resolved()
        for place, picture in enumerate(pictures, start=1):
            self._one(str(picture["sha256"]), place, resolved)
            if resolved.failure:
                break
        return resolved

    def forget(self, hashes: Sequence[str]) -> None:
        for sha256 in hashes:
            self._images.forget_ref(self._account, sha256)

    def _one(self, sha256: str, place: int, resolved: Resolved) -> None:
        known = self._images.known_ref(self._account, sha256)
        if known is not None:
            resolved.refs.append(known)
            resolved.reused.append(sha256)
            return
        stored = self._images.jpeg(sha256)
        jpeg = prepare(stored) if stored else None
        if jpeg is None:
            resolved.warnings.append(_left_out(place, "es ist nicht lesbar", Actor.DEALER))
            return
        self._upload(sha256, jpeg, place, resolved)

    def _upload(self, sha256: str, jpeg: bytes, place: int, resolved: Resolved) -> None:
        reply = self._http.send("POST", PATH, jpeg, JPEG)
        resolved.exchanges.append(reply.exchange)
        if reply.ok:
            self._keep(sha256, _reference(reply), resolved)
        elif reply.status in answers.REFUSED:
            told = errors.from_answer(reply.json(), "errors")
            said = told[0].platform_text if told else ""
            resolved.warnings.append(_left_out(place, "mobile.de nimmt es nicht an", Actor.PLATFORM, said))
        else:
            outcome = answers.failed(reply, missing=Retry(answers.NONSENSE))
            failed = isinstance(outcome, (Retry, Stop))
            resolved.failure = outcome if failed else Retry(answers.NONSENSE)

    def _keep(self, sha256: str, ref: str | None, resolved: Resolved) -> None:
        if ref is None:
            resolved.failure = Retry("mobile.de hat den Empfang eines Bildes nicht bestätigt")
            return
        self._images.remember_ref(self._account, sha256, ref)
        resolved.refs.append(ref)


def _left_out(place: int, why: str, who: Actor, said: str = "") -> Feedback:
    text = f"Bild {place} wird nicht übertragen: {why}."
    return Feedback("image-left-out", text, "images", errors.clean(said), who)


def _reference(reply: Reply) -> str | None:
    """The picture's name in the body, else the last part of its address."""
    body: Any = reply.json()
    given = body.get("ref") if isinstance(body, dict) else None
    if isinstance(given, str) and 0 < len(given) <= LONGEST_REF:
        return given
    address = reply.headers.get("location", "").rstrip("/")
    name = address.rpartition("/")[2]
    return name if 0 < len(name) <= LONGEST_REF else None
