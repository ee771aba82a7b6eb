"""The verdict on a listing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from portal.sandbox.autoscout24.references import TYPES, References
from portal.sandbox.autoscout24.rules import energy, offer, shape
from portal.sandbox.autoscout24.rules.findings import Finding

Json = dict[str, Any]


@dataclass(frozen=True)
class Frame:
    """What a listing is judged against: `md5s` of the customer's pictures by their ids."""

    references: References
    today: date
    md5s: dict[str, str]


@dataclass(frozen=True)
class Verdict:
    """`missing` are values that the platform would look for itself, by the VIN."""

    errors: tuple[Finding, ...]
    missing: tuple[str, ...]


def check(body: Json, frame: Frame) -> Verdict:
    """All that is wrong at once, each member at most once."""
    kind = body.get("vehicleType")
    if kind not in tuple(TYPES):
        code = "mandatory-attribute-missing" if kind is None else "invalid-vehicle-type"
        return Verdict((Finding(code, "vehicleType"),), ())
    found = chain(
        shape.forbidden(body, kind),
        shape.unknown(body),
        shape.absent(body, kind),
        shape.numbers(body),
        shape.texts(body),
        shape.booleans(body),
        shape.dates(body, frame.today),
        shape.unknown_values(body, frame.references, kind),
        shape.equipment(body),
        shape.make(body, frame.references, kind),
        offer.dates(body, frame.today),
        *(rule(body) for rule in offer.RULES),
        energy.refused(body),
        offer.warranty(body),
        pictures(body, frame.md5s),
    )
    first: dict[str, Finding] = {}
    for finding in found:
        first.setdefault(finding.place, finding)
    return Verdict(tuple(first.values()), energy.missing(body, frame.today))


def pictures(body: Json, md5s: dict[str, str]) -> Iterator[Finding]:
    given = body.get("images")
    if given is None:
        return
    # `{"id"}` and nothing else: the address and the MD5 stand in what is read only.
    if not isinstance(given, list) or not all(
        isinstance(entry, dict) and entry.keys() == {"id"} and isinstance(entry["id"], str) for entry in given
    ):
        yield Finding("invalid-listing-payload", "images")
        return
    ids = [entry["id"] for entry in given]
    if len(ids) > offer.MOST_IMAGES:
        yield Finding("too-many-images", "images")
    elif any(image_id not in md5s for image_id in ids):
        yield Finding("images-not-found", "images")
    elif len({md5s[image_id] for image_id in ids}) < len(ids):
        yield Finding("duplicated-image", "images")
