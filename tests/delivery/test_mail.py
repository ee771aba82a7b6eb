"""A file as an attachment: into the sandbox's mailbox, and never with a header of somebody else."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from socket import create_server
from typing import Any

import httpx
import pytest

from portal import delivery
from portal.delivery import (
    MAIL_LIMIT,
    Delivered,
    DeliveryStep,
    EgressPolicy,
    Patience,
    StepState,
    Target,
    Undelivered,
)
from portal.delivery.mail import sender
from portal.delivery.smtp import SmtpAnswer, SmtpVerdict
from tests.delivery.conftest import inventory, stream
from tests.marketplace import Marketplace
from tests.words import german


def target(**changes: Any) -> Target:
    facts = {
        "recipient": "boerse@example.org",
        "sender": "portal@example.org",
        "file_name": "bestand.csv",
        "media_type": "text/csv",
        "subject": "Bestand 4711001",
        "text": "Guten Tag,\n\nanbei der Bestand.",
    }
    return Target("mail", **(facts | changes))


class Outbox:
    """Keeps what is sent, as the bytes that go over the wire."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def __call__(self, message: EmailMessage) -> SmtpAnswer:
        self.sent.append(message.as_bytes(policy=policy.SMTP))
        return SmtpAnswer(SmtpVerdict.TAKEN, "250 OK")

    @property
    def egress_policy(self) -> EgressPolicy:
        return EgressPolicy(send=self)


def test_a_mail_arrives_with_the_file(marketplace: Marketplace) -> None:
    port = httpx.get(f"{marketplace.url}/control/servers").json()["smtpPort"]
    policy = EgressPolicy(send=sender(f"smtp://127.0.0.1:{port}"))
    outcome = delivery.deliver(target(), stream("A-1"), policy)
    assert outcome == Delivered("bestand.csv", len(inventory("A-1")))
    (mail,) = httpx.get(f"{marketplace.url}/control/mails").json()["mails"]
    assert (mail["to"], mail["from"]) == (["boerse@example.org"], "portal@example.org")
    assert mail["subject"] == "Bestand 4711001"
    assert mail["text"].split() == ["Guten", "Tag,", "anbei", "der", "Bestand."]
    assert mail["attachments"] == ["bestand.csv"]


def test_the_attachment_is_the_file_byte_for_byte() -> None:
    outbox, content = Outbox(), bytes(range(256)) * 10
    delivery.deliver(
        target(media_type="application/zip", file_name="Börse.zip"), BytesIO(content), outbox.egress_policy
    )
    message = message_from_bytes(outbox.sent[0], policy=policy.default)
    (part,) = message.iter_attachments()
    assert part.get_content() == content
    assert (part.get_content_type(), part.get_filename()) == ("application/zip", "Börse.zip")


def test_the_kind_of_the_attachment_is_said_once() -> None:
    outbox = Outbox()
    delivery.deliver(target(media_type="text/csv; charset=utf-8"), stream("A-1"), outbox.egress_policy)
    (part,) = message_from_bytes(outbox.sent[0], policy=policy.default).iter_attachments()
    assert part.get_content_type() == "text/csv"
    assert str(part["Content-Type"]).count("charset") == 0


EVIL = "\r\nBcc: alle@example.net\r\n\r\nBody"


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "boerse",
        "boerse@",
        f"boerse@example.org{EVIL}",
        "a@example.org, b@example.org",
        "a@example.org\nTo: b@example.org",
        "<a@example.org>",
        "Börse <a@example.org>",
        '"a b"@example.org',
        "a@example..org",
        "a b@example.org",
        "a@example.org\u2028x",
    ],
)
def test_a_recipient_is_one_plain_address_or_nothing_is_sent(recipient: str) -> None:
    outbox = Outbox()
    outcome = delivery.deliver(target(recipient=recipient), stream("A-1"), outbox.egress_policy)
    assert isinstance(outcome, Undelivered)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.NAME, False)
    assert outbox.sent == []
    results = delivery.test_connection(target(recipient=recipient), outbox.egress_policy)
    assert [result.state for result in results] == [StepState.FAILED, StepState.SKIPPED]


