"""What a worker does for an activation while it holds the lease: one task after the other.

Each task says for which activations it is due, and runs itself. The tick rings for whatever is due and not
being seen to; a ring asks in one statement which tasks are due, runs those, and gives the lease back in the
statement that finds nothing more, together with the last that was written under it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, literal, null, select, union_all, update
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease, LeaseLost
from portal.exports.core.runtime import Runtime
from portal.models.exports import Activation, ActivationLease
from portal.models.prepared import Question, place, question

log = logging.getLogger(__name__)


LastWrite = Callable[[Session], object]
"""What a task has left to write. It asks itself whether the lease is still ours."""


@dataclass(frozen=True)
class Task:
    """`due` selects the ids of activations, with `Activation` among what it selects from; that they are not
    leased is asked by the tick itself. `on_ring`: what a ring asks instead, where it runs more often than the
    clock has it."""

    name: str
    due: Callable[[], Select[UUID]]
    run: Callable[[Runtime, Lease], LastWrite | None]
    on_ring: Callable[[], Select[UUID]] | None = None
    bars: bool = False
    """What stands after it has no turn before it is done, be it in several slices."""


def run_tasks(runtime: Runtime, activation_id: UUID, tasks: tuple[Task, ...]) -> bool:
    """Run the tasks that are due under the lease, in their order; False when another worker holds it.

    One that trips over a bug keeps no other from its turn; afterwards the first error is raised.
    """
    with runtime.sessions.begin() as session:
        lease = Lease.take(session, activation_id)
        due = due_names(session, lease, tasks) if lease else frozenset()
    if lease is None or not due:
        return lease is not None
    errors: list[Exception] = []
    with lease.kept(runtime.sessions):
        rest, barring = tasks, None
        while task := next((one for one in rest if one.name in due), None):
            if task == barring:
                break  # a slice of it is done, the rest rings again
            barring = task if task.bars else None
            rest = rest[rest.index(task) + (0 if task.bars else 1) :]
            try:
                due = _still_due(runtime, lease, rest, task.run(runtime, lease))
            except LeaseLost:
                log.warning("lease of %s was lost; another worker goes on", activation_id)
                return False
            except Exception as error:
                log.exception("%s of %s failed inside the portal", task.name, activation_id)
                errors.append(error)
                due = _still_due(runtime, lease, rest)
    if errors:
        raise errors[0]
    return True


def _still_due(
    runtime: Runtime, lease: Lease, tasks: tuple[Task, ...], last_write: LastWrite | None = None
) -> frozenset[str]:
    """Asked anew: a task may have made another one due. Where none is, the lease is given back, in the
    transaction of what the task had left to write."""
    with runtime.sessions.begin() as session:
        if last_write is not None:
            last_write(session)
        names = due_names(session, lease, tasks) if tasks else frozenset()
    if tasks and not names:
        lease.ended.set()
    return names


def due_names(session: Session, lease: Lease, tasks: tuple[Task, ...]) -> frozenset[str]:
    """One statement for all; it releases the lease where it finds nothing."""
    asked = _due(tasks).ask(session, activation=lease.activation_id, token=lease.token)
    return frozenset(asked.scalars())


@lru_cache(maxsize=100)
def _due(tasks: tuple[Task, ...]) -> Question:
    here, token = place("activation"), place("token")
    asked = [
        select(literal(task.name).label("name")).where(
            (task.on_ring or task.due)().where(Activation.id == here).correlate(None).exists()
        )
        for task in tasks
    ]
    due = union_all(*asked).cte("due_tasks")
    ours = ActivationLease.activation_id == here, ActivationLease.token == token
    release = update(ActivationLease).where(*ours, ~select(due.c.name).exists())
    released = release.values(token=null(), until=null()).returning(ActivationLease.activation_id)
    return question(select(due.c.name).add_cte(released.cte("released")))
