"""What happens at an app, in the audit log. A line names the account, and so outlives the app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import audit
from portal.models.exports import Activation
from portal.platforms import APPS


def account_name(activation: Activation) -> str:
    """An account as logs name it: "mobile.de 1000471"; an app that left the store goes by its slug."""
    app = APPS.get(activation.app)
    return f"{app.name if app else activation.app!s} {activation.customer_number}"


def log_at(
    session: Session,
    who: audit.Who,
    what: str,
    activation: Activation,
    object_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a line about something of this activation, or about the activation itself."""
    audit.log(
        session,
        who,
        what,
        dealer_id=activation.dealer_id,
        object_id=object_id or activation.id,
        label=account_name(activation),
        activation_id=activation.id,
        detail=detail,
    )
