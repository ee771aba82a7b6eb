"""Real PostgreSQL for the whole session, one clean set of tables for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from pytest_socket import socket_allow_hosts
from sqlalchemy import text
from sqlalchemy.orm import Session

from config import Settings
from portal import create_app
from portal.embedded import start_postgres
from portal.extensions import db
from portal.models import Base
from tests.builders import Build

SHARED = Path(os.environ.get("PORTAL_SHARED", Path(__file__).parents[2] / "shared"))


def pytest_runtest_setup() -> None:
    """Beyond loopback there is no network."""
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return start_postgres(tmp_path_factory.mktemp("pg"), database="portal_test")


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url="redis://127.0.0.1:1/0",
        data_dir=tmp_path_factory.mktemp("data"),
        mobile_de_api_url="http://127.0.0.1:1",
    )


@pytest.fixture(scope="session")
def _app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(_app: Flask) -> Iterator[Flask]:
    """The application with empty tables."""
    with _app.app_context():
        _empty_tables()
    yield _app
    with _app.app_context():
        db.session.remove()


def _empty_tables() -> None:
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with db.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} CASCADE"))


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session of the test's own; commit to let the application see its rows."""
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def build(session: Session) -> Build:
    return Build(session)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture(scope="session")
def shared_inventory() -> Path:
    """The real inventory, where the machine has it."""
    file = SHARED / "data" / "inventory-used-cars.csv"
    if not file.exists():
        pytest.skip(f"the real inventory is not here: {file}")
    return file


def as_htmx(**headers: str) -> dict[str, Any]:
    """Request headers of an HTMX request."""
    return {"HX-Request": "true", **headers}
