"""What a worker does for an activation while it holds the lease: one task after the other.

Each task says for which activations it is due, and runs itself. The tick rings for whatever is
due and not being seen to; a ring runs all tasks, those that have nothing to do return at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select

from portal.exports.core.lease import Lease, LeaseLost, hold
from portal.exports.core.runtime import Runtime

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """`due` selects the ids of activations; that they are not leased is asked by the tick itself."""

    name: str
    due: Callable[[], Select[UUID]]
    run: Callable[[Runtime, Lease], None]


def run_tasks(runtime: Runtime, activation_id: UUID, tasks: tuple[Task, ...]) -> bool:
    """Run the tasks under the lease; False when another worker holds it.

    One that trips over a bug keeps no other from its turn; afterwards the first error is raised.
    """
    with hold(runtime.sessions, activation_id) as lease:
        if lease is None:
            return False
        errors: list[Exception] = []
        for task in tasks:
            try:
                task.run(runtime, lease)
            except LeaseLost:
                log.warning("lease of %s was lost; another worker goes on", activation_id)
                return False
            except Exception as error:
                log.exception("%s of %s failed inside the portal", task.name, activation_id)
                errors.append(error)
    if errors:
        raise errors[0]
    return True
