"""Trouble of a platform is known once for all its activations

Revision ID: platform_breaker
Revises: theme_of_the_system
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "platform_breaker"
down_revision = "theme_of_the_system"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "platform_breaker",
        sa.Column("app", sa.String(40), nullable=False),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("paused_until", moment, nullable=True),
        sa.Column("pause_reason", sa.String(500), server_default="", nullable=False),
        sa.Column("probe_token", sa.Uuid(), nullable=True),
        sa.Column("suspects", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("suspected_at", moment, nullable=True),
        sa.Column("well_since", moment, nullable=True),
        sa.PrimaryKeyConstraint("app", name=op.f("pk_platform_breaker")),
    )
    op.add_column(
        "activation",
        sa.Column("shares_trouble", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "ix_activation_shares_trouble",
        "activation",
        ["app"],
        postgresql_where=sa.text("shares_trouble"),
    )


def downgrade() -> None:
    op.drop_index("ix_activation_shares_trouble", table_name="activation")
    op.drop_column("activation", "shares_trouble")
    op.drop_table("platform_breaker")
