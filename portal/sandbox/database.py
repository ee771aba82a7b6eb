"""The sandbox's own database: one SQLite file that survives restarts."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SHARED_DATA = Path(__file__).parent / "data"
BUSY_SECONDS = 10.0


class Database:
    """One connection that all threads share: with SQLite one writer at a time is the rule anyway,
    and a lock in the process costs less than waiting for the file."""

    def __init__(self, file: Path, schemas: Iterable[Path] = ()) -> None:
        """`schemas` are those of the marketplaces, beside what all share."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A crash of the process loses nothing; only a crash of the machine may.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        for schema in (SHARED_DATA / "schema.sql", *schemas):
            self._connection.executescript(schema.read_text("utf-8"))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def run(self, statement: str, *values: Any) -> int:
        """One statement that commits by itself; returns the number of rows it changed."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> sqlite3.Row | None:
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
            return found

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def now() -> str:
    """The moment as it stands in the books: UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
