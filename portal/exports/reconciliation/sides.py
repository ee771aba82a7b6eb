"""What a reconciliation holds, as queries: our stock, pairs, suggestions, only here, only there.

Our side is looked up as it is now while the reconciliation is open: a vehicle that has left is not
counted, one that has come is. Afterwards it is what was decided.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased, sessionmaker

from portal.exports.planning.cases import ExportCase, ExportContext, load_cases
from portal.exports.planning.queue import Checks, checks_of
from portal.exports.reconciliation.matching import MatchMethod, OurVehicle
from portal.models.exports import Activation, Listing, ListingState, RunKind, RunState
from portal.models.runs import Match, Run
from portal.models.vehicles import NO_PROBLEMS, Publication, Vehicle
from portal.platforms.contract import Mapper, Prepared, Rules

CASES_AT_ONCE = 1_000
MATCHED, LEAVING, SUGGESTED = "matched", "leaving", "suggested"
SUGGESTING_METHODS = (MatchMethod.ALIKE, MatchMethod.OTHER_VIN)


@dataclass(frozen=True)
class OurStock:
    """`wanted` should be online there. `others` are in stock but not released there, or not at this
    location any more and still known to be listed."""

    wanted: tuple[OurVehicle, ...]
    others: tuple[OurVehicle, ...]
    checks: Mapping[UUID, Checks]
    """What preflight says to each that is wanted."""
    noted: Mapping[UUID, Checks]
    """What it said the last time."""


def wanted_ids(activation: Activation, rules: Rules) -> Select[UUID]:
    """Ids of the vehicles that should be at the platform; the same decision as `load_cases`."""
    here = (Vehicle.dealer_id == activation.dealer_id, Vehicle.location_id == activation.location_id)
    return _wanted(activation, rules, Vehicle).where(*here)


def vehicle_is_wanted(
    activation: Activation, rules: Rules, vehicle_id: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Looked up row by row by their keys (OFFSET keeps the planner from joining sets, and no index serves IS
    NOT DISTINCT FROM): right after a large import statistics are stale, and a join that believes in one row
    takes minutes."""
    one = aliased(Vehicle)
    here = one.location_id.is_not_distinct_from(activation.location_id)
    found = _wanted(activation, rules, one).where(one.id == vehicle_id, here).offset(0)
    return found.correlate(Match, Vehicle).exists()


def _wanted(activation: Activation, rules: Rules, vehicle: Any) -> Select[UUID]:
    """Wherever they stand."""
    conditions = [
        Publication.activation_id == activation.id,
        Publication.released,
        vehicle.withdrawn_at.is_(None),
        vehicle.online,
        not_(_flag(vehicle, "sold")),
    ]
    if not rules.trade_ins:
        conditions.append(not_(_flag(vehicle, "trade_in")))
    return select(vehicle.id).join(Publication, Publication.vehicle_id == vehicle.id).where(*conditions)


def _flag(vehicle: Any, name: str) -> ColumnElement[bool]:
    return func.coalesce(vehicle.data[name].as_boolean(), False)


def candidate_ids(activation: Activation) -> Select[UUID]:
    """Everything that a listing at the platform could be: the stock of the location, and what we know."""
    known = exists().where(
        Listing.vehicle_id == Vehicle.id,
        Listing.activation_id == activation.id,
        Listing.state != ListingState.ABSENT,
    )
    here = (Vehicle.location_id == activation.location_id) & Vehicle.withdrawn_at.is_(None)
    return select(Vehicle.id).where(Vehicle.dealer_id == activation.dealer_id, or_(here, known))


def load_stock(
    sessions: sessionmaker[Session],
    context: ExportContext,
    mapper: Mapper,
    ids: Select[UUID] | Collection[UUID],
) -> OurStock:
    """As the mapper prepares them. No connection is held while it maps: it may ask for reference lists.

    Raises ReferenceUnavailable.
    """
    wanted: list[OurVehicle] = []
    others: list[OurVehicle] = []
    checks: dict[UUID, Checks] = {}
    noted: dict[UUID, Checks] = {}
    for cases in _cases_in_chunks(sessions, context, ids):
        for found in cases:
            prepared = mapper(found.subject)
            (wanted if found.wanted else others).append(_ours(found, prepared))
            if found.wanted:
                checks[found.vehicle_id] = checks_of(prepared, found.subject.vehicle)
                noted[found.vehicle_id] = found.noted
    return OurStock(tuple(wanted), tuple(others), checks, noted)


def _cases_in_chunks(
    sessions: sessionmaker[Session], context: ExportContext, ids: Select[UUID] | Collection[UUID]
) -> Iterator[Sequence[ExportCase]]:
    with sessions() as session:
        every = sorted(session.scalars(ids)) if isinstance(ids, Select) else sorted(ids)
    for start in range(0, len(every), CASES_AT_ONCE):
        with sessions() as session:
            cases = load_cases(
                session, context.activation, context.rules, every[start : start + CASES_AT_ONCE]
            )
        yield cases


def _ours(found: ExportCase, prepared: Prepared) -> OurVehicle:
    """The VIN also where the dealer does not export it: it is compared, not sent."""
    known = found.known.listing_id if found.known.state != ListingState.ABSENT else None
    return OurVehicle(
        found.vehicle_id, prepared.internal_number, found.subject.vehicle.vin, prepared.facts, known
    )


