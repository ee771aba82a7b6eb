"""What becomes due at a moment is found at that moment

Revision ID: 0007_moments
Revises: rights_and_throttle
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_moments"
down_revision = "rights_and_throttle"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_transfer_not_before",
        "transfer",
        ["not_before"],
        postgresql_where=sa.text("state = 'waiting' AND not_before IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_transfer_not_before", table_name="transfer")
