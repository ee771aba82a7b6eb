"""Limits of a dealer's plan: how many apps, exported vehicles and users. The operator sets them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models.accounts import Dealer, User
from portal.models.exports import LIVE, Activation
from portal.models.vehicles import Publication


def against_another_user(session: Session, dealer: Dealer) -> str:
    """Why nobody more can be invited, in German; empty when somebody can."""
    active = select(func.count()).where(User.dealer_id == dealer.id, User.active)
    if dealer.max_users is None or (session.scalar(active) or 0) < dealer.max_users:
        return ""
    return f"Ihr Tarif enthält {dealer.max_users} Nutzer. Sperren Sie einen oder fragen Sie den Betreiber."


def against_another_app(session: Session, dealer: Dealer) -> str:
    active = select(func.count()).where(Activation.dealer_id == dealer.id, Activation.state.in_(LIVE))
    if dealer.max_active_apps is None or (session.scalar(active) or 0) < dealer.max_active_apps:
        return ""
    return (
        f"Ihr Tarif enthält {dealer.max_active_apps} aktive Apps. "
        "Deaktivieren Sie eine oder fragen Sie den Betreiber."
    )


def against_exporting(session: Session, dealer: Dealer, more: set[UUID]) -> str:
    """Why these vehicles cannot be released in addition to those that are released anywhere."""
    if dealer.max_exported_vehicles is None:
        return ""
    released = (
        select(Publication.vehicle_id)
        .join(Activation, Activation.id == Publication.activation_id)
        .where(Activation.dealer_id == dealer.id, Activation.state.in_(LIVE), Publication.released)
    )
    if len(set(session.scalars(released)) | more) <= dealer.max_exported_vehicles:
        return ""
    return (
        f"Ihr Tarif enthält {dealer.max_exported_vehicles} exportierte Fahrzeuge. "
        "Nehmen Sie Freigaben zurück oder fragen Sie den Betreiber."
    )
