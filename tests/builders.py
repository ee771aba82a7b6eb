"""Builders: a test says what matters to it, the rest is plausible.

Alice owns Autohaus Alice, Bob is her colleague with few rights, Charlie belongs to
another dealer, Sam is a support agent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.calendar import today
from portal.models import (
    Activation,
    ActivationLease,
    CustomerNumber,
    Dealer,
    Listing,
    ListingDay,
    Location,
    Publication,
    Transfer,
    User,
    Vehicle,
)
from portal.models.accounts import RIGHTS
from portal.models.customer_numbers import NumberState
from portal.models.exports import ActivationState, ListingState
from portal.platforms import APPS
from portal.security.passwords import hash_password
from portal.vehicle_facts.data import BodyType, Fuel, Gearbox, Prices, VehicleData

_numbers = count(1)
NUMBERS = {
    "mobile-de": ("4711001", "4711002", "4711003", "4711004", "999"),
    "autoscout24": ("2142000471", "2142000473"),
    "autoscout24-ch": ("4601", "4602", "4603"),
}
"""Bound to the first dealer of a test: Alice's, whom everything else goes by. Charlie has none."""
_BIND = insert(CustomerNumber.__table__).on_conflict_do_nothing()
"""Without its values: so it is compiled once for all dealers of all tests."""
PASSWORD = "correct horse battery"
_hash = cache(hash_password)


def golf(**facts: Any) -> VehicleData:
    """A used petrol Golf that every platform takes."""
    plausible: dict[str, Any] = {
        "offer_number": f"A{next(_numbers):05}",
        "vin": "WVWZZZ1KZAW000001",
        "make": "VW",
        "model": "Golf",
        "model_description": "1.4 TSI Comfortline",
        "body_type": BodyType.SALOON,
        "first_registration": "2018-05",
        "mileage": 64_500,
        "power": 92,
        "displacement": 1395,
        "fuel": Fuel.PETROL,
        "gearbox": Gearbox.MANUAL,
        "damaged": False,
        "prices": Prices(selling=Decimal("12990")),
    }
    return VehicleData(**(plausible | facts))


