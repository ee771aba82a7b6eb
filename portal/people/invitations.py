"""New users: a row without a password, and a mail with a link to set one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from config import Settings
from portal.models.accounts import Dealer, User
from portal.notices.mailing import Recipient, post
from portal.security.links import INVITATION_LIFETIME, password_link


def mail_invitation(session: Session, settings: Settings, user: User, dealer: Dealer, inviter: str) -> bool:
    """Write the mail; an earlier link for the same user works until the password is set."""
    return post(
        session,
        settings,
        Recipient.of(user),
        "invitation",
        name=user.name or user.login,
        login=user.login,
        dealer=dealer.name,
        invited_by=inviter,
        hours=int(INVITATION_LIFETIME.total_seconds() // 3600),
        url=password_link(settings, user, invitation=True),
    )
