"""The schema: migrations as a function, for commands and tests alike, and what they need of the server."""

from __future__ import annotations

import logging
from pathlib import Path

import flask_migrate
from sqlalchemy import Connection, text

MIGRATIONS = Path(__file__).parents[1] / "migrations"
OLDEST, BRINGS_UUIDV7 = 16, 18
"""Versions of PostgreSQL."""


class DatabaseTooOld(RuntimeError):
    """The message says what to do."""


def migrate() -> None:
    """Bring the database of the current application up to the newest revision."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    flask_migrate.upgrade(directory=str(MIGRATIONS))


def prepare(connection: Connection) -> None:
    """Give the database what every revision may use. Commits. Raises DatabaseTooOld."""
    major, version = server_version(connection)
    if major < OLDEST:
        raise DatabaseTooOld(too_old(version))
    if major < BRINGS_UUIDV7 and connection.scalar(text("SELECT to_regprocedure('uuidv7()') IS NULL")):
        connection.execute(text(_UUIDV7))
    connection.commit()


def server_version(connection: Connection) -> tuple[int, str]:
    """The major number, and all of it as the server writes it."""
    number, version = connection.execute(
        text("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
    ).one()
    return int(number) // 10_000, str(version)


def too_old(version: str) -> str:
    return (
        f"PostgreSQL {version} is too old: the portal needs {OLDEST} or newer. On Debian and Ubuntu "
        "https://apt.postgresql.org has the newer ones; pg_upgradecluster takes the data along."
    )


# RFC 9562, 5.7: 48 bits of milliseconds, 12 bits of their fraction as PostgreSQL 18 fills them, 62 random
# ones. The second half of a random UUID brings the variant along. With bodies that PostgreSQL parses now, a
# dump restores whatever the search path is; on 18 and newer the server's own function goes first.
_UUIDV7 = """
    CREATE FUNCTION uuidv7(shift interval) RETURNS uuid LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
    RETURN (
        SELECT encode(
            substring(int8send(moment.micros / 1000) FROM 3)
            || int2send((28672 + (moment.micros % 1000) * 4096 / 1000)::int2)
            || substring(uuid_send(gen_random_uuid()) FROM 9), 'hex')::uuid
        FROM (SELECT (extract(epoch FROM clock_timestamp() + shift) * 1000000)::bigint AS micros) AS moment);
    CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN uuidv7(interval '0')
"""
