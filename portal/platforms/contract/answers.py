"""What a platform's answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from portal.messages import Wording, as_json

Json = dict[str, Any]


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
    NUMBER_RELEASED = "number_released"
    """The operator vouches no longer for it that the customer number is this dealer's."""
    BY_HAND = "by_hand"
    """Somebody wanted it so (a pause): no trouble, and nobody is notified."""


Options = tuple[tuple[str, str], ...]
"""Keys of a platform, each with its name there."""
MODEL_OTHER, MODEL_OF_GROUP = "model-other", "model-group"
"""Codes of hints: the platform lists a vehicle under no model, or under a group of models. Their options are
the models that it may be."""


@dataclass(frozen=True)
class Feedback:
    """One statement about a vehicle, by the platform or by our preflight in the same words.

    `field` names the attribute of `VehicleData` ("prices.selling") that causes it, where known.
    `text` says what to do; `platform_text` is what the platform wrote, cut and unescaped.
    """

    code: str
    text: Wording
    field: str | None = None
    platform_text: str = ""
    who: Actor = Actor.DEALER
    options: Options = ()
    """What the platform offers instead, the likeliest first."""

    def as_json(self) -> Json:
        """As the history keeps it."""
        offered = {"options": [list(option) for option in self.options]} if self.options else {}
        return offered | {
            "code": self.code,
            "text": as_json(self.text),
            "field": self.field,
            "platform_text": self.platform_text,
            "who": str(self.who),
        }


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its answer, for the history. `status` is None when no answer came."""

    method: str
    path: str
    status: int | None
    milliseconds: int
    error: Wording = ""

    def as_json(self) -> Json:
        return {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "milliseconds": self.milliseconds,
            "error": as_json(self.error),
        }


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
    look_again: float | None = None
    """Seconds after which the platform is asked whether what was wished of it (paid extras) applies."""


@dataclass(frozen=True)
class Pending:
    """Stored by the platform and not shown yet: it goes on by itself and is asked again (`Client.poll`).

    `after` in seconds: not asked before. `text` says what is waited for."""

    listing_id: str
    url: str
    text: Wording
    after: float = 60.0


@dataclass(frozen=True)
class Protected:
    """The dealer has locked the listing at the platform: nothing of it can be changed or deleted from here
    until the lock is taken off there. No refusal of the data, and nothing to try again."""

    feedback: Feedback


@dataclass(frozen=True)
class Rejected:
    feedback: tuple[Feedback, ...]


@dataclass(frozen=True)
class Gone:
    """The platform no longer knows the listing: success for a delete, a question for an update."""


@dataclass(frozen=True)
class Retry:
    """Not delivered. `after` in seconds when the platform asked for it (Retry-After)."""

    reason: Wording
    after: float | None = None
    platform_wide: bool = False


@dataclass(frozen=True)
class Stop:
    cause: StopCause
    detail: Wording


Outcome = Accepted | Pending | Protected | Rejected | Gone | Retry | Stop


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    exchanges: tuple[Exchange, ...] = ()


# A platform's own list of listings.


@dataclass(frozen=True)
class RemoteFacts:
    """What tells vehicles apart where neither number nor VIN does, in the platform's own spelling.

    `first_registration` is "2018-05", `price` an amount in euros ("16500.00"); empty: not said.
    """

    make: str = ""
    model: str = ""
    first_registration: str = ""
    mileage: int | None = None
    price: str = ""


@dataclass(frozen=True)
class RemoteListing:
    """One entry of the platform's own list."""

    listing_id: str
    internal_number: str
    vin: str
    url: str
    title: str
    data: Json = field(default_factory=dict, repr=False)
    facts: RemoteFacts = RemoteFacts()
    bookings: tuple[str, ...] | None = None
    """The paid extras that run there; None where the list does not say."""
    our_key: str = ""
    """Our lasting name of the vehicle (`Subject.key`), where the platform keeps it."""
    protected: bool = False
    """The dealer has locked it there: see `Protected`."""
    changed_at: datetime | None = None
    """When it was last changed, whoever did it; None where the list does not say."""


@dataclass(frozen=True)
class RemoteList:
    """The whole list or a reason why it could not be read whole; never a part."""

    listings: tuple[RemoteListing, ...] = ()
    failure: Stop | Retry | None = None


# The dealer's account at a platform, and the check of their customer number.


@dataclass(frozen=True)
class Account:
    """The dealer's account at the platform, as the platform describes it."""

    customer_number: str
    seller_key: str
    company_name: str = ""
    postal_code: str = ""
    """Of the company, where the platform tells it."""
    read_only: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    """For example `max_images`, `max_highlights`."""

    def as_json(self) -> Json:
        return {
            "customer_number": self.customer_number,
            "seller_key": self.seller_key,
            "company_name": self.company_name,
            "postal_code": self.postal_code,
            "read_only": self.read_only,
            "limits": dict(self.limits),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Account:
        return cls(**dict(data))


CustomerStatus = Literal[
    "ok", "unknown", "not_linked", "read_only", "credentials", "unavailable", "not_bound"
]
"""`not_bound` is never a platform's word: the operator has not vouched for the number yet."""


@dataclass(frozen=True)
class CustomerCheck:
    """Result of the live check of a customer number; `text` says what to do."""

    status: CustomerStatus
    text: Wording
    account: Account | None = None
    after: float | None = None
    """Seconds that an unavailable platform asks to be left alone (Retry-After)."""
