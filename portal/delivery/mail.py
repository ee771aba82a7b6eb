"""Delivery as an attachment of a mail."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from portal.delivery import egress
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import DeliveryFailure, DeliveryStep, EgressPolicy, ServerRefusal, Target
from portal.delivery.reasons import printable

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def send(attempt: DeliveryAttempt, name: str, stream: BinaryIO) -> None:
    check_recipient(attempt.target)
    message = attachment(attempt.target, name, stream)
    attempt.at(DeliveryStep.WRITE)
    if attempt.policy.send is None:
        raise DeliveryFailure(
            DeliveryStep.WRITE, "Das Portal kann zur Zeit keine Mails versenden.", retryable=True
        )
    try:
        attempt.policy.send(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refused(code, text) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from error


def check_recipient(target: Target) -> None:
    """One plain address: what looks like more could become a header of its own. Raises Failure."""
    if not ADDRESS.fullmatch(target.recipient) or ".." in target.recipient:
        raise DeliveryFailure(
            DeliveryStep.NAME, "Die Mailadresse des Empfängers ist nicht gültig. Berichtigen Sie sie."
        )


def attachment(target: Target, name: str, stream: BinaryIO) -> EmailMessage:
    message = EmailMessage()
    message["From"] = target.sender
    message["To"] = Address(addr_spec=target.recipient)
    message["Subject"] = printable(target.subject or name)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=target.sender.rpartition("@")[2].strip("> ") or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(target.text or f"Im Anhang: {name}")
    kind, _, subtype = target.media_type.partition("/")
    message.add_attachment(stream.read(), maintype=kind, subtype=subtype or "octet-stream", filename=name)
    return message


def _refused(code: int, text: bytes | str) -> ServerRefusal:
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return ServerRefusal(shown, code=str(code), temporary=400 <= code < 500)


def sender(smtp_url: str, policy: EgressPolicy | None = None) -> Callable[[EmailMessage], None]:
    """Sends by `smtp://[user:password@]host[:port]`, `smtps://…`, or `smtp+starttls://…`."""
    world = policy or EgressPolicy()
    parts = urlsplit(smtp_url)
    host, wait = parts.hostname or "localhost", world.patience.answer

    def send_message(message: EmailMessage) -> None:
        if parts.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=wait, context=egress.trust(world)
            )
        else:
            client = smtplib.SMTP(host, parts.port or 25, timeout=wait)
        with client:
            if parts.scheme == "smtp+starttls":
                client.starttls(context=egress.trust(world))
            if parts.username:
                client.login(unquote(parts.username), unquote(parts.password or ""))
            client.send_message(message)

    return send_message
