"""One page of a tab: a query, however large the stocks are; each pair side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.blueprints.reconciliation.wanted import Tab, Wanted
from portal.exports.reconciliation.sides import Sides, matching_text
from portal.models import Vehicle
from portal.models.runs import Match
from portal.web.templating import NOTHING, euro, km

PAGE = 50


@dataclass(frozen=True)
class Fact:
    """The same fact on both sides."""

    label: str
    here: str
    there: str

    @property
    def differs(self) -> bool:
        return NOTHING not in (self.here, self.there) and self.here != self.there


@dataclass(frozen=True)
class Row:
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
        facts = self.vehicle.data if self.vehicle else {}
        parts = (facts.get("make"), facts.get("model"), facts.get("model_description"))
        return " ".join(part for part in parts if part)

    @property
    def decision(self) -> str:
        return self.match.decision if self.match else ""

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(_facts(self.vehicle, self.match))


@dataclass(frozen=True)
class Found:
    rows: tuple[Row, ...]
    before: UUID | None = None
    """Key of the page before this one; None on the first."""
    after: UUID | None = None


def load(session: Session, sides: Sides, tab: Tab, wanted: Wanted) -> Found:
    statement, key = _statement(sides, tab)
    statement = matching_text(statement, wanted.text).limit(PAGE + 1)
    found = [Row(*row) for row in session.execute(_page(statement, key, wanted))]
    more, rows = len(found) > PAGE, found[:PAGE]
    if wanted.before:
        rows.reverse()
    earlier = bool(wanted.after) or (bool(wanted.before) and more)
    later = bool(wanted.before) or more
    return Found(
        tuple(rows),
        before=rows[0].key if rows and earlier else None,
        after=rows[-1].key if rows and later else None,
    )


def _statement(sides: Sides, tab: Tab) -> tuple[Select[Any], Any]:
    match tab:
        case Tab.MATCHED:
            return sides.matched(Vehicle, Match, sides.stays()), Match.id
        case Tab.SUGGESTED:
            return sides.suggested(Vehicle, Match), Match.id
        case Tab.THERE:
            return sides.there(Vehicle, Match), Match.id
        case Tab.HERE:
            return sides.here(Vehicle, Match), Vehicle.id


def _page(statement: Select[Any], key: Any, wanted: Wanted) -> Select[Any]:
    if wanted.before:
        return statement.where(key < wanted.before).order_by(key.desc())
    if wanted.after:
        statement = statement.where(key > wanted.after)
    return statement.order_by(key)


def partner(session: Session, sides: Sides, tab: Tab, key: UUID | None) -> Row | None:
    """The other half that is looked for on this tab: a listing for vehicles, a vehicle for listings."""
    if key is None or tab not in (Tab.HERE, Tab.THERE):
        return None
    if tab is Tab.HERE:
        match = session.scalars(select(Match).where(Match.id == key, Match.run_id == sides.run.id)).first()
        return Row(None, match) if match and match.listing_id and not match.vehicle_id else None
    found = session.execute(sides.here(Vehicle, Match).where(Vehicle.id == key)).first()
    return Row(*found) if found else None


def _facts(vehicle: Vehicle | None, match: Match | None) -> Iterator[Fact]:
    here = vehicle.data if vehicle else {}
    there = match.facts if match and match.listing_id else {}
    number = match.internal_number if match and match.listing_id else ""
    vin = match.vin if match and match.listing_id else ""
    ours = vehicle.offer_number if vehicle else ""
    yield Fact(_("Nummer"), _as_theirs(vehicle, number) or ours or NOTHING, number or NOTHING)
    yield Fact(_("FIN"), here.get("vin") or NOTHING, vin.upper() or NOTHING)
    yield Fact(
        _("Erstzulassung"), _month(here.get("first_registration")), _month(there.get("first_registration"))
    )
    yield Fact(_("Kilometerstand"), km(here.get("mileage")), km(there.get("mileage")))
    prices: dict[str, Any] = here.get("prices") or {}
    yield Fact(_("Preis"), _money(prices.get("selling")), _money(there.get("price")))


def _as_theirs(vehicle: Vehicle | None, number: str) -> str:
    """Our number in the format in which they have it, so that it does not look like another one."""
    if vehicle is None or not number:
        return ""
    ours: Sequence[str] = (vehicle.vin or "", (vehicle.vin or "")[-7:])
    same = number in ours or number == vehicle.offer_number or number.endswith(f"-{vehicle.offer_number}")
    return number if same else ""


def _month(value: str | None) -> str:
    """`2018-05` → `05/2018`."""
    return f"{value[5:7]}/{value[:4]}" if value else NOTHING


def _money(value: str | None) -> str:
    return euro(Decimal(value)) if value else NOTHING
