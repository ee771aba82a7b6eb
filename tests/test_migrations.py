"""The migrations build what the models describe, and can be taken back."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import RFC_4122

import flask_migrate
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from config import Settings
from portal import create_app, database
from portal.database import MIGRATIONS, DatabaseTooOld, migrate, prepare
from portal.demo.load import DEALERS, load
from portal.extensions import db
from portal.models import Activation, Base, Vehicle
from portal.vehicle_facts.data import VehicleData

FROZEN = {
    "0001": "3d36609ce73eb60f1ad0335234847e7e85ff86e2768ceb8422a22d368f2f8d98",
    "0002": "cd251e74e6f2691c6ea4cee073e9c84368be02f50deeb94389c3537978fb1a60",
}
"""Revision → SHA-256 of its file. A database somewhere was built by it: what is wrong in it is mended by
a new revision. A file may be renamed; a revision is added here when it is released."""
OTHER_DATABASE = "migrations"


@pytest.fixture(scope="module")
def elsewhere(settings: Settings) -> Flask:
    """One application for all of these tests; its database is another one each time."""
    return create_app(
        replace(settings, database_url=settings.database_url.replace("/portal_test", f"/{OTHER_DATABASE}"))
    )


@pytest.fixture
def empty(elsewhere: Flask) -> Iterator[Flask]:
    """An application on a database without tables; its context is open."""
    with another_database(elsewhere):
        yield elsewhere


def administered(app: Flask) -> psycopg.Connection:
    """Where databases are made and dropped."""
    url = app.extensions["settings"].database_url.replace("postgresql+psycopg", "postgresql", 1)
    return psycopg.connect(url.replace(OTHER_DATABASE, "portal_test"), autocommit=True)


@contextmanager
def another_database(app: Flask, options: str = "") -> Iterator[None]:
    """That of `elsewhere`, for as long as the block lasts."""
    with administered(app) as connection:
        connection.execute(f"CREATE DATABASE {OTHER_DATABASE} {options}".encode())
        try:
            with app.app_context():
                yield
        finally:
            with app.app_context():
                db.engine.dispose()
            connection.execute(f"DROP DATABASE {OTHER_DATABASE} WITH (FORCE)".encode())


Migrated = Callable[[str], None]


@pytest.fixture(scope="module")
def copies(elsewhere: Flask) -> Iterator[list[str]]:
    """Databases of released states, in the order of the history; each test takes what is there further."""
    made: list[str] = []
    yield made
    with administered(elsewhere) as connection:
        for state in made:
            connection.execute(f"DROP DATABASE {_copy_of(state)}".encode())


@pytest.fixture
def migrated(elsewhere: Flask, copies: list[str]) -> Iterator[Migrated]:
    """`migrated(state)`: the database is now as all migrations up to this one leave it.

    Each is carried out once, not once for each test that stands on it.
    """
    with ExitStack() as stack:

        def to(state: str) -> None:
            earlier = [one for one in history()[: history().index(state) + 1] if one in copies]
            options = f"TEMPLATE {_copy_of(earlier[-1])}" if earlier else ""
            stack.enter_context(another_database(elsewhere, options))
            if state not in copies:
                flask_migrate.upgrade(directory=str(MIGRATIONS), revision=state)
                db.engine.dispose()
                with administered(elsewhere) as connection:
                    connection.execute(
                        f"CREATE DATABASE {_copy_of(state)} TEMPLATE {OTHER_DATABASE}".encode()
                    )
                copies.append(state)

        yield to


def _copy_of(state: str) -> str:
    return f"migrations_{state}"


def test_all_migrations_together_equal_the_models(migrated: Migrated) -> None:
    migrated(history()[-1])
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_what_alembic_cannot_compare_is_equal_too(migrated: Migrated) -> None:
    """Conditions and expressions of indexes, generated columns, deferrable constraints, triggers."""
    migrated(history()[-1])
    by_migrations = _definitions()
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    with db.engine.connect() as connection:
        database.prepare(connection)
    db.create_all()
    assert by_migrations == _definitions()


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
        UNION ALL
        SELECT 'function', proname, '', pg_get_functiondef(oid) FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace
        UNION ALL
        SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
         WHERE NOT tgisinternal
    """)
    with db.engine.connect() as connection:
        return {tuple(row) for row in connection.execute(statement)}


def test_taking_everything_back_leaves_no_table(migrated: Migrated) -> None:
    migrated(history()[-1])
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_the_command_that_compares_finds_nothing(migrated: Migrated, elsewhere: Flask) -> None:
    migrated(history()[-1])
    compared = elsewhere.test_cli_runner().invoke(args=["db", "check"])
    assert compared.exit_code == 0, compared.output


ELSEWHERE = {
    "C": "LC_COLLATE 'C' LC_CTYPE 'C'",
    "C.UTF-8": "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
    "German": "LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'",
}


BRINGS_COLLATIONS = 17


def version_of(settings: Settings) -> int:
    with psycopg.connect(settings.database_url.replace("postgresql+psycopg", "postgresql", 1)) as connection:
        return connection.info.server_version // 10_000


