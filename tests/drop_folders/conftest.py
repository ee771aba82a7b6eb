"""The SFTP server in a thread of the tests, with Autohaus Alice's folder, and clients that are not ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from threading import Thread

import paramiko
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal import audit
from portal.drop_folders import service
from portal.drop_folders.host_key import FOLDER
from portal.drop_folders.service import AlreadyServed, DropFolders
from portal.exports.core.runtime import make_runtime
from portal.models import Dealer, DropAccess, StockPickup, StockSource, User, Vehicle
from portal.sources import drop_access
from tests.builders import Build
from tests.waiting import until

PASSWORD = "a-password-that-was-shown-once"


@dataclass
class Access:
    """How a dealer's system logs in."""

    source: StockSource
    login: str
    password: str


def make_access(build: Build, dealer: Dealer, user: User, *, partial: bool = False) -> Access:
    """A drop folder at the dealer's first location, set up by `user`."""
    session, place = build.session, dealer.locations[0].id
    source = drop_access.create(session, audit.PORTAL, user, place, "DMS", partial=partial)
    access = session.get_one(DropAccess, source.id)
    password = drop_access.new_password(session, audit.PORTAL, user, access)
    session.commit()
    return Access(source, access.login, password)


@contextmanager
def sftp_client(port: int, access: Access) -> Iterator[paramiko.SFTPClient]:
    with paramiko.Transport(("127.0.0.1", port)) as transport:
        transport.connect(username=access.login, password=access.password)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        yield client


class Yard:
    """Dealers with drop folders, and the server that holds them."""

    def __init__(self, build: Build, settings: Settings) -> None:
        self.build, self.session, self.settings = build, build.session, settings
        self.dealer = build.dealer()
        self.alice = build.alice(self.dealer)
        self.access = self.make(self.dealer, self.alice)
        self.port = 0

    def make(self, dealer: Dealer, user: User, *, partial: bool = False) -> Access:
        return make_access(self.build, dealer, user, partial=partial)

    def access_of(self, source: StockSource) -> DropAccess:
        return self.session.get_one(DropAccess, source.id)

    @contextmanager
    def client(self, access: Access | None = None) -> Iterator[paramiko.SFTPClient]:
        """Paramiko's, as many a dealer's system has it."""
        with sftp_client(self.port, access or self.access) as client:
            yield client

    def root(self, access: Access | None = None) -> Path:
        """Where the folder lies."""
        return self.settings.data_dir / FOLDER / str((access or self.access).source.id)

    def pickups(self, access: Access | None = None) -> list[StockPickup]:
        """Those that have ended."""
        self.session.rollback()
        self.session.expire_all()
        mine = StockPickup.source_id == (access or self.access).source.id
        ended = select(StockPickup).where(mine, StockPickup.finished_at.is_not(None))
        return list(self.session.scalars(ended.order_by(StockPickup.id)))

    def taken(self, count: int = 1, access: Access | None = None) -> list[StockPickup]:
        until(lambda: len(self.pickups(access)) >= count)
        return self.pickups(access)

    def stock(self) -> set[str]:
        self.session.rollback()
        numbers = select(Vehicle.offer_number).where(Vehicle.withdrawn_at.is_(None))
        return set(self.session.scalars(numbers))


@contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """In a thread; the port on which it listens. Raises AlreadyServed."""
    runtime, told = make_runtime(settings, lambda *_: None), Queue[int | AlreadyServed]()
    loop, stopping = asyncio.new_event_loop(), asyncio.Event()

    def serve() -> None:
        try:
            loop.run_until_complete(DropFolders(runtime).serve(stopping, told.put))
        except AlreadyServed as error:
            told.put(error)

    thread = Thread(target=serve)
    thread.start()
    try:
        found = told.get(timeout=60)
        if isinstance(found, AlreadyServed):
            raise found
        yield found
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()
        runtime.engine.dispose()


@pytest.fixture
def drop_settings(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, data_dir=tmp_path, drop_port=0, drop_quota_mb=2, max_upload_mb=1)


@pytest.fixture
def yard(
    build: Build, drop_settings: Settings, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Yard]:
    monkeypatch.setattr(service, "AGAIN", 0.2)
    yard = Yard(build, drop_settings)
    with serving(drop_settings) as yard.port:
        yield yard
