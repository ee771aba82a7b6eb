"""The contract between the export engine and a marketplace.

A platform knows its wire and nothing else: no database, no queue, no Flask. What it needs
from outside (pictures, cached reference data) it is handed as a `Stores`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

from portal.platforms.fields import SettingField
from portal.vehicles.data import Kind, VehicleData

if TYPE_CHECKING:
    from portal.platforms.files import FileSide

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


@dataclass(frozen=True)
class RemoteList:
    """The whole list or a reason why it could not be read whole; never a part."""

    listings: tuple[RemoteListing, ...] = ()
    failure: Stop | Retry | None = None


@dataclass(frozen=True)
class Account:
    """The dealer's account at the platform, as the platform describes it."""

    customer_number: str
    seller_key: str
    company_name: str = ""
    read_only: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    """For example `max_images`, `max_highlights`."""

    def as_json(self) -> Json:
        return {
            "customer_number": self.customer_number,
            "seller_key": self.seller_key,
            "company_name": self.company_name,
            "read_only": self.read_only,
            "limits": dict(self.limits),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Account:
        return cls(**dict(data))


CustomerStatus = Literal["ok", "unknown", "not_linked", "read_only", "credentials", "unavailable"]


@dataclass(frozen=True)
class CustomerCheck:
    """Result of the live check of a customer number; `text` is German and says what to do."""

    status: CustomerStatus
    text: str
    account: Account | None = None


@dataclass(frozen=True)
class ImageRef:
    """A published picture in display order; `sha256` of the JPEG names its content."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Subject:
    """A vehicle as one activation sees it, at this moment."""

    vehicle: VehicleData
    location_code: str
    images: tuple[ImageRef, ...] = ()
    platform_price: str | None = None
    bookings: frozenset[str] = frozenset()
    """The paid extras that the dealer wants for it."""
    carried: frozenset[str] = frozenset()
    """Paid extras that run at the platform and stay: an update without them would drop them."""


@dataclass(frozen=True)
class Rules:
    """The dealer's settings that change what is sent (Settings → Export)."""

    export_vin: bool = True
    platform_prices: bool = True
    trade_ins: bool = True
    mild_hybrid_as: Literal["hybrid", "combustion"] = "combustion"


@dataclass(frozen=True)
class Prepared:
    """What would be sent. Blocked when `problems` is not empty; `hints` never block.

    `payload` is JSON; pictures appear in it as `{"sha256": …}` so that it is comparable
    before anything is uploaded.
    """

    payload: Json
    internal_number: str = ""
    """Our number at the platform, under which its own list shows the listing."""
    facts: RemoteFacts = RemoteFacts()
    """What its own list would show of the vehicle, in the same spelling."""
    bookings: frozenset[str] = frozenset()
    """The paid extras in it."""
    problems: tuple[Feedback, ...] = ()
    hints: tuple[Feedback, ...] = ()


class ImageStore(Protocol):
    """Pictures and what a platform account calls them. Safe to use from several threads."""

    def jpeg(self, sha256: str) -> bytes | None: ...

    def known_ref(self, account: str, sha256: str) -> str | None: ...

    def remember_ref(self, account: str, sha256: str, ref: str) -> None: ...

    def forget_ref(self, account: str, sha256: str) -> None: ...


class ReferenceStore(Protocol):
    """Cache of a platform's reference lists: (key, label) pairs by path."""

    def get(self, path: str) -> tuple[tuple[str, str], ...] | None:
        """The list if it was fetched within its lifetime."""

    def get_stale(self, path: str) -> tuple[tuple[str, str], ...] | None:
        """The list however old: better than none while the platform is down."""

    def put(self, path: str, values: Sequence[tuple[str, str]]) -> None: ...


@dataclass(frozen=True)
class Stores:
    images: ImageStore
    references: ReferenceStore


class Client(Protocol):
    """A connection to one account at the platform. Never retries; never raises for an answer."""

    def create(self, payload: Json, request_id: str) -> Answer: ...

    def update(self, listing_id: str, payload: Json) -> Answer: ...

    def delete(self, listing_id: str) -> Answer: ...

    def remote_listings(self) -> RemoteList: ...

    def close(self) -> None: ...


class Mapper(Protocol):
    """Vehicle + settings → payload and problems: the same vehicle gives the same payload.

    A reference list that a vehicle needs may be fetched on its first use; then, and only then,
    a call takes as long as a request and may raise ReferenceUnavailable.
    """

    def __call__(self, subject: Subject) -> Prepared: ...


class ReferenceUnavailable(Exception):
    """The platform's reference data could not be read and no copy is stored."""


class Platform(Protocol):
    """What a manifest's `connect` returns: the API side of an app."""

    def check_customer(self, number: str) -> CustomerCheck: ...

    def open(self, account: Account, stores: Stores) -> Client: ...

    def mapper(self, settings: Mapping[str, Any], account: Account, rules: Rules, stores: Stores) -> Mapper:
        """Load what the mapping needs (reference data) once. Raises ReferenceUnavailable."""

    def comparable(self, ad: Json) -> Json:
        """What can be compared of an ad, as we sent it or as the platform's list shows it, in one spelling.

        Without what is not ours (ids, dates, addresses of pictures) or changes by itself (paid extras).
        """


@dataclass(frozen=True)
class Booking:
    """A paid extra of the platform (Zusatzbuchung)."""

    code: str
    label: str


@dataclass(frozen=True)
class ExportApp:
    """The manifest: an entry of the app store."""

    slug: str
    name: str
    summary: str
    """One line, at most 80 characters."""
    kind: Literal["api", "file"]
    countries: tuple[str, ...]
    fields: tuple[SettingField, ...]
    connect: Callable[[Any], Platform] | None = None
    """API apps. Takes the process's `config.Settings`, typed loosely: platforms stay importable alone."""
    file: FileSide | None = None
    """File apps."""
    own_numbers: bool = False
    """The customer number is unique at a dealer only: the app reaches receivers that know nothing of each
    other."""
    composed: bool = False
    """What it sends is put together by the dealer, on the pages of the configurator."""
    included_in: str = ""
    """Slug of the app that reaches this platform too: shown in the store for its status, not activated."""
    parallel: int = 8
    bookings: tuple[Booking, ...] = ()
    idempotent_create: bool = True
    reconciles: bool = False
    """Its own list tells enough of each listing to match it with our stock before the first write."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """German names of payload paths ("price.consumerPriceGross"), for field differences."""
    sends: tuple[str, ...] = ()
    """What is transferred, for the details page: short German phrases."""
    rhythm: str = ""
    needs: tuple[str, ...] = ()
    """What the dealer does at the platform before activating, in order."""
    cost_notice: str = ""
    manual_url: str = ""
    icon: str = "car"
    kinds: tuple[Kind, ...] = tuple(Kind)
