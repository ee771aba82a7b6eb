"""Limits of a dealer's plan: how many apps, exported vehicles and users. The operator sets them.

Each question locks the dealer until the commit: of many who ask at once for the last place one gets it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from portal.messages import Wording, say
from portal.models.accounts import Dealer, User
from portal.models.exports import LIVE, Activation
from portal.vehicles import export_limit
from portal.vehicles.release import lock_dealer


def against_another_user(session: Session, dealer: Dealer) -> Wording:
    """Why nobody more can be invited; empty when somebody can."""
    if dealer.max_users is None:
        return ""
    lock_dealer(session, dealer)
    active = select(func.count()).where(_active_users(dealer))
    if (session.scalar(active) or 0) < dealer.max_users:
        return ""
    return say(
        "Ihr Tarif enthält {most} Nutzer. Sperren Sie einen oder fragen Sie den Betreiber.",
        most=dealer.max_users,
    )


def against_another_app(
    session: Session, dealer: Dealer, app: str = "", customer_number: str = ""
) -> Wording:
    """Why no further app can be active; the one named does not stand in its own way."""
    if dealer.max_active_apps is None:
        return ""
    lock_dealer(session, dealer)
    itself = and_(Activation.app == app, Activation.customer_number == customer_number)
    others = select(func.count()).where(_active_apps(dealer), ~itself)
    if (session.scalar(others) or 0) < dealer.max_active_apps:
        return ""
    return say(
        "Ihr Tarif enthält {most} aktive Apps. Deaktivieren Sie eine oder fragen Sie den Betreiber.",
        most=dealer.max_active_apps,
    )


def against_exporting(session: Session, dealer: Dealer, more: int) -> Wording:
    """Why so many vehicles more cannot be exported."""
    if dealer.max_exported_vehicles is None:
        return ""
    lock_dealer(session, dealer)
    room = export_limit.free_slots(session, dealer.id)
    if room is None or more <= room:
        return ""
    return say(
        "Ihr Tarif enthält {most} exportierte Fahrzeuge, frei sind noch {room}. "
        "Nehmen Sie Freigaben zurück oder fragen Sie den Betreiber.",
        most=dealer.max_exported_vehicles,
        room=room,
    )


@dataclass(frozen=True)
class Use:
    """How much of one limit is used."""

    kind: str
    """apps, vehicles or users"""
    used: int
    most: int


def uses(session: Session, dealer: Dealer) -> list[Use]:
    """The limits that the dealer's plan has; without any nothing is asked."""
    found = []
    if dealer.max_active_apps is not None:
        apps = session.scalar(select(func.count()).where(_active_apps(dealer))) or 0
        found.append(Use("apps", apps, dealer.max_active_apps))
    if dealer.max_exported_vehicles is not None:
        vehicles = export_limit.count_exported(session, dealer.id)
        found.append(Use("vehicles", vehicles, dealer.max_exported_vehicles))
    if dealer.max_users is not None:
        users = session.scalar(select(func.count()).where(_active_users(dealer))) or 0
        found.append(Use("users", users, dealer.max_users))
    return found


def _active_apps(dealer: Dealer) -> ColumnElement[bool]:
    return and_(Activation.dealer_id == dealer.id, Activation.state.in_(LIVE))


def _active_users(dealer: Dealer) -> ColumnElement[bool]:
    return and_(User.dealer_id == dealer.id, User.active)
