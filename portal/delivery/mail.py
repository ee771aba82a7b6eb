"""Delivery as an attachment of a mail."""

from __future__ import annotations

from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import BinaryIO

from portal.delivery import egress
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import DeliveryFailure, DeliveryStep, EgressPolicy, ServerRefusal, Target
from portal.delivery.reasons import printable
from portal.delivery.smtp import SmtpAnswer, SmtpConnection, SmtpVerdict, sender_of
from portal.formats.addresses import ascii_email
from portal.messages import Message, say


def send(attempt: DeliveryAttempt, name: str, stream: BinaryIO) -> None:
    check_recipient(attempt.target)
    message = attachment(attempt.target, name, stream)
    attempt.at(DeliveryStep.WRITE)
    if attempt.policy.send is None:
        raise DeliveryFailure(
            DeliveryStep.WRITE, say("Das Portal kann zur Zeit keine Mails versenden."), retryable=True
        )
    answer = attempt.policy.send(message)
    if answer.verdict is SmtpVerdict.DOWN:
        said = answer.text if isinstance(answer.text, Message) else printable(answer.text)
        reason = say(
            "Das Portal kann zur Zeit keine Mails versenden ({said}). "
            "Darum muss sich sein Betreiber kümmern.",
            said=said,
        )
        raise DeliveryFailure(DeliveryStep.WRITE, reason, retryable=True)
    if answer.verdict is not SmtpVerdict.TAKEN:
        code, _, text = str(answer.text).partition(" ")
        raise ServerRefusal(text, code=code, temporary=answer.verdict is SmtpVerdict.LATER)


def check_recipient(target: Target) -> None:
    """One plain address: what looks like more could become a header of its own. Raises Failure."""
    if ascii_email(target.recipient) != target.recipient:
        raise DeliveryFailure(
            DeliveryStep.NAME, say("Die Mailadresse des Empfängers ist nicht gültig. Berichtigen Sie sie.")
        )


def attachment(target: Target, name: str, stream: BinaryIO) -> EmailMessage:
    message = EmailMessage()
    sender = sender_of(target.sender)
    message["From"] = sender
    message["To"] = Address(addr_spec=target.recipient)
    message["Subject"] = printable(target.subject or name)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.domain or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(target.text or f"Im Anhang: {name}")
    kind, _, subtype = target.media_type.partition(";")[0].strip().partition("/")
    message.add_attachment(stream.read(), maintype=kind, subtype=subtype or "octet-stream", filename=name)
    return message


def sender(smtp_url: str, policy: EgressPolicy | None = None) -> Callable[[EmailMessage], SmtpAnswer]:
    """Sends each mail over a connection of its own: the next one may be hours away."""
    world = policy or EgressPolicy()

    def send_message(message: EmailMessage) -> SmtpAnswer:
        with SmtpConnection(smtp_url, world.patience.answer, lambda: egress.trust(world)) as line:
            return line.send(message)

    return send_message
