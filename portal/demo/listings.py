"""What one demo dealer had put on the German marketplaces before he found the portal: 45 listings on each.

Some stand there under the numbers of his stock, some under others, some without a VIN and with an older
mileage, some are of cars that he does not have any more. So the reconciliation has something to ask.
They are put in through the platform's own interface, each with an insertion id of its own where there is
such a thing: a second start makes none of them twice, and none that was deleted comes back. Elsewhere they
are put into an empty account only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from config import Settings
from portal.models import Activation, Dealer, Vehicle
from portal.platforms import connect, get_app
from portal.platforms.contract import (
    Accepted,
    Account,
    Client,
    Json,
    Mapper,
    Platform,
    Prepared,
    Rules,
    Stores,
    Subject,
)
from portal.platforms.contract.fields import defaults


@dataclass(frozen=True)
class Market:
    """A platform with the dealer's number there, and what its payloads call our number."""

    app: str
    number: str
    number_member: str
    our_key: str = ""
    """Member with our lasting key, which nobody knew then."""

    def ads(self, session: Session, mapper: Mapper) -> Iterator[Json]:
        own = _complete(session, mapper, DEALER, SAME + OTHER_NUMBER + WITHOUT_VIN)
        for index, prepared in enumerate(own):
            yield self._aged(self._plain(prepared.payload), index)
        for index, prepared in enumerate(_complete(session, mapper, ANOTHER, NOT_HERE)):
            yield self._plain(prepared.payload) | {self.number_member: f"ALT-{index + 1}"}

    def _aged(self, ad: Json, index: int) -> Json:
        """As it was put in some weeks ago."""
        if index < SAME:
            return ad
        ad[self.number_member] = f"K-{4000 + index}"
        if index >= SAME + OTHER_NUMBER:
            ad.pop("vin", None)
            ad["mileage"] = max(0, ad["mileage"] - OLDER * (index - SAME - OTHER_NUMBER + 1))
        return ad

    def _plain(self, payload: Json) -> Json:
        """Without pictures, the marketplace has none of them yet, and without our key."""
        return {name: value for name, value in payload.items() if name not in ("images", self.our_key)}


MOBILE_DE = Market("mobile-de", "4711002", "internalNumber")
AUTOSCOUT24 = Market("autoscout24", "2142000472", "offerReferenceId", "crossReferenceId")
MARKETS = (MOBILE_DE, AUTOSCOUT24)
PayloadPairs = tuple[tuple[str, str], ...]
DEALER, ANOTHER = "sonnenschein", "muster"
SAME, OTHER_NUMBER, WITHOUT_VIN, NOT_HERE = 22, 9, 8, 6
"""How many match by number, by VIN, only by their facts, and not at all: 45."""
OLDER = 37
"""Kilometres that a mileage lags behind, times the place in the list: always less than 500."""


def place(session: Session, settings: Settings, market: Market = MOBILE_DE) -> int:
    """Put them in, unless the dealer works with the app already; returns how many there are."""
    dealer = session.scalar(select(Dealer).where(Dealer.key == DEALER))
    if dealer is None:
        return 0
    of_dealer = exists().where(Activation.dealer_id == dealer.id, Activation.app == market.app)
    if session.scalar(select(of_dealer)):
        return 0
    platform = connect(market.app, settings)
    account = platform.check_customer(market.number).account
    if account is None:
        return 0
    with_numbers = _Placing(platform, account, market)
    try:
        if there := with_numbers.there():
            return there
        ads = list(market.ads(session, with_numbers.mapper))
        return sum(with_numbers.put(index, ad) for index, ad in enumerate(ads))
    finally:
        with_numbers.client.close()


class _Placing:
    def __init__(self, platform: Platform, account: Account, market: Market) -> None:
        stores, self._app = Stores(_NoPictures(), _Lists()), get_app(market.app)
        self.client: Client = platform.open(account, stores)
        self.mapper: Mapper = platform.mapper(defaults(self._app.fields), account, Rules(), stores)

    def there(self) -> int:
        """Listings in the account, asked where a second creation would make a second listing."""
        return 0 if self._app.idempotent_create else len(self.client.remote_listings().listings)

    def put(self, index: int, ad: Json) -> bool:
        return isinstance(self.client.create(ad, f"demo-{index}").outcome, Accepted)


def _complete(session: Session, mapper: Mapper, key: str, count: int) -> Sequence[Prepared]:
    """The first of a dealer's used vehicles that the platform takes."""
    vehicles = session.scalars(
        select(Vehicle)
        .join(Dealer, Dealer.id == Vehicle.dealer_id)
        .where(Dealer.key == key, Vehicle.kind == "used", Vehicle.online, Vehicle.withdrawn_at.is_(None))
        .order_by(Vehicle.offer_number)
    )
    prepared = (mapper(Subject(vehicle.facts(), "")) for vehicle in vehicles)
    return [one for one in prepared if not one.problems and one.facts.first_registration][:count]


class _NoPictures:
    def jpeg(self, sha256: str) -> bytes | None:  # noqa: ARG002  # the port of a platform
        return None

    def known_ref(self, account: str, sha256: str) -> str | None:  # noqa: ARG002
        return None

    def remember_ref(self, account: str, sha256: str, ref: str) -> None: ...

    def forget_ref(self, account: str, sha256: str) -> None: ...


@dataclass
class _Lists:
    """Reference lists, for as long as this takes."""

    lists: dict[str, PayloadPairs] = field(default_factory=dict)

    def get(self, path: str) -> PayloadPairs | None:
        return self.lists.get(path)

    def get_stale(self, path: str) -> PayloadPairs | None:
        return self.lists.get(path)

    def put(self, path: str, values: Sequence[tuple[str, str]]) -> None:
        self.lists[path] = tuple(values)
