"""A dealer whose cars stand at the marketplace already when he activates the app."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit import Who
from portal.exports.core.runtime import Runtime
from portal.exports.jobs import run_activation
from portal.exports.lifecycle import activation as life
from portal.exports.planning.cases import rules_of
from portal.exports.reconciliation import control, finish
from portal.exports.reconciliation.control import newest_run
from portal.exports.reconciliation.sides import MatchDecision, SideCounts, Sides, count_sides
from portal.models import Activation, Dealer, Listing, Transfer, Vehicle
from portal.models.runs import Match, Run
from portal.outbox import note_changes
from portal.platforms import get_app
from portal.platforms.contract import Account
from tests.builders import Build
from tests.exports.conftest import end_pauses
from tests.marketplace import Marketplace
from tests.sandbox.conftest import golf as ad

ACCOUNT = Account("4711001", "1000471", "Autohaus Alice", limits={"max_images": 30})
SETTINGS: dict[str, Any] = {"number_format": "offer", "kinds": {"used": 0}}
ALICE = Who(name="Alice")
WRITES = ("create", "update", "delete")


def vin(number: int) -> str:
    return f"WVWZZZ1KZAW{number:06}"


class Meeting:
    """Alice's stock and the marketplace's, which have to be brought together."""

    def __init__(self, build: Build, runtime: Runtime, marketplace: Marketplace) -> None:
        self.build, self.runtime, self.marketplace = build, runtime, marketplace
        self.session: Session = build.session
        self.dealer: Dealer = build.dealer()

    def here(self, number: str, **facts: Any) -> Vehicle:
        return self.build.vehicle(self.dealer, offer_number=number, **{"vin": ""} | facts)

    def there(self, number: str, **facts: Any) -> str:
        """An ad of the dealer's own; returns its id."""
        return self.marketplace.place(ad(internalNumber=number, **facts))

    def activate(self, **changed: Any) -> Activation:
        wish = life.ActivationRequest(
            dealer_id=self.dealer.id,
            app=get_app("mobile-de"),
            customer_number="4711001",
            location_id=self.dealer.locations[0].id,
            settings=SETTINGS | changed,
        )
        with self.runtime.sessions.begin() as session:
            key = life.activate(session, wish, ACCOUNT).id
        return self.activation_now(key)

    def activation_now(self, key: Any = None) -> Activation:
        self.session.expire_all()
        statement = select(Activation) if key is None else select(Activation).where(Activation.id == key)
        return self.session.scalars(statement).one()

    def work(self) -> None:
        run_activation(self.runtime, self.activation_now().id)

    @property
    def run(self) -> Run:
        self.session.expire_all()
        return self.session.scalars(newest_run(self.activation_now().id)).one()

    def sides(self, session: Session) -> Sides:
        activation = session.scalars(select(Activation)).one()
        run = session.scalars(newest_run(activation.id)).one()
        return Sides(run, activation, rules_of(activation.dealer))

    def counts(self) -> SideCounts:
        with self.runtime.sessions() as session:
            return count_sides(session, self.sides(session))

    def decide(self, decision: MatchDecision) -> int:
        """For everything that is open on that side."""
        with self.runtime.sessions.begin() as session:
            sides = self.held(session)
            return control.decide(session, sides, decision, None)

    def held(self, session: Session) -> Sides:
        sides = control.hold_sides(session, session.scalars(select(Activation)).one())
        assert sides is not None
        return sides

    def finish(self, shown: str | None = None) -> finish.FinishResult:
        with self.runtime.sessions.begin() as session:
            activation = session.scalars(select(Activation)).one()
            if shown is None:
                shown = finish.confirmation_key(count_sides(session, self.sides(session)))
            return finish.finish(session, activation, ALICE, shown)

    def matches(self) -> dict[str, Match]:
        """By listing id."""
        self.session.expire_all()
        rows = self.session.scalars(select(Match).where(Match.listing_id.is_not(None)))
        return {row.listing_id: row for row in rows if row.listing_id}

    def match(self, listing_id: str) -> Match:
        return self.matches()[listing_id]

    def listing(self, vehicle: Vehicle) -> Listing:
        self.session.expire_all()
        return self.session.scalars(select(Listing).where(Listing.vehicle_id == vehicle.id)).one()

    def change(self, vehicle: Vehicle, **facts: Any) -> None:
        with self.runtime.sessions.begin() as session:
            row = session.get_one(Vehicle, vehicle.id)
            row.set_facts(row.facts().model_copy(update=facts))
            note_changes(session, [vehicle.id])

    def make_due(self) -> None:
        with self.runtime.sessions.begin() as session:
            for run in session.scalars(select(Run).where(Run.not_before.is_not(None))):
                run.not_before = None
            session.execute(update(Transfer).values(not_before=None))
            end_pauses(session)

    def written(self) -> list[str]:
        """The writing requests that the marketplace saw, those of the test itself apart."""
        rows = self.marketplace.requests(*WRITES)
        return [row["kind"] for row in rows if row["insertionId"] or row["kind"] != "create"]

    def ad_of(self, number: str) -> str:
        return str(self.marketplace.online()[number]["adId"])


@pytest.fixture
def meeting(build: Build, runtime: Runtime, marketplace: Marketplace) -> Meeting:
    return Meeting(build, runtime, marketplace)
