"""Dealers with released vehicles, and the changes that people would make in the portal."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.exports.drift import control
from portal.models import Activation, Publication, Vehicle
from portal.models.exports import ActivationState, Trigger
from portal.outbox import note_changes
from portal.vehicle_facts.data import Prices
from tests.builders import Build
from tests.chaos.ground import Ground
from tests.chaos.platforms import DEALERS, MOBILE_DE, ChaosPlatform, Seller, alone

PRICE, MILEAGE = 12_990, 64_500
"""Of every vehicle in the beginning."""


@dataclass
class Car:
    """A vehicle as it was committed last."""

    id: UUID
    number: str
    sellers: tuple[Seller, ...]
    price: int
    mileage: int
    online: bool = True


@dataclass
class Yard:
    ground: Ground
    cars: list[Car] = field(default_factory=list)
    activations: list[UUID] = field(default_factory=list)
    changes: int = 0
    refused: int = 0
    """Changes that had to be made again because the database was away."""

    @property
    def sellers(self) -> list[Seller]:
        return list(dict.fromkeys(seller for car in self.cars for seller in car.sellers))

    def wanted(self, seller: Seller) -> dict[str, tuple[str, int]]:
        """Price and mileage of what must be online there, by number."""
        return {
            car.number: (f"{car.price}.00", car.mileage)
            for car in self.cars
            if seller in car.sellers and car.online
        }

    def change(self, car: Car, choose: random.Random) -> None:
        """Prices mostly, sometimes the mileage, now and then off the market or back on it."""
        kind = choose.choices(("price", "mileage", "online"), (70, 12, 18))[0]
        if kind == "price":
            self._commit(car, price=choose.randrange(5_000, 60_000))
        elif kind == "mileage":
            self._commit(car, mileage=car.mileage + choose.randrange(1, 900))
        else:
            self._commit(car, online=not car.online)

    def set_online(self, cars: list[Car], online: bool) -> None:
        for car in cars:
            self._commit(car, online=online)

    def ask_for_checks(self) -> None:
        """As somebody's click on "Bestand prüfen" at every account."""

        def ask(session: Session) -> None:
            for activation_id in self.activations:
                control.request_check(
                    session, session.get_one(Activation, activation_id), None, Trigger.BY_HAND
                )

        self._until_committed(ask)

    def _commit(self, car: Car, **facts: int | bool) -> None:
        """As the web does it: one transaction, then the ring. Whoever gets an error does it again."""
        after = {"price": car.price, "mileage": car.mileage, "online": car.online, **facts}
        self._until_committed(lambda session: _write(session, car.id, after))
        car.price, car.mileage, car.online = after["price"], after["mileage"], bool(after["online"])
        self.changes += 1

    def _until_committed(self, write: Callable[[Session], None]) -> None:
        while True:
            try:
                with self.ground.runtime.sessions.begin() as session:
                    write(session)
                return
            except DBAPIError:
                self.refused += 1
                time.sleep(0.2)


def _write(session: Session, vehicle_id: UUID, after: dict[str, int | bool]) -> None:
    row = session.get_one(Vehicle, vehicle_id)
    facts = {"prices": Prices(selling=Decimal(int(after["price"]))), "mileage": int(after["mileage"])}
    row.set_facts(row.facts().model_copy(update=facts))
    row.online = bool(after["online"])
    session.execute(
        update(Publication)
        .where(Publication.vehicle_id == vehicle_id, Publication.price.is_not(None))
        .values(price=f"{int(after['price'])}.00")
    )
    note_changes(session, [vehicle_id])


def stock(ground: Ground, vehicles: int, dealers: Sequence[tuple[Seller, ...]] = DEALERS) -> Yard:
    """So many released vehicles at these dealers, each at all platforms of its dealer; all of them wait."""
    yard = Yard(ground)
    with ground.runtime.sessions() as session:
        build = Build(session)
        for index, sellers in enumerate(dealers):
            share = vehicles // len(dealers) + (index < vehicles % len(dealers))
            _move_in(yard, build, sellers, share)
    return yard


def stock_at(ground: Ground, vehicles: int, platform: ChaosPlatform = MOBILE_DE) -> Yard:
    """The same for one dealer who sells at this platform alone."""
    return stock(ground, vehicles, alone(platform))


def _move_in(yard: Yard, build: Build, sellers: tuple[Seller, ...], vehicles: int) -> None:
    dealer = build.dealer(f"Autohaus {sellers[0].number}")
    activations: list[Activation] = [
        build.activation(
            dealer,
            app=seller.platform.app,
            customer_number=seller.number,
            account=seller.account,
            settings=dict(seller.platform.settings),
            state=ActivationState.ACTIVE,
        )
        for seller in sellers
    ]
    rows = [build.vehicle(dealer) for _ in range(vehicles)]
    build.session.add_all(
        Publication(
            vehicle_id=row.id,
            activation_id=activation.id,
            released=True,
            price=f"{PRICE}.00" if seller.platform.own_prices else None,
        )
        for row in rows
        for activation, seller in zip(activations, sellers, strict=True)
    )
    note_changes(build.session, [row.id for row in rows])
    build.session.commit()
    yard.activations += [activation.id for activation in activations]
    yard.cars += [Car(row.id, row.offer_number, sellers, PRICE, MILEAGE) for row in rows]
