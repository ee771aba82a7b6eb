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


def ask_the_list(dispatch: Desk, in_doubt: Sequence[Planned]) -> bool:
    """Look into the platform's whole list; False when it could not be read."""
    with dispatch.runtime.sessions() as session:
        known = online_ids(session, dispatch.activation_id, vanished=False)
    asked = dispatch.clock.now()
    remote = read_again(dispatch.client, known)
    with dispatch.runtime.sessions.begin() as session:
        dispatch.context.guard(session, dispatch.lease)
        if remote.failure is not None:
            _note_failure(session, dispatch.activation_id, remote.failure)
            return False
        found = {item.vehicle_id: resolve(item, remote.listings) for item in in_doubt}
        sure, undecided = divide(found, certain=beyond_doubt(remote, known))
        write_resolved(session, dispatch.activation_id, sure)
        extras.note_seen(session, dispatch.activation_id, asked, adopted(sure, remote.listings))
        postpone(session, dispatch.activation_id, undecided)
        failing.note_answer(session, dispatch.activation_id)
        return True


def _note_failure(session: Session, activation_id: UUID, failure: Stop | Retry) -> None:
    if isinstance(failure, Stop):
        halting.stop(session, activation_id, failure)
        return
    failing.note_failure(session, activation_id, Trouble(failure.reason, failure.after))
