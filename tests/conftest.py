"""Real PostgreSQL for the whole session, one clean set of tables for each test.

Where several processes share the tests (pytest-xdist), each has a server of everything: starting another
PostgreSQL costs a second, and no test can meet the locks, settings or statistics of another process.
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import SystemRandom
from tempfile import mkdtemp
from typing import Any

import flask
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from hypothesis import settings as hypothesis_settings
from pytest_socket import socket_allow_hosts
from redis import Redis
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal import create_app, outbox
from portal.database import OLDEST
from portal.embedded import start_postgres, start_valkey
from portal.exports.core.runtime import Runtime, make_runtime
from portal.extensions import db, limiter
from portal.garbage import collect_rarely
from portal.models import Activation, Base, Dealer, User
from portal.models.base import ENGINE_OPTIONS
from portal.models.prepared import plan_once
from portal.platforms import read_environment
from portal.security import passwords
from portal.web import sessions as login_sessions
from tests.any_order import trust_no_order
from tests.bell import Bell
from tests.builders import Build
from tests.marketplace import Marketplace, open_marketplace
from tests.oldest_postgres import VARIABLE, start_oldest_postgres
from tests.programs import MARK, end_with_this_process
from tests.reaper import folders_of

LONGEST_ID = 64
"""Signs of a value that may name a test."""
SHARED = Path(os.environ.get("PORTAL_SHARED", Path(__file__).parents[2] / "shared"))


def pytest_configure() -> None:
    """Passwords by the cheapest argon2 there is; `test_password_hashes.py` looks at the real one."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        end_with_this_process()
        # Sets have one order in all processes that share a run, so they collect the same tests.
        os.environ.setdefault("PYTHONHASHSEED", str(SystemRandom().randrange(2**32)))
    # The same examples on every run and on a machine of any speed.
    hypothesis_settings.register_profile("portal", deadline=None, derandomize=True)
    hypothesis_settings.load_profile("portal")
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._NOBODY = passwords.hash_password("nobody has this password")
    trust_no_order()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A file does not name a test by its content: an archive tells the second in which it was made, and
    processes that find tests of different names share none."""
    return argname if isinstance(val, (bytes, str)) and len(val) > LONGEST_ID else None


def pytest_collection_finish() -> None:
    """The tests themselves are half a million objects that stay."""
    collect_rarely()


def pytest_runtest_setup() -> None:
    """Beyond loopback there is no network."""
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


def open_folder() -> Path:
    """A temporary folder that others may enter: as root, PostgreSQL runs under a user of its own,
    and every start of pytest closes the folder in which `tmp_path` lies."""
    folder = Path(mkdtemp(prefix=folders_of(os.environ.get(MARK, ""))[:-1]))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@pytest.fixture(scope="session")
def database_url() -> str:
    start = start_oldest_postgres if os.environ.get(VARIABLE) == str(OLDEST) else start_postgres
    url = start(open_folder(), database="portal_test")
    trade_safety_for_speed(url)
    return url


def trade_safety_for_speed(url: str) -> None:
    """What the tests wrote need not survive a power cut."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for guard in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {guard} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url="redis://127.0.0.1:1/0",
        data_dir=tmp_path_factory.mktemp("data"),
        platforms=read_environment({}, "http://127.0.0.1:1"),
    )


@pytest.fixture(scope="session")
def _app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    limiter.enabled = False
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A real Valkey for the whole session; a test that fills it empties it (`FLUSHDB`)."""
    server, url = start_valkey(open_folder())
    yield url
    server.stop()


@pytest.fixture
def redis(valkey_url: str) -> Iterator[Redis]:
    """An empty Valkey."""
    with Redis.from_url(valkey_url) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


@pytest.fixture
def app(_app: Flask) -> Iterator[Flask]:
    """The application with empty tables."""
    with _app.app_context():
        empty_tables()
    yield _app
    with _app.app_context():
        db.session.remove()


WITHOUT_CHECKS = "SET LOCAL session_replication_role = replica"
"""Until the commit rows may come and go in any order."""


def empty_tables() -> None:
    """Row by row: for the few rows of a test that is faster by far than TRUNCATE, which makes new files."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql(_all_rows_away())