def has_icu(settings: Settings) -> bool:
    """initdb leaves a server without it no collation of that provider."""
    with psycopg.connect(settings.database_url.replace("postgresql+psycopg", "postgresql", 1)) as connection:
        found = connection.execute("SELECT 1 FROM pg_collation WHERE collname = 'de-x-icu'").fetchone()
    return found is not None


@pytest.mark.parametrize("collation", ELSEWHERE)
def test_the_collation_and_the_time_zone_of_the_database_do_not_matter(
    settings: Settings, elsewhere: Flask, collation: str
) -> None:
    if collation == "German" and not has_icu(settings):
        pytest.skip("the embedded PostgreSQL is built without ICU")
    if collation == "C.UTF-8" and version_of(settings) < BRINGS_COLLATIONS:
        pytest.skip("PostgreSQL has collations of its own from 17 on")
    with another_database(elsewhere, f"TEMPLATE template0 {ELSEWHERE[collation]}"):
        with db.engine.begin() as connection:
            name = connection.scalar(text("SELECT current_database()"))
            connection.execute(text(f"ALTER DATABASE {name} SET timezone = 'Pacific/Auckland'"))
        db.engine.dispose()
        migrate()
        with Session(db.engine) as session:
            demo = replace(DEALERS[0], vehicles=12)  # to draw the pictures of more takes most of the time
            loaded = load(session, elsewhere.extensions["vault"], [demo])
            vehicles = session.scalar(select(func.count()).select_from(Vehicle))
            assert (loaded.dealers, loaded.vehicles, vehicles) == (1, 12, 12)
            assert loaded.pictures


def test_a_server_without_uuidv7_is_given_one_of_ours(empty: Flask, settings: Settings) -> None:
    """PostgreSQL 18 brings its own, which goes first; ours makes the same."""
    if version_of(settings) < database.BRINGS_UUIDV7:
        pytest.skip("here ours is in use, and nothing to compare it with")
    with db.engine.begin() as connection:
        connection.execute(text(database._UUIDV7))
        ours = text("SELECT public.uuidv7(shift) FROM generate_series(1, 200), (SELECT :shift AS shift)")
        before = time.time()
        now = list(connection.scalars(ours, {"shift": timedelta()}))
        after = time.time()
        [yesterday, *_] = connection.scalars(ours, {"shift": timedelta(days=-1)})
        theirs = connection.execute(text("SELECT pg_catalog.uuidv7(), public.uuidv7()")).one()
    assert {(one.version, one.variant) for one in (*now, yesterday, *theirs)} == {(7, RFC_4122)}
    assert len(set(now)) == 200
    moments = [(one.int >> 80) / 1000 for one in now]
    assert before - 0.002 <= moments[0] <= moments[-1] <= after + 0.002
    assert moments == sorted(moments)
    assert moments[0] - 86_401 < (yesterday.int >> 80) / 1000 < moments[-1] - 86_399


def test_a_server_that_is_too_old_is_refused_with_what_to_do(
    empty: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "OLDEST", 99)
    with (
        db.engine.connect() as connection,
        pytest.raises(DatabaseTooOld, match=r"too old.* needs 99 or newer"),
    ):
        prepare(connection)
    refused = empty.test_cli_runner().invoke(args=["db", "upgrade"])
    assert refused.exit_code == 1
    assert inspect(db.engine).get_table_names() == []


def test_migrating_twice_changes_nothing(empty: Flask) -> None:
    migrate()
    before = _definitions()
    migrate()
    assert _definitions() == before


@cache
def history() -> list[str]:
    """The revisions, the oldest first."""
    found = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return [script.revision for script in found][::-1]


