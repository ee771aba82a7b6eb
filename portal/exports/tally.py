"""How far a full transfer is, counted from its transfers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from portal.models.exports import Transfer, TransferState
from portal.models.runs import Run

LATER = "later"


@dataclass(frozen=True)
class Tally:
    """Vehicles of a run by what became of them. `later` wait for another attempt or for a lock;
    `released` were taken out of the run before they were sent."""

    total: int = 0
    waiting: int = 0
    later: int = 0
    sending: int = 0
    ok: int = 0
    warning: int = 0
    rejected: int = 0
    failed: int = 0
    discarded: int = 0
    released: int = 0

    @property
    def open(self) -> int:
        return self.waiting + self.later + self.sending

    @property
    def done(self) -> int:
        return self.total - self.open - self.released

    @property
    def ended(self) -> int:
        """Those with a result."""
        return self.ok + self.warning + self.rejected + self.failed + self.discarded

    @property
    def untouched(self) -> int:
        """There was nothing to send, or preflight found what the platform would refuse: their rows vanish."""
        return max(0, self.done - self.ended)


def tally(session: Session, run: Run) -> Tally:
    """One query while it lasts; a run that is over carries its counts itself."""
    released = int(run.counts.get("released", 0))
    if run.finished_at is not None:
        return Tally(
            total=run.total,
            ok=run.accepted,
            warning=run.hinted,
            rejected=run.rejected,
            failed=run.failed,
            discarded=int(run.counts.get("discarded", 0)),
            released=released,
        )
    waits = Transfer.state == TransferState.WAITING
    later = waits & (func.coalesce(Transfer.not_before > func.now(), False) | Transfer.held)
    bucket = case((later, LATER), else_=Transfer.state)
    counted = select(bucket, func.count()).where(Transfer.run_id == run.id).group_by(bucket)
    found: dict[str, int] = {row[0]: row[1] for row in session.execute(counted)}
    return Tally(total=run.total, released=released, **found)
