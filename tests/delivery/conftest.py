"""The sandbox's file portal as somewhere to deliver to."""

from __future__ import annotations

from io import BytesIO

import pytest

from portal.delivery import Patience, Reach
from tests.marketplace import Marketplace

SHORT = Patience(connect=2, answer=1, total=20, trial=10)
"""For servers that hang: long enough for a busy machine to answer, short enough to wait for."""


@pytest.fixture
def reach(marketplace: Marketplace) -> Reach:
    return marketplace.reach()


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
