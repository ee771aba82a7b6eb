"""What each day came to at an activation

Revision ID: activation_day
Revises: bounds
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "activation_day"
down_revision = "bounds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activation_day",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("activation_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activation_id"],
            ["activation.id"],
            name=op.f("fk_activation_day_activation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation_day")),
        sa.UniqueConstraint("activation_id", "day", name=op.f("uq_activation_day_activation_id_day")),
    )


def downgrade() -> None:
    op.drop_table("activation_day")
