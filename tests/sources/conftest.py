"""A dealer whose system keeps files at the sandbox's file portal, and a collector that fetches them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal import audit, delivery
from portal.models import Dealer, Notification, StockPickup, StockSource, Vehicle
from portal.security.vault import Vault, vault_of
from portal.sources import control
from portal.sources.control import SourceFacts
from portal.sources.pickups import Collector, due_sources, serve
from tests.builders import Build
from tests.marketplace import Marketplace
from tests.webhooks.conftest import Receiver, receiving
from tests.words import german

MEGABYTE = 1024 * 1024


class Yard:
    """Autohaus Alice, its source, and its dealer system, which writes the file."""

    def __init__(self, build: Build, marketplace: Marketplace, collector: Collector, vault: Vault) -> None:
        self.build, self.session, self.vault = build, build.session, vault
        self.marketplace, self.collector = marketplace, collector
        self.dealer: Dealer = build.dealer()
        self.alice = build.alice(self.dealer)
        self.build.session.commit()
        self.source = self.make()

    def facts(self, transport: str = "sftp", **changed: Any) -> SourceFacts:
        target = self.marketplace.target(transport)
        settings: dict[str, Any] = {
            "transport": transport,
            "host": target.host,
            "port": target.port,
            "user": target.username,
            "file_name": target.file_name,
            "schedule": ["05:00"],
        }
        plain = SourceFacts(
            "DMS",
            self.dealer.locations[0].id,
            False,
            settings,
            target.host_key,
            {"password": target.password},
        )
        own = {name: value for name, value in changed.items() if name in SourceFacts.__dataclass_fields__}
        rest = {name: value for name, value in changed.items() if name not in own}
        return replace(plain, settings=settings | rest, **own)

    def make(self, transport: str = "sftp", **changed: Any) -> StockSource:
        made = control.create(
            self.session, self.vault, audit.PORTAL, self.dealer.id, self.facts(transport, **changed)
        )
        self.session.commit()
        return made

    def write(self, content: bytes, name: str = "bestand.csv", **target: Any) -> None:
        """As the dealer's system does."""
        place = self.marketplace.target("sftp", file_name=name, **target)
        put = delivery.deliver(place, io.BytesIO(content), self.collector.policy)
        assert isinstance(put, delivery.Delivered), put

    def ask(self) -> None:
        control.ask_now(self.session, audit.PORTAL, self.source)
        self.session.commit()

    def turn(self) -> bool:
        return serve(self.collector, self.source.id)

    def pick_up(self) -> StockPickup:
        """By hand, to its end; nothing waits for long."""
        self.ask()
        for _ in range(4):
            self.turn()
            if (found := self.last).finished_at is not None:
                return found
            self.wait()
        raise AssertionError(f"still open: {found.reason}")

    def wait(self) -> None:
        """As if the pause of the open pick-up were over."""
        self.session.execute(update(StockPickup).values(not_before=func.now()))
        self.session.commit()

    def make_due(self) -> None:
        self.session.execute(update(StockSource).values(next_at=func.now()))
        self.session.commit()

    def due(self) -> list[Any]:
        self.session.rollback()
        return list(self.session.scalars(due_sources()))

    @property
    def pickups(self) -> list[StockPickup]:
        self.session.rollback()
        self.session.expire_all()
        return list(self.session.scalars(select(StockPickup).order_by(StockPickup.id)))

    @property
    def last(self) -> StockPickup:
        return self.pickups[-1]

    def stock(self) -> set[str]:
        """Numbers of the vehicles in stock."""
        self.session.rollback()
        numbers = select(Vehicle.offer_number).where(Vehicle.withdrawn_at.is_(None))
        return set(self.session.scalars(numbers))

    def told(self) -> list[str]:
        self.session.rollback()
        titles = select(Notification.title).order_by(Notification.id)
        return [german(title) for title in self.session.scalars(titles)]


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return vault_of(settings)


@pytest.fixture
def collector(sessions: sessionmaker[Session], marketplace: Marketplace, vault: Vault) -> Collector:
    return Collector(sessions, vault, marketplace.egress_policy(), 50 * MEGABYTE)


@pytest.fixture
def yard(build: Build, marketplace: Marketplace, collector: Collector, vault: Vault) -> Yard:
    return Yard(build, marketplace, collector, vault)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The dealer's tool that is told of things."""
    with receiving() as found:
        yield found
