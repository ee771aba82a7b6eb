"""The audit log: who did what, for whom, on which object, when, from where. No Flask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.messages import Wording, say
from portal.models.audit import AuditEvent


@dataclass(frozen=True)
class Who:
    """Who acts. Without a user it is the portal itself, or somebody with a link from a mail."""

    user_id: UUID | None = None
    name: Wording = ""
    support_session_id: UUID | None = None
    address: str = ""


PORTAL = Who(name=say("Portal"))
OPERATOR = Who(name=say("Betreiber"))
"""Through a command."""


def by_key(name: str, address: str) -> Who:
    """A program of the dealer, by its key for the API."""
    return Who(name=say("API-Schlüssel „{name}“", name=name), address=address)


def log(
    session: Session,
    who: Who,
    what: str,
    *,
    dealer_id: UUID | None,
    object_id: UUID | None = None,
    label: str = "",
    activation_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a line in the transaction of what was done. `what` is `<object>.<verb>`.

    `activation_id` names the app at which it was done. Never a secret in `detail`.
    """
    session.add(
        AuditEvent(
            dealer_id=dealer_id,
            user_id=who.user_id,
            actor=who.name,
            support_session_id=who.support_session_id,
            what=what,
            object_id=object_id,
            object_label=label[:200],
            activation_id=activation_id,
            detail=dict(detail or {}),
            address=who.address[:45],
        )
    )
