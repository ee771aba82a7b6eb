"""The one client for the operator's mail server: notices and exports go out by it. Asks no database.

An address is `smtp://host:port` or `smtps://user:password@host:port`. Beyond this machine, STARTTLS is used
where the server offers it, and a password is never sent without encryption; `smtp+starttls://` sends nothing
at all without.
"""

from __future__ import annotations

import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from enum import StrEnum
from types import TracebackType
from urllib.parse import unquote, urlsplit

from portal.formats.addresses import ascii_email
from portal.messages import Wording, say

TIMEOUT = 15.0
"""Seconds for each step of the conversation."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LATER = 400
REFUSED = 500
IMPLICIT_TLS, SUBMISSION = 465, 587
"""Ports of RFC 8314 and RFC 6409: at the first one no server greets before the line is encrypted."""
WIRE = SMTP.clone(cte_type="7bit")
"""Umlauts survive servers that take seven bits only (those without 8BITMIME, RFC 6152)."""
LOGGED_IN = (235, 503)


class SmtpVerdict(StrEnum):
    """LATER: the server asks for patience. DOWN: there is no talking to it at all, so not for other mails."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"
    DOWN = "down"


@dataclass(frozen=True)
class SmtpAnswer:
    verdict: SmtpVerdict
    text: Wording
    """What the server said, or why it could not be asked; carries no secret."""


class Unencrypted(Exception):
    """Something would have to be sent in the clear that must not be."""


class SmtpConnection:
    """A connection that is opened with the first mail and kept for the following ones."""

    def __init__(
        self,
        smtp_url: str,
        timeout: float = TIMEOUT,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._url = smtp_url
        self._timeout = timeout
        self._trust = trust
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> SmtpConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(self, built: EmailMessage) -> SmtpAnswer:
        """Never raises for what a server or the network does."""
        try:
            if self._server is None:
                self._server = connect(self._url, self._timeout, self._trust)
            return _hand_over(self._server, built)
        except smtplib.SMTPAuthenticationError as error:
            return self._down(say("{code} Anmeldung abgelehnt", code=error.smtp_code))
        except smtplib.SMTPResponseException as error:
            return self._down(_spell(error.smtp_code, error.smtp_error))
        except Unencrypted:
            return self._down(say("Der Mailserver bietet keine Verschlüsselung an."))
        except smtplib.SMTPNotSupportedError:
            return self._down(say("Der Mailserver bietet keine Anmeldung an, die das Portal kennt."))
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            return self._down(str(error) or type(error).__name__)

    def _down(self, text: Wording) -> SmtpAnswer:
        self._hang_up()
        return SmtpAnswer(SmtpVerdict.DOWN, text)

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()


def connect(smtp_url: str, timeout: float, trust: Callable[[], ssl.SSLContext]) -> smtplib.SMTP:
    """Greeted, encrypted and logged in as the address says."""
    url = urlsplit(smtp_url)
    host, port, implicit = way(smtp_url)
    if implicit:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=trust())
    else:
        server = smtplib.SMTP(host, port, timeout=timeout)
    try:
        server.ehlo_or_helo_if_needed()
        must = url.scheme == "smtp+starttls"
        encrypted = implicit or ((must or host not in LOOPBACK) and _encrypted(server, trust))
        if must and not encrypted:
            raise Unencrypted
        if url.username:
            if not encrypted and host not in LOOPBACK:
                raise Unencrypted
            _log_in(server, unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def way(smtp_url: str) -> tuple[str, int, bool]:
    """Host, port, and whether the line is encrypted from its first byte."""
    url = urlsplit(smtp_url)
    implicit = url.scheme == "smtps" or url.port == IMPLICIT_TLS
    usual = IMPLICIT_TLS if implicit else SUBMISSION if url.scheme == "smtp+starttls" else 25
    return url.hostname or "localhost", url.port or usual, implicit


def sender_of(text: str, usual_name: str = "") -> Address:
    """`Autohaus <post@käfer.de>`, with its domain as servers take it."""
    name, plain = parseaddr(text)
    return Address(display_name=name or usual_name, addr_spec=ascii_email(plain) or plain)


def _log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """smtplib's own login knows ASCII alone; umlauts go as UTF-8 (RFC 4616)."""
    if user.isascii() and password.isascii():
        server.login(user, password)
        return
    plain = "\0".join(("", user, password)).encode()
    code, said = server.docmd("AUTH", f"PLAIN {b64encode(plain).decode()}")
    if code not in LOGGED_IN:
        raise smtplib.SMTPAuthenticationError(code, said)


def _encrypted(server: smtplib.SMTP, trust: Callable[[], ssl.SSLContext]) -> bool:
    if not server.has_extn("starttls"):
        return False
    server.starttls(context=trust())
    server.ehlo()
    return True


def _hand_over(server: smtplib.SMTP, built: EmailMessage) -> SmtpAnswer:
    """Like `SMTP.send_message`, which keeps the server's words to itself. Raises when the line is cut."""
    sender, recipient = built["From"].addresses[0].addr_spec, built["To"].addresses[0].addr_spec
    for code, said in (server.mail(sender), server.rcpt(recipient)):
        if code >= LATER:
            server.rset()
            return SmtpAnswer(_verdict(code), _spell(code, said))
    try:
        code, said = server.data(built.as_bytes(policy=WIRE))
    except smtplib.SMTPDataError as error:
        server.rset()
        code, said = error.smtp_code, error.smtp_error  # type: ignore[assignment]
    return SmtpAnswer(_verdict(code), _spell(code, said))


def _verdict(code: int) -> SmtpVerdict:
    if code < LATER:
        return SmtpVerdict.TAKEN
    return SmtpVerdict.LATER if code < REFUSED else SmtpVerdict.REFUSED


def _spell(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(f"{code} {text}".split())
