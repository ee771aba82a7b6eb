"""What a list lacked once while nobody knows whether it exists

Revision ID: missed_once
Revises: results_by_time
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "missed_once"
down_revision = "results_by_time"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listing", sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("listing", "missed_at")
