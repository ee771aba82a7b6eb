"""Everything that the page shows, loaded with a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.exports.planning.cases import rules_of
from portal.exports.reconciliation.control import newest_run
from portal.exports.reconciliation.sides import SideCounts, Sides, count_sides, matching_text
from portal.extensions import db
from portal.models import Activation, Vehicle
from portal.models.exports import ActivationState, RunState
from portal.models.runs import Match, Run
from portal.platforms import get_app
from portal.platforms.contract import ExportApp
from portal.web.access import current_dealer
from portal.web.templating import NOTHING, euro, km


@dataclass(frozen=True)
class Screen:
    activation: Activation
    app: ExportApp
    run: Run
    counts: SideCounts
    tab: Tab
    wanted: ReconciliationFilter
    found: PairPage
    partner: PairRow | None
    editable: bool

    def here(self, **changed: Any) -> str:
        """Address of this page with something else; what stays is what is shown and searched."""
        args = {"tab": self.tab, "q": self.wanted.text or None} | changed
        return url_for("reconciliation.page", activation_id=self.activation.id, **args)

    def act(self, verb: str, *one: UUID) -> str:
        """Where a button goes that does this with one row, or with what is picked; it comes back here."""
        here: dict[str, Any] = {"tab": self.tab, "q": self.wanted.text or None, "for": self.wanted.partner}
        return url_for(
            "reconciliation.act",
            activation_id=self.activation.id,
            verb=verb,
            one=one or None,
            after=self.wanted.after,
            before=self.wanted.before,
            **here,
        )


def sides_of(activation: Activation) -> Sides | None:
    """The reconciliation that is open, or the last one; None when there never was one."""
    run = db.session.scalars(newest_run(activation.id)).one_or_none()
    return Sides(run, activation, rules_of(current_dealer())) if run else None


def load_screen(activation: Activation, wanted: ReconciliationFilter, may_decide: bool) -> Screen | None:
    """Five queries at most."""
    sides = sides_of(activation)
    if sides is None:
        return None
    counts = count_sides(db.session(), sides)
    tab = wanted.or_first(counts)
    return Screen(
        activation=activation,
        app=get_app(activation.app),
        run=sides.run,
        counts=counts,
        tab=tab,
        wanted=wanted,
        found=load_pairs(db.session(), sides, tab, wanted),
        partner=find_partner(db.session(), sides, tab, wanted.partner),
        editable=may_decide and is_open(activation, sides.run),
    )


def is_open(activation: Activation, run: Run) -> bool:
    return activation.state == ActivationState.RECONCILING and run.state == RunState.HELD


# What the address of the page asks for.


LONGEST_TEXT = 100


class Tab(StrEnum):
    SUGGESTED = "suggested"
    MATCHED = "matched"
    HERE = "here"
    THERE = "there"

    def statement(self, sides: Sides) -> tuple[Select[Any], Any]:
        match self:
            case Tab.MATCHED:
                return sides.matched(Vehicle, Match, sides.stays()), Match.id
            case Tab.SUGGESTED:
                return sides.suggested(Vehicle, Match), Match.id
            case Tab.THERE:
                return sides.there(Vehicle, Match), Match.id
            case Tab.HERE:
                return sides.here(Vehicle, Match), Vehicle.id


@dataclass(frozen=True)
class ReconciliationFilter:
    """`before` and `after` are keys of rows: the page shows the ones before or after them. `partner` is a
    vehicle or a listing that looks for its other half on this tab."""

    tab: Tab | None = None
    text: str = ""
    before: UUID | None = None
    after: UUID | None = None
    partner: UUID | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> ReconciliationFilter:
        """What cannot be understood is left out."""
        return cls(
            tab=next((tab for tab in Tab if tab == args.get("tab")), None),
            text=args.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT],
            before=args.get("before", type=UUID),
            after=args.get("after", type=UUID),
            partner=args.get("for", type=UUID),
        )

    def page_of(self, statement: Select[Any], key: Any) -> Select[Any]:
        """Rows of one page by their key; those before another one backwards."""
        if self.before:
            return statement.where(key < self.before).order_by(key.desc())
        if self.after:
            statement = statement.where(key > self.after)
        return statement.order_by(key)

    def or_first(self, counts: SideCounts) -> Tab:
        """The tab that is asked for, or the first on which something is open."""
        if self.tab:
            return self.tab
        if counts.suggested:
            return Tab.SUGGESTED
        if counts.here.get(""):
            return Tab.HERE
        return Tab.THERE if counts.there.get("") else Tab.MATCHED


# One page of a tab: a query, however large the stocks are; each pair side by side.


PAGE = 50


@dataclass(frozen=True)
class ComparedFact:
    """The same fact on both sides."""

    label: str
    here: str
    there: str

    @property
    def differs(self) -> bool:
        return NOTHING not in (self.here, self.there) and self.here != self.there


@dataclass(frozen=True)
class PairRow:
    """`vehicle` without `match`: only here. `match` alone: only there; its vehicle is then one in stock
    that is not released."""

    vehicle: Vehicle | None
    match: Match | None
    stays: bool = True
    """Of a pair: whether its vehicle should be at the platform."""

    @property
    def key(self) -> UUID:
        found = self.match if self.match and self.match.listing_id else self.vehicle
        assert found is not None  # noqa: S101  # a row has a side
        return found.id

    @property
    def title(self) -> str:
        return self.vehicle.title if self.vehicle else ""

    @property
    def decision(self) -> str:
        return self.match.decision if self.match else ""

    @property
    def facts(self) -> tuple[ComparedFact, ...]:
        here = self.vehicle.data if self.vehicle else {}
        prices: dict[str, Any] = here.get("prices") or {}
        listed = self.match if self.match and self.match.listing_id else None
        there = listed.facts if listed else {}
        number, vin = (listed.internal_number, listed.vin) if listed else ("", "")
        first = "first_registration"
        return (
            ComparedFact(_("Nummer"), self._our_number(number) or NOTHING, number or NOTHING),
            ComparedFact(_("FIN"), here.get("vin") or NOTHING, vin.upper() or NOTHING),
            ComparedFact(_("Erstzulassung"), _month(here.get(first)), _month(there.get(first))),
            ComparedFact(_("Kilometerstand"), km(here.get("mileage")), km(there.get("mileage"))),
            ComparedFact(_("Preis"), _money(prices.get("selling")), _money(there.get("price"))),
        )

    def _our_number(self, theirs: str) -> str:
        """In the format in which they have it, so that it does not look like another one."""
        if self.vehicle is None:
            return ""
        ours, vin = self.vehicle.offer_number, self.vehicle.vin or ""
        same = theirs in (vin, vin[-7:], ours) or theirs.endswith(f"-{ours}")
        return theirs if theirs and same else ours


@dataclass(frozen=True)
class PairPage:
    rows: tuple[PairRow, ...]
    before: UUID | None = None
    """Key of the page before this one; None on the first."""
    after: UUID | None = None


def load_pairs(session: Session, sides: Sides, tab: Tab, wanted: ReconciliationFilter) -> PairPage:
    statement, key = tab.statement(sides)
    statement = matching_text(statement, wanted.text).limit(PAGE + 1)
    found = [PairRow(*row) for row in session.execute(wanted.page_of(statement, key))]
    more, rows = len(found) > PAGE, found[:PAGE]
    if wanted.before:
        rows.reverse()
    earlier = bool(wanted.after) or (bool(wanted.before) and more)
    later = bool(wanted.before) or more
    return PairPage(
        tuple(rows),
        before=rows[0].key if rows and earlier else None,
        after=rows[-1].key if rows and later else None,
    )


def find_partner(session: Session, sides: Sides, tab: Tab, key: UUID | None) -> PairRow | None:
    """The other half that is looked for on this tab: a listing for vehicles, a vehicle for listings."""
    if key is None or tab not in (Tab.HERE, Tab.THERE):
        return None
    if tab is Tab.HERE:
        match = session.scalars(select(Match).where(Match.id == key, Match.run_id == sides.run.id)).first()
        return PairRow(None, match) if match and match.listing_id and not match.vehicle_id else None
    found = session.execute(sides.here(Vehicle, Match).where(Vehicle.id == key)).first()
    return PairRow(*found) if found else None


def _month(value: str | None) -> str:
    """`2018-05` → `05/2018`."""
    return f"{value[5:7]}/{value[:4]}" if value else NOTHING


def _money(value: str | None) -> str:
    return euro(Decimal(value)) if value else NOTHING
