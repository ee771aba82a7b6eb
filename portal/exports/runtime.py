"""What a process needs to run the engine: settings, database sessions, the doorbell, platforms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from redis import Redis
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from config import Settings, load_settings
from portal.embedded import with_embedded_services
from portal.exports.stores import database_stores
from portal.models.connection import ENGINE_OPTIONS
from portal.notices import bell
from portal.outbox import doorbell
from portal.platforms import connect, get_app
from portal.platforms.contract import ExportApp, Platform, Stores
from portal.security.vault import Vault, vault_of


@dataclass(frozen=True)
class Runtime:
    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    ring: doorbell.Ring
    vault: Vault

    def app(self, slug: str) -> ExportApp:
        return get_app(slug)

    def platform(self, slug: str) -> Platform:
        return connect(slug, self.settings)

    def stores(self, slug: str) -> Stores:
        """Fresh for each use: reference lists are read once per instance."""
        return database_stores(self.sessions, f"{slug} {self.settings.mobile_de_api_url}")


def make_runtime(settings: Settings, ring: doorbell.Ring | None = None) -> Runtime:
    engine = create_engine(settings.database_url, pool_size=20, max_overflow=20, **ENGINE_OPTIONS)
    sessions = sessionmaker(engine)
    redis = Redis.from_url(settings.redis_url, socket_timeout=5)
    ring = ring or doorbell.rq_ring(redis)
    doorbell.install(sessions, ring)
    bell.install(sessions, bell.rq_ring(redis))
    return Runtime(settings, engine, sessions, ring, vault_of(settings))


@lru_cache(maxsize=1)
def runtime_from_environment() -> Runtime:
    """The runtime of a worker process, made once; a forked child inherits it."""
    return make_runtime(with_embedded_services(load_settings()))
