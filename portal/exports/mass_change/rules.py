"""The lock rule: whether a planned set of transfers is a stock deviation too large to send. Pure.

Asked before the first request (spec: Bestandsabweichung). Deletions lose a dealer enquiries, creations
cost money, so both are counted, over what waits and what was done in the last 24 hours since the last
approval: a slow bleed stops as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from config import Settings
from portal.models.exports import LockRule

GUARD_WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class GuardLimits:
    """What passes without a question: a fixed number, or a share (percent) of what is online."""

    deletions: int = 5
    deletion_percent: int = 10
    creations: int = 10
    creation_percent: int = 20


def guard_limits(settings: Settings) -> GuardLimits:
    return GuardLimits(
        settings.lock_deletions,
        settings.lock_deletion_percent,
        settings.lock_creations,
        settings.lock_creation_percent,
    )


@dataclass(frozen=True)
class Deviation:
    """A planned set beside what is online. `…_done` were carried out in the window that counts."""

    online: int
    """Listings online now, before anything of the set is sent."""
    deletions: int = 0
    creations: int = 0
    """Planned, those that wait for another attempt included."""
    deletions_done: int = 0
    creations_done: int = 0
    online_again: int = 0
    """Deletions done that are no loss any more: their vehicle is online again, or went a second time."""
    approved_deletions: int = 0
    approved_creations: int = 0
    """Ceilings of an approval in this window, for planned and done together."""
    approved_empty: bool = False
    first: bool = False
    """The first transfer after an activation: the dealer saw how many are new, and confirmed them."""
    truncated: bool = False
    """The last complete import was probably cut short."""

    @property
    def all_deletions(self) -> int:
        return self.deletions + self.deletions_done

    @property
    def all_creations(self) -> int:
        return self.creations + self.creations_done

    @property
    def before(self) -> int:
        """Listings online when the window began, as far as they count: what is gone already belongs to it."""
        return self.online + self.deletions_done - self.online_again

    @property
    def empties(self) -> bool:
        return self.deletions > 0 and self.online - self.deletions + self.creations <= 0


@dataclass(frozen=True)
class GuardBreach:
    """The guard holds. The limits are those that applied, ceilings of an approval included."""

    rule: LockRule
    deletion_limit: int
    creation_limit: int


def judge(deviation: Deviation, limits: GuardLimits) -> GuardBreach | None:
    """None: go. An emptied or cut inventory always stops, however small it is."""
    deletion_limit = _ceiling(
        share(limits.deletions, limits.deletion_percent, deviation.before),
        share(limits.deletions, limits.deletion_percent, deviation.online),
        deviation.approved_deletions,
        deviation.deletions_done,
    )
    creation_limit = _ceiling(
        share(limits.creations, limits.creation_percent, deviation.before),
        share(limits.creations, limits.creation_percent, deviation.online),
        deviation.approved_creations,
        deviation.creations_done,
    )
    may_empty = deviation.approved_empty and deviation.all_deletions <= deviation.approved_deletions
    if deviation.empties and not may_empty:
        rule = LockRule.EMPTIED
    elif deviation.truncated and deviation.deletions:
        rule = LockRule.TRUNCATED
    elif deviation.deletions and deviation.all_deletions > deletion_limit:
        rule = LockRule.DELETIONS
    elif deviation.creations and not deviation.first and deviation.all_creations > creation_limit:
        rule = LockRule.CREATIONS
    else:
        return None
    return GuardBreach(rule, deletion_limit, creation_limit)


def _ceiling(normal: int, normal_now: int, approved: int, done: int) -> int:
    """An approval is a ceiling until it has been carried out; from there the ordinary allowance counts
    anew."""
    if approved and done >= approved:
        return approved + normal_now
    return max(normal, approved)


def share(floor: int, percent: int, of: int) -> int:
    """The larger of a fixed number and a share, rounded up."""
    return max(floor, -(-of * percent // 100))
