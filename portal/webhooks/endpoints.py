"""What people do with webhooks. Each in the caller's transaction, with its line in the audit log.

An address never changes and a secret is returned once, by `create` and `rotate`. Where the dealer's data go
is the dealer's alone: for anybody else what would tell them somewhere raises Refused.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from portal import audit
from portal.audit import Who
from portal.mandate import demand_dealer
from portal.models.accounts import User
from portal.models.webhooks import DisabledWhy, MessageState, WebhookEndpoint, WebhookMessage
from portal.security.vault import Sealed, Vault
from portal.webhooks import endings
from portal.webhooks.messages import EVENTS, TEST
from portal.webhooks.schedule import GIVE_UP_AFTER
from portal.webhooks.signing import make_secret, seal, secrets_in_force


def create(
    session: Session, vault: Vault, who: Who, maker: User, *, name: str, url: str, events: Collection[str]
) -> tuple[WebhookEndpoint, str]:
    """A webhook of the maker's dealer, and its secret."""
    demand_dealer(session)
    endpoint = WebhookEndpoint(dealer_id=maker.dealer_id, created_by=maker.id, name=name, url=url)
    endpoint.events = [event for event in EVENTS if event in events]
    session.add(endpoint)
    session.flush()
    secret = make_secret()
    seal(vault, endpoint, secret)
    _record(session, who, endpoint, "webhook.created", url=url, events=", ".join(endpoint.events))
    return endpoint, secret


def change(
    session: Session, who: Who, endpoint: WebhookEndpoint, *, name: str, events: Collection[str]
) -> None:
    demand_dealer(session)
    chosen = [event for event in EVENTS if event in events]
    if (endpoint.name, endpoint.events) != (name, chosen):
        endpoint.name, endpoint.events = name, chosen
        _record(session, who, endpoint, "webhook.changed", events=", ".join(chosen))


def rotate(session: Session, vault: Vault, who: Who, endpoint: WebhookEndpoint) -> str:
    """A new secret; the one before signs too for a day (signing.BOTH_FOR)."""
    demand_dealer(session)
    try:
        before = secrets_in_force(vault, endpoint)[0]
    except Sealed:
        before = ""
    secret = make_secret()
    seal(vault, endpoint, secret, before)
    endpoint.rotated_at = datetime.now(UTC)
    _record(session, who, endpoint, "webhook.rotated")
    return secret


def switch_off(session: Session, who: Who, endpoint: WebhookEndpoint) -> None:
    if endpoint.disabled_at is None:
        endings.disable(session, endpoint, DisabledWhy.BY_HAND, who)


def switch_on(session: Session, who: Who, endpoint: WebhookEndpoint, user: User) -> None:
    """From now on; what happened meanwhile is not told. Whoever does it stands for it with their rights."""
    demand_dealer(session)
    endpoint.disabled_at, endpoint.disabled_why = None, ""
    endpoint.created_by = user.id
    _forget_failures(endpoint)
    _record(session, who, endpoint, "webhook.enabled")


def remove(session: Session, who: Who, endpoint: WebhookEndpoint) -> None:
    demand_dealer(session)
    _record(session, who, endpoint, "webhook.removed")
    session.delete(endpoint)


def send_test(session: Session, endpoint: WebhookEndpoint) -> None:
    """A message that says nothing, whatever the webhook is told of; sent at once."""
    demand_dealer(session)
    _forget_failures(endpoint)
    session.add(WebhookMessage(endpoint_id=endpoint.id, event=TEST, subject_id=endpoint.id))


def resend(endpoint: WebhookEndpoint, message: WebhookMessage) -> None:
    """Under the same id, as if it were new: a receiver that has it already knows it."""
    _forget_failures(endpoint)
    message.state, message.finished_at, message.attempt_count = MessageState.WAITING, None, 0
    message.not_before, message.until = func.now(), func.now() + GIVE_UP_AFTER


def _forget_failures(endpoint: WebhookEndpoint) -> None:
    endpoint.failures, endpoint.failing_since, endpoint.not_before = 0, None, None


def _record(session: Session, who: Who, endpoint: WebhookEndpoint, what: str, **detail: Any) -> None:
    audit.log(
        session,
        who,
        what,
        dealer_id=endpoint.dealer_id,
        object_id=endpoint.id,
        label=endpoint.name,
        detail=detail,
    )
