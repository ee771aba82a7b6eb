"""What platforms are handed of the database: pictures and cached reference lists.

Every call is a short transaction of its own, so that no connection is held during a request
to the platform; safe to use from several threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from portal.models.exports import ImageUpload, ReferenceList
from portal.models.vehicles import ImageBlob
from portal.platforms.contract import Stores

REFERENCE_LIFETIME = timedelta(hours=24)

Pairs = tuple[tuple[str, str], ...]


def database_stores(sessions: sessionmaker[Session], platform: str) -> Stores:
    """`platform` names the source of reference lists and pictures: slug and base URL."""
    return Stores(DatabaseImages(sessions, platform), DatabaseReferences(sessions, platform))


class DatabaseImages:
    def __init__(self, sessions: sessionmaker[Session], platform: str) -> None:
        self._sessions = sessions
        self._platform = platform

    def jpeg(self, sha256: str) -> bytes | None:
        with self._sessions() as session:
            return session.scalar(select(ImageBlob.jpeg).where(ImageBlob.sha256 == sha256))

    def known_ref(self, account: str, sha256: str) -> str | None:
        with self._sessions() as session:
            return session.scalar(select(ImageUpload.ref).where(*self._upload(account, sha256)))

    def remember_ref(self, account: str, sha256: str, ref: str) -> None:
        values = {"account": self._key(account), "sha256": sha256, "ref": ref}
        with self._sessions.begin() as session:
            session.execute(
                insert(ImageUpload)
                .values(**values)
                .on_conflict_do_update(index_elements=["account", "sha256"], set_={"ref": ref})
            )

    def forget_ref(self, account: str, sha256: str) -> None:
        with self._sessions.begin() as session:
            session.execute(delete(ImageUpload).where(*self._upload(account, sha256)))

    def _key(self, account: str) -> str:
        return f"{self._platform} {account}"

    def _upload(self, account: str, sha256: str):  # type: ignore[no-untyped-def]
        return ImageUpload.account == self._key(account), ImageUpload.sha256 == sha256


class DatabaseReferences:
    """Reads each list once per instance: an instance lives as long as one mapper."""

    def __init__(self, sessions: sessionmaker[Session], platform: str) -> None:
        self._sessions = sessions
        self._platform = platform
        self._lists: dict[str, tuple[Pairs, datetime]] | None = None

    def get(self, path: str) -> Pairs | None:
        found = self._loaded().get(path)
        if found is None or datetime.now(UTC) - found[1] > REFERENCE_LIFETIME:
            return None
        return found[0]

    def get_stale(self, path: str) -> Pairs | None:
        found = self._loaded().get(path)
        return found[0] if found else None

    def put(self, path: str, values: Sequence[tuple[str, str]]) -> None:
        pairs = tuple((key, label) for key, label in values)
        row = {"platform": self._platform, "path": path, "values": [list(pair) for pair in pairs]}
        with self._sessions.begin() as session:
            session.execute(
                insert(ReferenceList)
                .values(**row)
                .on_conflict_do_update(
                    index_elements=["platform", "path"],
                    set_={"values": row["values"], "fetched_at": func.now()},
                )
            )
        self._loaded()[path] = (pairs, datetime.now(UTC))

    def _loaded(self) -> dict[str, tuple[Pairs, datetime]]:
        if self._lists is None:
            self._lists = dict(self._read())
        return self._lists

    def _read(self) -> list[tuple[str, tuple[Pairs, datetime]]]:
        statement = select(ReferenceList).where(ReferenceList.platform == self._platform)
        with self._sessions() as session:
            rows = session.scalars(statement).all()
        return [(row.path, (tuple((k, v) for k, v in row.values), row.fetched_at)) for row in rows]
