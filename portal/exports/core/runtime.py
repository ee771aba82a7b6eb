"""What a process needs to run the engine: settings, database sessions, the doorbell, platforms and what
they are handed of the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

from redis import Redis
from sqlalchemy import Engine, create_engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from config import Settings, load_settings
from portal import outbox
from portal.embedded import with_embedded_services
from portal.models.base import ENGINE_OPTIONS
from portal.models.exports import ImageUpload, ReferenceList
from portal.models.vehicles import ImageBlob
from portal.notifications import bell
from portal.platforms import connect, get_app, source_of
from portal.platforms.contract import ExportApp, Platform, Stores
from portal.security.vault import Vault, vault_of


@dataclass(frozen=True)
class Runtime:
    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    ring: outbox.Ring
    vault: Vault

    @cached_property
    def redis(self) -> Redis:
        return Redis.from_url(self.settings.redis_url, socket_timeout=5, socket_connect_timeout=5)

    def app(self, slug: str) -> ExportApp:
        return get_app(slug)

    def platform(self, slug: str) -> Platform:
        return connect(slug, self.settings)

    def stores(self, slug: str) -> Stores:
        """Fresh for each use: reference lists are read once per instance."""
        return database_stores(self.sessions, source_of(slug, self.settings))


def make_runtime(settings: Settings, ring: outbox.Ring | None = None) -> Runtime:
    engine = create_engine(settings.database_url, pool_size=20, max_overflow=20, **ENGINE_OPTIONS)
    sessions = sessionmaker(engine)
    redis = Redis.from_url(settings.redis_url, socket_timeout=5)
    ring = ring or outbox.rq_ring(redis)
    outbox.install(sessions, ring)
    bell.install(sessions, bell.rq_ring(redis))
    return Runtime(settings, engine, sessions, ring, vault_of(settings))


@lru_cache(maxsize=1)
def runtime_from_environment() -> Runtime:
    """The runtime of a worker process, made once; a forked child inherits it."""
    return make_runtime(with_embedded_services(load_settings()))


# What platforms are handed of the database: pictures and cached reference lists.
#
# Every call is a short transaction of its own, so that no connection is held during a request
# to the platform; safe to use from several threads.


REFERENCE_LIFETIME = timedelta(hours=24)

ReferenceValues = tuple[tuple[str, str], ...]


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
        self._lists: dict[str, tuple[ReferenceValues, datetime]] | None = None

    def get(self, path: str) -> ReferenceValues | None:
        found = self._loaded().get(path)
        if found is None or datetime.now(UTC) - found[1] > REFERENCE_LIFETIME:
            return None
        return found[0]

    def get_stale(self, path: str) -> ReferenceValues | None:
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

    def _loaded(self) -> dict[str, tuple[ReferenceValues, datetime]]:
        if self._lists is None:
            self._lists = dict(self._read())
        return self._lists

    def _read(self) -> list[tuple[str, tuple[ReferenceValues, datetime]]]:
        statement = select(ReferenceList).where(ReferenceList.platform == self._platform)
        with self._sessions() as session:
            rows = session.scalars(statement).all()
        return [(row.path, (tuple((k, v) for k, v in row.values), row.fetched_at)) for row in rows]