@cache
def _all_rows_away() -> str:
    """In one go, and put together once: each test begins with it."""
    rows = (f'DELETE FROM "{table.name}"' for table in Base.metadata.sorted_tables)
    return "; ".join((WITHOUT_CHECKS, *rows))


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session of the test's own; commit to let the application see its rows.

    No application context stays open: requests of the test client would share it, and with it
    `g` and the user of the first request.
    """
    with app.app_context():
        engine = db.engine
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def build(session: Session) -> Build:
    return Build(session)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def login(app: Flask) -> Callable[[User], FlaskClient]:
    """`client = login(user)`: a browser in which this user is logged in, as the login page leaves it."""

    def browser(user: User) -> FlaskClient:
        client = app.test_client()
        with client.session_transaction() as cookie, app.test_request_context():
            login_sessions.start(db.session.get_one(User, user.id))
            cookie.update(flask.session)
        return client

    return browser


@pytest.fixture
def alices(build: Build) -> Dealer:
    """Alice's dealer. Bob is `build.bob(alices)`, the stranger `build.charlie()`, support `build.sam()`."""
    return build.dealer()


@pytest.fixture
def dealer(alices: Dealer) -> Dealer:
    """Alice's, where there is no other."""
    return alices


@pytest.fixture
def alice(build: Build, alices: Dealer, login: Callable[[User], FlaskClient]) -> FlaskClient:
    """Alice's browser, logged in."""
    return login(build.alice(alices))


@pytest.fixture
def activation(build: Build, alices: Dealer) -> Activation:
    """mobile.de, active at Alice's."""
    return build.activation(alices)


@pytest.fixture
def limits(app: Flask) -> Iterator[None]:
    """Requests are limited, as they are outside the tests."""
    limiter.enabled = True
    yield
    limiter.enabled = False


@pytest.fixture
def csrf(app: Flask) -> Iterator[None]:
    """Forms need their token, as they do outside the tests."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


@contextmanager
def just_before(app: Flask, words: str, act: Callable[[], object]) -> Iterator[None]:
    """Something happens before the web application carries out its first statement with these words."""
    pending = [act]

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if pending and words in statement:
            pending.pop()()

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", look)
    assert not pending, f"nobody asked: {words}"


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """The statements that the application sends inside the block; ask for their number after it."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture(scope="session")
def shared_inventory() -> Path:
    """The real inventory, where the machine has it."""
    return shared_file("data/inventory-used-cars.csv")


def shared_file(name: str, folder: Path = SHARED) -> Path:
    """What is not ours to publish lies beside the clone; a test that needs it is skipped without it.

    Continuous integration that has the folder must have the file: there a skip would hide a lost test.
    """
    file = folder / name
    if not file.exists():
        if os.environ.get("CI") == "true" and folder.is_dir():
            pytest.fail(f"{folder} is here, but {name} is not in it")
        pytest.skip(f"it lies beside the clone of those who have it: {file}")
    return file


def as_htmx(**headers: str) -> dict[str, Any]:
    """Request headers of an HTMX request."""
    return {"HX-Request": "true", **headers}


@pytest.fixture(scope="session")
def _marketplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketplace]:
    with open_marketplace(tmp_path_factory.mktemp("sandbox")) as marketplace:
        yield marketplace


@pytest.fixture
def marketplace(_marketplace: Marketplace) -> Marketplace:
    """The sandbox mobile.de, empty and without faults."""
    _marketplace.reset()
    return _marketplace


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture(scope="session")
def _engine(settings: Settings) -> Iterator[Engine]:
    """One for all: a new engine connects anew and compiles every statement anew."""
    engine = create_engine(settings.database_url, pool_size=20, max_overflow=20, **ENGINE_OPTIONS)
    plan_once(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def worker_engine(app: Flask, _engine: Engine) -> Iterator[Engine]:
    """The engine's connections, which a test gives back all."""
    yield _engine
    assert not _engine.pool.checkedout()  # type: ignore[attr-defined]


@pytest.fixture
def sessions(worker_engine: Engine, bell: Bell) -> sessionmaker[Session]:
    factory = sessionmaker(worker_engine)
    outbox.install(factory, bell)
    return factory


Work = Callable[..., Runtime]


@pytest.fixture
def at_work(worker_engine: Engine, settings: Settings, bell: Bell) -> Work:
    """`at_work(platforms=…)`: what a worker with these settings needs; its rings are noted."""

    def runtime(**changed: Any) -> Runtime:
        made = make_runtime(replace(settings, **changed), bell)
        made.sessions.configure(bind=worker_engine)
        return replace(made, engine=worker_engine)

    return runtime
