"""Webhooks: where dealers' tools are told, what waits for them, and the triggers that write it

Revision ID: webhooks
Revises: 0008_messages
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "webhooks"
down_revision = "0008_messages"
branch_labels = None
depends_on = None

FUNCTIONS = """
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
TRIGGERS = """
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
TRIGGERS_OF = {
    "listing": ("webhook_new_listing", "webhook_listing"),
    "problem": ("webhook_new_problem", "webhook_problem"),
    "lock": ("webhook_new_lock", "webhook_lock"),
    "run": ("webhook_run",),
}
FUNCTION_NAMES = (
    *("webhook_of_listing", "webhook_of_problem", "webhook_of_lock", "webhook_of_run"),
    *("webhook_activation", "webhook_note"),
)


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def _moment(name: str, default: str | None = None) -> sa.Column[object]:
    made = sa.text(default) if default else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=made, nullable=default is None)


def upgrade() -> None:
    op.create_table(
        "webhook_endpoint",
        _id(),
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("events", ARRAY(sa.String(40)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("secrets", sa.String(), server_default="", nullable=False),
        _moment("rotated_at"),
        _moment("created_at", "now()"),
        sa.Column("created_by", sa.Uuid()),
        _moment("disabled_at"),
        sa.Column("disabled_why", sa.String(12), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _moment("failing_since"),
        _moment("not_before"),
        sa.Column("lease_token", sa.Uuid()),
        _moment("leased_until"),
        _moment("served_at"),
        _moment("last_success_at"),
        _moment("told_at"),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["dealer.id"], name="fk_webhook_endpoint_dealer_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user.id"], name="fk_webhook_endpoint_created_by", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoint"),
    )
    op.create_index("ix_webhook_endpoint_dealer", "webhook_endpoint", ["dealer_id"])
    op.create_table(
        "webhook_message",
        _id(),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("data", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.String(12), server_default="waiting", nullable=False),
        sa.Column("attempts", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("attempt_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _moment("not_before", "now()"),
        _moment("until", "now() + interval '3 days'"),
        _moment("created_at", "now()"),
        _moment("finished_at"),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoint.id"],
            name="fk_webhook_message_endpoint_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_message"),
    )
    op.create_index("ix_webhook_message_endpoint", "webhook_message", ["endpoint_id", "id"])
    for name, columns in (
        ("ix_webhook_message_order", ["endpoint_id", "subject_id", "id"]),
        ("ix_webhook_message_due", ["endpoint_id", "not_before"]),
    ):
        op.create_index(name, "webhook_message", columns, postgresql_where=sa.text("state = 'waiting'"))
    op.execute(FUNCTIONS + TRIGGERS)


def downgrade() -> None:
    for table, triggers in TRIGGERS_OF.items():
        for name in triggers:
            op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in FUNCTION_NAMES:
        op.execute(f"DROP FUNCTION {name}")
    op.drop_table("webhook_message")
    op.drop_table("webhook_endpoint")
