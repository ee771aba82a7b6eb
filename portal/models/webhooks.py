"""What dealers' tools are told of: where to, and what waits or was sent.

Facts become waiting rows in the transaction that makes them. Triggers see to that, because listings,
problems, locks and runs are written in many places, most of them with statements for a thousand rows: no
place can forget to tell, and a dealer without a webhook costs one look into an index.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, ForeignKey, Index, String, event, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import User
from portal.models.base import Base, Created, Moment, PublicId

RIGHTS_BEHIND = frozenset({"view", "settings"})
"""What the maker of a webhook must have, as long as anything is sent to it; the triggers ask the same."""


class MessageState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class DisabledWhy(StrEnum):
    BY_HAND = "by_hand"
    GONE = "gone"
    """The receiver answered 410."""
    FAILING = "failing"
    """It has taken nothing for days."""


class WebhookEndpoint(Base):
    """An address of a dealer's tool. It never changes: another one is another webhook with its own secret."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (Index("ix_webhook_endpoint_dealer", "dealer_id"),)

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    secrets: Mapped[str] = mapped_column(server_default="", deferred=True)
    """Sealed by `portal.security.vault`, bound to this row."""
    rotated_at: Mapped[Moment | None]
    """Since then the secret is a new one; the one before signs too for a while (webhooks/signing.py)."""
    created_at: Mapped[Created]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    disabled_at: Mapped[Moment | None]
    disabled_why: Mapped[str] = mapped_column(String(12), server_default="")
    """A `DisabledWhy`, empty while it is on."""
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    """Attempts in vain since the last one that succeeded, of whatever message."""
    failing_since: Mapped[Moment | None]
    not_before: Mapped[Moment | None]
    """After an attempt in vain all messages are left alone until then."""
    lease_token: Mapped[UUID | None]
    """Of the process that sends to it; good until `leased_until`."""
    leased_until: Mapped[Moment | None]
    served_at: Mapped[Moment | None]
    last_success_at: Mapped[Moment | None]
    told_at: Mapped[Moment | None]
    """When people were last told of a message that was given up."""

    maker: Mapped[User | None] = relationship()

    @property
    def in_force(self) -> bool:
        """Whether its maker may still see and set what it is about."""
        maker = self.maker
        return (
            maker is not None
            and maker.active
            and maker.dealer_id == self.dealer_id
            and set(maker.rights) >= RIGHTS_BEHIND
            and not maker.location_ids
        )


class WebhookMessage(Base):
    """An event on its way to one webhook. By its `id` the receiver knows it again, whatever attempt."""

    __tablename__ = "webhook_message"
    __table_args__ = (
        Index("ix_webhook_message_endpoint", "endpoint_id", "id"),
        Index(
            "ix_webhook_message_order",
            "endpoint_id",
            "subject_id",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_webhook_message_due", "endpoint_id", "not_before", postgresql_where=text("state = 'waiting'")
        ),
    )

    id: Mapped[PublicId]
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    """What it is about: a vehicle, else an activation. Messages about the same go out one after the other."""
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """As it was in that moment; wordings among it become words when it is sent."""
    state: Mapped[str] = mapped_column(String(12), server_default=MessageState.WAITING)
    """A `MessageState`."""
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """`{"at", "status", "milliseconds", "reason", "answer"}`, the oldest first."""
    attempt_count: Mapped[int] = mapped_column(server_default=text("0"))
    """Since it was written, or was asked for again."""
    not_before: Mapped[Created]
    until: Mapped[datetime] = mapped_column(server_default=text("now() + interval '3 days'"))
    """An attempt in vain after that is the last one."""
    created_at: Mapped[Created]
    finished_at: Mapped[Moment | None]


