"""The dealer's export settings: what they are, and a change that goes out everywhere.

The caller commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.accounts import Dealer
from portal.models.exports import Trigger
from portal.models.vehicles import Vehicle
from portal.vehicles.release import note_in_chunks

MILD_HYBRID_AS = ("combustion", "hybrid")
NEW_ONLY = ("release_new_vehicles",)
SENT = ("platform_prices", "export_vin", "export_trade_ins", "mild_hybrid_as")
"""What is sent depends on these."""
Changes = dict[str, list[Any]]
"""`{field: [old, new]}`, as the audit log takes it."""


def change_presets(session: Session, dealer: Dealer, wanted: Mapping[str, Any]) -> Changes:
    """Take them over and note every vehicle whose payload may differ; what stays equal is not sent."""
    changes = differing({name: getattr(dealer, name) for name in wanted}, wanted)
    for name, (_old, new) in changes.items():
        setattr(dealer, name, new)
    if changes.keys() & set(SENT):
        session.flush()
        in_stock = (Vehicle.dealer_id == dealer.id, Vehicle.withdrawn_at.is_(None))
        note_in_chunks(session, session.scalars(select(Vehicle.id).where(*in_stock)).all(), Trigger.BY_HAND)
    return changes


def hold(session: Session, dealer: Dealer) -> None:
    """The dealer as he is now, and nobody else's to change until the commit.

    Rows that refer to him can still be written: workers do not wait for this.
    """
    session.refresh(dealer, with_for_update={"key_share": True})


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    return {name: [before[name], new] for name, new in after.items() if before[name] != new}
