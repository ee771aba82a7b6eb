"""How an activated app is doing: a fixed number of queries for all apps of a dealer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.models import Activation, Dealer, Listing
from portal.models.exports import ListingState, TransferState
from portal.security.realm import Realm
from portal.vehicles.search import count_standings
from portal.vehicles.standing import Standing


@dataclass(frozen=True)
class Health:
    """Vehicles by how they stand at the platform; `listed` are there for all we know,
    `hinted` were taken with a hint the last time."""

    online: int = 0
    open: int = 0
    rejected: int = 0
    vanished: int = 0
    incomplete: int = 0
    listed: int = 0
    hinted: int = 0

    @property
    def expected(self) -> int:
        """Vehicles that should be online."""
        return self.online + self.open + self.troubled

    @property
    def troubled(self) -> int:
        return self.rejected + self.vanished + self.incomplete


def load(session: Session, dealer: Dealer, realm: Realm) -> dict[UUID, Health]:
    """The health of each of the dealer's activations: three queries."""
    standings = count_standings(session, dealer, realm)
    listed = _pairs(session, _listed(realm))
    hinted = _pairs(session, _hinted(realm))
    keys = standings.keys() | listed.keys() | hinted.keys()
    return {key: _health(standings.get(key, {}), listed.get(key, 0), hinted.get(key, 0)) for key in keys}


def _health(standing: Mapping[str, int], listed: int, hinted: int) -> Health:
    return Health(
        online=standing.get(Standing.ONLINE, 0),
        open=standing.get(Standing.OPEN, 0),
        rejected=standing.get(Standing.ERROR, 0),
        vanished=standing.get(Standing.VANISHED, 0),
        incomplete=standing.get(Standing.INCOMPLETE, 0),
        listed=listed,
        hinted=hinted,
    )


def _pairs(session: Session, statement: Select[UUID, int]) -> dict[UUID, int]:
    return {row[0]: row[1] for row in session.execute(statement)}


def _listed(realm: Realm) -> Select[UUID, int]:
    return (
        select(Listing.activation_id, func.count())
        .join(Activation, Activation.id == Listing.activation_id)
        .where(realm.of(Activation), Listing.state != ListingState.ABSENT)
        .group_by(Listing.activation_id)
    )


def _hinted(realm: Realm) -> Select[UUID, int]:
    return _listed(realm).where(Listing.last_result == TransferState.WARNING)
