"""When somebody's locations change."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.models.accounts import User
from portal.models.exports import Activation
from portal.models.messages import Notification, Problem


def forget_elsewhere(session: Session, user: User) -> None:
    """Take lines about other locations out of the inbox of a user who is limited."""
    if not user.location_ids:
        return
    elsewhere = (
        select(Problem.id)
        .join(Activation, Activation.id == Problem.activation_id)
        .where(Problem.dealer_id == user.dealer_id, Activation.location_id.not_in(user.location_ids))
    )
    mine = (Notification.user_id == user.id, Notification.problem_id.in_(elsewhere))
    session.execute(delete(Notification).where(*mine).execution_options(synchronize_session=False))
