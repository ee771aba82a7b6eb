"""What a realm lets through: the same, asked with its values written in and with places for them."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Vehicle
from portal.models.prepared import question
from portal.models.realm import AnyRealm, Realm
from tests.builders import Build


@pytest.mark.parametrize("limited", [False, True])
def test_a_statement_for_all_dealers_finds_what_is_the_dealers_own(
    session: Session, build: Build, *, limited: bool
) -> None:
    dealer, stranger = build.dealer(), build.dealer("Autohaus Charlie", code="CH")
    branch = build.location(dealer, "B2")
    here, away, other = build.vehicle(dealer), build.vehicle(dealer), build.vehicle(stranger)
    away.location_id = branch.id
    session.commit()
    realm = Realm(dealer.id, (branch.id,) if limited else ())
    asked = question(select(Vehicle.id).where(AnyRealm(limited).of(Vehicle)), planned_once=False)
    found = set(asked.ask(session, **realm.values).scalars())
    assert found == set(session.scalars(select(Vehicle.id).where(realm.of(Vehicle))))
    assert found == ({away.id} if limited else {here.id, away.id})
    assert other.id not in found
