"""A mail of the portal as the mail server takes it (`portal/delivery/smtp.py` talks to the server)."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from config import Settings
from portal.delivery.smtp import sender_of
from portal.formats.addresses import ascii_email
from portal.models.notifications import Mail


def clean_address(text: str) -> str | None:
    """One plain mail address as servers take it, or None: nothing that could carry a second recipient or a
    header."""
    return ascii_email(text.strip())


def message(mail: Mail, settings: Settings) -> EmailMessage:
    """Text and HTML. The same mail carries the same Message-ID, however often it is tried."""
    built = EmailMessage(policy=SMTP)
    sender = sender_of(settings.mail_from, settings.operator_name)
    built["From"] = sender
    built["To"] = Address(addr_spec=mail.recipient)
    built["Subject"] = " ".join(mail.subject.split())
    built["Date"] = format_datetime(mail.created_at)
    built["Message-ID"] = f"<{mail.id}@{sender.domain}>"
    built["Auto-Submitted"] = "auto-generated"
    built.set_content(mail.plain)
    if mail.html:
        built.add_alternative(mail.html, subtype="html")
    return built
