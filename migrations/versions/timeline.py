"""A vehicle's lines of the audit log, and its locks, are found by index

Revision ID: timeline
Revises: indexes_of_an_activation
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "timeline"
down_revision = "indexes_of_an_activation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_audit_event_object",
        "audit_event",
        ["object_id", "id"],
        postgresql_where=sa.text("object_id IS NOT NULL"),
    )
    op.create_index("ix_locked_vehicle_vehicle", "locked_vehicle", ["vehicle_id", "lock_id"])


def downgrade() -> None:
    op.drop_index("ix_locked_vehicle_vehicle", "locked_vehicle")
    op.drop_index("ix_audit_event_object", "audit_event")
