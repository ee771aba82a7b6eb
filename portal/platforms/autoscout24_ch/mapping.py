"""Vehicle and settings → listing. Pure but for lists that are read on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.platforms.autoscout24_ch import preflight
from portal.platforms.autoscout24_ch.draft import AutoScout24ChContext, AutoScout24ChDraft
from portal.platforms.autoscout24_ch.mapping_identity import condition, identity, make_and_model
from portal.platforms.autoscout24_ch.mapping_offer import bookings, pictures, price, texts, warranty
from portal.platforms.autoscout24_ch.mapping_technique import battery, colours, energy, equipment, technique
from portal.platforms.autoscout24_ch.reference import AutoScout24ChReference
from portal.platforms.autoscout24_ch.settings import FIELDS
from portal.platforms.contract import Prepared, Rules, Subject
from portal.platforms.contract.fields import defaults

ZURICH = ZoneInfo("Europe/Zurich")
THEMES: tuple[Callable[[AutoScout24ChDraft], None], ...] = (
    make_and_model,
    condition,
    technique,
    colours,
    equipment,
    energy,
    battery,
    price,
    warranty,
    texts,
    pictures,
    bookings,
)


class AutoScout24ChMapper:
    """Maps the vehicles of one activation. Raises ReferenceUnavailable when a list of makes or models
    that a vehicle needs cannot be read and no copy is stored."""

    def __init__(self, context: AutoScout24ChContext) -> None:
        self._context = context

    def __call__(self, subject: Subject) -> Prepared:
        draft = AutoScout24ChDraft(self._context, subject)
        identity(draft)
        if draft.category:
            for theme in THEMES:
                theme(draft)
        preflight.add_known_refusals(draft)
        return draft.prepared()


def mapper(settings: Mapping[str, Any], rules: Rules, book: AutoScout24ChReference) -> AutoScout24ChMapper:
    """Settings that an activation does not carry yet have their default."""
    complete = {**defaults(FIELDS), **settings}
    return AutoScout24ChMapper(AutoScout24ChContext(complete, rules, book, datetime.now(ZURICH).date()))
