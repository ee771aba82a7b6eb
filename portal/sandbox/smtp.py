"""The SMTP server that catches mails."""

from __future__ import annotations

from asyncio import Server
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.sandbox.mailbox import Mailbox


class Catcher:
    """aiosmtpd's handler: every recipient is welcome."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        self._mailbox.add(envelope.mail_from or "", list(envelope.rcpt_tos), raw)
        return "250 OK"


class CatchingServer(Controller):
    """Port 0 takes a free one; aiosmtpd would look for itself at port 0."""

    def __init__(self, mailbox: Mailbox, host: str, port: int) -> None:
        super().__init__(Catcher(mailbox), hostname=host, port=port)

    def start(self) -> None:
        try:
            super().start()
        except OSError:
            # aiosmtpd leaves its loop open when it could not listen.
            self.loop.close()
            raise

    def _trigger_server(self) -> None:
        self.port = cast(Server, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]
