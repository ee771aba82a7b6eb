"""A dealer's own tool with a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.blueprints.api.keys import OFFERED, make_key
from portal.models import Dealer
from tests.builders import Build

Tool = Callable[..., TestResponse]


def tool_of(build: Build, client: FlaskClient, dealer: Dealer) -> Tool:
    _key, plain = make_key(build.session, build.user(f"tool-{dealer.key}", dealer), "Werkstatt", OFFERED)
    build.session.commit()

    def call(method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {plain}"} | options.pop("headers", {})
        return client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    return call


@pytest.fixture
def tool(build: Build, client: FlaskClient, alices: Dealer) -> Tool:
    """`tool("POST", "/vehicles", json={…})` with a key of Alice's dealer."""
    return tool_of(build, client, alices)