class Build:
    """Adds rows to the session and commits them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._save = session.commit

    def _add(self, row: Any) -> Any:
        self.session.add(row)
        self._save()
        return row

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is built inside is committed together, at the end."""
        before, self._save = self._save, self.session.flush
        try:
            yield
        finally:
            self._save = before
        self._save()

    def dealer(self, name: str = "Autohaus Alice", code: str = "HH") -> Dealer:
        number = next(_numbers)
        dealer = Dealer(key=f"dealer-{number}", name=name)
        dealer.locations = [Location(code=code, name="Hamburg", city="Hamburg")]
        self.session.add(dealer)
        self.session.flush()
        free = [
            {"platform": platform, "number": number, "dealer_id": dealer.id, "state": NumberState.BOUND}
            for platform, numbers in NUMBERS.items()
            for number in numbers
        ]
        self.session.execute(_BIND, free)
        self._save()
        return dealer

    def location(self, dealer: Dealer, code: str) -> Location:
        """A further location of the dealer."""
        return self._add(Location(dealer_id=dealer.id, code=code, name=f"Filiale {code}"))

    def user(self, login: str, dealer: Dealer | None, rights: tuple[str, ...] = RIGHTS, **more: Any) -> User:
        if more.get("role") == "support":  # Agents need a second factor before anything else.
            more = {"totp_confirmed_at": datetime.now(UTC)} | more
        row = User(
            login=login, name=login.title(), password_hash=_hash(PASSWORD), rights=list(rights), **more
        )
        row.dealer_id = dealer.id if dealer else None
        return self._add(row)

    def alice(self, dealer: Dealer) -> User:
        return self.user("alice", dealer)

    def bob(self, dealer: Dealer) -> User:
        return self.user("bob", dealer, rights=("view",))

    def charlie(self) -> User:
        return self.user("charlie", self.dealer("Autohaus Charlie", code="CH"))

    def sam(self) -> User:
        return self.user("sam", None, rights=(), role="support")

    def vehicle(
        self, dealer: Dealer, facts: VehicleData | None = None, *, online: bool = True, **changed: Any
    ) -> Vehicle:
        row = Vehicle(dealer_id=dealer.id, location_id=dealer.locations[0].id, online=online)
        row.set_facts(facts or golf(**changed))
        return self._add(row)

    def activation(self, dealer: Dealer, **columns: Any) -> Activation:
        plausible: dict[str, Any] = {
            "location_id": dealer.locations[0].id,
            "app": "mobile-de",
            "customer_number": "4711001",
            "state": ActivationState.ACTIVE,
            "activated_at": datetime.now(UTC),
            "next_check_at": datetime.now(UTC) + timedelta(hours=6),
            "account": {"customer_number": "4711001", "seller_key": "1000471", "company_name": dealer.name},
        }
        app = columns.get("app", plausible["app"])
        plausible["kind"] = APPS[app].kind if app in APPS else "api"
        row = Activation(dealer_id=dealer.id, **(plausible | columns))
        return self._add(row)

    def lease(self, activation: Activation, until: datetime | None = None) -> ActivationLease:
        """A worker is at it; without `until` it has given back."""
        token = uuid4() if until else None
        return self._add(ActivationLease(activation_id=activation.id, token=token, until=until))

    def bind(self, dealer: Dealer, number: str = "4711001", platform: str = "mobile-de") -> CustomerNumber:
        """The operator has vouched for it that the number is the dealer's."""
        claim = CustomerNumber(platform=platform, number=number, dealer_id=dealer.id)
        claim.state, claim.grounds = NumberState.BOUND, "operator"
        return self._add(claim)

    def release(self, vehicle: Vehicle, activation: Activation, **columns: Any) -> Publication:
        return self._add(
            Publication(vehicle_id=vehicle.id, activation_id=activation.id, **({"released": True} | columns))
        )

    def listing(self, vehicle: Vehicle, activation: Activation, **columns: Any) -> Listing:
        plausible: dict[str, Any] = {
            "state": ListingState.ONLINE,
            "listing_id": str(30_000_000 + next(_numbers)),
        }
        return self._add(Listing(vehicle_id=vehicle.id, activation_id=activation.id, **(plausible | columns)))

    def figures(self, listing: Listing, days: int = 3) -> None:
        """As a platform told them, each day some more, up to today."""
        rating = {
            "label": "fair",
            "price": "9990",
            "market_price": "10000",
            "ranges": [["good", "9001", "9700"], ["fair", "9701", None]],
            "reason": "",
        }
        listing.price_label, listing.price_rating = "fair", rating
        for back in range(days):
            counted = 100 * (days - back)
            self._add(
                ListingDay(
                    listing_id=listing.id,
                    day=today() - timedelta(days=back),
                    impressions=counted,
                    parkings=counted // 20,
                    price=Decimal(9_990),
                    price_label="fair",
                )
            )

    def only_listing(self) -> Listing:
        """The one listing there is, as it is in the database now."""
        self.session.expire_all()
        return self.session.scalars(select(Listing)).one()

    def transfer(self, vehicle: Vehicle, activation: Activation, **columns: Any) -> Transfer:
        return self._add(
            Transfer(
                vehicle_id=vehicle.id, activation_id=activation.id, location_id=vehicle.location_id, **columns
            )
        )

    def not_taken(
        self,
        vehicle: Vehicle,
        activation: Activation,
        *feedback: Any,
        result: str = "rejected",
        **columns: Any,
    ) -> Listing:
        """What a last transfer leaves that was rejected or failed; `columns` are those of the listing."""
        row = self.transfer(vehicle, activation, state=result, feedback=list(feedback))
        last = {"last_result": result, "last_feedback": list(feedback), "last_transfer_id": row.id}
        return self.listing(vehicle, activation, **({"state": ListingState.ABSENT} | last | columns))


def fresh(session: Session, kind: type[Any], key: UUID) -> Any:
    """The row as it is in the database now."""
    session.expire_all()
    return session.get(kind, key)
