"""What happens, for whoever runs the portal: one line of the log each, when it is committed.

Runs, imports, locks, stops and whatever else the audit log keeps are seen where they are written, so no
place that writes them can forget to tell. Lines carry keys, counts and causes; no names, texts or secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.base import PassiveFlag
from sqlalchemy.orm.util import identity_key

from portal import logs
from portal.commits import after_commit
from portal.models import AuditEvent, VehicleImport
from portal.models.exports import Activation
from portal.models.runs import Run

TO_TELL = "events_to_tell"
TOLD_DETAILS = ("cause", "rule", "by_mail")
"""Of an entry of the audit log; and whatever is a number."""
COUNTS_OF_RUN = ("total", "accepted", "hinted", "rejected", "failed")
COUNTS_OF_IMPORT = ("taken", "changed", "unchanged", "rejected", "withdrawn", "remarked")

Told = tuple[str, dict[str, Any]]


def install(session_class: type[Session] | object) -> None:
    """Tell of every commit of sessions made by this factory."""
    after_commit(session_class, TO_TELL, _tell)

    @event.listens_for(session_class, "before_flush")
    def _collect(session: Session, _context: object, _instances: object) -> None:
        found = [told for thing in (*session.new, *session.dirty) for told in _told(session, thing)]
        if found:
            session.info.setdefault(TO_TELL, []).extend(found)


def _tell(noted: Iterable[Told]) -> None:
    for name, fields in noted:
        logs.note(name, **fields)


def _told(session: Session, thing: object) -> Iterator[Told]:
    """Asks the database nothing: a flush begins."""
    if isinstance(thing, AuditEvent) and thing in session.new:
        yield thing.what, _audited(session, thing)
    elif isinstance(thing, Run) and _has_ended(thing):
        loaded = vars(thing)
        what = {"kind": loaded.get("kind"), "state": loaded.get("state")}
        yield "run", _of_activation(session, thing.activation_id) | what | _ended(loaded, COUNTS_OF_RUN)
    elif isinstance(thing, VehicleImport) and _has_ended(thing):
        loaded = vars(thing)
        where = {"dealer": loaded.get("dealer_id"), "location": loaded.get("location_id")}
        how = {"partial": loaded.get("partial"), "readable": not loaded.get("error")}
        yield "import", where | how | _ended(loaded, COUNTS_OF_IMPORT)


def _has_ended(thing: Run | VehicleImport) -> bool:
    change = get_history(thing, "finished_at", PassiveFlag.PASSIVE_NO_INITIALIZE)
    return any(value is not None for value in change.added or ())


def _audited(session: Session, entry: AuditEvent) -> dict[str, Any]:
    known = _of_activation(session, entry.activation_id) if entry.activation_id else {}
    details = {
        name: value
        for name, value in (entry.detail or {}).items()
        if name in TOLD_DETAILS or isinstance(value, int | float)
    }
    return {**details, **known, "dealer": entry.dealer_id, "object": entry.object_id, "user": entry.user_id}


def _of_activation(session: Session, activation_id: UUID) -> dict[str, Any]:
    activation = session.identity_map.get(identity_key(Activation, activation_id))
    if not isinstance(activation, Activation):
        return {"activation": activation_id}
    loaded = vars(activation)
    return {"dealer": loaded.get("dealer_id"), "app": loaded.get("app"), "activation": activation_id}


def _ended(loaded: Mapping[str, Any], counts: Iterable[str]) -> dict[str, Any]:
    """What came of it, and after how long."""
    began = loaded.get("created_at")
    seconds = round((datetime.now(UTC) - began).total_seconds(), 1) if began else None
    return {name: loaded.get(name) for name in counts} | {"seconds": seconds}
