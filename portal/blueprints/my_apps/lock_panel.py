"""What the panel and the page behind the link show of a lock."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import any_, func, or_, select

from portal.exports.mass_change import read
from portal.exports.mass_change.clearance import COSTLY_ONLY, SCOPE
from portal.exports.mass_change.read import LockView
from portal.exports.mass_change.rules import GuardLimits, guard_limits, share
from portal.extensions import db
from portal.models import Activation, Lock, User
from portal.web.access import may

MOST_NAMED = 5
MAY_BE_OPEN = ("locked", "stopped")
"""States of an activation in which a lock can be open."""


@dataclass(frozen=True)
class Panel:
    """A lock with the constants of the rule. `deciders`: who may lift it, where the reader may not."""

    view: LockView
    limits: GuardLimits
    deciders: tuple[str, ...] = ()

    @property
    def lock(self) -> Lock:
        return self.view.lock

    @property
    def of_file(self) -> bool:
        """What is held back is a file of the whole stock, not single transfers."""
        return self.lock.run_id is not None

    @property
    def costly_only(self) -> bool:
        """Changes that cost nothing go out all the same."""
        return self.view.activation.settings.get(SCOPE) == COSTLY_ONLY

    @property
    def deletions_approved(self) -> bool:
        """Whether the limit is the ceiling of an approval, not what is normal."""
        limits = self.limits
        normal = share(limits.deletions, limits.deletion_percent, self.lock.online)
        return self.lock.deletion_limit > normal

    @property
    def creations_approved(self) -> bool:
        limits = self.limits
        normal = share(limits.creations, limits.creation_percent, self.lock.online)
        return self.lock.creation_limit > normal


def load(activation: Activation, page: int = 0) -> Panel | None:
    """The panel of the open lock: no query where there can be none."""
    if activation.state not in MAY_BE_OPEN:
        return None
    view = read.open_view(db.session(), activation, page)
    if view is None:
        return None
    return panel_of(view, () if may("unlock") else _deciders(activation))


def panel_of(view: LockView, deciders: tuple[str, ...] = ()) -> Panel:
    return Panel(view, guard_limits(current_app.extensions["settings"]), deciders)


def _deciders(activation: Activation) -> tuple[str, ...]:
    """Names of those who may lift it there."""
    everywhere = func.cardinality(User.location_ids) == 0
    here = or_(everywhere, any_(User.location_ids) == activation.location_id)
    names = (
        select(func.coalesce(func.nullif(User.name, ""), User.login))
        .where(User.dealer_id == activation.dealer_id, User.active, any_(User.rights) == "unlock", here)
        .order_by(User.name, User.login)
        .limit(MOST_NAMED)
    )
    return tuple(db.session.scalars(names))
