"""The sandbox's file portal as somewhere to deliver to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from socket import create_server
from threading import Thread

import pytest

from portal.delivery import EgressPolicy, Patience
from tests.marketplace import Marketplace

SHORT = Patience(connect=2, answer=1, total=20, trial=10)
"""For servers that hang: long enough for a busy machine to answer, short enough to wait for."""


@pytest.fixture
def policy(marketplace: Marketplace) -> EgressPolicy:
    return marketplace.egress_policy()


def line(
    number: str, *, price: str = "9990", make: str = "VW", model: str = "Golf", picture: str = ""
) -> str:
    """A row in the layout of mobile.de, as far as the file portal looks at it."""
    fields = [""] * 40
    fields[0:5] = ["4711001", number, "Limousine", make, model]
    fields[8:11] = ["05.2018", "50000", price]
    fields[26] = picture
    return ";".join(f'"{field}"' for field in fields) + "\r\n"


def inventory(*numbers: str, price: str = "9990") -> bytes:
    return "".join(line(number, price=price) for number in numbers).encode("iso-8859-15")


def stream(*numbers: str, price: str = "9990") -> BytesIO:
    return BytesIO(inventory(*numbers, price=price))


@contextmanager
def dribbling(greeting: bytes) -> Iterator[int]:
    """A server that sends its greeting byte by byte and never comes to an end."""
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def dribble() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(0.2)
                try:
                    while True:
                        connection.sendall(greeting)
                        try:
                            if connection.recv(1000) == b"":
                                return
                        except TimeoutError:
                            continue
                except OSError:
                    return

        thread = Thread(target=dribble)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@dataclass
class Flood:
    """A server that sends the same without a pause until the other side hangs up."""

    port: int
    sent: int = 0


@contextmanager
def flooding(content: bytes) -> Iterator[Flood]:
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        flood = Flood(listener.getsockname()[1])

        def pour() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.settimeout(20)
                while True:
                    connection.sendall(content)
                    flood.sent += len(content)

        thread = Thread(target=pour)
        thread.start()
        yield flood
        thread.join()
