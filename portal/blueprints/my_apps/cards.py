"""The dealer's apps as cards, those that need attention first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.blueprints.my_apps import health
from portal.blueprints.my_apps.health import Health
from portal.models import Activation, Dealer
from portal.models.exports import ActivationState
from portal.platforms import APPS
from portal.platforms.base import ExportApp

LAST = (ActivationState.DRAFT, ActivationState.CLOSING)


@dataclass(frozen=True)
class Card:
    activation: Activation
    app: ExportApp
    health: Health

    @property
    def stopped(self) -> bool:
        return self.activation.state == ActivationState.STOPPED

    def urgency(self) -> tuple[bool, bool, int, str, str]:
        """Sorts stopped apps first, then those with the most vehicles in trouble."""
        quiet = self.activation.state in LAST
        return (
            not self.stopped,
            quiet,
            -self.health.troubled,
            self.app.name,
            self.activation.customer_number,
        )


@dataclass(frozen=True)
class Groups:
    present: tuple[Card, ...]
    deactivated: tuple[Card, ...]


def load(session: Session, dealer: Dealer) -> Groups:
    """Four queries, however many apps and vehicles."""
    found = health.load(session, dealer)
    rows = session.scalars(
        select(Activation).where(Activation.dealer_id == dealer.id).options(joinedload(Activation.location))
    )
    cards = [Card(row, APPS[row.app], found.get(row.id, Health())) for row in rows if row.app in APPS]
    ordered = sorted(cards, key=Card.urgency)
    return Groups(
        present=tuple(c for c in ordered if c.activation.state != ActivationState.DEACTIVATED),
        deactivated=tuple(c for c in ordered if c.activation.state == ActivationState.DEACTIVATED),
    )
