"""How an activated app is doing: a fixed number of queries for all apps of a dealer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from portal.blueprints.my_apps import figures
from portal.models import Activation, Dealer, Listing
from portal.models.exports import ListingState, TransferState
from portal.security.realm import Realm
from portal.vehicles.status import PublicationStatus
from portal.vehicles.status_sql import count_statuses


@dataclass(frozen=True)
class Health:
    """`online` listings of `released` vehicles, those that are about to be deleted included. Vehicles by how
    they stand; `listed` are there for all we know, `hinted` were taken with a hint the last time."""

    online: int = 0
    released: int = 0
    listed: int = 0
    hinted: int = 0
    open: int = 0
    rejected: int = 0
    vanished: int = 0
    incomplete: int = 0

    @property
    def troubled(self) -> int:
        return self.rejected + self.vanished + self.incomplete


def load(session: Session, dealer: Dealer, realm: Realm) -> dict[UUID, Health]:
    """The health of each of the dealer's activations: two queries."""
    standings = count_statuses(session, dealer, realm)
    return {
        key: _health(standings.get(key, {}), *counts) for key, *counts in session.execute(_figures(realm))
    }


def _health(standing: Mapping[str, int], online: int, released: int, listed: int, hinted: int) -> Health:
    return Health(
        online=online,
        released=released,
        listed=listed,
        hinted=hinted,
        open=standing.get(PublicationStatus.OPEN, 0),
        rejected=standing.get(PublicationStatus.ERROR, 0),
        vanished=standing.get(PublicationStatus.VANISHED, 0),
        incomplete=standing.get(PublicationStatus.INCOMPLETE, 0),
    )


def _figures(realm: Realm) -> Select[UUID, int, int, int, int]:
    present = Listing.state != ListingState.ABSENT
    hinted = present & (Listing.last_result == TransferState.WARNING)
    return select(
        Activation.id, figures.online(), figures.released(), _listings(present), _listings(hinted)
    ).where(realm.of(Activation))


def _listings(which: ColumnElement[bool]) -> ScalarSelect[int]:
    here = (Listing.activation_id == Activation.id, which)
    return select(func.count()).select_from(Listing).where(*here).scalar_subquery()
