"""The settings log: every change with its old and new values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from portal import audit
from portal.extensions import db
from portal.web.access import current_dealer, who


def record(
    changes: Mapping[str, list[Any]],
    label: str,
    object_id: UUID | None = None,
    activation_id: UUID | None = None,
) -> None:
    """In the transaction of the change; nothing where nothing changed."""
    if not changes:
        return
    detail = {name: [_plain(old), _plain(new)] for name, (old, new) in changes.items()}
    audit.log(
        db.session(),
        who(),
        "settings.changed",
        dealer_id=current_dealer().id,
        object_id=object_id,
        label=label,
        activation_id=activation_id,
        detail=detail,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [str(part) for part in value]
    return str(value) if isinstance(value, UUID) else value
