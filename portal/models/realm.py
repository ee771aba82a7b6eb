"""Whose objects a request may see and touch: those of a dealer, or of some of its locations. No Flask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, or_

from portal.models import Activation, Location, StockSource, StockUpload, Vehicle, VehicleImport
from portal.models.prepared import array_of, place, places

PLACES: dict[type[Any], Any] = {
    Activation: Activation.location_id,
    Location: Location.id,
    StockSource: StockSource.location_id,
    StockUpload: StockUpload.location_id,
    Vehicle: Vehicle.location_id,
    VehicleImport: VehicleImport.location_id,
}
"""Where an object belongs: every table with a dealer and a location. A test compares with the models."""


@dataclass(frozen=True)
class Realm:
    dealer_id: UUID
    location_ids: tuple[UUID, ...] = ()
    """Empty: all of the dealer's."""

    @property
    def limited(self) -> bool:
        return bool(self.location_ids)

    def of(self, kind: type[Any]) -> ColumnElement[bool]:
        """A condition on a table that belongs to a dealer."""
        mine: ColumnElement[bool] = kind.dealer_id == self.dealer_id
        place = PLACES.get(kind)
        return and_(mine, place.in_(self.location_ids)) if self.limited and place is not None else mine

    def owns(self, kind: type[Any]) -> ColumnElement[bool]:
        """The same condition on rows that are named by their keys. No index serves IS NOT DISTINCT FROM: of a
        dealer of whom it knows nothing yet PostgreSQL expects one row, and would look through the whole stock
        for it instead of by the key."""
        mine: ColumnElement[bool] = kind.dealer_id.is_not_distinct_from(self.dealer_id)
        place = PLACES.get(kind)
        if not self.limited or place is None:
            return mine
        return and_(mine, or_(*(place.is_not_distinct_from(one) for one in self.location_ids)))

    @property
    def values(self) -> dict[str, Any]:
        """For the places of `AnyRealm`."""
        return {"dealer": self.dealer_id} | (
            {"locations": array_of(self.location_ids)} if self.limited else {}
        )

    def includes(self, location_id: UUID) -> bool:
        return not self.limited or location_id in self.location_ids

    def at(self, location_id: UUID | None) -> Realm:
        """Only one location of it; all of it for None and for a location that is not in it."""
        if location_id is None or not self.includes(location_id):
            return self
        return replace(self, location_ids=(location_id,))


@dataclass(frozen=True)
class AnyRealm:
    """For statements that are put together once for all dealers (`models/prepared.py`)."""

    limited: bool

    def of(self, kind: type[Any]) -> ColumnElement[bool]:
        """As `Realm.of`, with places for `Realm.values`."""
        mine: ColumnElement[bool] = kind.dealer_id == place("dealer")
        where = PLACES.get(kind)
        return and_(mine, where == any_(places("locations"))) if self.limited and where is not None else mine
