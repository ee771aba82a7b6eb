"""Emails: a template, the reader's language and values become subject, text and HTML, and wait as rows.

An email is written once, in `templates/mails/<name>.txt`, as blocks: `subject`, `text` (paragraphs
between blank lines), `button` (what the link is called) and, where there is one, `footer`. Both forms
are laid out from them.

The row is written in the transaction of its cause and sent after the commit. It is claimed by an UPDATE
before it goes out, so two processes never send one twice. A process that dies between the server's yes and
our note of it is the one case in which an email comes a second time; its Message-ID stays the same.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.catalogue import catalogue, in_language, moment
from portal.delivery.smtp import SmtpAnswer, SmtpConnection, SmtpVerdict
from portal.models.accounts import User
from portal.models.notifications import Mail
from portal.notifications import bell
from portal.notifications.smtp import clean_address, message
from portal.security.vault import vault_of

TEMPLATES = Path(__file__).parents[2] / "templates"
PARAGRAPHS = re.compile(r"\n[ \t]*\n")
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Email:
    subject: str
    plain: str
    html: str


@dataclass(frozen=True)
class EmailParts:
    """What both forms are made of; `url` is empty where there is nothing to open."""

    subject: str
    paragraphs: tuple[tuple[str, ...], ...]
    button: str
    url: str
    footer: str


def render(letter: str, language: str, operator: str, values: dict[str, Any]) -> Email:
    """Raises TemplateNotFound for a letter that is none, UndefinedError for a missing value."""
    parts = _parts(letter, language, {"operator": operator, "url": "", **values})
    layout = _environment(language, html=True).get_template("mails/layout.html")
    html = layout.render(parts=parts, operator=operator, language=language)
    paragraphs = ["\n".join(lines) for lines in parts.paragraphs]
    if parts.button:
        paragraphs.append(f"{parts.button}:\n{parts.url}")
    paragraphs.append("\n".join(filter(None, ("-- ", operator, parts.footer))))
    return Email(parts.subject, "\n\n".join(paragraphs) + "\n", html)


def _parts(letter: str, language: str, values: dict[str, Any]) -> EmailParts:
    template = _environment(language, html=False).get_template(f"mails/{letter}.txt")
    text = _block(template, "text", values)
    paragraphs = tuple(
        tuple(line.strip() for line in paragraph.splitlines() if line.strip())
        for paragraph in PARAGRAPHS.split(text)
    )
    return EmailParts(
        subject=_block(template, "subject", values)[:LONGEST_SUBJECT],
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph),
        button=_block(template, "button", values) if values["url"] else "",
        url=str(values["url"]),
        footer=_block(template, "footer", values),
    )


def _block(template: Template, name: str, values: dict[str, Any]) -> str:
    block = template.blocks.get(name)
    return "".join(block(template.new_context(values))).strip() if block else ""


@lru_cache
def _environment(language: str, *, html: bool) -> Environment:
    # No value begins a line or a paragraph of its own.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=html,  # noqa: S701  # the rest is plain text; the HTML layout escapes it
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        finalize=None if html else lambda value: " ".join(value.split()) if isinstance(value, str) else value,
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["translated"] = partial(in_language, language=language)
    environment.filters["moment"] = partial(moment, language=language)
    return environment


CLAIMED = timedelta(minutes=10)
"""A mail whose sender died is taken up again after this; longer than any conversation with a server."""
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
"""After a refusal "not now"; the last one repeats."""
SERVER_DOWN = timedelta(minutes=1)
GIVE_UP = timedelta(days=2)
PREFERENCES = "/settings/notifications"
EMPTIED = {"sealed": "", "plain": "", "html": ""}
SENDING_BUDGET = 240.0
"""Seconds after which the next call goes on."""


@dataclass(frozen=True)
class Recipient:
    address: str
    language: str = "de"
    user_id: UUID | None = None
    dealer_id: UUID | None = None

    @classmethod
    def of(cls, user: User) -> Recipient:
        return cls(user.email, user.language, user.id, user.dealer_id)


def queue_email(session: Session, settings: Settings, to: Recipient, letter: str, **values: Any) -> bool:
    """Write a mail; it leaves after the commit. False when there is no address to write to.

    `letter` names a template of `templates/mails`, which says what `values` it needs; `url` is what
    its button opens.
    """
    address = clean_address(to.address)
    if address is None:
        return False
    written = render(letter, to.language, settings.operator_name, values)
    key = session.scalars(select(func.uuidv7())).one()
    session.add(
        Mail(
            id=key,
            user_id=to.user_id,
            dealer_id=to.dealer_id,
            recipient=address,
            subject=written.subject,
            sealed=vault_of(settings).seal(key, {"plain": written.plain, "html": written.html}),
        )
    )
    bell.ring_after_commit(session)
    return True


def send_test_email(settings: Settings, to: Recipient, name: str) -> SmtpAnswer:
    """Send a test mail here and now, and tell what the server said; nothing is kept of it.

    `to` carries an address that `clean_address` takes.
    """
    url = f"{settings.portal_url}{PREFERENCES}"
    values = {"name": name, "url": url, "preferences": url}
    written = render("test", to.language, settings.operator_name, values)
    mail = Mail(id=uuid4(), recipient=to.address.strip(), created_at=datetime.now(UTC))
    mail.subject, mail.plain, mail.html = written.subject, written.plain, written.html
    with SmtpConnection(settings.smtp_url) as line:
        return line.send(message(mail, settings))


def send_due(sessions: sessionmaker[Session], settings: Settings, budget: float = SENDING_BUDGET) -> int:
    """Send what waits, one after the other over one line; returns how many went out."""
    sent, end = 0, time.monotonic() + budget
    with SmtpConnection(settings.smtp_url) as line:
        while time.monotonic() < end and (mail := _claim(sessions)) is not None:
            answer = line.send(message(opened(mail, settings), settings))
            _record(sessions, mail, answer)
            sent += answer.verdict == SmtpVerdict.TAKEN
            if answer.verdict == SmtpVerdict.DOWN:
                break
    return sent


def opened(mail: Mail, settings: Settings) -> Mail:
    """The same mail with its bodies in the clear; detached, so they get nowhere. Raises Sealed."""
    if mail.sealed:
        bodies = vault_of(settings).open(mail.id, mail.sealed)
        mail.plain, mail.html = bodies["plain"], bodies["html"]
    return mail


def _claim(sessions: sessionmaker[Session]) -> Mail | None:
    """The mail that has been due longest, ours for a while; detached."""
    waiting = and_(Mail.sent_at.is_(None), Mail.failed_at.is_(None), Mail.not_before <= func.now())
    oldest = (
        select(Mail.id).where(waiting).order_by(Mail.not_before).limit(1).with_for_update(skip_locked=True)
    )
    claimed = (
        update(Mail)
        .where(Mail.id == oldest.scalar_subquery())
        .values(not_before=func.now() + CLAIMED, attempts=Mail.attempts + 1)
        .returning(Mail)
    )
    with sessions.begin() as session:
        mail = session.scalars(claimed).one_or_none()
        session.expunge_all()
    return mail


def _record(sessions: sessionmaker[Session], mail: Mail, answer: SmtpAnswer) -> None:
    """What became of it, unless somebody else has taken it up meanwhile."""
    ours = (Mail.id == mail.id, Mail.attempts == mail.attempts, Mail.sent_at.is_(None))
    with sessions.begin() as session:
        session.execute(update(Mail).where(*ours).values(**_outcome(mail, answer)))


def _outcome(mail: Mail, answer: SmtpAnswer) -> dict[str, Any]:
    if answer.verdict == SmtpVerdict.TAKEN:
        return {"sent_at": func.now(), "error": "", **EMPTIED}
    later = DELAYS[min(mail.attempts, len(DELAYS)) - 1]
    delay = SERVER_DOWN if answer.verdict == SmtpVerdict.DOWN else later
    too_late = mail.not_before - CLAIMED + delay > mail.created_at + GIVE_UP
    if answer.verdict == SmtpVerdict.REFUSED or too_late:
        return {"failed_at": func.now(), "error": str(answer.text)[:300], **EMPTIED}
    return {"not_before": func.now() + delay, "error": str(answer.text)[:300]}