@pytest.mark.parametrize("member", ["subject", "text"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00"])
def test_no_text_becomes_a_header(member: str, end: str) -> None:
    outbox = Outbox()
    changed = target(**{member: f"Bestand{end}Bcc: alle@example.net"})
    assert isinstance(delivery.deliver(changed, stream("A-1"), outbox.egress_policy), Delivered)
    message = message_from_bytes(outbox.sent[0], policy=policy.default)
    assert message["Bcc"] is None
    assert message["To"] == "boerse@example.org"
    assert len(list(message.iter_attachments())) == 1


@pytest.mark.parametrize("name", [f"a.csv{EVIL}", 'a".csv; x="', "a;b.csv", "a\u2028b.csv"])
def test_no_file_name_becomes_a_header(name: str) -> None:
    outbox = Outbox()
    delivery.deliver(target(file_name=name), stream("A-1"), outbox.egress_policy)
    for sent in outbox.sent:
        message = message_from_bytes(sent, policy=policy.default)
        assert message["Bcc"] is None
        (part,) = message.iter_attachments()
        assert part.get_filename() == name


def test_a_test_checks_the_address_and_sends_nothing() -> None:
    outbox = Outbox()
    results = delivery.test_connection(target(), outbox.egress_policy)
    assert [(result.step, result.state) for result in results] == [
        (DeliveryStep.NAME, StepState.OK),
        (DeliveryStep.WRITE, StepState.SKIPPED),
    ]
    assert outbox.sent == []


@pytest.mark.parametrize(
    ("answer", "retryable"),
    [
        (SmtpAnswer(SmtpVerdict.REFUSED, "550 No such user"), False),
        (SmtpAnswer(SmtpVerdict.LATER, "451 Greylisted"), True),
        (SmtpAnswer(SmtpVerdict.REFUSED, "552 Message too large"), False),
        (SmtpAnswer(SmtpVerdict.DOWN, "535 Anmeldung abgelehnt"), True),
    ],
)
def test_what_a_mail_server_refuses_is_said(answer: SmtpAnswer, retryable: bool) -> None:
    outcome = delivery.deliver(target(), stream("A-1"), EgressPolicy(send=lambda _message: answer))
    assert isinstance(outcome, Undelivered)
    assert (outcome.step, outcome.retryable) == (DeliveryStep.WRITE, retryable)
    assert german(answer.text).partition(" ")[2] in german(outcome.reason)


def test_a_mail_server_that_hangs_is_left() -> None:
    with create_server(("127.0.0.1", 0)) as listener:
        waits = EgressPolicy(patience=Patience(answer=0.5))
        policy = EgressPolicy(send=sender(f"smtp://127.0.0.1:{listener.getsockname()[1]}", waits))
        outcome = delivery.deliver(target(), stream("A-1"), policy)
    assert isinstance(outcome, Undelivered)
    assert outcome.retryable
    assert "keine Mails versenden" in german(outcome.reason)


def test_an_attachment_that_no_mail_server_takes_is_not_sent() -> None:
    outbox = Outbox()
    outcome = delivery.deliver(target(), BytesIO(bytes(MAIL_LIMIT + 1)), outbox.egress_policy)
    assert isinstance(outcome, Undelivered)
    assert "zu groß" in german(outcome.reason)
    assert outbox.sent == []
    assert isinstance(delivery.fetch(target(), "a.csv", 10, outbox.egress_policy), Undelivered)


def test_a_recipient_with_an_umlaut_domain_is_written_to_by_its_ascii_name() -> None:
    outbox = Outbox()
    outcome = delivery.deliver(
        target(recipient="bestand@autohaus-müller.de"), stream("A-1"), outbox.egress_policy
    )
    assert isinstance(outcome, Delivered)
    assert message_from_bytes(outbox.sent[0], policy=policy.default)["To"] == (
        "bestand@xn--autohaus-mller-psb.de"
    )
