"""What users do on the pages, for the audit log: written in the transaction of the action."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from portal import audit
from portal.activation_log import log_at
from portal.audit.differences import changed_paths
from portal.extensions import db
from portal.models import Activation, Vehicle
from portal.vehicle_facts.data import VehicleData
from portal.web.access import current_dealer, who

MOST_CHANGES = 30
"""Changes that are named one by one."""


def log_action(
    what: str,
    object_id: UUID | None = None,
    label: str = "",
    activation_id: UUID | None = None,
    /,
    **detail: Any,
) -> None:
    """`detail` is the caller's: a field may be called like a parameter."""
    audit.log(
        db.session(),
        who(),
        what,
        dealer_id=current_dealer().id,
        object_id=object_id,
        label=label,
        activation_id=activation_id,
        detail=detail,
    )


def log_activation(what: str, activation: Activation, /, **detail: Any) -> None:
    log_at(db.session(), who(), what, activation, detail=detail)


def log_vehicle(what: str, vehicle: Vehicle, activation: Activation | None = None, /, **detail: Any) -> None:
    """With the app, where it was done at one."""
    there = activation.id if activation else None
    log_action(what, vehicle.id, vehicle.offer_number, there, **detail)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """What differs, `{path: [old, new]}`; values are cut like those of the history."""
    found = islice(changed_paths(dict(before), dict(after)), MOST_CHANGES)
    return {path: [old, new] for path, old, new in found}


def facts_changed(before: VehicleData, after: VehicleData) -> dict[str, list[str]]:
    """A number that is only written in another way, 5 for 5.0, is no change."""
    old, new = (_stated(facts.model_dump(), facts.model_dump(mode="json")) for facts in (before, after))
    return changes(old, new)


def _stated(value: Any, as_json: Any) -> Any:
    match value:
        case Decimal():
            return f"{value.normalize():f}"
        case dict():
            return {name: _stated(part, as_json[name]) for name, part in value.items()}
        case list() | tuple():
            return [_stated(*both) for both in zip(value, as_json, strict=True)]
        case _:
            return as_json


# The settings log: every change with its old and new values.


def log_settings(
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
