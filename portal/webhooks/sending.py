"""Sending: for one webhook after the other as messages come due, the messages of each in their order.

A webhook is served by one process at a time, under a lease in its row, for a slice of a few seconds. What a
process leaves when it ends is sent again: at least once, never not at all. Messages about the same vehicle
wait for each other; one that the receiver does not take holds up no other vehicle for longer than its turn.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload, sessionmaker, undefer

from portal.delivery import Answered, EgressPolicy, Patience, post
from portal.messages import Wording, as_json, say
from portal.models.accounts import User
from portal.models.webhooks import (
    RIGHTS_BEHIND,
    DisabledWhy,
    MessageState,
    WebhookEndpoint,
    WebhookMessage,
)
from portal.security.vault import Sealed, Vault
from portal.webhooks import schedule
from portal.webhooks.endings import disable, give_up
from portal.webhooks.messages import body_of, message_name
from portal.webhooks.signing import secrets_in_force, signed_headers

log = logging.getLogger(__name__)
PATIENCE = Patience(connect=5, answer=10, total=15, trial=15)
"""Seconds: a receiver notes what it is told and answers, and works on it afterwards."""
SLICE = 5.0
"""Seconds after which another webhook has its turn."""
LEASE = timedelta(seconds=60)
THREADS, FOR_FAILING = 16, 8
"""Webhooks served at a time by one process; of those that failed last time at most so many."""
KEPT_ATTEMPTS = 20
UNREADABLE = say("Das Geheimnis des Webhooks ist nicht lesbar. Erneuern Sie es.")
REDIRECTED = say("Der Empfänger leitet auf eine andere Adresse um. Legen Sie einen Webhook für diese an.")
REFUSED = say("Der Empfänger hat mit Status {status} geantwortet.")


@dataclass(frozen=True)
class WebhookSender:
    sessions: sessionmaker[Session]
    vault: Vault
    policy: EgressPolicy

    def __post_init__(self) -> None:
        object.__setattr__(self, "policy", replace(self.policy, patience=PATIENCE))


@dataclass(frozen=True)
class WebhookAttempt:
    """`status` is None where there was no answer; `reason` says why it is in vain, else it is empty."""

    at: datetime
    milliseconds: int
    status: int | None = None
    reason: Wording = ""
    answer: str = ""
    retry_after: str = ""

    @property
    def taken(self) -> bool:
        return self.status is not None and schedule.is_taken(self.status)

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "status": self.status,
            "milliseconds": self.milliseconds,
            "reason": as_json(self.reason),
            "answer": self.answer,
        }


class WebhookLoop:
    """Serves what is due in threads of its own: a receiver that is slow keeps one of them busy, no other
    receiver waiting, and never the caller."""

    def __init__(self, sender: WebhookSender) -> None:
        self.sender = sender
        self._serving: dict[UUID, tuple[Thread, bool]] = {}
        """With whether the webhook had failed before."""

    def look(self) -> int:
        """Begin with what is due, as far as threads are free; returns with how many."""
        self._serving = {key: row for key, row in self._serving.items() if row[0].is_alive()}
        with self.sender.sessions() as session:
            due = session.execute(due_endpoints()).all()
        begun = 0
        for key, failures in due:
            failing = failures > 0
            served_failing = sum(had_failed for _, had_failed in self._serving.values())
            if key in self._serving or (failing and served_failing >= FOR_FAILING):
                continue
            if len(self._serving) >= THREADS:
                break
            thread = Thread(target=self._serve, args=(key,), daemon=True)
            self._serving[key] = thread, failing
            thread.start()
            begun += 1
        return begun

    def wait(self) -> None:
        """For what was begun."""
        for thread, _ in list(self._serving.values()):
            thread.join()

    def _serve(self, endpoint_id: UUID) -> None:
        try:
            serve(self.sender, endpoint_id)
        except Exception:
            log.exception("webhook %s could not be served", endpoint_id)


def serve_due(sender: WebhookSender) -> int:
    """In this thread, until nothing is due; returns how many attempts were made."""
    made = 0
    while True:
        with sender.sessions() as session:
            due = list(session.scalars(due_endpoints()))
        attempts = sum(serve(sender, key) for key in due)
        if not attempts:
            return made
        made += attempts


def due_endpoints() -> Select[UUID, int]:
    """Those that waited longest for their turn first."""
    return (
        select(WebhookEndpoint.id, WebhookEndpoint.failures)
        .join(User, User.id == WebhookEndpoint.created_by)
        .where(
            *_may_be_told(),
            or_(WebhookEndpoint.leased_until.is_(None), WebhookEndpoint.leased_until < func.now()),
            _sendable().where(WebhookMessage.endpoint_id == WebhookEndpoint.id).exists(),
        )
        .order_by(WebhookEndpoint.served_at.asc().nulls_first(), WebhookEndpoint.id)
    )


def _may_be_told() -> tuple[Any, ...]:
    """Of a webhook and its maker, who must still have the rights behind it."""
    return (
        WebhookEndpoint.disabled_at.is_(None),
        or_(WebhookEndpoint.not_before.is_(None), WebhookEndpoint.not_before <= func.now()),
        User.active,
        User.dealer_id == WebhookEndpoint.dealer_id,
        User.rights.contains(sorted(RIGHTS_BEHIND)),
        User.location_ids == [],
    )


def _sendable() -> Select[UUID]:
    """Due, and no older message about the same still waits."""
    older = aliased(WebhookMessage)
    waits_behind = exists().where(
        older.endpoint_id == WebhookMessage.endpoint_id,
        older.subject_id == WebhookMessage.subject_id,
        older.state == MessageState.WAITING,
        older.id < WebhookMessage.id,
    )
    return select(WebhookMessage.id).where(
        WebhookMessage.state == MessageState.WAITING, WebhookMessage.not_before <= func.now(), ~waits_behind
    )


def serve(sender: WebhookSender, endpoint_id: UUID, budget: float = SLICE) -> int:
    """Send what is due to one webhook for so many seconds, or until an attempt is in vain; returns how many
    attempts were made. None where another process serves it."""
    turn, began, made = WebhookTurn(sender, endpoint_id, uuid4()), time.monotonic(), 0
    if not turn.take_lease():
        return 0
    try:
        while time.monotonic() - began < budget:
            taken = turn.send_next()
            made += taken is not None
            if not taken:
                break
    finally:
        turn.give_back()
    return made


@dataclass(frozen=True)
class WebhookTurn:
    """One slice of a webhook, under a lease of its own."""

    sender: WebhookSender
    endpoint_id: UUID
    token: UUID

    def take_lease(self) -> bool:
        free = or_(WebhookEndpoint.leased_until.is_(None), WebhookEndpoint.leased_until < func.now())
        statement = (
            update(WebhookEndpoint)
            .where(WebhookEndpoint.id == self.endpoint_id, free)
            .values(lease_token=self.token, leased_until=func.now() + LEASE, served_at=func.now())
        )
        with self.sender.sessions.begin() as session:
            return bool(session.execute(statement.returning(WebhookEndpoint.id)).first())

    def give_back(self) -> None:
        ours = update(WebhookEndpoint).where(WebhookEndpoint.lease_token == self.token)
        with self.sender.sessions.begin() as session:
            session.execute(ours.values(lease_token=None, leased_until=None))

    def send_next(self) -> bool | None:
        """The oldest message that is due; whether the receiver took it, None where there is none."""
        with self.sender.sessions.begin() as session:
            found = self._next_message(session)
            if found is None:
                return None
            endpoint, message = found
            session.expunge_all()
        attempt = self._attempt(endpoint, message)
        with self.sender.sessions.begin() as session:
            return self._write(session, message.id, attempt)

    def _next_message(self, session: Session) -> tuple[WebhookEndpoint, WebhookMessage] | None:
        """Extends the lease: every attempt is shorter than that."""
        ours = WebhookEndpoint.id == self.endpoint_id, WebhookEndpoint.lease_token == self.token
        extended = update(WebhookEndpoint).where(*ours).values(leased_until=func.now() + LEASE)
        if not session.execute(extended.returning(WebhookEndpoint.id)).first():
            return None
        mine = (
            _sendable()
            .where(WebhookMessage.endpoint_id == self.endpoint_id)
            .order_by(WebhookMessage.id)
            .limit(1)
        )
        statement = (
            select(WebhookEndpoint, WebhookMessage)
            .join(User, User.id == WebhookEndpoint.created_by)
            .join(WebhookMessage, WebhookMessage.endpoint_id == WebhookEndpoint.id)
            .where(*ours, *_may_be_told(), WebhookMessage.id == mine.scalar_subquery())
            .options(undefer(WebhookEndpoint.secrets), joinedload(WebhookEndpoint.maker))
        )
        row = session.execute(statement).first()
        return (row[0], row[1]) if row else None

    def _attempt(self, endpoint: WebhookEndpoint, message: WebhookMessage) -> WebhookAttempt:
        """No connection to the database is held meanwhile."""
        now, began = datetime.now(UTC), time.monotonic()
        try:
            secrets = secrets_in_force(self.sender.vault, endpoint)
        except Sealed:
            return WebhookAttempt(now, 0, reason=UNREADABLE)
        body = body_of(message)
        headers = signed_headers(message_name(message.id), now, body, secrets)
        headers |= {"Content-Type": "application/json", "User-Agent": "vehicle-export-portal webhooks/1"}
        answer = post(endpoint.url, body, headers, self.sender.policy)
        milliseconds = round((time.monotonic() - began) * 1000)
        if not isinstance(answer, Answered):
            return WebhookAttempt(now, milliseconds, reason=answer.reason)
        found = WebhookAttempt(
            now, milliseconds, answer.status, "", answer.text.replace("\0", ""), answer.retry_after
        )
        if found.taken:
            return found
        redirected = 300 <= answer.status < 400
        return replace(found, reason=REDIRECTED if redirected else REFUSED.filled(status=answer.status))

    def _write(self, session: Session, message_id: UUID, attempt: WebhookAttempt) -> bool:
        """What came of it, where the lease is still ours. Locks no key: facts are noted meanwhile."""
        mine = (
            select(WebhookEndpoint)
            .where(WebhookEndpoint.id == self.endpoint_id, WebhookEndpoint.lease_token == self.token)
            .with_for_update(key_share=True)
        )
        endpoint = session.scalars(mine).one_or_none()
        message = session.get(WebhookMessage, message_id, with_for_update=True)
        if endpoint is None or message is None or message.state != MessageState.WAITING:
            return False
        message.attempts = [*message.attempts[1 - KEPT_ATTEMPTS :], attempt.as_json()]
        message.attempt_count += 1
        now = session.scalars(select(func.now())).one()
        if attempt.taken:
            message.state, message.finished_at = MessageState.DELIVERED, now
            endpoint.failures, endpoint.failing_since, endpoint.not_before = 0, None, None
            endpoint.last_success_at = now
            return True
        self._note_failure(session, endpoint, message, attempt, now)
        return False

    def _note_failure(
        self,
        session: Session,
        endpoint: WebhookEndpoint,
        message: WebhookMessage,
        attempt: WebhookAttempt,
        now: datetime,
    ) -> None:
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or now
        if attempt.status is not None and schedule.is_goodbye(attempt.status):
            disable(session, endpoint, DisabledWhy.GONE)
            return
        asked = schedule.asked_pause(attempt.retry_after, now)
        endpoint.not_before = now + schedule.pause_of_endpoint(endpoint.failures, asked)
        again = schedule.next_attempt(now, message.until, message.attempt_count, message.id, asked)
        # Who took something while this message was tried has nothing against us: it is the message.
        began, last_success = message.until - schedule.GIVE_UP_AFTER, endpoint.last_success_at
        if again is not None:
            message.not_before = again
        elif last_success is not None and last_success > began:
            give_up(session, endpoint, message)
        else:
            disable(session, endpoint, DisabledWhy.FAILING)
