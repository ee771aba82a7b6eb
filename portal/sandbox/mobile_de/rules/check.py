"""The verdict on an ad: errors refuse it, warnings do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from portal.sandbox.mobile_de.refdata import Refdata
from portal.sandbox.mobile_de.rules import credit, energy, pictures, price, references, required, shape, texts
from portal.sandbox.mobile_de.rules.findings import AdFinding

Json = dict[str, Any]


@dataclass(frozen=True)
class AdRules:
    """What an ad is judged against. `month` is the present one as yyyyMM; `unknown_refs` picks those
    picture references that do not exist."""

    refdata: Refdata
    max_images: int
    max_highlights: int
    month: str
    unknown_refs: Callable[[list[str]], list[str]]


@dataclass(frozen=True)
class AdVerdict:
    errors: tuple[AdFinding, ...]
    warnings: tuple[AdFinding, ...]


def check(ad: Json, frame: AdRules) -> AdVerdict:
    """All that is wrong with the ad at once, each field at most once."""
    found = chain(
        required.missing(ad),
        shape.integers(ad),
        shape.types(ad),
        shape.months(ad, frame.month),
        references.unknown_taxonomy(ad, frame.refdata),
        references.unknown(ad, frame.refdata),
        texts.headline(ad),
        texts.highlights(ad, frame.max_highlights),
        price.refused(ad, frame.refdata),
        energy.classes(ad),
        energy.missing(ad),
        energy.out_of_place(ad),
        credit.refused(ad),
        check_images(ad, frame),
    )
    first: dict[str | None, AdFinding] = {}
    for finding in found:
        first.setdefault(finding.field, finding)
    return AdVerdict(tuple(first.values()), tuple(required.recommended(ad)))


def check_images(ad: Json, frame: AdRules) -> Iterator[AdFinding]:
    yield from pictures.refused(ad, frame.max_images, frame.unknown_refs)
