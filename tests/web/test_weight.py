"""What a page costs on the line: the document of a full stock, and what it takes with it the first time."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.models import Activation, Dealer, User
from tests.builders import Build

Login = Callable[[User], FlaskClient]
PAGES = ("/", "/vehicles", "/apps", "/appstore", "/problems", "/notifications", "/settings/export", "/help")
KB = 1_000
DOCUMENT, FIRST_VIEW, REQUESTS = 30 * KB, 150 * KB, 8
STOCK = 60
"""More than a page of the list holds."""
TAKEN = re.compile(r'<(?:script|link)[^>]*?(?:src|href)="(/static/[^"]+)"')
DRAWN = re.compile(r'<use href="(/static/[^"#]+)')


def compressed(body: bytes) -> int:
    return len(gzip.compress(body))


def taken_along(text: str) -> set[str]:
    """Scripts, style sheets and the icons; pictures of vehicles are loaded as they come into view."""
    return {*TAKEN.findall(text), *DRAWN.findall(text)}


def size_of(client: FlaskClient, part: str) -> int:
    with client.get(part) as answer:
        assert answer.status_code == 200, part
        return compressed(answer.data)


@pytest.fixture
def client(login: Login, build: Build, dealer: Dealer, activation: Activation) -> FlaskClient:
    lacking = {"code": "missing", "text": "CO₂-Klasse fehlt.", "field": "energy.co2_class", "who": "dealer"}
    for number in range(STOCK):
        row = build.vehicle(dealer)
        build.release(row, activation, problems=[lacking] if number % 3 == 0 else [])
        if number % 3 == 1:
            build.listing(row, activation)
    return login(build.alice(dealer))


def test_pages_are_light_the_first_time_and_the_next(client: FlaskClient) -> None:
    sizes: dict[str, int] = {}
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == 200, page
        document, parts = compressed(answer.data), taken_along(answer.text)
        assert len(parts) >= 4, (page, parts)
        assert len(parts) + 1 <= REQUESTS, (page, parts)
        sizes |= {part: size_of(client, part) for part in parts - sizes.keys()}
        first = document + sum(sizes[part] for part in parts)
        assert document <= DOCUMENT, (page, document)
        assert first <= FIRST_VIEW, (page, document, sizes)
