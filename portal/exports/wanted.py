"""Whether a vehicle should be at a platform, as a condition of SQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, func

from portal.models.exports import Activation, ActivationState
from portal.models.vehicles import Publication, Vehicle
from portal.platforms.contract import Rules


def is_wanted(activation: Activation, rules: Rules) -> ColumnElement[bool]:
    """The same decision as `cases.load_cases`; tests compare the two. `Publication` may be outer joined."""
    if activation.state == ActivationState.CLOSING:
        return false()
    kept = () if rules.trade_ins else (~_flag("trade_in"),)
    return and_(
        Vehicle.withdrawn_at.is_(None),
        Vehicle.location_id == activation.location_id,
        Vehicle.online,
        func.coalesce(Publication.released, False),
        ~_flag("sold"),
        *kept,
    )


def _flag(name: str) -> ColumnElement[bool]:
    return func.coalesce(Vehicle.data[name].as_boolean(), False)
