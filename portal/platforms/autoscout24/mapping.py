"""Vehicle and settings → listing. Pure but for reference lists that are read on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.platforms.autoscout24 import preflight
from portal.platforms.autoscout24.draft import AutoScout24Context, AutoScout24Draft
from portal.platforms.autoscout24.mapping_identity import body, condition, identity, make_and_model
from portal.platforms.autoscout24.mapping_offer import (
    dealer_price,
    financing,
    highlights,
    leasing,
    marketing,
    pictures,
    prices,
    publication,
    texts,
)
from portal.platforms.autoscout24.mapping_technique import battery, colours, energy, equipment, technique
from portal.platforms.autoscout24.reference import AutoScout24Reference
from portal.platforms.autoscout24.settings import FIELDS
from portal.platforms.contract import Account, Prepared, Rules, Subject
from portal.platforms.contract.fields import defaults

BERLIN = ZoneInfo("Europe/Berlin")
THEMES: tuple[Callable[[AutoScout24Draft], None], ...] = (
    make_and_model,
    body,
    condition,
    technique,
    colours,
    equipment,
    energy,
    battery,
    prices,
    dealer_price,
    publication,
    texts,
    highlights,
    financing,
    leasing,
    marketing,
    pictures,
)


class AutoScout24Mapper:
    """Maps the vehicles of one activation. Raises ReferenceUnavailable when a list of makes or models
    that a vehicle needs cannot be read and no copy is stored."""

    def __init__(self, context: AutoScout24Context) -> None:
        self._context = context

    def __call__(self, subject: Subject) -> Prepared:
        draft = AutoScout24Draft(self._context, subject)
        identity(draft)
        if draft.kind:
            for theme in THEMES:
                theme(draft)
        preflight.add_known_refusals(draft)
        return draft.prepared()


def mapper(
    settings: Mapping[str, Any], account: Account, rules: Rules, book: AutoScout24Reference
) -> AutoScout24Mapper:
    """Settings that an activation does not carry yet have their default."""
    complete = {**defaults(FIELDS), **settings}
    return AutoScout24Mapper(AutoScout24Context(complete, account, rules, book, datetime.now(BERLIN).date()))
