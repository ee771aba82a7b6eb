"""What a process needs to run the engine: settings, database sessions, the doorbell, platforms and what
they are handed of the database.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from redis import Redis
from sqlalchemy import Engine, create_engine, delete, event, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker

from config import Settings, load_settings
from portal import changes, events, outbox
from portal.embedded import with_embedded_services
from portal.figures import STATEMENTS, Tally
from portal.models.base import ENGINE_OPTIONS
from portal.models.exports import AccessToken, ImageUpload, ReferenceList
from portal.models.prepared import plan_once
from portal.models.vehicles import ImageBlob
from portal.notifications import bell
from portal.platforms import connect, get_app, source_of
from portal.platforms.contract import ExportApp, Platform, Stores, Token
from portal.security.vault import Sealed, Vault, vault_of


@dataclass(frozen=True)
class Runtime:
    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    ring: outbox.Ring
    vault: Vault
    others_wait: Callable[[], bool] = lambda: True
    """Whether anybody stands in line for a worker; True where nobody can tell."""
    tally: Tally = field(default_factory=Tally, repr=False)
    judgements: dict[UUID, Any] = field(default_factory=dict, repr=False)
    """What the mass-change guard has judged, by activation (`mass_change.clearance`)."""
    _shelves: dict[str, Shelf] = field(default_factory=dict, repr=False)

    @cached_property
    def redis(self) -> Redis:
        return Redis.from_url(self.settings.redis_url, socket_timeout=5, socket_connect_timeout=5)

    def app(self, slug: str) -> ExportApp:
        return get_app(slug)

    def platform(self, slug: str) -> Platform:
        return connect(slug, self.settings)

    def stores(self, slug: str) -> Stores:
        return self._shelf(slug).stores

    def known_makes(self, slug: str) -> set[str | None]:
        """Makes of which everything that mapping asks for is at hand, without a question to the platform."""
        return self._shelf(slug).makes

    def _shelf(self, slug: str) -> Shelf:
        source = source_of(slug, self.settings)
        found = self._shelves.get(source)
        if found is None or time.monotonic() > found.until:
            stores = database_stores(self.sessions, source, self.vault)
            found = self._shelves[source] = Shelf(stores, time.monotonic() + KEPT_FOR)
        return found


KEPT_FOR = 300.0
"""Seconds that a process goes by the reference lists that it has read."""


@dataclass(frozen=True)
class Shelf:
    """What a process keeps of a platform between jobs."""

    stores: Stores
    until: float
    """By the steady counter of the machine."""
    makes: set[str | None] = field(default_factory=set)


def make_runtime(settings: Settings, ring: outbox.Ring | None = None) -> Runtime:
    options = ENGINE_OPTIONS | {"pool_pre_ping": False}
    engine = create_engine(settings.database_url, pool_size=20, max_overflow=20, **options)
    ping_what_was_idle(engine)
    plan_once(engine)
    sessions = sessionmaker(engine)
    redis = Redis.from_url(settings.redis_url, socket_timeout=5)
    ring = ring or outbox.rq_ring(redis)
    events.install(sessions)
    changes.install(sessions, changes.publisher(redis))
    outbox.install(sessions, ring)
    bell.install(sessions, bell.rq_ring(redis))
    tally = Tally()
    event.listen(engine, "after_cursor_execute", lambda *_: tally.count(STATEMENTS))
    in_line = outbox.activations_in_line(redis)
    return Runtime(settings, engine, sessions, ring, vault_of(settings), in_line, tally)


IDLE = 10.0
"""Seconds."""


def ping_what_was_idle(engine: Engine) -> None:
    """A connection is asked whether it lives only after it was idle for a while: right after its last use a
    failed statement tells, and the pool then begins anew."""

    @event.listens_for(engine, "checkin")
    def _note(_connection: Any, record: Any) -> None:
        record.info["last_used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ping(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("last_used", float("inf")) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


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


def database_stores(sessions: sessionmaker[Session], platform: str, vault: Vault) -> Stores:
    """`platform` names the source of reference lists and pictures: slug and base URL."""
    return Stores(
        DatabaseImages(sessions, platform),
        DatabaseReferences(sessions, platform),
        DatabaseTokens(sessions, platform, vault),
    )


class DatabaseImages:
    def __init__(self, sessions: sessionmaker[Session], platform: str) -> None:
        self._sessions = sessions
        self._platform = platform

    def jpeg(self, sha256: str) -> bytes | None:
        with self._sessions.begin() as session:
            return session.scalar(select(ImageBlob.jpeg).where(ImageBlob.sha256 == sha256))

    def known_ref(self, account: str, sha256: str) -> str | None:
        with self._sessions.begin() as session:
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
    """Reads the lists once per instance. What is fresh then is fresh for as long as the instance lives: no
    list becomes too old, and is fetched, while rows are locked."""

    def __init__(self, sessions: sessionmaker[Session], platform: str) -> None:
        self._sessions = sessions
        self._platform = platform
        self._lists: dict[str, tuple[ReferenceValues, bool]] | None = None

    def get(self, path: str) -> ReferenceValues | None:
        found = self._loaded().get(path)
        return found[0] if found and found[1] else None

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
        self._loaded()[path] = (pairs, True)

    def _loaded(self) -> dict[str, tuple[ReferenceValues, bool]]:
        if self._lists is None:
            self._lists = dict(self._read())
        return self._lists

    def _read(self) -> list[tuple[str, tuple[ReferenceValues, bool]]]:
        statement = select(ReferenceList).where(ReferenceList.platform == self._platform)
        with self._sessions() as session:
            rows = session.scalars(statement).all()
        oldest = datetime.now(UTC) - REFERENCE_LIFETIME
        return [(row.path, (tuple((k, v) for k, v in row.values), row.fetched_at > oldest)) for row in rows]


class DatabaseTokens:
    """Read anew each time: another process may have renewed it. What cannot be opened any more is none."""

    def __init__(self, sessions: sessionmaker[Session], platform: str, vault: Vault) -> None:
        self._sessions = sessions
        self._platform = platform
        self._vault = vault
        self._row = uuid5(NAMESPACE_URL, platform)

    def get(self) -> Token | None:
        with self._sessions.begin() as session:
            row = session.get(AccessToken, self._platform)
            if row is None:
                return None
            try:
                return Token(self._vault.open(self._row, row.sealed)["token"], row.expires_at)
            except Sealed:
                return None

    def put(self, token: Token) -> None:
        kept = {"sealed": self._vault.seal(self._row, {"token": token.text}), "expires_at": token.expires_at}
        with self._sessions.begin() as session:
            session.execute(
                insert(AccessToken)
                .values(platform=self._platform, **kept)
                .on_conflict_do_update(index_elements=["platform"], set_=kept)
            )
