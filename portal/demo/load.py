"""Puts the demo dealers, their people, stock and pictures into an empty database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.audit import OPERATOR
from portal.calendar import today
from portal.demo.inventory import DemoVehicle, inventory
from portal.demo.pictures import Picture, PictureView, draw, views
from portal.exports.lifecycle.customer_numbers import bind_number
from portal.models import Dealer, ImageBlob, Location, User, VehicleImage
from portal.models.accounts import RIGHTS
from portal.security.passwords import hash_password
from portal.security.vault import Vault
from portal.vehicles.stock import create_vehicle

PASSWORD = "demo"  # noqa: S105  # said on the terminal, and only for the demo
AGENT_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  # the same: of sam's second factor


@dataclass(frozen=True, eq=False)
class DemoDealer:
    key: str
    name: str
    code: str
    street: str
    postal_code: str
    city: str
    phone: str
    login: str
    person: str
    vehicles: int
    numbers: Mapping[str, str]
    """Customer numbers by platform, which the operator has vouched for."""


DEALERS = (
    DemoDealer(
        key="muster",
        name="Autohaus Muster",
        code="MU",
        street="Musterstraße 12",
        postal_code="20095",
        city="Hamburg",
        phone="040 66969 100",
        login="anna",
        person="Anna Muster",
        vehicles=60,
        numbers={"mobile-de": "4711001", "autoscout24": "2142000471"},
    ),
    DemoDealer(
        key="sonnenschein",
        name="Autohaus Sonnenschein",
        code="SO",
        street="Sonnenallee 7",
        postal_code="50667",
        city="Köln",
        phone="0221 4710 100",
        login="bernd",
        person="Bernd Sonnenschein",
        vehicles=300,
        numbers={"mobile-de": "4711002", "autoscout24": "2142000472"},
    ),
)


@dataclass(frozen=True)
class DemoCounts:
    dealers: int
    vehicles: int
    pictures: int


def is_empty(session: Session) -> bool:
    return session.scalar(select(Dealer.id).limit(1)) is None


def load(
    session: Session, vault: Vault, dealers: Sequence[DemoDealer] = DEALERS, day: date | None = None
) -> DemoCounts:
    """Commits once, at the end: a demo is whole or not there."""
    day = day or today()
    stocks = {
        dealer: inventory(dealer.vehicles, dealer.code, dealer.person, day, dealer.key) for dealer in dealers
    }
    pictures = draw({view for stock in stocks.values() for vehicle in stock for view in views(vehicle)})
    _store_pictures(session, pictures)
    password = hash_password(PASSWORD)
    for dealer, stock in stocks.items():
        _store_dealer(session, dealer, stock, pictures, password)
    # With a second factor, as all agents have one; of the demo's everybody knows the secret.
    sam = User(id=uuid4(), login="sam", name="Sam Support", role="support", rights=[])
    sam.password_hash, sam.totp_confirmed_at = password, datetime.now(UTC)
    sam.totp_secret = vault.seal(sam.id, {"secret": AGENT_SECRET})
    session.add(sam)
    session.commit()
    return DemoCounts(len(stocks), sum(len(stock) for stock in stocks.values()), len(pictures))


def _store_pictures(session: Session, pictures: dict[PictureView, Picture]) -> None:
    """Written directly: they are known to be clean JPEGs, and decoding each once more takes its time."""
    rows = {
        picture.sha256: {
            "sha256": picture.sha256,
            "jpeg": picture.jpeg,
            "thumbnail": picture.thumbnail,
            "size": len(picture.jpeg),
            "width": 1280,
            "height": 960,
        }
        for picture in pictures.values()
    }
    session.execute(insert(ImageBlob), list(rows.values()))


def _store_dealer(
    session: Session,
    demo: DemoDealer,
    stock: Sequence[DemoVehicle],
    pictures: dict[PictureView, Picture],
    password: str,
) -> None:
    dealer = Dealer(key=demo.key, name=demo.name)
    location = Location(code=demo.code, name=demo.name, phone=demo.phone)
    location.street, location.postal_code, location.city = demo.street, demo.postal_code, demo.city
    dealer.locations.append(location)
    session.add(dealer)
    session.flush()
    for platform, number in demo.numbers.items():
        bind_number(session, OPERATOR, dealer.id, platform, number, "operator")
    user = User(login=demo.login, name=demo.person, dealer_id=dealer.id, rights=list(RIGHTS))
    user.email, user.password_hash = f"{demo.login}@example.org", password
    session.add(user)
    images: list[dict[str, Any]] = []
    for vehicle in stock:
        row = create_vehicle(session, dealer, location, vehicle.facts)
        row.online = vehicle.online
        if vehicle.facts.stock_date:
            row.created_at = datetime.combine(vehicle.facts.stock_date, time(9, 30), UTC)
        key = row.id
        images += [
            {"vehicle_id": key, "sha256": pictures[view].sha256, "position": position}
            for position, view in enumerate(views(vehicle), start=1)
        ]
    session.execute(insert(VehicleImage), images)
