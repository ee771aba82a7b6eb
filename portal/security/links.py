"""Links in mails that open something without a login: signed, for one purpose and a limited time. No Flask.

Each purpose signs with a salt of its own: a token for one is worth nothing for another. What a token
stands for is unguessable (HMAC-SHA-256 with the portal's key), so no counter of attempts is kept.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from config import Settings
from portal.messages import Wording, say
from portal.models.accounts import User
from portal.models.runs import Lock

UNLOCK = "portal.security.links.unlock"
UNLOCK_PATH = "/unlock/"
UNLOCK_LIFETIME = timedelta(hours=72)
PASSWORD = "portal.security.links.password"  # noqa: S105  # a salt that names the purpose, no secret
PASSWORD_PATH = "/password/"  # noqa: S105
INVITATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(hours=2)


class Validity(StrEnum):
    """FORGED: not signed by us, cut off, or made for another purpose."""

    GOOD = "good"
    EXPIRED = "expired"
    FORGED = "forged"


@dataclass(frozen=True)
class UnlockToken:
    """What a link stands for; nothing is known of one that is not good."""

    validity: Validity
    lock_id: UUID | None = None
    recipient: UUID | None = None
    """The user to whom it was mailed."""


def bearer(recipient: str) -> Wording:
    """Who acts through a link, for the audit log."""
    return say("Link in der E-Mail an {recipient}", recipient=recipient)


def unlock_link(settings: Settings, lock: Lock, recipient: UUID) -> str:
    """The address of the page on which just this lock can be lifted, by right of the recipient."""
    content = [lock.id.hex, recipient.hex]
    return f"{settings.portal_url}{UNLOCK_PATH}{_signer(settings, UNLOCK).dumps(content)}"


def read_unlock(settings: Settings, token: str, now: datetime | None = None) -> UnlockToken:
    try:
        content, signed_at = _signer(settings, UNLOCK).loads(token, return_timestamp=True)
        # Two ids: a link without a recipient stands for nobody's right. Raises ValueError for anything else.
        if not isinstance(content, list) or len(content) != 2:
            raise ValueError("not what a link carries")
        lock_id, recipient = [UUID(hex=str(one)) for one in content]
    except (BadData, ValueError):
        return UnlockToken(Validity.FORGED)
    if (now or datetime.now(UTC)) - signed_at > UNLOCK_LIFETIME:
        return UnlockToken(Validity.EXPIRED)
    return UnlockToken(Validity.GOOD, lock_id, recipient)


def password_link(settings: Settings, user: User, *, invitation: bool = False) -> str:
    """The address of the page on which this user sets a password, once."""
    content = [user.id.hex, state_of(user), int(invitation)]
    return f"{settings.portal_url}{PASSWORD_PATH}{_signer(settings, PASSWORD).dumps(content)}"


def password_user(
    settings: Settings, token: str, session: Session, now: datetime | None = None
) -> User | None:
    """Who may set a password with this link; None when it was used, is too old or was never ours.

    It dies with the state that it was made for: a new password, another mail address, a deactivated user.
    """
    try:
        content, signed_at = _signer(settings, PASSWORD).loads(token, return_timestamp=True)
        user_id, state, invitation = content
        user = session.get(User, UUID(hex=str(user_id)), with_for_update={"of": User})
    except (BadData, ValueError, TypeError):
        return None
    lifetime = INVITATION_LIFETIME if invitation else RESET_LIFETIME
    alive = (now or datetime.now(UTC)) - signed_at <= lifetime
    good = user and user.active and alive and hmac.compare_digest(state_of(user), str(state))
    return user if good else None


def state_of(user: User) -> str:
    """Changes with every new password and another mail address, and tells nothing of them."""
    parts = (user.id, user.password_hash, user.login, user.email)
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:24]


def _signer(settings: Settings, purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        settings.secret_key,
        salt=purpose,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
