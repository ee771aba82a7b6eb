"""A server that is away: told from what is wrong with a statement, and said once."""

from __future__ import annotations

import logging
import threading

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from portal import outages
from portal.models.base import ENGINE_OPTIONS
from portal.outages import DATABASE, Outage, SayOnce, is_database_away, is_redis_away, wait_for_redis
from tests.programs import free_port


def ask_nobody() -> None:
    """Where nobody listens, and once: the library would ask again and again for seconds."""
    Redis(port=free_port(), retry=Retry(NoBackoff(), 0)).ping()


def failure(url: str, *statements: str) -> SQLAlchemyError:
    engine = create_engine(url, **ENGINE_OPTIONS)
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    except SQLAlchemyError as error:
        return error
    finally:
        engine.dispose()
    raise AssertionError("it went through")


def test_a_database_that_cannot_be_reached_is_away() -> None:
    assert is_database_away(failure("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"))


def test_a_connection_that_the_server_ended_is_away(settings: Settings) -> None:
    itself = "SELECT pg_terminate_backend(pg_backend_pid())"
    assert is_database_away(failure(settings.database_url, itself))


@pytest.mark.parametrize("wrong", ["SELECT nonsense", "SELECT 1 / 0", "SELECT * FROM nowhere"])
def test_a_wrong_statement_is_no_outage(settings: Settings, wrong: str) -> None:
    assert not is_database_away(failure(settings.database_url, wrong))


def test_a_redis_that_refuses_a_command_is_not_away() -> None:
    with pytest.raises(RedisError) as nobody_there:
        ask_nobody()
    assert is_redis_away(nobody_there.value)
    assert not is_redis_away(ResponseError("WRONGTYPE"))


def test_an_outage_is_said_once_and_its_end_with_its_length(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage("The server")
    outage.over()
    for _ in range(3):
        outage.began(ConnectionError("refused\nand more"))
    outage.over()
    outage.over()
    began, over = caplog.messages
    assert began == "The server does not answer: refused"
    assert over.startswith("The server answers again after ")


def test_what_fails_because_of_an_outage_is_not_repeated(settings: Settings) -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    handler.addFilter(SayOnce())
    root = logging.getLogger()
    root.addHandler(handler)
    log = logging.getLogger("portal.test")
    try:
        away = failure("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
        log.warning("heartbeat failed: %s", away)
        log.error("a tick failed", exc_info=away)
        log.error("something else")
        log.error("a wrong statement", exc_info=failure(settings.database_url, "SELECT nonsense"))
    finally:
        root.removeHandler(handler)
        DATABASE.over()
    outage, other, over, wrong = lines
    assert outage.startswith("PostgreSQL does not answer: ")
    assert (other, wrong) == ("something else", "a wrong statement")
    assert over.startswith("PostgreSQL answers again"), "the next connection that is made tells"


def test_a_worker_waits_for_redis_in_one_place_and_says_so_once(
    caplog: pytest.LogCaptureFixture, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "PAUSE", 0.01)

    class Absent(Redis):
        """Not there for the first three questions."""

        asked = 0

        def ping(self, **_: object) -> bool:
            self.asked += 1
            if self.asked <= 3:
                ask_nobody()
            return bool(super().ping())

    redis = Absent.from_url(valkey_url)
    waiting = threading.Thread(target=wait_for_redis, args=(redis,))
    waiting.start()
    waiting.join()
    assert redis.asked == 4
    assert [one.split(" after")[0].split(":")[0] for one in caplog.messages] == [
        "Redis does not answer",
        "Redis answers again",
    ]
