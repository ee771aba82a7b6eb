"""The words by which the engine says where something stands. What people read: portal/web/states.py."""

from __future__ import annotations

from enum import StrEnum


class ActivationState(StrEnum):
    """RECONCILING: our stock and the platform's are matched first, nothing is sent before.
    LOCKED: a stock deviation was too large; what waits is held until somebody approves it.
    CLOSING: deactivated with deletion; the engine removes every listing, then it is DEACTIVATED."""

    DRAFT = "draft"
    RECONCILING = "reconciling"
    ACTIVE = "active"
    LOCKED = "locked"
    STOPPED = "stopped"
    CLOSING = "closing"
    DEACTIVATED = "deactivated"


AT_WORK = (ActivationState.RECONCILING, ActivationState.ACTIVE, ActivationState.LOCKED)
"""Neither stopped nor ending: its platform may be asked. Of what buyers do not see (a trial, the rating of a
price) neither a lock nor an open reconciliation stands in the way."""
SERVED = (*AT_WORK, ActivationState.STOPPED)
"""What is released there should be online there, now or as soon as the activation may send."""
LIVE = (*SERVED, ActivationState.CLOSING)
"""Changes are noted for these."""


class ListingState(StrEnum):
    """ABSENT: not at the platform. CREATING: a create may be on its way, its outcome is unknown.
    MISSING: the platform answered 404 to an update; only its whole list can say that it is gone."""

    ABSENT = "absent"
    CREATING = "creating"
    ONLINE = "online"
    MISSING = "missing"


class TransferState(StrEnum):
    """Each has a written definition in the interface (templates/history). PENDING: the platform has it and
    goes on by itself; it is asked what became of it."""

    WAITING = "waiting"
    SENDING = "sending"
    PENDING = "pending"
    OK = "ok"
    WARNING = "warning"
    REJECTED = "rejected"
    FAILED = "failed"
    DISCARDED = "discarded"


class Trigger(StrEnum):
    CHANGE = "change"
    SCHEDULE = "schedule"
    BY_HAND = "by_hand"
    SUPPORT = "support"


class RunKind(StrEnum):
    """FULL: the whole stock is sent again over the API. CHECK: the platform's list is compared with ours.
    TRIAL: one vehicle is sent where nobody sees it (exports/trial_transfer.py). RELEASE: a large stock is
    released after its app was activated (exports/lifecycle/releasing.py)."""

    FILE = "file"
    FULL = "full"
    RECONCILIATION = "reconciliation"
    CHECK = "check"
    TRIAL = "trial"
    RELEASE = "release"


class RunState(StrEnum):
    """WAITING: nobody has begun. HELD: a file that was not published, the last good one stays.
    PARTIAL: ended, but not for all of its vehicles."""

    WAITING = "waiting"
    RUNNING = "running"
    HELD = "held"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LockRule(StrEnum):
    """What made the brake say stop. EMPTIED: nothing of the inventory is left. TRUNCATED: the last
    import was cut short."""

    DELETIONS = "deletions"
    CREATIONS = "creations"
    EMPTIED = "emptied"
    TRUNCATED = "truncated"


class LockEnd(StrEnum):
    """HEALED: the deviation vanished by itself. ENDED: the app was deactivated or stopped for good."""

    APPROVED = "approved"
    DISCARDED = "discarded"
    HEALED = "healed"
    ENDED = "ended"


class AppKind(StrEnum):
    """API: vehicle by vehicle, as they change. FILE: the whole stock, by a schedule."""

    API = "api"
    FILE = "file"
