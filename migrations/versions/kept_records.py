"""What is kept of a vehicle for the next file is how it stands in it

What was kept before is forgotten: the next file of each app prepares it.

Revision ID: kept_records
Revises: prepared_entries
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "kept_records"
down_revision = "prepared_entries"
branch_labels = None
depends_on = None

KEPT = (("said_by_keys", JSONB), ("record", sa.LargeBinary), ("pictures", sa.Text), ("keys", sa.LargeBinary))


def upgrade() -> None:
    op.execute("TRUNCATE prepared_entry")
    op.drop_column("prepared_entry", "cells")
    for name, of_type in KEPT:
        op.add_column("prepared_entry", sa.Column(name, of_type, nullable=False))


def downgrade() -> None:
    op.execute("TRUNCATE prepared_entry")
    for name, _type in KEPT:
        op.drop_column("prepared_entry", name)
    op.add_column("prepared_entry", sa.Column("cells", sa.Text, nullable=False))
