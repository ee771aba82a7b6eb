"""What a platform may have charged for

Revision ID: cost_events
Revises: known_models
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "cost_events"
down_revision = "known_models"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cost_event",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("activation_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("offer_number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("booking", sa.String(length=60), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.id"], name=op.f("fk_cost_event_activation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["vehicle.id"], name=op.f("fk_cost_event_vehicle_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_event")),
        sa.UniqueConstraint(
            "transfer_id", "kind", "booking", name=op.f("uq_cost_event_transfer_id_kind_booking")
        ),
    )
    op.create_index("ix_cost_event_activation", "cost_event", ["activation_id", "at"])
    op.create_index("ix_cost_event_vehicle", "cost_event", ["vehicle_id", "activation_id"])


def downgrade() -> None:
    op.drop_table("cost_event")