def known_only(ours: Collection[OurVehicle]) -> list[OurVehicle]:
    """Of what is not released only a listing that we know counts: the rest is for the dealer to decide."""
    return [OurVehicle(one.vehicle_id, listing_id=one.listing_id) for one in ours if one.listing_id]


class MatchDecision(StrEnum):
    """CREATE and WITHHOLD for a vehicle, KEEP and DELETE for a listing; a deletion becomes DELETED, or
    REFUSED when the platform did not do it."""

    CREATE = "create"
    WITHHOLD = "withhold"
    KEEP = "keep"
    DELETE = "delete"
    DELETED = "deleted"
    REFUSED = "refused"


FOR_VEHICLES = (MatchDecision.CREATE, MatchDecision.WITHHOLD)
FOR_LISTINGS = (MatchDecision.KEEP, MatchDecision.DELETE)


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
            return alone.where(Match.decision.in_(FOR_VEHICLES))
        mine = Vehicle.dealer_id == self.activation.dealer_id
        return alone.where(mine, self._is_wanted(Vehicle.id), ~self._is_asked_about())

    def stays(self) -> ColumnElement[bool]:
        """Of a pair: whether its vehicle should be at the platform, as far as that is still open."""
        return self._is_wanted(Match.vehicle_id) if self.live else true()

    def is_suggestion(self) -> ColumnElement[bool]:
        if not self.live:
            return false()
        asked = Match.vehicle_id.is_(None), Match.method.in_(SUGGESTING_METHODS)
        return and_(*asked, self._is_wanted(Match.suggested_id))

    def is_blocked(self) -> ColumnElement[bool]:
        """Whether preflight keeps a vehicle that is only here from being sent, as far as that is known."""
        if not self.live:
            return false()
        at_platform = select(Publication.vehicle_id).where(
            Publication.activation_id == self.activation.id,
            Publication.vehicle_id == Vehicle.id,
            Publication.problems != NO_PROBLEMS,
        )
        found = at_platform.offset(0).correlate(Vehicle).exists()
        return or_(Vehicle.problems != NO_PROBLEMS, found)

    def _is_wanted(self, vehicle_id: Any) -> ColumnElement[bool]:
        return vehicle_is_wanted(self.activation, self.rules, vehicle_id)

    def _is_asked_about(self) -> ColumnElement[bool]:
        """Whether a suggestion names the vehicle, one that should be at the platform."""
        one = aliased(Match)
        asked = select(one.id).where(
            one.run_id == self.run.id,
            one.suggested_id == Vehicle.id,
            one.vehicle_id.is_(None),
            one.method.in_(SUGGESTING_METHODS),
        )
        return asked.offset(0).correlate(Vehicle).exists()


@dataclass(frozen=True)
class SideCounts:
    """`here` and `there` by what was decided; open under "". `leaving` are pairs whose vehicle should not
    be at the platform any more: adopted, it is deleted like any other that is sold or withdrawn. `blocked`
    are those of `here` that preflight keeps from being sent, by the same decisions."""

    matched: int
    leaving: int
    suggested: int
    here: Mapping[str, int]
    there: Mapping[str, int]
    blocked: Mapping[str, int]

    @property
    def open(self) -> int:
        return self.suggested + self.here.get("", 0) + self.there.get("", 0)

    @property
    def only_here(self) -> int:
        return sum(self.here.values())

    @property
    def only_there(self) -> int:
        return sum(self.there.values())

    @property
    def new(self) -> int:
        """What will be created: decided so, and nothing is in its way."""
        return self.of(MatchDecision.CREATE) - self.new_blocked

    @property
    def new_blocked(self) -> int:
        return self.blocked.get(MatchDecision.CREATE, 0)

    def of(self, decision: MatchDecision) -> int:
        return self.here.get(decision, 0) + self.there.get(decision, 0)


def count_sides(session: Session, sides: Sides) -> SideCounts:
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
    here: dict[str, int] = {}
    blocked: dict[str, int] = {}
    withheld = func.count().filter(sides.is_blocked())
    for decision, number, held in session.execute(
        sides.here(decided, func.count(), withheld).group_by(decided)
    ):
        here[decision], blocked[decision] = number, held
    return SideCounts(found[MATCHED] + found[LEAVING], found[LEAVING], found[SUGGESTED], here, there, blocked)


def matching_text(statement: Select[Any], text: str) -> Select[Any]:
    """Every word is found on either side."""
    said = func.lower(func.concat_ws(" ", Match.title, Match.internal_number, Match.vin, Match.listing_id))
    for word in text.lower().split():
        statement = statement.where(
            or_(said.contains(word, autoescape=True), Vehicle.search.contains(word, autoescape=True))
        )
    return statement


LEFT_THERE = (MatchDecision.KEEP, MatchDecision.REFUSED)


def left_there_ids(activation_id: UUID) -> Select[str | None]:
    """Ids of listings that the dealer left at the platform on purpose: a drift check must not report them."""
    return (
        select(Match.listing_id)
        .join(Run, Run.id == Match.run_id)
        .where(
            Run.activation_id == activation_id,
            Run.kind == RunKind.RECONCILIATION,
            Match.decision.in_(LEFT_THERE),
        )
    )
