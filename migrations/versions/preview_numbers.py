"""A preview of a file knows which numbers the file has had

Revision ID: preview_numbers
Revises: waiting_in_order
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "preview_numbers"
down_revision = "waiting_in_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seen = sa.Column("seen", sa.LargeBinary, server_default=sa.text("''"), nullable=False)
    op.add_column("stock_preview", seen)


def downgrade() -> None:
    op.drop_column("stock_preview", "seen")
