"""A mixed stock at each API platform: new and used cars, vans, motorbikes, motor homes, as dealers have them.

    python -m bench platforms

What the portal takes for a vehicle until the platform has confirmed it, beside the same at mobile.de. The
marketplaces are those of the sandbox, so only processor time of the portal counts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from bench.report import Row
from bench.surroundings import SELLER, surroundings
from portal.demo.inventory import inventory
from portal.exports.core.runtime import Runtime, make_runtime
from portal.exports.jobs import run_activation
from portal.models import Activation, Dealer, Listing, Location, Publication, Transfer
from portal.models.exports import ActivationState, ListingState, TransferState
from portal.outbox import note_activation
from portal.vehicles.stock import create_vehicle

VEHICLES = 200
LONGEST = timedelta(minutes=2)
UNDER_WAY = (TransferState.WAITING, TransferState.SENDING, TransferState.PENDING)


@dataclass(frozen=True)
class Seller:
    app: str
    account: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)


SELLERS = (
    Seller("mobile-de", SELLER),
    Seller(
        "autoscout24",
        {"customer_number": "2142000471", "seller_key": "2142000471"},
        {"mobile_export": "none"},
    ),
    Seller("autoscout24-ch", {"customer_number": "4601", "seller_key": "4601"}),
)


def run() -> list[Row]:
    with surroundings() as around:
        runtime = make_runtime(around.settings, ring=lambda *_: None)
        figures = [(seller.app, *_sent(runtime, seller)) for seller in SELLERS]
        runtime.engine.dispose()
    _, floor, _ = figures[0]
    return [
        Row(
            f"a mixed stock of {VEHICLES} at {app}, {online} online: processor time of the portal",
            f"{used:.1f} ms each",
            f"{floor:.1f} ms at mobile.de",
            used / floor,
            "–",
            True,
        )
        for app, used, online in figures
    ]


def _sent(runtime: Runtime, seller: Seller) -> tuple[float, int]:
    """Milliseconds for each vehicle, and how many are online in the end; the others are refused before."""
    activation_id = _open(runtime, seller)
    used, ends = time.process_time(), datetime.now(UTC) + LONGEST
    while _is_under_way(runtime, activation_id):
        if datetime.now(UTC) > ends:
            raise RuntimeError(f"{seller.app} has not confirmed everything within {LONGEST}")
        run_activation(runtime, activation_id)
    milliseconds = (time.process_time() - used) * 1000 / VEHICLES
    here = Listing.activation_id == activation_id, Listing.state == ListingState.ONLINE
    with runtime.sessions() as session:
        online = session.scalar(select(func.count()).select_from(Listing).where(*here)) or 0
    if online < VEHICLES / 2:
        raise RuntimeError(f"only {online} of {VEHICLES} vehicles are online at {seller.app}")
    return milliseconds, online


def _open(runtime: Runtime, seller: Seller) -> UUID:
    """A dealer whose whole stock is released to this platform."""
    with runtime.sessions.begin() as session:
        session.execute(text("TRUNCATE dealer CASCADE"))
        dealer = Dealer(key="bench", name="Bench")
        location = Location(code="B", name="Bench", phone="+49 30 1234567")
        location.street, location.postal_code, location.city = "Ring 1", "10115", "Berlin"
        dealer.locations.append(location)
        session.add(dealer)
        session.flush()
        activation = Activation(
            dealer_id=dealer.id,
            location_id=location.id,
            app=seller.app,
            customer_number=seller.account["customer_number"],
            account=seller.account,
            settings=seller.settings,
            state=ActivationState.ACTIVE,
            activated_at=datetime.now(UTC),
        )
        session.add(activation)
        session.flush()
        for vehicle in inventory(VEHICLES, "B", "Bench", datetime.now(UTC).date(), "bench"):
            row = create_vehicle(session, dealer, location, vehicle.facts)
            row.online = True
            session.flush()
            session.add(
                Publication(
                    vehicle_id=row.id,
                    activation_id=activation.id,
                    released=True,
                    price=vehicle.facts.prices.selling,
                )
            )
        session.flush()
        note_activation(session, activation)
        return activation.id


def _is_under_way(runtime: Runtime, activation_id: UUID) -> bool:
    here = Transfer.activation_id == activation_id, Transfer.state.in_(UNDER_WAY)
    with runtime.sessions() as session:
        return bool(session.scalar(select(select(Transfer.id).where(*here).exists())))
