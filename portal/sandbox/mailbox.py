"""Mails that were caught instead of delivered."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from portal.sandbox.database import Database, now


@dataclass(frozen=True)
class CaughtMail:
    """`sender` and `recipients` are those of the envelope, which may differ from the headers."""

    mail_id: int
    received_at: str
    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def attachments(self) -> list[str]:
        return [part.get_filename() or part.get_content_type() for part in self.message.iter_attachments()]

    def _part(self, subtype: str) -> str:
        found = self.message.get_body((subtype,))
        if found is None:
            return ""
        try:
            return str(found.get_content())
        except LookupError:
            # A charset that nobody knows: better a text with gaps than none.
            payload = found.get_payload(decode=True)
            return payload.decode("ascii", "replace") if isinstance(payload, bytes) else ""


class Mailbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, sender: str, recipients: list[str], raw: bytes) -> None:
        statement = "INSERT INTO mail (received_at, sender, recipients, raw) VALUES (?, ?, ?, ?)"
        self._database.run(statement, now(), sender, json.dumps(recipients), raw)

    def all(self) -> list[CaughtMail]:
        """The newest first."""
        return [_mail(row) for row in self._database.rows("SELECT * FROM mail ORDER BY mail_id DESC")]

    def find(self, mail_id: int) -> CaughtMail | None:
        row = self._database.row("SELECT * FROM mail WHERE mail_id = ?", mail_id)
        return _mail(row) if row else None

    def forget(self) -> None:
        self._database.run("DELETE FROM mail")


def _mail(row: sqlite3.Row) -> CaughtMail:
    message = message_from_bytes(row["raw"], policy=policy.default)
    recipients = json.loads(row["recipients"])
    return CaughtMail(row["mail_id"], row["received_at"], row["sender"], recipients, message)


def as_json(mail: CaughtMail) -> dict[str, Any]:
    return {
        "id": mail.mail_id,
        "receivedAt": mail.received_at,
        "from": mail.sender,
        "to": mail.recipients,
        "subject": mail.subject,
        "headers": mail.headers,
        "text": mail.text,
        "html": mail.html,
        "attachments": mail.attachments,
    }
