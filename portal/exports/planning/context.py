"""What a run assumes about its activation, and the check that it still holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from portal.exports.core.lease import Lease, LeaseLost
from portal.exports.planning.cases import rules_of
from portal.models.exports import Activation, ActivationState
from portal.platforms.contract import Account, Rules

MAY_LOOK = (ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.CLOSING)


class Outdated(Exception):
    """The activation or its dealer's settings changed during the run: begin anew with them."""


@dataclass(frozen=True)
class ExportContext:
    activation: Activation
    """Detached, as it was when the run began."""
    account: Account
    rules: Rules

    @property
    def locked(self) -> bool:
        return self.activation.state == ActivationState.LOCKED

    def assumptions(self) -> tuple[Any, ...]:
        activation = self.activation
        return activation.state, activation.settings, activation.account, self.rules

    def guard(self, session: Session, lease: Lease, *, to_change: bool = False) -> None:
        """Assert until the commit that the lease is ours and nothing that was assumed has changed.

        `to_change` takes the lock for writing at once: from reading to writing two would wait for
        each other.

        Without it a change of settings could be lost: its rows would be sent in the old form
        and be done with. Raises LeaseLost or Outdated.
        """
        lock: dict[str, Any] = {"of": Activation, "key_share": to_change, "read": not to_change}
        found = _load(session, _by_id(lease.activation_id).with_for_update(**lock))
        if found is None or found.activation.lease_token != lease.token:
            raise LeaseLost(lease.activation_id)
        if found.assumptions() != self.assumptions():
            raise Outdated(lease.activation_id)


def sendable_context(session: Session, activation_id: UUID) -> ExportContext | None:
    """The context if the activation may look at what waits: live, not stopped, not paused.

    While it is locked, what waits is looked at too: the deviation may be gone.
    """
    statement = _by_id(activation_id).where(
        Activation.state.in_(MAY_LOOK),
        func.coalesce(Activation.paused_until, func.now()) <= func.now(),
    )
    return _load(session, statement)


def _by_id(activation_id: UUID) -> Select[Activation]:
    return (
        select(Activation)
        .where(Activation.id == activation_id)
        .options(selectinload(Activation.dealer))
        .execution_options(populate_existing=True)
    )


def _load(session: Session, statement: Select[Activation]) -> ExportContext | None:
    activation = session.scalars(statement).one_or_none()
    if activation is None:
        return None
    context = ExportContext(activation, Account.from_json(activation.account), rules_of(activation.dealer))
    session.expunge(activation)
    return context
