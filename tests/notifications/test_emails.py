"""Emails: how they are written, and that each goes out once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.delivery.smtp import SmtpAnswer, SmtpVerdict
from portal.messages import say
from portal.models.notifications import Mail
from portal.notifications import emails
from portal.notifications.emails import Recipient, opened, queue_email, render, send_due
from portal.security.vault import Sealed
from tests.notifications.conftest import Write
from tests.notifications.office import Office
from tests.words import GERMAN

LETTERS = sorted(
    file.stem for file in (emails.TEMPLATES / "mails").glob("*.txt") if not file.stem.startswith("_")
)
NOON = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
URL = "https://portal.example/apps?x=1&y=2"
VALUES: dict[str, Any] = {
    "app": "mobile.de",
    "number": "Kd-Nr. 4711001",
    "location": "Hamburg (HH)",
    "since": NOON,
    "until": NOON,
    "title": say("{app} ist angehalten", app="mobile.de"),
    "body": say("Die Ursache ist behoben. Was wartete, wird jetzt übertragen."),
    "open": [
        (
            NOON,
            say("{app} ist angehalten", app="mobile.de"),
            say("Die Plattform kennt die Kundennummer nicht."),
        )
    ],
    "news": [
        (
            NOON,
            say("Gelöst: {app} nimmt wieder an", app="mobile.de"),
            say("Was wartete, wird jetzt übertragen."),
        )
    ],
    "name": "Anna",
    "login": "anna",
    "dealer": "Autohaus Alice",
    "invited_by": "Alice",
    "agent": "Sam",
    "reason": "Anruf",
    "hours": 72,
    "url": URL,
    "preferences": "https://portal.example/settings/notifications",
}


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


def test_there_are_letters() -> None:
    assert {"lock", "problem", "solved", "digest", "test", "invitation", "reset"} <= set(LETTERS)


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_letter_says_the_same_as_text_and_as_html(letter: str, language: str) -> None:
    written = render(letter, language, "Export-Portal", VALUES)
    assert written.subject
    assert "\n" not in written.subject
    assert f"{URL}\n" in written.plain
    links = Links()
    links.feed(written.html)
    assert links.found == [URL]
    assert f'<html lang="{language}">' in written.html
    for line in written.plain.splitlines():
        text = line.removesuffix(":").replace("&", "&amp;")
        assert line == "-- " or text in written.html.replace("&#39;", "'")


@pytest.mark.parametrize("letter", LETTERS)
def test_nothing_german_is_left_in_english(letter: str) -> None:
    english, german = (render(letter, language, "Export-Portal", VALUES) for language in ("en", "de"))
    assert not GERMAN.search(english.subject + english.plain.replace("Anruf", ""))
    assert GERMAN.search(german.plain)


def test_moments_are_those_of_berlin_in_the_readers_way() -> None:
    assert "01.07.2026 14:05" in render("lock", "de", "Export-Portal", VALUES).plain
    assert "1 Jul 2026 14:05" in render("lock", "en", "Export-Portal", VALUES).plain


def test_without_a_link_there_is_no_button() -> None:
    written = render("problem", "de", "Export-Portal", VALUES | {"url": ""})
    assert "<a " not in written.html
    assert "Im Portal ansehen" not in written.plain


def test_what_a_value_carries_is_text() -> None:
    evil = "<img src=x onerror=alert(1)>\n\nZweiter Absatz"
    written = render("invitation", "de", "Export-Portal", VALUES | {"dealer": evil})
    assert "<img" not in written.html
    assert written.html.count("<p ") == render("invitation", "de", "Export-Portal", VALUES).html.count("<p ")


def test_a_letter_that_is_none_and_a_value_that_is_missing() -> None:
    with pytest.raises(TemplateNotFound):
        render("nonsense", "de", "Export-Portal", VALUES)
    with pytest.raises(UndefinedError):
        render("reset", "de", "Export-Portal", {})


def test_a_language_that_is_none_is_german() -> None:
    assert (
        render("reset", "xx", "Export-Portal", VALUES).plain
        == render("reset", "de", "Export-Portal", VALUES).plain
    )


def test_templates_stand_where_the_catalogue_looks() -> None:
    assert "templates/**.txt" in (Path(__file__).parents[2] / "babel.cfg").read_text("utf-8")


# Mails are rows: written with their cause, sent once, tried again, given up.


Sessions = sessionmaker[Session]


def rows(sessions: Sessions) -> list[Mail]:
    with sessions() as session:
        return list(session.scalars(select(Mail).order_by(Mail.id)))


def make_due(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(text("UPDATE mail SET not_before = now() WHERE sent_at IS NULL"))


def waits(mail: Mail) -> timedelta:
    return mail.not_before - datetime.now(UTC)


def test_a_mail_leaves_after_the_commit_and_its_bodies_are_emptied(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write, rings: list[str]
) -> None:
    assert write("anna@example.org")
    assert rings == ["ring"]
    assert office.mails() == []
    assert send_due(sessions, mail_settings) == 1
    assert office.recipients() == ["anna@example.org"]
    [row] = rows(sessions)
    assert (row.sealed, row.plain, row.html, row.error, row.failed_at) == ("", "", "", "", None)
    assert row.sent_at is not None
    assert send_due(sessions, mail_settings) == 0
    assert len(office.mails()) == 1


def test_what_waits_lies_sealed_and_is_read_from_its_own_row_alone(
    sessions: Sessions, mail_settings: Settings, write: Write
) -> None:
    """Whoever reads the database, or a copy of it, finds no link that opens something."""
    write("anna@example.org")
    [row] = rows(sessions)
    assert (row.plain, row.html) == ("", "")
    assert "portal.example" not in row.sealed
    assert "https://portal.example/" in opened(row, mail_settings).plain
    other = Mail(id=UUID(int=1), sealed=row.sealed)
    with pytest.raises(Sealed):
        opened(other, mail_settings)


def test_a_mail_that_waited_in_the_clear_is_sent_as_it_is(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    """Written by the version before."""
    write("anna@example.org")
    with sessions.begin() as session:
        session.execute(text("UPDATE mail SET sealed = '', plain = 'Guten Tag'"))
    assert send_due(sessions, mail_settings) == 1
    assert office.mails()[0].text.strip() == "Guten Tag"
    assert rows(sessions)[0].plain == ""


def test_a_cause_that_is_rolled_back_mails_nothing(
    sessions: Sessions, mail_settings: Settings, office: Office, rings: list[str]
) -> None:
    values = {"name": "Anna", "url": "https://portal.example/", "preferences": ""}
    with sessions() as session:
        queue_email(session, mail_settings, Recipient("anna@example.org"), "test", **values)
        session.flush()
        session.rollback()
        session.commit()
    assert send_due(sessions, mail_settings) == 0
    assert rings == []


def test_what_the_server_sees(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    write("anna@example.org", name="Jörg Müller & Söhne")
    send_due(sessions, mail_settings)
    [row], [mail] = rows(sessions), office.mails()
    assert mail.sender == "portal@portal.example"
    assert mail.message["From"] == "Export-Portal <portal@portal.example>"
    assert mail.message["To"] == "anna@example.org"
    assert mail.message["Message-ID"] == f"<{row.id}@portal.example>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Date"].datetime == row.created_at.replace(microsecond=0)
    assert mail.subject.strip() == "Testmail von Export-Portal"
    assert "Guten Tag Jörg Müller & Söhne," in mail.text
    assert "Jörg Müller &amp; Söhne" in mail.html
    assert "https://portal.example/notifications" in mail.text
    assert 'href="https://portal.example/notifications"' in mail.html
    assert '<html lang="de">' in mail.html


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "@example.org",
        "anna@localhost",
        "anna@example.org\nBcc: eve@example.org",
        "anna@example.org\r\n\r\nbody",
        "anna@example.org, eve@example.org",
        "Anna <anna@example.org>",
        '"a b"@example.org',
        "änna@example.org",
        "anna@example.org\x00",
        f"{'a' * 250}@example.org",
    ],
)
def test_what_is_no_plain_address_gets_no_mail(
    sessions: Sessions, mail_settings: Settings, write: Write, address: str
) -> None:
    assert not write(address)
    assert rows(sessions) == []


def test_no_value_becomes_a_header_or_a_paragraph(
    sessions: Sessions, mail_settings: Settings, office: Office
) -> None:
    evil = "Anna\r\nBcc: eve@example.org\r\n\r\nHier klicken:\nhttps://evil.example"
    settings = replace(mail_settings, operator_name=evil)
    values = {"name": evil, "url": "https://portal.example/", "preferences": ""}
    with sessions.begin() as session:
        queue_email(session, settings, Recipient("anna@example.org"), "test", **values)
    send_due(sessions, mail_settings)
    [mail] = office.mails()
    assert mail.recipients == ["anna@example.org"]
    assert "Bcc" not in mail.message
    assert mail.subject.strip() == f"Testmail von {' '.join(evil.split())}"
    assert f"Guten Tag {' '.join(evil.split())},\n" in mail.text.replace("\r\n", "\n")


def test_two_senders_send_none_twice(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    wanted = [f"anna{number}@example.org" for number in range(24)]
    for address in wanted:
        write(address)
    begin, sent = threading.Barrier(3), []

    def send() -> None:
        begin.wait()
        sent.append(send_due(sessions, mail_settings))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(office.recipients()) == sorted(wanted)
    assert sum(sent) == len(wanted)


def test_a_server_that_is_down_costs_nothing_but_time(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    down = replace(mail_settings, smtp_url="smtp://127.0.0.1:1")
    write("anna@example.org")
    write("berta@example.org")
    assert send_due(sessions, down) == 0
    tried, untouched = rows(sessions)
    assert (tried.attempts, untouched.attempts) == (1, 0)
    assert "refused" in tried.error
    assert timedelta(0) < waits(tried) <= emails.SERVER_DOWN
    assert send_due(sessions, mail_settings) == 1
    make_due(sessions)
    assert send_due(sessions, mail_settings) == 1
    assert sorted(office.recipients()) == ["anna@example.org", "berta@example.org"]


def test_not_now_is_tried_again_by_plan_with_the_same_message_id(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    office.mood.to_recipient = "451 4.7.1 Greylisted, please come back later"
    write("anna@example.org")
    for attempt, delay in enumerate((*emails.DELAYS, emails.DELAYS[-1]), 1):
        make_due(sessions)
        send_due(sessions, mail_settings)
        [row] = rows(sessions)
        assert row.attempts == attempt
        assert delay - timedelta(minutes=1) < waits(row) <= delay
        assert row.error == "451 4.7.1 Greylisted, please come back later"
        assert row.sealed
    office.mood.to_recipient = ""
    make_due(sessions)
    send_due(sessions, mail_settings)
    assert [mail.message["Message-ID"] for mail in office.mails()] == [f"<{row.id}@portal.example>"]


def test_a_refusal_is_final_and_does_not_hold_up_the_next(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    office.mood.to_data = "554 5.7.1 Not wanted here"
    write("anna@example.org")
    write("berta@example.org")
    assert send_due(sessions, mail_settings) == 0
    for row in rows(sessions):
        assert (row.attempts, row.error) == (1, "554 5.7.1 Not wanted here")
        assert row.failed_at is not None
        assert (row.plain, row.html) == ("", "")


def test_it_is_given_up_after_two_days(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    office.mood.to_recipient = "451 later"
    write("anna@example.org")
    with sessions.begin() as session:
        session.scalars(select(Mail)).one().created_at = func.now() - emails.GIVE_UP
    send_due(sessions, mail_settings)
    [row] = rows(sessions)
    assert row.failed_at is not None
    assert row.plain == ""


def test_a_mail_whose_sender_died_is_taken_up_again(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    write("anna@example.org")
    claimed = emails._claim(sessions)
    assert claimed is not None
    assert send_due(sessions, mail_settings) == 0
    make_due(sessions)
    assert send_due(sessions, mail_settings) == 1


def test_a_sender_that_comes_too_late_changes_nothing(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    write("anna@example.org")
    late = emails._claim(sessions)
    assert late is not None
    make_due(sessions)
    send_due(sessions, mail_settings)
    emails._record(sessions, late, SmtpAnswer(SmtpVerdict.REFUSED, "554 no"))
    [row] = rows(sessions)
    assert (row.error, row.failed_at) == ("", None)


def test_the_budget_leaves_the_rest_for_the_next_call(
    sessions: Sessions, mail_settings: Settings, office: Office, write: Write
) -> None:
    write("anna@example.org")
    assert send_due(sessions, mail_settings, budget=0) == 0
    assert send_due(sessions, mail_settings) == 1
