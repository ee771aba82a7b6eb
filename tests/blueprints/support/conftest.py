"""Sam of the support, and ways into Alice's house."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.models import Dealer, User
from tests.builders import Build

Login = Callable[[User], FlaskClient]
REASON = "Ein Fahrzeug fehlt bei mobile.de"


@pytest.fixture
def alice(build: Build, alices: Dealer) -> User:
    return build.user("alice", alices, email="alice@example.org")


@pytest.fixture
def sam(build: Build) -> User:
    return build.sam()


@pytest.fixture
def agent(login: Login, sam: User) -> FlaskClient:
    """Sam's browser, visiting nobody."""
    return login(sam)


def open_support_session(agent: FlaskClient, dealer: Dealer, *, changes: bool = False) -> None:
    agent.post(f"/support/dealers/{dealer.id}", data={"reason": REASON})
    if changes:
        agent.post("/support/changes", data={"confirmed": "1"})
