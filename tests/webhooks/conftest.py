"""A dealer with a webhook, and a receiver that notes what it is told and answers as told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker
from standardwebhooks import Webhook

from config import Settings
from portal import audit
from portal.delivery import EgressPolicy
from portal.models import Activation, Dealer, User, Vehicle, WebhookEndpoint, WebhookMessage
from portal.security.vault import vault_of
from portal.webhooks import endpoints
from portal.webhooks.messages import EVENTS
from portal.webhooks.sending import WebhookSender
from tests.builders import Build

LOOPBACK = EgressPolicy(allow=(ip_network("127.0.0.0/8"),))


@dataclass
class Receiver:
    """`statuses` are answered one after the other, the last one from then on."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    free: Event = field(default_factory=Event)
    """Cleared: it keeps its callers waiting."""

    def told(self, secret: str) -> list[dict[str, Any]]:
        """Everything that came, verified by the library of Standard Webhooks."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.got]

    def next_status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def receiving() -> Any:
    return _Receiving()


class _Receiving:
    def __enter__(self) -> Receiver:
        receiver = Receiver()
        receiver.free.set()

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                receiver.free.wait(20)
                self.send_response(receiver.next_status())
                for name, value in {**receiver.headers, "Content-Length": str(len(receiver.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_args: object) -> None:
                """Nothing to say."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_args: object) -> None:
                """A caller that has read enough hangs up."""

        self.server = Quiet(("127.0.0.1", 0), Answer)
        receiver.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        self.thread = Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        self.receiver = receiver
        return receiver

    def __exit__(self, *_error: object) -> None:
        self.receiver.free.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def sender(sessions: sessionmaker[Session], settings: Settings) -> WebhookSender:
    return WebhookSender(sessions, vault_of(settings), LOOPBACK)


class Ear:
    """Alice's webhook, told of everything, and what waits for it."""

    def __init__(self, build: Build, sender: WebhookSender, dealer: Dealer, alice: User, url: str) -> None:
        self.build, self.session, self.sender = build, build.session, sender
        self.dealer, self.alice = dealer, alice
        self.activation: Activation = build.activation(dealer)
        self.endpoint, self.secret = self.another(url)

    def another(self, url: str, *events: str) -> tuple[WebhookEndpoint, str]:
        found = endpoints.create(
            self.session,
            self.sender.vault,
            audit.PORTAL,
            self.alice,
            name="DMS",
            url=url,
            events=events or tuple(EVENTS),
        )
        self.session.commit()
        return found

    def note(self, subject: UUID | None = None, **data: Any) -> WebhookMessage:
        """A message that waits, without the fact behind it."""
        row = WebhookMessage(
            endpoint_id=self.endpoint.id,
            event="listing.online",
            subject_id=subject or self.build.vehicle(self.dealer).id,
            data=data,
        )
        self.session.add(row)
        self.session.commit()
        return row

    def messages(self) -> list[WebhookMessage]:
        self.session.expire_all()
        return list(self.session.scalars(select(WebhookMessage).order_by(WebhookMessage.id)))

    def events(self) -> list[str]:
        return [message.event for message in self.messages()]

    def vehicle(self) -> Vehicle:
        return self.build.vehicle(self.dealer)

    def later(self, by: timedelta) -> None:
        """As if so much time had gone by."""
        for table, columns in (
            (WebhookEndpoint, ("not_before", "failing_since", "last_success_at", "leased_until", "told_at")),
            (WebhookMessage, ("not_before", "until")),
        ):
            moments = {name: getattr(table, name) - by for name in columns}
            self.session.execute(update(table).values(moments))
        self.session.commit()
        self.session.expire_all()

    def waits_for(self, message: WebhookMessage) -> float:
        """Seconds until it may be tried again."""
        left = select(func.extract("epoch", WebhookMessage.not_before - func.now()))
        return float(self.session.scalar(left.where(WebhookMessage.id == message.id)) or 0)


@pytest.fixture
def ear(build: Build, sender: WebhookSender, receiver: Receiver) -> Ear:
    dealer = build.dealer()
    return Ear(build, sender, dealer, build.alice(dealer), receiver.url)