def test_released_revisions_are_never_changed() -> None:
    scripts = {script.revision: script for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    hashes = {name: sha256(Path(scripts[name].path).read_bytes()).hexdigest() for name in FROZEN}
    assert hashes == FROZEN


def test_revisions_follow_each_other_in_one_line() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1
    assert history()[: len(FROZEN)] == list(FROZEN)


OF_FIRST_STATE = """
    WITH dealer AS (INSERT INTO dealer (key, name) VALUES ('alice', 'Autohaus Alice') RETURNING id),
    location AS (INSERT INTO location (dealer_id, code, name) SELECT id, 'HH', 'Hamburg' FROM dealer
        RETURNING id, dealer_id),
    person AS (INSERT INTO "user" (dealer_id, login, password_hash, rights) SELECT id, 'alice', 'x', '{view}'
        FROM dealer RETURNING id),
    session AS (INSERT INTO login_session (user_id, token_hash) SELECT id, 'token' FROM person),
    activation AS (INSERT INTO activation (dealer_id, location_id, app, customer_number, state, settings)
        SELECT dealer_id, id, 'mobile-de', '4711001', 'active', '{"kinds": {"used": 0}}' FROM location
        RETURNING id),
    vehicle AS (INSERT INTO vehicle (dealer_id, location_id, data, online)
        SELECT dealer_id, id, '{"offer_number": "A1", "make": "VW", "mileage": 64500}', true FROM location
        RETURNING id, location_id),
    publication AS (INSERT INTO publication (vehicle_id, activation_id, released, price)
        SELECT vehicle.id, activation.id, true, 11111 FROM vehicle, activation),
    listing AS (INSERT INTO listing (vehicle_id, activation_id, state, listing_id, sent_hash)
        SELECT vehicle.id, activation.id, 'online', '30000001', 'hash' FROM vehicle, activation)
    INSERT INTO transfer (vehicle_id, activation_id, location_id, state, action)
        SELECT vehicle.id, activation.id, location_id, 'ok', 'create' FROM vehicle, activation
"""
OF_SECOND_STATE = """
    WITH run AS (INSERT INTO run (activation_id, kind, state, trigger) SELECT id, 'check', 'done', 'schedule'
        FROM activation RETURNING id, activation_id),
    problem AS (INSERT INTO problem (dealer_id, activation_id, kind) SELECT dealer_id, id, 'stopped'
        FROM activation)
    INSERT INTO api_key (dealer_id, name, shown, key_hash) SELECT id, 'Website', 'abcd', 'hash' FROM dealer
"""
KEPT = {
    "dealer": "SELECT key, name FROM dealer",
    "user": 'SELECT login, rights FROM "user"',
    "activation": "SELECT app, customer_number, state, settings FROM activation",
    "vehicle": "SELECT offer_number, make, mileage, online, data FROM vehicle",
    "publication": "SELECT released, price FROM publication",
    "listing": "SELECT state, listing_id, sent_hash FROM listing",
    "transfer": "SELECT state, action FROM transfer",
    "login_session": "SELECT token_hash FROM login_session",
}
KEPT_OF_SECOND_STATE = {
    "run": "SELECT kind, state, trigger FROM run",
    "problem": "SELECT kind FROM problem",
    "api_key": "SELECT name, key_hash FROM api_key",
}


@pytest.mark.parametrize("state", history())
def test_data_of_every_released_state_survive_the_way_up_and_back(state: str, migrated: Migrated) -> None:
    """Whoever has the portal in this state upgrades, and can go back as docs/operations.md says."""
    migrated(state)
    kept = _fill(state)
    before = _read(kept)
    assert all(before.values())
    migrate()
    assert _read(kept) == before
    with Session(db.engine) as session:
        assert session.scalars(select(Vehicle)).one().facts().mileage == 64_500
        assert session.scalars(select(Activation)).one().kind == "api"
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision=state)
    assert _read(kept) == before


def _fill(state: str) -> dict[str, str]:
    """Rows as they stood there; returns what to read of them."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql(OF_FIRST_STATE)
        if state == history()[0]:
            return KEPT
        connection.exec_driver_sql(OF_SECOND_STATE)
        return KEPT | KEPT_OF_SECOND_STATE


def _read(kept: dict[str, str]) -> dict[str, list[tuple[object, ...]]]:
    with db.engine.connect() as connection:
        return {
            table: [tuple(row) for row in connection.execute(text(statement))]
            for table, statement in kept.items()
        }


def test_what_lay_beyond_the_bounds_can_be_read_afterwards(migrated: Migrated) -> None:
    """Lists are cut, control characters go; a number with one gets an ending of its own."""
    migrated("stock_layouts")
    facts = {
        "offer_number": "A\u00071",
        "description": "Zeile\u000b 1\nZeile\b 2\u0085",
        "category_label": "x" * 500,
        "highlights": ["y" * 900] * 900,
        "equipment": {"other": ["Radio"] * 600, "features": ["abs"]},
        "financing": [None, {"bank": "z" * 300}],
    }
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO dealer (key, name) VALUES ('a', 'A')"))
        connection.execute(
            text("INSERT INTO location (dealer_id, code, name) SELECT id, 'HH', 'H' FROM dealer")
        )
        insert = """
            INSERT INTO vehicle (dealer_id, location_id, data)
            SELECT dealer_id, id, CAST(:data AS jsonb) FROM location"""
        connection.execute(text(insert), {"data": json.dumps(facts)})
        connection.execute(text(insert), {"data": json.dumps({"offer_number": "B2", "make": "VW"})})
    migrate()
    with db.engine.begin() as connection:
        [cut, same] = connection.scalars(text("SELECT data FROM vehicle ORDER BY id"))
    assert same == {"offer_number": "B2", "make": "VW"}
    assert re.fullmatch("A_1-[0-9a-f]{8}", cut["offer_number"])
    assert cut["description"] == "Zeile 1\nZeile 2"
    assert (len(cut["category_label"]), len(cut["financing"][1]["bank"])) == (120, 120)
    assert (len(cut["highlights"]), len(cut["highlights"][0])) == (500, 500)
    assert cut["equipment"] == {"other": ["Radio"] * 500, "features": ["abs"]}
    VehicleData.model_validate(cut | {"financing": [None, None]})
