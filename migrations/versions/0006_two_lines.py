"""What a machine has changed lets what a person has changed go first

Revision ID: 0006_two_lines
Revises: 0005_leases
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_two_lines"
down_revision = "0005_leases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("transfer", sa.Column("bulk", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("transfer", "bulk")
