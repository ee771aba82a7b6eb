"""What a platform's answer means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Actor(StrEnum):
    """Who must act so that a problem goes away."""

    DEALER = "dealer"
    PLATFORM = "platform"
    OPERATOR = "operator"


class StopCause(StrEnum):
    """Why a whole activation is stopped instead of its vehicles one by one. UNREACHABLE is found by the
    engine alone: the platform took nothing for days."""

    CREDENTIALS = "credentials"
    NOT_LINKED = "not_linked"
    UNKNOWN_CUSTOMER = "unknown_customer"
    READ_ONLY = "read_only"
    DELIVERY = "delivery"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Feedback:
    """One statement about a vehicle, by the platform or by our preflight in the same words.

    `field` names the attribute of `VehicleData` ("prices.selling") that causes it, where known.
    `text` is German and says what to do; `platform_text` is what the platform wrote, cut and unescaped.
    """

    code: str
    text: str
    field: str | None = None
    platform_text: str = ""
    who: Actor = Actor.DEALER


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its answer, for the history. `status` is None when no answer came."""

    method: str
    path: str
    status: int | None
    milliseconds: int
    error: str = ""


@dataclass(frozen=True)
class Accepted:
    listing_id: str
    url: str
    warnings: tuple[Feedback, ...] = ()
    booked: tuple[str, ...] | None = None
    """The paid extras that run now; None where the platform does not say: then those that were sent."""
    blocked: tuple[Feedback, ...] = ()
    existed: bool = False
    """The platform had this listing already (same idempotency key); what it holds may be older."""


@dataclass(frozen=True)
class Rejected:
    feedback: tuple[Feedback, ...]


@dataclass(frozen=True)
class Gone:
    """The platform no longer knows the listing: success for a delete, a question for an update."""


@dataclass(frozen=True)
class Retry:
    """Not delivered. `after` in seconds when the platform asked for it (Retry-After)."""

    reason: str
    after: float | None = None
    platform_wide: bool = False


@dataclass(frozen=True)
class Stop:
    cause: StopCause
    detail: str


Outcome = Accepted | Rejected | Gone | Retry | Stop


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    exchanges: tuple[Exchange, ...] = ()
