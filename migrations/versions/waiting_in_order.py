"""What waits is found in its order, and since when it is new; pictures that wait are found by index

Revision ID: waiting_in_order
Revises: odd_publications
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "waiting_in_order"
down_revision = "odd_publications"
branch_labels = None
depends_on = None

# The second halves are for PostgreSQL: only what states them reads these indexes.
WAITS_IN_ORDER = sa.text("state = 'waiting' AND attempt_count >= 0")
WAITS_SINCE = sa.text("state = 'waiting' AND changed_at IS NOT NULL")


def upgrade() -> None:
    # First a default that is the same for all rows: no row is written for it.
    moment = sa.DateTime(timezone=True)
    op.add_column("transfer", sa.Column("changed_at", moment, server_default=sa.func.now(), nullable=False))
    op.alter_column("transfer", "changed_at", server_default=sa.text("clock_timestamp()"))
    key = sa.text("uuid_hash(activation_id)")
    due = [key, sa.text("not_before NULLS FIRST"), "bulk", "attempt_count", "id"]
    op.create_index("ix_transfer_due", "transfer", due, postgresql_where=WAITS_IN_ORDER)
    changed = [sa.text("uuid_hash_extended(activation_id, 0)"), "changed_at"]
    op.create_index("ix_transfer_changed", "transfer", changed, postgresql_where=WAITS_SINCE)
    for name, condition in (("left", "content IS NOT NULL"), ("taken", "content IS NULL")):
        where = sa.text(condition)
        op.create_index(
            f"ix_incoming_picture_{name}", "incoming_picture", ["vehicle_id"], postgresql_where=where
        )


def downgrade() -> None:
    for name in ("taken", "left"):
        op.drop_index(f"ix_incoming_picture_{name}", table_name="incoming_picture")
    op.drop_index("ix_transfer_changed", table_name="transfer")
    op.drop_index("ix_transfer_due", table_name="transfer")
    op.drop_column("transfer", "changed_at")
