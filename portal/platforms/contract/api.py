"""The API side of an app, and the ports through which it reaches what it may not touch itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from portal.platforms.contract.answers import (
    Account,
    Answer,
    CustomerCheck,
    Json,
    Rejected,
    RemoteList,
    RemoteListing,
    Retry,
    Stop,
)
from portal.platforms.contract.figures import FiguresReport, PriceRating
from portal.platforms.contract.subject import Prepared, Rules, Subject


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
class Token:
    """What an operator's credentials were exchanged for. `expires_at` by our clock: it is used no longer,
    though the platform may take it a little longer."""

    text: str = field(repr=False)
    expires_at: datetime


class TokenStore(Protocol):
    """The token that all processes of the portal share; read anew each time, kept sealed."""

    def get(self) -> Token | None: ...

    def put(self, token: Token) -> None: ...


class ProcessTokens:
    """For a process that shares its token with no other."""

    def __init__(self) -> None:
        self._token: Token | None = None

    def get(self) -> Token | None:
        return self._token

    def put(self, token: Token) -> None:
        self._token = token


@dataclass(frozen=True)
class Stores:
    images: ImageStore
    references: ReferenceStore
    tokens: TokenStore = field(default_factory=ProcessTokens)


class Client(Protocol):
    """A connection to one account at the platform. Never retries; never raises for an answer."""

    def create(self, payload: Json, request_id: str) -> Answer: ...

    def update(self, listing_id: str, payload: Json) -> Answer: ...

    def delete(self, listing_id: str) -> Answer: ...

    def remote_listings(self) -> RemoteList: ...

    def poll(self, listings: Mapping[str, Json]) -> Mapping[str, Answer]:
        """What became of listings that were `Pending`, or were to be looked at again, by their ids; the
        payloads are those that were sent. Asked of platforms that answer so."""

    def details(self, listing_ids: Sequence[str]) -> Mapping[str, RemoteListing] | Retry | Stop:
        """Whole listings by their ids, where `remote_listings` is a summary; what has vanished is missing."""

    def figures(self, listing_ids: Sequence[str]) -> FiguresReport:
        """How these listings do; what has vanished is missing. Asked of platforms that tell
        (`ExportApp.figures_at_once`)."""

    def close(self) -> None: ...


class RatingClient(Client, Protocol):
    """Where the platform rates prices before anything is published (`ExportApp.rates_prices`)."""

    def rate_price(self, payload: Json) -> PriceRating | Rejected | Retry | Stop:
        """What buyers would be told of this price. Uploads nothing; takes some seconds."""


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

    def find_account(self, number: str) -> Account | None:
        """The account behind a number as the operator's own master data name it, without a look into it:
        the same work for every number, so that the time taken tells nothing of a stranger's."""

    def open(self, account: Account, stores: Stores) -> Client: ...

    def mapper(self, settings: Mapping[str, Any], account: Account, rules: Rules, stores: Stores) -> Mapper:
        """Load what the mapping needs (reference data) once. Raises ReferenceUnavailable."""

    def comparable(self, ad: Json) -> Json:
        """What can be compared of an ad, as we sent it or as the platform's list shows it, in one spelling.

        Without what is not ours (ids, dates, addresses of pictures) or changes by itself (paid extras).
        """


class TrialPlatform(Platform, Protocol):
    """A platform that keeps listings of trials apart from the real ones (`ExportApp.keeps_trials_apart`)."""

    def open_for_trials(self, account: Account, stores: Stores) -> Client:
        """A connection whose listings are stored and never shown; it sees no others."""