_FUNCTIONS = """
CREATE OR REPLACE FUNCTION webhook_note(activation activation, event text, subject uuid, data jsonb)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO webhook_message (endpoint_id, event, subject_id, data)
    SELECT e.id, event, subject, jsonb_build_object(
        'activation', activation.id, 'app', activation.app, 'customer_number', activation.customer_number,
        'location', (SELECT code FROM location WHERE location.id = activation.location_id)) || data
    FROM webhook_endpoint e JOIN "user" maker ON maker.id = e.created_by
    WHERE e.dealer_id = activation.dealer_id AND e.disabled_at IS NULL AND event = ANY(e.events)
        AND maker.active AND maker.dealer_id = e.dealer_id AND maker.location_ids = '{}'
        AND maker.rights @> ARRAY['view', 'settings']::varchar[]
    FOR KEY SHARE OF e
$$;

CREATE OR REPLACE FUNCTION webhook_activation(key uuid) RETURNS activation LANGUAGE sql STABLE AS $$
    SELECT a FROM activation a WHERE a.id = key AND EXISTS (
        SELECT FROM webhook_endpoint e WHERE e.dealer_id = a.dealer_id AND e.disabled_at IS NULL)
$$;

CREATE OR REPLACE FUNCTION webhook_of_listing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    app activation := webhook_activation(NEW.activation_id);
    known jsonb;
    is_online boolean := NEW.state = 'online' AND NEW.awaiting_since IS NULL AND NEW.vanished_at IS NULL;
    was_online boolean := coalesce(
        OLD.state = 'online' AND OLD.awaiting_since IS NULL AND OLD.vanished_at IS NULL, false);
    is_gone boolean := NEW.state = 'absent' OR NEW.vanished_at IS NOT NULL;
BEGIN
    IF app.id IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT jsonb_build_object(
        'vehicle', v.id, 'offer_number', v.offer_number, 'location', l.code,
        'listing_id', coalesce(NEW.listing_id, OLD.listing_id), 'url', coalesce(NEW.url, OLD.url))
    INTO known FROM vehicle v JOIN location l ON l.id = v.location_id WHERE v.id = NEW.vehicle_id;
    IF is_online AND NOT was_online THEN
        PERFORM webhook_note(app, 'listing.online', NEW.vehicle_id, known);
    ELSIF is_gone AND (was_online OR OLD.state = 'missing') THEN
        PERFORM webhook_note(app, 'listing.gone', NEW.vehicle_id, known);
    END IF;
    IF NEW.last_result = 'rejected' AND NEW.last_transfer_id IS DISTINCT FROM OLD.last_transfer_id THEN
        PERFORM webhook_note(app, 'listing.refused', NEW.vehicle_id, known || jsonb_build_object(
            'transfer', NEW.last_transfer_id, 'reasons', NEW.last_feedback));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION webhook_of_problem() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    app activation := webhook_activation(NEW.activation_id);
    known jsonb := jsonb_build_object('problem', NEW.id, 'kind', NEW.kind, 'cause', NEW.detail -> 'cause');
BEGIN
    IF app.id IS NOT NULL AND NEW.closed_at IS NULL THEN
        PERFORM webhook_note(app, 'problem.opened', NEW.activation_id, known);
    ELSIF app.id IS NOT NULL THEN
        PERFORM webhook_note(
            app, 'problem.solved', NEW.activation_id, known || jsonb_build_object('how', NEW.closed_how));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION webhook_of_lock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    app activation := webhook_activation(NEW.activation_id);
    known jsonb := jsonb_build_object('lock', NEW.id, 'rule', NEW.rule, 'online', NEW.online,
        'deletions', NEW.deletions, 'creations', NEW.creations);
BEGIN
    IF app.id IS NOT NULL AND NEW.closed_at IS NULL THEN
        PERFORM webhook_note(app, 'lock.closed', NEW.activation_id, known);
    ELSIF app.id IS NOT NULL THEN
        PERFORM webhook_note(
            app, 'lock.opened', NEW.activation_id, known || jsonb_build_object('how', NEW.closed_how));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION webhook_of_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    app activation := webhook_activation(NEW.activation_id);
BEGIN
    IF app.id IS NOT NULL THEN
        PERFORM webhook_note(app, 'run.ended', NEW.activation_id, jsonb_build_object(
            'run', NEW.id, 'kind', NEW.kind, 'state', NEW.state, 'trigger', NEW.trigger,
            'total', NEW.total, 'accepted', NEW.accepted, 'hinted', NEW.hinted, 'rejected', NEW.rejected,
            'failed', NEW.failed, 'message', NEW.message));
    END IF;
    RETURN NULL;
END $$;
"""
_TRIGGERS = """
CREATE OR REPLACE TRIGGER webhook_new_listing AFTER INSERT ON listing FOR EACH ROW
    WHEN (NEW.state = 'online') EXECUTE FUNCTION webhook_of_listing();
CREATE OR REPLACE TRIGGER webhook_listing AFTER UPDATE ON listing FOR EACH ROW WHEN (
    OLD.state <> NEW.state OR (OLD.vanished_at IS NULL) <> (NEW.vanished_at IS NULL)
    OR (OLD.awaiting_since IS NULL) <> (NEW.awaiting_since IS NULL)
    OR NEW.last_result = 'rejected' AND NEW.last_transfer_id IS DISTINCT FROM OLD.last_transfer_id)
    EXECUTE FUNCTION webhook_of_listing();
CREATE OR REPLACE TRIGGER webhook_new_problem AFTER INSERT ON problem FOR EACH ROW
    WHEN (NEW.kind <> 'lock' AND NEW.closed_at IS NULL) EXECUTE FUNCTION webhook_of_problem();
CREATE OR REPLACE TRIGGER webhook_problem AFTER UPDATE ON problem FOR EACH ROW
    WHEN (NEW.kind <> 'lock' AND OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL
        AND NEW.closed_how <> 'stopped')
    EXECUTE FUNCTION webhook_of_problem();
CREATE OR REPLACE TRIGGER webhook_new_lock AFTER INSERT ON lock FOR EACH ROW
    WHEN (NEW.closed_at IS NULL) EXECUTE FUNCTION webhook_of_lock();
CREATE OR REPLACE TRIGGER webhook_lock AFTER UPDATE ON lock FOR EACH ROW
    WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL) EXECUTE FUNCTION webhook_of_lock();
CREATE OR REPLACE TRIGGER webhook_run AFTER UPDATE ON run FOR EACH ROW
    WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL) EXECUTE FUNCTION webhook_of_run();
"""
CREATE_TRIGGERS = _FUNCTIONS + _TRIGGERS

event.listen(Base.metadata, "after_create", DDL(CREATE_TRIGGERS))  # type: ignore[no-untyped-call]
