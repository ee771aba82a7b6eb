"""What whoever acts in a database session may cause there, asked where it takes effect.

Pages hide what somebody may not do; that alone holds nothing. Whichever way leads to it (form, draft, list,
link), the function that does a thing asks here first. The session of a worker or a command has no mandate, so
it may all: what it carries out was decided by somebody before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

MANDATE = "mandate"
"""In `Session.info`: a function that says in whose name the session acts just now."""


@dataclass(frozen=True)
class Mandate:
    may_cost: bool = True
    """May cause what the platform charges: paid extras, new listings in place of old ones."""
    is_dealer: bool = True
    """May say where data, mails and secrets of the dealer go."""


FULL = Mandate()


class RefusalCause(StrEnum):
    CONSENT = "consent"
    DEALER = "dealer"


class Refused(Exception):
    """Raised before anything was written."""

    def __init__(self, cause: RefusalCause) -> None:
        super().__init__(cause)
        self.cause = cause


def demand_consent(session: Session) -> None:
    """For whatever can cost the dealer money. Raises Refused."""
    if not _mandate(session).may_cost:
        raise Refused(RefusalCause.CONSENT)


def demand_dealer(session: Session) -> None:
    """For what nobody does in the dealer's place. Raises Refused."""
    if not _mandate(session).is_dealer:
        raise Refused(RefusalCause.DEALER)


def _mandate(session: Session) -> Mandate:
    current: Callable[[], Mandate] | None = session.info.get(MANDATE)
    return current() if current else FULL
