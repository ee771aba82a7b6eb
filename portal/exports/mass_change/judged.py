"""What the guard has judged is remembered by a worker from slice to slice, while nothing new has come: else
each slice of a large stock would look at all that still waits.

A change that nobody could see yet may have been noted before those that were judged. So what is remembered
begins with the oldest transaction that was writing then.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.exports.mass_change.clearance import Clearance
from portal.exports.planning.cases import ExportContext
from portal.exports.planning.queue import changed_since

KEPT_FOR = 300.0
"""Seconds; the rule speaks of a window that moves on."""
MOST_KEPT = 4
"""Of a large stock it names each vehicle."""


@dataclass(frozen=True)
class Judged:
    clearance: Clearance
    assumptions: tuple[Any, ...]
    before: datetime
    """All that was noted before this moment was looked at."""
    until: float
    """By the steady counter of the machine."""


Judgements = MutableMapping[UUID, Judged]
"""By activation."""


def visible_before(session: Session) -> datetime:
    """Whatever was noted before this moment is committed, or never will be. Ask at the beginning of the
    transaction that looks."""
    moment: datetime = session.execute(_VISIBLE_BEFORE).scalar_one()
    return moment


_VISIBLE_BEFORE = text(
    """
    SELECT least(now(), min(xact_start)) - interval '1 second' FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL
    """
)


def remember(kept: Judgements, context: ExportContext, clearance: Clearance, before: datetime) -> None:
    kept.pop(context.activation.id, None)
    while len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]
    until = time.monotonic() + KEPT_FOR
    kept[context.activation.id] = Judged(clearance, context.assumptions(), before, until)


def still_holds(session: Session, kept: Judgements, context: ExportContext) -> Clearance | None:
    """None where it has to be judged anew."""
    activation_id = context.activation.id
    found = kept.get(activation_id)
    if found is None or found.until < time.monotonic() or found.assumptions != context.assumptions():
        return None
    newer = session.scalar(select(changed_since(activation_id, found.before)))
    return None if newer else found.clearance
