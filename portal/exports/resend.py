"""Send again what a platform refused or never got, because somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm import Session

from portal.exports.stock_files import control
from portal.models import Activation, Listing, Transfer
from portal.models.exports import ActivationState, AppKind, TransferState, Trigger
from portal.outbox import note_changes

PAIRS_AT_ONCE = 5_000
"""Pairs handled by one statement."""

ListingKey = tuple[UUID, UUID]
"""An activation and a vehicle."""


def resend(session: Session, pairs: Sequence[ListingKey], trigger: Trigger = Trigger.BY_HAND) -> int:
    """Queue vehicles again; returns how many of the pairs wait now.

    A payload equal to the refused one is sent as well: that is what was asked for. What is not
    (or no longer) released there does not wait.
    """
    resent = 0
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[start : start + PAIRS_AT_ONCE]
        # First the rows that wait, then the listings: the order in which a worker locks them.
        note_changes(session, {vehicle_id for _, vehicle_id in some}, trigger)
        listings = tuple_(Listing.activation_id, Listing.vehicle_id).in_(some)
        session.execute(update(Listing).where(listings).values(refused_hash=None))
        transfers = tuple_(Transfer.activation_id, Transfer.vehicle_id).in_(some)
        waiting = select(func.count(Transfer.id)).where(transfers, Transfer.state == TransferState.WAITING)
        resent += (session.scalar(waiting) or 0) + _resend_in_files(session, some, trigger)
    return resent


def _resend_in_files(session: Session, pairs: Sequence[ListingKey], trigger: Trigger) -> int:
    """A file carries the whole stock: to send one of its vehicles again is a run."""
    asked = {activation_id for activation_id, _ in pairs}
    of_files = select(Activation.id).where(
        Activation.id.in_(asked),
        Activation.kind == AppKind.FILE,
        Activation.state == ActivationState.ACTIVE,
    )
    found = set(session.scalars(of_files))
    for activation_id in sorted(found):
        control.request_run(session, activation_id, trigger)
    return sum(activation_id in found for activation_id, _ in pairs)
