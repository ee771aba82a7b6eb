"""The engine without Flask: its own sessions on the test database, rings that are only noted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.exports import doorbell


class Bell:
    """Notes who was rung."""

    def __init__(self) -> None:
        self.rung: list[UUID] = []

    def __call__(self, activation_ids: Iterable[UUID]) -> None:
        self.rung += activation_ids


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def sessions(app: Flask, settings: Settings, bell: Bell) -> Iterator[sessionmaker[Session]]:
    engine = create_engine(settings.database_url)
    factory = sessionmaker(engine)
    doorbell.install(factory, bell)
    yield factory
    engine.dispose()
