"""What docs/operations.md promises of PostgreSQL 16 is tried on one."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, TextClause, create_engine, text
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.exc import DBAPIError

import portal
from portal.database import OLDEST, server_version
from portal.models import Base
from portal.vehicles import stock_import_sql
from tests.conftest import open_folder
from tests.oldest_postgres import VARIABLE, start_oldest_postgres

pytestmark = pytest.mark.xdist_group("oldest postgres")
"""It is started once, and in no other test's way."""
ROOT = Path(__file__).parents[1]
LATER = ("portal.sandbox", "portal.launch")
"""Programs: they start when they are imported, or ask another database."""
PREPARED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
PARAMETER = re.compile(r"%\((\w+)\)s(?:::\w+)?")
TRIED_THERE = (
    "tests/exports/dispatch/test_claims.py",
    "tests/exports/dispatch/test_loop.py",
    "tests/exports/full_transfer/test_task.py",
    "tests/exports/stock_files/test_task.py",
    "tests/test_migrations.py",
)
"""Each statement that they send, also those that are put together when they are needed."""
OTHERWISE_THE_SAME = (
    "not the_collation_and_the_time_zone and not (data_of_every_released_state and not 0001 and not 0002)"
    " and not in_the_middle_of_a_run"
)
"""What a version decides is which statements it understands. From the first two states up, and back again,
every migration is carried out on rows of all tables that are filled; the later states begin in the middle of
the same way. The collations are the database's, and the demo is loaded by statements that are tried above.
What meets a run in its middle sends the statements that all runs do, two hundred times and slowly."""


@pytest.fixture(scope="module")
def oldest() -> Iterator[Engine]:
    engine = create_engine(start_oldest_postgres(open_folder(), database="oldest"))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def written_statements() -> dict[str, TextClause]:
    """All that stand in a module of the portal as they are sent."""
    found = {}
    for module in pkgutil.walk_packages(portal.__path__, "portal."):
        if not module.name.startswith(LATER):
            names = vars(importlib.import_module(module.name)).items()
            found.update({f"{module.name}.{name}": one for name, one in names if isinstance(one, TextClause)})
    return found


def understand(connection: Connection, statement: TextClause) -> None:
    """Have it read and its names looked up: PREPARE wants $1, $2, … for the values."""
    if not PREPARED.match(statement.text):
        return
    compiled = str(statement.compile(dialect=psycopg.dialect()))  # type: ignore[no-untyped-call]
    names = list(dict.fromkeys(PARAMETER.findall(compiled)))
    numbered = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", compiled).replace("%%", "%")
    connection.exec_driver_sql(f"PREPARE tried AS {numbered}")
    connection.exec_driver_sql("DEALLOCATE tried")


def test_it_is_the_oldest(oldest: Engine) -> None:
    with oldest.connect() as connection:
        assert server_version(connection)[0] == OLDEST


def test_it_understands_every_statement(oldest: Engine) -> None:
    statements = written_statements()
    assert len(statements) > 30
    refused = {}
    for name, statement in statements.items():
        with oldest.connect() as connection:
            for temporary in stock_import_sql.CREATE:
                connection.execute(temporary)
            try:
                understand(connection, statement)
            except DBAPIError as error:
                refused[name] = str(error.orig).splitlines()[0]
    assert refused == {}


def test_a_statement_of_a_later_version_is_found(oldest: Engine) -> None:
    later = text("UPDATE dealer SET name = :name RETURNING old.name")
    with oldest.connect() as connection, pytest.raises(DBAPIError, match="old"):
        understand(connection, later)


def test_the_sender_the_file_runs_and_the_migrations_work_there() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *TRIED_THERE,
        "-k",
        OTHERWISE_THE_SAME,
    ]
    tried = subprocess.run(
        command, cwd=ROOT, env=os.environ | {VARIABLE: str(OLDEST)}, capture_output=True, text=True
    )
    assert tried.returncode == 0, tried.stdout[-4000:]
