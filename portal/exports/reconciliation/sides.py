"""What a reconciliation holds, as queries: pairs, suggestions, only here, only there.

Our side is looked up as it is now while the reconciliation is open: a vehicle that has left is not
counted, one that has come is. Afterwards it is what was decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from portal.exports.matching import Method
from portal.exports.reconciliation import stock
from portal.models.exports import Activation, RunState
from portal.models.runs import Match, Run
from portal.models.vehicles import Vehicle
from portal.platforms.contract import Rules


class Decision(StrEnum):
    """CREATE and WITHHOLD for a vehicle, KEEP and DELETE for a listing; a deletion becomes DELETED, or
    REFUSED when the platform did not do it."""

    CREATE = "create"
    WITHHOLD = "withhold"
    KEEP = "keep"
    DELETE = "delete"
    DELETED = "deleted"
    REFUSED = "refused"


HERE = (Decision.CREATE, Decision.WITHHOLD)
THERE = (Decision.KEEP, Decision.DELETE)
MATCHED, LEAVING, SUGGESTED = "matched", "leaving", "suggested"
ASKED = (Method.ALIKE, Method.OTHER_VIN)


@dataclass(frozen=True)
class Sides:
    """The parts of one reconciliation."""

    run: Run
    activation: Activation
    rules: Rules

    @property
    def live(self) -> bool:
        return self.run.state in (RunState.WAITING, RunState.HELD)

    def listings(self, *columns: Any) -> Select[Any]:
        here = (Match.run_id == self.run.id, Match.listing_id.is_not(None))
        return select(*columns).select_from(Match).where(*here)

    def matched(self, *columns: Any) -> Select[Any]:
        """Pairs with their vehicles."""
        return self.listings(*columns).join(Vehicle, Vehicle.id == Match.vehicle_id)

    def suggested(self, *columns: Any) -> Select[Any]:
        """Suggestions with the vehicles that they name."""
        joined = self.listings(*columns).join(Vehicle, Vehicle.id == Match.suggested_id)
        return joined.where(self.is_suggestion())

    def there(self, *columns: Any) -> Select[Any]:
        """Listings without a vehicle; the vehicle is the one that is in stock and not released."""
        joined = self.listings(*columns).outerjoin(Vehicle, Vehicle.id == Match.suggested_id)
        return joined.where(Match.vehicle_id.is_(None), ~self.is_suggestion())

    def here(self, *columns: Any) -> Select[Any]:
        """Vehicles without a listing, with what was decided."""
        decided = and_(Match.run_id == self.run.id, Match.vehicle_id == Vehicle.id)
        joined = select(*columns).select_from(Vehicle).outerjoin(Match, decided)
        alone = joined.where(Match.listing_id.is_(None))
        if not self.live:
            return alone.where(Match.decision.in_(HERE))
        mine = Vehicle.dealer_id == self.activation.dealer_id
        return alone.where(mine, self._is_wanted(Vehicle.id), ~self._is_asked_about())

    def stays(self) -> ColumnElement[bool]:
        """Of a pair: whether its vehicle should be at the platform, as far as that is still open."""
        return self._is_wanted(Match.vehicle_id) if self.live else true()

    def is_suggestion(self) -> ColumnElement[bool]:
        if not self.live:
            return false()
        asked = Match.vehicle_id.is_(None), Match.method.in_(ASKED)
        return and_(*asked, self._is_wanted(Match.suggested_id))

    def _is_wanted(self, vehicle_id: Any) -> ColumnElement[bool]:
        return stock.is_wanted(self.activation, self.rules, vehicle_id)

    def _is_asked_about(self) -> ColumnElement[bool]:
        """Whether a suggestion names the vehicle, one that should be at the platform."""
        one = aliased(Match)
        asked = select(one.id).where(
            one.run_id == self.run.id,
            one.suggested_id == Vehicle.id,
            one.vehicle_id.is_(None),
            one.method.in_(ASKED),
        )
        return asked.offset(0).correlate(Vehicle).exists()


@dataclass(frozen=True)
class Counts:
    """`here` and `there` by what was decided; open under "". `leaving` are pairs whose vehicle should not
    be at the platform any more: adopted, it is deleted like any other that is sold or withdrawn."""

    matched: int
    leaving: int
    suggested: int
    here: Mapping[str, int]
    there: Mapping[str, int]

    @property
    def open(self) -> int:
        return self.suggested + self.here.get("", 0) + self.there.get("", 0)

    @property
    def only_here(self) -> int:
        return sum(self.here.values())

    @property
    def only_there(self) -> int:
        return sum(self.there.values())

    def of(self, decision: Decision) -> int:
        return self.here.get(decision, 0) + self.there.get(decision, 0)


def count(session: Session, sides: Sides) -> Counts:
    """Two queries, however large the stocks are."""
    bucket = case(
        (and_(Match.vehicle_id.is_not(None), sides.stays()), MATCHED),
        (Match.vehicle_id.is_not(None), LEAVING),
        (sides.is_suggestion(), SUGGESTED),
        else_="there",
    )
    there: dict[str, int] = {}
    found = {MATCHED: 0, LEAVING: 0, SUGGESTED: 0}
    for name, decision, number in session.execute(
        sides.listings(bucket, Match.decision, func.count()).group_by(bucket, Match.decision)
    ):
        if name in found:
            found[name] += number
        else:
            there[decision] = number
    decided = func.coalesce(Match.decision, "")
    here = {row[0]: row[1] for row in session.execute(sides.here(decided, func.count()).group_by(decided))}
    return Counts(found[MATCHED] + found[LEAVING], found[LEAVING], found[SUGGESTED], here, there)


def searched(statement: Select[Any], text: str) -> Select[Any]:
    """Every word is found on either side."""
    said = func.lower(func.concat_ws(" ", Match.title, Match.internal_number, Match.vin, Match.listing_id))
    for word in text.lower().split():
        statement = statement.where(
            or_(said.contains(word, autoescape=True), Vehicle.search.contains(word, autoescape=True))
        )
    return statement
