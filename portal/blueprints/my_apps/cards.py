"""The dealer's apps as cards, those that need attention first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.blueprints.my_apps import health as app_health
from portal.blueprints.my_apps.health import Health
from portal.exports import runs
from portal.exports.runs import NO_RUNS, LatestRuns
from portal.models import Activation, Dealer, Lock
from portal.models.exports import ActivationState
from portal.platforms import APPS
from portal.platforms.contract import ExportApp
from portal.security.realm import Realm

LAST = (ActivationState.DRAFT, ActivationState.CLOSING)


@dataclass(frozen=True)
class Card:
    activation: Activation
    app: ExportApp
    health: Health
    lock: Lock | None = None
    """The one that is open."""
    latest: LatestRuns = NO_RUNS

    @property
    def stopped(self) -> bool:
        return self.activation.state == ActivationState.STOPPED

    @property
    def reconciling(self) -> bool:
        return self.activation.state == ActivationState.RECONCILING

    def urgency(self) -> tuple[bool, bool, bool, bool, bool, int, str, str]:
        """Sorts locked apps first, then stopped ones, those that wait for their reconciliation, those
        with the most vehicles in trouble."""
        quiet = self.activation.state in LAST
        return (
            not self.lock,
            not self.stopped,
            not self.reconciling,
            not self.activation.failing_since,
            quiet,
            -self.health.troubled,
            self.app.name,
            self.activation.customer_number,
        )


@dataclass(frozen=True)
class Groups:
    present: tuple[Card, ...]
    deactivated: tuple[Card, ...]


def load(session: Session, dealer: Dealer, realm: Realm) -> Groups:
    """Five queries, however many apps and vehicles."""
    found = app_health.load(session, dealer, realm)
    rows = session.execute(
        select(Activation, Lock)
        .outerjoin(Lock, (Lock.activation_id == Activation.id) & Lock.closed_at.is_(None))
        .where(realm.of(Activation))
        .options(joinedload(Activation.location))
    ).all()
    latest = runs.load_latest_runs(session, [row.id for row, _ in rows])
    cards = [
        Card(row, APPS[row.app], found.get(row.id, Health()), lock, latest.get(row.id, NO_RUNS))
        for row, lock in rows
        if row.app in APPS
    ]
    ordered = sorted(cards, key=Card.urgency)
    return Groups(
        present=tuple(c for c in ordered if c.activation.state != ActivationState.DEACTIVATED),
        deactivated=tuple(c for c in ordered if c.activation.state == ActivationState.DEACTIVATED),
    )
