"""Vehicle and settings → ad. Pure but for reference lists that are read on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.platforms.contract import Account, Prepared, Rules, Subject
from portal.platforms.contract.fields import defaults
from portal.platforms.mobile_de import preflight
from portal.platforms.mobile_de.draft import Draft, Frame
from portal.platforms.mobile_de.mapping_energy import energy
from portal.platforms.mobile_de.mapping_equipment import equipment
from portal.platforms.mobile_de.mapping_identity import condition, identity
from portal.platforms.mobile_de.mapping_offers import offers
from portal.platforms.mobile_de.mapping_prices import price
from portal.platforms.mobile_de.mapping_technique import colours, technique
from portal.platforms.mobile_de.mapping_texts import texts
from portal.platforms.mobile_de.reference import Book
from portal.platforms.mobile_de.settings import FIELDS

BERLIN = ZoneInfo("Europe/Berlin")
Theme = Callable[[Draft], None]


def pictures(draft: Draft) -> None:
    """In display order, as many as the account may have. No pictures: no field, never an empty list."""
    images = draft.subject.images
    most = draft.frame.account.limits.get("max_images", len(images))
    if len(images) > most:
        text = f"Ihr Konto bei mobile.de erlaubt {most} Bilder, die übrigen werden nicht übertragen."
        draft.hint("images-cut", text, "images")
    draft.put("images", [{"sha256": image.sha256} for image in images[:most]])


THEMES: tuple[Theme, ...] = (
    identity,
    condition,
    technique,
    colours,
    equipment,
    energy,
    price,
    texts,
    offers,
    pictures,
    preflight.check,
)


class AdMapper:
    """Maps the vehicles of one activation. Raises ReferenceUnavailable when a list of makes or models
    that a vehicle needs cannot be read and no copy is stored."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def __call__(self, subject: Subject) -> Prepared:
        draft = Draft(self._frame, subject)
        for theme in THEMES:
            theme(draft)
        return draft.prepared()


def mapper(settings: Mapping[str, Any], account: Account, rules: Rules, book: Book) -> AdMapper:
    """Settings that an activation does not carry yet have their default."""
    complete = {**defaults(FIELDS), **settings}
    return AdMapper(Frame(complete, account, rules, book, datetime.now(BERLIN).date()))
