"""Vehicle and settings → ad. Pure but for reference lists that are read on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.messages import say
from portal.platforms.contract import Account, Prepared, Rules, Subject
from portal.platforms.contract.fields import defaults
from portal.platforms.mobile_de import preflight
from portal.platforms.mobile_de.draft import AdDraft, MobileDeContext
from portal.platforms.mobile_de.mapping_equipment import equipment
from portal.platforms.mobile_de.mapping_identity import condition, identity
from portal.platforms.mobile_de.mapping_offers import bookings, financing, leasing
from portal.platforms.mobile_de.mapping_prices import price
from portal.platforms.mobile_de.mapping_technique import colours, energy, technique
from portal.platforms.mobile_de.mapping_texts import highlights, texts
from portal.platforms.mobile_de.pictures import PICTURES_STAY
from portal.platforms.mobile_de.reference import MobileDeReference
from portal.platforms.mobile_de.settings import FIELDS

BERLIN = ZoneInfo("Europe/Berlin")
Theme = Callable[[AdDraft], None]


def pictures(draft: AdDraft) -> None:
    """In display order, as many as the account may have. A listing that had some and is to have none carries
    an empty list: it is never sent (docs/protocols.md), but what the dealer wishes differs from before."""
    images = draft.subject.images
    most = draft.context.account.limits.get("max_images", len(images))
    if len(images) > most:
        text = say(
            "Ihr Konto bei mobile.de erlaubt {most} Bilder, die übrigen werden nicht übertragen.", most=most
        )
        draft.hint("images-cut", text, "images")
    draft.put("images", [{"sha256": image.sha256} for image in images[:most]])
    if draft.subject.pictures_there and not images:
        draft.fields["images"] = []
        draft.hints.append(PICTURES_STAY)


THEMES: tuple[Theme, ...] = (
    identity,
    condition,
    technique,
    colours,
    equipment,
    energy,
    price,
    texts,
    highlights,
    financing,
    leasing,
    bookings,
    pictures,
    preflight.add_known_refusals,
)


class AdMapper:
    """Maps the vehicles of one activation. Raises ReferenceUnavailable when a list of makes or models
    that a vehicle needs cannot be read and no copy is stored."""

    def __init__(self, context: MobileDeContext) -> None:
        self._context = context

    def __call__(self, subject: Subject) -> Prepared:
        draft = AdDraft(self._context, subject)
        for theme in THEMES:
            theme(draft)
        return draft.prepared()


def mapper(settings: Mapping[str, Any], account: Account, rules: Rules, book: MobileDeReference) -> AdMapper:
    """Settings that an activation does not carry yet have their default."""
    complete = {**defaults(FIELDS), **settings}
    return AdMapper(MobileDeContext(complete, account, rules, book, datetime.now(BERLIN).date()))
