"""Einstellungen → Benachrichtigungen: per kind, and the test mail with the server's answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import limiter
from portal.models import Dealer, User
from portal.models.notifications import Mail
from portal.notifications.notify import EmailPreference, email_preference
from portal.notifications.problems import ProblemKind
from tests.builders import Build, fresh
from tests.conftest import count_queries
from tests.notifications.office import Office, open_office

Login = Callable[[User], FlaskClient]
HERE, TEST = "/settings/notifications", "/settings/notifications/test"


@pytest.fixture
def office(tmp_path: Path, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(tmp_path) as office:
        settings = replace(app.extensions["settings"], smtp_url=office.url)
        monkeypatch.setitem(app.extensions, "settings", settings)
        yield office


def said(client: FlaskClient) -> str:
    """What the page says after the test mail."""
    answer = client.post(TEST)
    assert answer.location == HERE
    return client.get(HERE).text


def test_each_kind_has_its_way(session: Session, alice: FlaskClient, alice_row: User) -> None:
    assert {email_preference(alice_row, kind) for kind in ProblemKind} == {EmailPreference.MAIL}
    alice.post(HERE, data={"lock": "mail", "stopped": "digest", "failing": "off", "file_held": "nonsense"})
    now = fresh(session, User, alice_row.id)
    assert {kind: email_preference(now, kind) for kind in ProblemKind} == {
        ProblemKind.LOCK: EmailPreference.MAIL,
        ProblemKind.STOPPED: EmailPreference.DIGEST,
        ProblemKind.FAILING: EmailPreference.OFF,
        ProblemKind.RECONCILIATION: EmailPreference.MAIL,
        ProblemKind.FILE_HELD: EmailPreference.MAIL,
    }
    page = alice.get(HERE).text
    assert 'name="stopped" value="digest" checked' in page
    assert 'name="failing" value="off" checked' in page


def test_the_test_mail_tells_what_the_server_answered(
    session: Session, alice: FlaskClient, office: Office
) -> None:
    assert "Der Mailserver hat die Mail an alice@example.org angenommen: 250 OK" in said(alice)
    [mail] = office.mails()
    assert mail.recipients == ["alice@example.org"]
    assert "diese Mail haben Sie selbst angefordert" in mail.text
    assert session.scalars(select(Mail)).all() == []


def test_it_speaks_the_users_language(
    session: Session, alice: FlaskClient, alice_row: User, office: Office
) -> None:
    alice_row.language = "en"
    session.commit()
    said(alice)
    assert '<html lang="en">' in office.mails()[0].html


def test_a_refusal_is_shown_in_the_servers_words(alice: FlaskClient, office: Office) -> None:
    office.mood.to_recipient = "550 5.1.1 <b>Unknown</b> mailbox"
    page = said(alice)
    assert "alice@example.org abgelehnt: 550 5.1.1 &lt;b&gt;Unknown&lt;/b&gt; mailbox" in page


def test_a_server_that_is_down(app: Flask, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    down = replace(app.extensions["settings"], smtp_url="smtp://127.0.0.1:1")
    monkeypatch.setitem(app.extensions, "settings", down)
    assert "Der Mailserver ist nicht erreichbar:" in said(alice)


def test_without_an_address_there_is_nothing_to_try(
    build: Build, house: Dealer, login: Login, office: Office
) -> None:
    client = login(build.user("dora", house))
    assert "Testmail senden" not in client.get(HERE).text
    assert "Bei Ihrem Zugang ist keine Mailadresse hinterlegt." in said(client)
    assert office.mails() == []


def test_test_mails_are_limited_for_each_user(
    build: Build,
    house: Dealer,
    alice: FlaskClient,
    login: Login,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    answers = [alice.post(TEST).status_code for _ in range(8)]
    assert answers == [303] * 6 + [429] * 2
    bob = login(build.user("bob", house, email="bob@example.org"))
    assert bob.post(TEST).status_code == 303
    assert len(office.mails()) == 7


def test_the_page_asks_few_questions(alice: FlaskClient) -> None:
    alice.get(HERE)
    with count_queries() as queries:
        alice.get(HERE)
    assert len(queries) == 2
