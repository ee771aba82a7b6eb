"""Everything that the history of a file app shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.blueprints.history import labels
from portal.blueprints.history.around import ALL_CUSTOMERS, Around, history_days, load_around
from portal.exports.stock_files import control, run_history
from portal.exports.stock_files.run_history import FileRunPage
from portal.exports.stock_files.target import chosen_transport
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import ActivationState
from portal.platforms.contract.files import Transport

RUNNABLE = (ActivationState.ACTIVE, ActivationState.LOCKED)


@dataclass(frozen=True)
class RunFilter:
    """`period` in hours, `customer` another number of the dealer at the same platform or all of them."""

    period: int = 120
    customer: str = ""
    before: UUID | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str], around: Around) -> RunFilter:
        periods = {str(hours): hours for hours in around.choices.periods}
        customer = args.get("customer", "")
        return cls(
            periods.get(args.get("period", ""), around.choices.periods[-1]),
            customer if customer in around.choices.customers else "",
            args.get("before", type=UUID),
        )


@dataclass(frozen=True)
class RunsView:
    around: Around
    filter: RunFilter
    found: FileRunPage

    @property
    def activation(self) -> Activation:
        return self.around.activation

    @property
    def days(self) -> int:
        return history_days()

    @property
    def time(self) -> object:
        return labels.IN_THE_LAST.get(self.filter.period, _("In dieser Zeit"))

    @property
    def several_numbers(self) -> bool:
        return self.filter.customer == ALL_CUSTOMERS

    @property
    def moving(self) -> bool:
        """Whether something on it is about to change by itself."""
        return any(row.open for row in self.found.rows)

    def url(self, **changed: object) -> str:
        known = {"period": self.filter.period, "customer": self.filter.customer or None}
        values: dict[str, Any] = {"activation_id": self.activation.id, **known, **changed}
        return url_for("history.page", **values)


@dataclass(frozen=True)
class Schedule:
    """When the next file is due, and what can be done about it."""

    activation: Activation
    times: tuple[str, ...]
    paused: bool
    pulled: bool

    @property
    def runnable(self) -> bool:
        return self.activation.state in RUNNABLE


def load_view(activation: Activation, args: MultiDict[str, str]) -> RunsView:
    around = load_around(activation)
    wanted = RunFilter.from_args(args, around)
    since = datetime.now(UTC) - timedelta(hours=wanted.period)
    ids = _activation_ids(around, wanted.customer)
    return RunsView(around, wanted, run_history.find_runs(db.session(), ids, since, wanted.before))


def schedule_of(activation: Activation) -> Schedule:
    return Schedule(
        activation,
        tuple(sorted(control.run_times(activation))),
        control.is_paused(activation),
        chosen_transport(activation) == Transport.PULL,
    )


def _activation_ids(around: Around, customer: str) -> list[UUID]:
    if not customer:
        return [around.activation.id]
    wanted = (ALL_CUSTOMERS, customer)
    return [one.id for one in around.siblings if customer == ALL_CUSTOMERS or one.customer_number in wanted]
