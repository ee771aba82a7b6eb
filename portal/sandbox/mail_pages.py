"""The caught mails, to be read in a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template

from portal.sandbox.mailbox import CaughtMail
from portal.sandbox.parts import parts

mail_pages = Blueprint("mail_pages", __name__, url_prefix="/mails")
# A foreign document: no script, no forms, nothing loaded, shown in our own frame only.
HTML_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
_LINK = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)\]])")


@dataclass(frozen=True)
class MailPiece:
    text: str
    is_link: bool


def pieces(text: str) -> list[MailPiece]:
    """The text with its links set apart; the template escapes both."""
    # The pattern has one group: every second part is a link.
    return [MailPiece(part, index % 2 == 1) for index, part in enumerate(_LINK.split(text)) if part]


@mail_pages.get("")
def inbox() -> str:
    return render_template("sandbox/mails.html", mails=parts().mailbox.all())


@mail_pages.get("/<int:mail_id>")
def read(mail_id: int) -> str:
    mail = _mail(mail_id)
    return render_template("sandbox/mail.html", mail=mail, pieces=pieces(mail.text))


@mail_pages.get("/<int:mail_id>/html")
def html(mail_id: int) -> Response:
    policy = {"Content-Security-Policy": HTML_POLICY}
    return Response(_mail(mail_id).html, headers=policy, content_type="text/html; charset=utf-8")


def _mail(mail_id: int) -> CaughtMail:
    return parts().mailbox.find(mail_id) or abort(404)
