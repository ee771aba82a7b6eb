"""What the filters of an activation's history can name, and what the names stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import String, select

from portal.blueprints.history import labels
from portal.exports.history.filters import ROWS_PER_PAGE, HistoryChoices, HistoryFilter
from portal.exports.history.pages import HistoryScope
from portal.extensions import db
from portal.models import Activation, Location
from portal.models.exports import ActivationState
from portal.models.prepared import Question, place, question
from portal.models.realm import AnyRealm
from portal.web.access import current_realm

ALL_CUSTOMERS = "all"
Options = list[tuple[object, object]]


class SiblingAccount(NamedTuple):
    """Of an activation."""

    id: UUID
    customer_number: str


class FilterLocation(NamedTuple):
    """Of a location."""

    id: UUID
    code: str
    name: str


@dataclass(frozen=True)
class FilterContext:
    """The dealer's accounts at the same platform (this one among them) and the dealer's locations."""

    activation: Activation
    siblings: Sequence[SiblingAccount]
    locations: Sequence[FilterLocation]

    @property
    def choices(self) -> HistoryChoices:
        numbers = dict.fromkeys(sibling.customer_number for sibling in self.siblings)
        codes = tuple(location.code for location in self.locations)
        return HistoryChoices(
            customers=(*numbers, ALL_CUSTOMERS) if len(numbers) > 1 else (),
            locations=codes if len(codes) > 1 else (),
            longest=24 * history_days(),
        )

    def account_ids(self, customer: str) -> tuple[UUID, ...]:
        """Of the accounts with this number, or of all; where neither is asked for, this one."""
        ids = tuple(
            sibling.id for sibling in self.siblings if customer in (ALL_CUSTOMERS, sibling.customer_number)
        )
        return ids or (self.activation.id,)

    def scope(self, wanted: HistoryFilter) -> HistoryScope:
        places = {location.code: location.id for location in self.locations}
        return HistoryScope(self.account_ids(wanted.customer), places.get(wanted.location))

    @property
    def periods(self) -> Options:
        return [(hours, labels.PERIODS[hours]) for hours in self.choices.periods]

    @property
    def row_numbers(self) -> Options:
        return [(number, number) for number in ROWS_PER_PAGE]

    @property
    def customers(self) -> Options:
        """Empty unless there are several numbers; the own one is what the page shows anyway."""
        own = self.activation.customer_number
        others = [number for number in self.choices.customers if number not in (own, ALL_CUSTOMERS)]
        if not others:
            return []
        return [("", own), *((number, number) for number in others), (ALL_CUSTOMERS, _("alle"))]

    @property
    def places(self) -> Options:
        if not self.choices.locations:
            return []
        return [("", _("alle")), *((place.code, f"{place.name} ({place.code})") for place in self.locations)]


def history_days() -> int:
    return max(1, int(current_app.extensions["settings"].history_days))


def load_filter_context(activation: Activation) -> FilterContext:
    realm = current_realm()
    places = _places(AnyRealm(realm.limited)).ask(db.session(), app=activation.app, **realm.values).all()
    accounts = (SiblingAccount(place.account_id, place.customer_number) for place in places)
    return FilterContext(
        activation,
        sorted((account for account in accounts if account.id), key=attrgetter("customer_number", "id")),
        [
            FilterLocation(*row)
            for row in dict.fromkeys((place.id, place.code, place.name) for place in places)
        ],
    )


@lru_cache
def _places(realm: AnyRealm) -> Question:
    """The locations by their codes, each with its accounts at one platform, or with none."""
    accounts = (
        realm.of(Activation)
        & (Activation.location_id == Location.id)
        & (Activation.app == place("app", String))
        & (Activation.state != ActivationState.DRAFT)
    )
    found = (
        select(
            Location.id,
            Location.code,
            Location.name,
            Activation.id.label("account_id"),
            Activation.customer_number,
        )
        .outerjoin(Activation, accounts)
        .where(realm.of(Location))
        .order_by(Location.code)
    )
    return question(found, planned_once=False)
