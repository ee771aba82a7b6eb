"""Who is told of a problem."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.models.accounts import Dealer, User
from portal.models.exports import Activation
from portal.notices.problems import ProblemKind

DECIDED_BY_PEOPLE = (ProblemKind.LOCK, ProblemKind.FILE_HELD)
"""The dealer may pick who is told of these."""


def audience(session: Session, kind: str, activation: Activation) -> list[User]:
    """Those picked for a lock, else everybody at that location who may do something about it."""
    dealer = session.get_one(Dealer, activation.dealer_id)
    people = list(session.scalars(_active(dealer)))
    if kind not in DECIDED_BY_PEOPLE:
        return [user for user in people if _concerned(user, "activate_apps", activation)]
    picked = [user for user in people if user.id in dealer.inform_on_lock and _here(user, activation)]
    return picked or [user for user in people if _concerned(user, "unlock", activation)]


def _active(dealer: Dealer) -> Select[User]:
    return select(User).where(User.dealer_id == dealer.id, User.active).order_by(User.id)


def _concerned(user: User, right: str, activation: Activation) -> bool:
    return user.may(right) and _here(user, activation)


def _here(user: User, activation: Activation) -> bool:
    return not user.location_ids or activation.location_id in user.location_ids
