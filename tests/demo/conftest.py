"""The demo as it is loaded, made once: drawing its pictures takes many times longer than copying its rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import Connection, Table, text
from sqlalchemy.orm import Session

from portal.demo.load import DemoCounts, load
from portal.extensions import db
from portal.models import Base
from tests.conftest import WITHOUT_CHECKS, empty_tables

DAY = date(2026, 11, 24)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "loaded" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("demo"))


@pytest.fixture(scope="session")
def _demo(_app: Flask) -> Iterator[DemoCounts]:
    """Loaded, and kept in a schema of its own."""
    with _app.app_context():
        empty_tables()
        with Session(db.engine) as session:
            counts = load(session, _app.extensions["vault"], day=DAY)
        with db.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA kept"))
            for table in Base.metadata.sorted_tables:
                connection.execute(text(f'CREATE TABLE kept."{table.name}" AS TABLE public."{table.name}"'))
    yield counts
    with _app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA kept CASCADE"))


@pytest.fixture
def loaded(_demo: DemoCounts, app: Flask) -> DemoCounts:
    """The database right after the demo was loaded on DAY."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(WITHOUT_CHECKS))
        for table in Base.metadata.sorted_tables:
            _put_back(connection, table)
    return _demo


def _put_back(connection: Connection, table: Table) -> None:
    columns = ", ".join(f'"{column.name}"' for column in table.columns if column.computed is None)
    connection.execute(
        text(f'INSERT INTO "{table.name}" ({columns}) SELECT {columns} FROM kept."{table.name}"')
    )
