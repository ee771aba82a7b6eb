from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Dealer, User
from portal.models.audit import AuditEvent
from tests.builders import Build

Login = Callable[[User], FlaskClient]


@pytest.fixture
def house(build: Build) -> Dealer:
    return build.dealer()


@pytest.fixture
def alice_row(build: Build, house: Dealer) -> User:
    return build.user("alice", house, email="alice@example.org")


@pytest.fixture
def alice(alice_row: User, login: Login) -> FlaskClient:
    return login(alice_row)


def version_of(html: str) -> str:
    """What the form on this page carries."""
    found = re.search(r'name="version" value="([0-9a-f]{16})"', html)
    assert found is not None
    return found[1]


def save(client: FlaskClient, url: str, **values: Any) -> Any:
    """Fill in the form of this page as it stands now."""
    return client.post(url, data={"version": version_of(client.get(url).text), **values})


def logged(session: Session) -> list[AuditEvent]:
    session.expire_all()
    return list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))
