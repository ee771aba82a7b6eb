"""Tokens of platforms, shared by all processes and sealed

Revision ID: access_token
Revises: pictures_as_given
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "access_token"
down_revision = "pictures_as_given"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_token",
        sa.Column("platform", sa.String(200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_access_token")),
    )


def downgrade() -> None:
    op.drop_table("access_token")
