"""Before anything is sent, listings of which nobody knows whether they exist are looked up."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from portal.exports import extras, failing, halting
from portal.exports.breaker import Trouble
from portal.exports.core.remote_list import beyond_doubt, online_ids, read_again
from portal.exports.desk import Desk
from portal.exports.planning import Planned
from portal.exports.resolving import adopted, divide, postpone, resolve, write_resolved
from portal.platforms.contract import Retry, Stop


def ask_the_list(desk: Desk, unsure: Sequence[Planned]) -> bool:
    """Look into the platform's whole list; False when it could not be read."""
    with desk.runtime.sessions() as session:
        known = online_ids(session, desk.activation_id, vanished=False)
    asked = desk.clock.now()
    remote = read_again(desk.client, known)
    with desk.runtime.sessions.begin() as session:
        desk.context.guard(session, desk.lease)
        if remote.failure is not None:
            _note_failure(session, desk.activation_id, remote.failure)
            return False
        found = {item.vehicle_id: resolve(item, remote.listings) for item in unsure}
        sure, doubted = divide(found, certain=beyond_doubt(remote, known))
        write_resolved(session, desk.activation_id, sure)
        extras.note_seen(session, desk.activation_id, asked, adopted(sure, remote.listings))
        postpone(session, desk.activation_id, doubted)
        failing.note_answer(session, desk.activation_id)
        return True


def _note_failure(session: Session, activation_id: UUID, failure: Stop | Retry) -> None:
    if isinstance(failure, Stop):
        halting.stop(session, activation_id, failure)
        return
    failing.note_failure(session, activation_id, Trouble(failure.reason, failure.after))
