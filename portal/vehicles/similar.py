"""What the same model costs elsewhere in a dealer's stock: a price far from it is probably a slip."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Numeric, cast, func, select
from sqlalchemy.orm import Session

from portal.models.vehicles import Vehicle
from portal.vehicle_facts.data import VehicleData

YEARS_APART = 2
MOST = 50


def similar_prices(session: Session, vehicle: Vehicle, facts: VehicleData) -> Sequence[Decimal]:
    """Asking prices of the same make and model, registered within two years, of the same kind."""
    if not (facts.make and facts.model and facts.first_registration):
        return ()
    year = int(facts.first_registration[:4])
    prices = Vehicle.data["prices"]
    asked = func.coalesce(prices["promo"].as_string(), prices["selling"].as_string())
    statement = (
        select(cast(asked, Numeric))
        .where(
            Vehicle.dealer_id == vehicle.dealer_id,
            Vehicle.id != vehicle.id,
            Vehicle.withdrawn_at.is_(None),
            Vehicle.make == facts.make,
            Vehicle.model == facts.model,
            Vehicle.kind == facts.kind,
            func.left(Vehicle.data["first_registration"].as_string(), 4).between(
                str(year - YEARS_APART), str(year + YEARS_APART)
            ),
            asked.is_not(None),
        )
        .limit(MOST)
    )
    return session.scalars(statement).all()
