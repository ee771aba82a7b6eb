from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.models import Dealer, User
from portal.notifications import bell
from portal.notifications.emails import Recipient, queue_email
from tests.builders import Build
from tests.notifications.office import Office, open_office

Write = Callable[..., bool]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(tmp_path) as office:
        yield office


@pytest.fixture
def mail_settings(settings: Settings, office: Office) -> Settings:
    return replace(
        settings, smtp_url=office.url, portal_url="https://portal.example", mail_from="portal@portal.example"
    )


@pytest.fixture
def rings(sessions: sessionmaker[Session]) -> list[str]:
    """One entry for each time that the bell for mails was rung."""
    rung: list[str] = []
    bell.install(sessions, lambda: rung.append("ring"))
    return rung


@pytest.fixture
def write(sessions: sessionmaker[Session], mail_settings: Settings) -> Write:
    """`write("anna@example.org", language="en")` posts a test mail and commits."""

    def write(address: str, language: str = "de", name: str = "Anna") -> bool:
        url = "https://portal.example/notifications"
        values = {"name": name, "url": url, "preferences": url}
        with sessions.begin() as session:
            return queue_email(session, mail_settings, Recipient(address, language), "test", **values)

    return write


@pytest.fixture
def house(build: Build) -> Dealer:
    return build.dealer()


@pytest.fixture
def alice(build: Build, house: Dealer) -> User:
    return build.user("alice", house, email="alice@example.org")
