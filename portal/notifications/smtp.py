"""A mail of the portal as the mail server takes it (`portal/delivery/smtp.py` talks to the server)."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from config import Settings
from portal.models.notifications import Mail

LONGEST_ADDRESS = 254
EMAIL_ADDRESS = re.compile(
    r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9-]{2,}"
)


def clean_address(text: str) -> str | None:
    """One plain mail address, or None: nothing that could carry a second recipient or a header."""
    address = text.strip()
    return address if len(address) <= LONGEST_ADDRESS and EMAIL_ADDRESS.fullmatch(address) else None


def message(mail: Mail, settings: Settings) -> EmailMessage:
    """Text and HTML. The same mail carries the same Message-ID, however often it is tried."""
    built = EmailMessage(policy=SMTP)
    name, sender = parseaddr(settings.mail_from)
    built["From"] = Address(display_name=name or settings.operator_name, addr_spec=sender)
    built["To"] = Address(addr_spec=mail.recipient)
    built["Subject"] = " ".join(mail.subject.split())
    built["Date"] = format_datetime(mail.created_at)
    built["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    built["Auto-Submitted"] = "auto-generated"
    built.set_content(mail.plain)
    if mail.html:
        built.add_alternative(mail.html, subtype="html")
    return built
