"""Answers that come later, and listings that a dealer has locked at the platform

Revision ID: 0004_later_answers
Revises: 0003_customer_numbers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_later_answers"
down_revision = "0003_customer_numbers"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("poll_at", "poll_until"):
        op.add_column("transfer", sa.Column(name, MOMENT, nullable=True))
    for name in ("awaiting_since", "protected_at"):
        op.add_column("listing", sa.Column(name, MOMENT, nullable=True))
    op.create_index(
        "ix_transfer_poll", "transfer", ["poll_at"], postgresql_where=sa.text("poll_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_transfer_poll", table_name="transfer")
    for name in ("awaiting_since", "protected_at"):
        op.drop_column("listing", name)
    for name in ("poll_at", "poll_until"):
        op.drop_column("transfer", name)
