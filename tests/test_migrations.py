"""The migrations build what the models describe, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import flask_migrate
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from psycopg import sql
from sqlalchemy import inspect, text

from config import Settings
from portal import create_app
from portal.database import MIGRATIONS, migrate
from portal.extensions import db
from portal.models import Base


@pytest.fixture
def empty(settings: Settings) -> Iterator[Flask]:
    """An application on a database without tables; its context is open."""
    name = f"migrations_{uuid4().hex[:8]}"
    admin = settings.database_url.replace("postgresql+psycopg", "postgresql", 1)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    app = create_app(
        replace(settings, database_url=settings.database_url.replace("/portal_test", f"/{name}"))
    )
    with app.app_context():
        yield app
        db.engine.dispose()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def test_all_migrations_together_equal_the_models(empty: Flask) -> None:
    migrate()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_what_alembic_cannot_compare_is_equal_too(empty: Flask) -> None:
    """Conditions and expressions of indexes, generated columns, deferrable constraints."""
    migrate()
    migrated = _definitions()
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    db.create_all()
    assert migrated == _definitions()


def _definitions() -> set[tuple[str, ...]]:
    statement = text("""
        SELECT 'index', tablename, indexname, indexdef FROM pg_indexes
         WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        UNION ALL
        SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
        UNION ALL
        SELECT 'column', table_name, column_name,
               concat_ws(' ', data_type, is_nullable, column_default, generation_expression)
          FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    """)
    with db.engine.connect() as connection:
        return {tuple(row) for row in connection.execute(statement)}


def test_taking_everything_back_leaves_no_table(empty: Flask) -> None:
    migrate()
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_migrating_twice_changes_nothing(empty: Flask) -> None:
    migrate()
    before = _definitions()
    migrate()
    assert _definitions() == before
