"""The feeds that catalogues fetch: when, what came of it, and the rows of the last file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.sandbox.catalogues.catalogue import Catalogue, JudgedRow
from portal.sandbox.catalogues.findings import Finding
from portal.sandbox.database import Database, now


@dataclass(frozen=True)
class Feed:
    """`etag` is that of the file that was taken last."""

    feed_id: int
    catalogue: str
    url: str
    etag: str


@dataclass(frozen=True)
class Counts:
    """Of one file; `deleted` were shown before it and are not any more."""

    accepted: int = 0
    hinted: int = 0
    rejected: int = 0
    deleted: int = 0


class CatalogueBooks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def feed(self, catalogue: Catalogue, url: str) -> Feed:
        """Known from its first fetch on."""
        self._database.run(
            "INSERT OR IGNORE INTO catalogue_feed (catalogue, url) VALUES (?, ?)", catalogue.slug, url
        )
        statement = "SELECT * FROM catalogue_feed WHERE catalogue = ? AND url = ?"
        (row,) = self._database.rows(statement, catalogue.slug, url)
        return Feed(**dict(row))

    def find(self, feed_id: int) -> Feed | None:
        row = self._database.row("SELECT * FROM catalogue_feed WHERE feed_id = ?", feed_id)
        return Feed(**dict(row)) if row else None

    def feeds(self) -> list[Feed]:
        rows = self._database.rows("SELECT * FROM catalogue_feed ORDER BY catalogue, feed_id")
        return [Feed(**dict(row)) for row in rows]

    def fetches(self, feed: Feed, most: int = 10) -> list[dict[str, Any]]:
        """The newest first."""
        statement = "SELECT * FROM catalogue_fetch WHERE feed_id = ? ORDER BY fetch_id DESC LIMIT ?"
        return [dict(row) for row in self._database.rows(statement, feed.feed_id, most)]

    def rows(self, feed: Feed) -> list[dict[str, Any]]:
        """Of the file that was taken last; `findings` with their texts."""
        statement = "SELECT * FROM catalogue_row WHERE feed_id = ? ORDER BY line"
        rows = [dict(row) for row in self._database.rows(statement, feed.feed_id)]
        for row in rows:
            row["is_taken"] = bool(row["is_taken"])
            row["findings"] = [Finding(*one) for one in json.loads(row["findings"])]
        return rows

    def note(self, feed: Feed, status: int, refused: str | None = None) -> None:
        """A fetch that changed nothing: not modified, not served, or not to be read."""
        with self._database.transaction() as connection:
            _write(connection, feed, status, refused, Counts())

    def take(self, catalogue: Catalogue, feed: Feed, etag: str, rows: Sequence[JudgedRow]) -> Counts:
        """What is not among the rows that are taken is not shown any more."""
        with self._database.transaction() as connection:
            before = connection.execute(
                "SELECT key FROM catalogue_row WHERE feed_id = ? AND is_taken", (feed.feed_id,)
            )
            keys = {row["key"] for row in before}
            counts = _counted(catalogue, rows, keys)
            _write(connection, feed, 200, None, counts)
            connection.execute("DELETE FROM catalogue_row WHERE feed_id = ?", (feed.feed_id,))
            connection.executemany(
                "INSERT INTO catalogue_row VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_values(catalogue, feed, row) for row in rows],
            )
            connection.execute("UPDATE catalogue_feed SET etag = ? WHERE feed_id = ?", (etag, feed.feed_id))
        return counts

    def forget(self) -> None:
        with self._database.transaction() as connection:
            for table in ("catalogue_row", "catalogue_fetch", "catalogue_feed"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608


def _counted(catalogue: Catalogue, rows: Sequence[JudgedRow], before: set[str]) -> Counts:
    taken = [row for row in rows if row.is_taken]
    hinted = sum(bool(row.findings) for row in taken)
    gone = before - {row.row[catalogue.key] for row in taken}
    return Counts(len(taken) - hinted, hinted, len(rows) - len(taken), len(gone))


def _values(catalogue: Catalogue, feed: Feed, judged: JudgedRow) -> tuple[Any, ...]:
    title = " ".join(filter(None, (judged.row.get(name, "") for name in catalogue.shown)))
    findings = [[one.code, one.column, one.value] for one in judged.findings]
    link = judged.row.get(catalogue.page, "")
    key = judged.row[catalogue.key]
    return feed.feed_id, judged.line, key, title, link, judged.is_taken, json.dumps(findings)


def _write(
    connection: sqlite3.Connection, feed: Feed, status: int, refused: str | None, counts: Counts
) -> None:
    connection.execute(
        "INSERT INTO catalogue_fetch (feed_id, at, status, refused, accepted, hinted, rejected, deleted)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (feed.feed_id, now(), status, refused, *vars(counts).values()),
    )
