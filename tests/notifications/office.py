"""A real SMTP server that keeps what it is given, and can be told to behave like others do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from portal.sandbox.database import Database
from portal.sandbox.mailbox import CaughtMail, Mailbox
from portal.sandbox.smtp import Catcher, CatchingServer


class Moody(Catcher):
    """The sandbox's catcher, with a mood: an answer to recipients, and one to contents."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(mailbox)
        self.to_recipient = ""
        self.to_data = ""

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient:
            return self.to_recipient
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self.to_data or await super().handle_DATA(server, session, envelope)


class Office(CatchingServer):
    """Listens on a free port of its own."""

    def __init__(self, mailbox: Mailbox, **server: Any) -> None:
        self.mailbox = mailbox
        self.mood = Moody(mailbox)
        Controller.__init__(self, self.mood, hostname="127.0.0.1", port=0, **server)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def mails(self) -> list[CaughtMail]:
        """The oldest first."""
        return self.mailbox.all()[::-1]

    def recipients(self) -> list[str]:
        return [address for mail in self.mails() for address in mail.recipients]


@contextmanager
def open_office(folder: Path, **server: Any) -> Iterator[Office]:
    database = Database(folder / "office.sqlite")
    office = Office(Mailbox(database), **server)
    office.start()
    try:
        yield office
    finally:
        office.stop()
        database.close()


class Doorman:
    """Lets in who knows the password, and notes who tried."""

    def __init__(self, user: str, password: str) -> None:
        self._right = LoginPassword(user.encode(), password.encode())
        self.tried: list[LoginPassword] = []

    def __call__(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.tried.append(data)
        return AuthResult(success=data == self._right, handled=False)
