"""Previews of large stocks, which workers find out

Revision ID: stock_previews
Revises: drop_folders
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "stock_previews"
down_revision = "drop_folders"
branch_labels = None
depends_on = None

OPEN = {"postgresql_where": sa.text("finished_at IS NULL")}


def upgrade() -> None:
    op.create_table(
        "stock_preview",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("activation_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("asked", JSONB(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.Uuid(), nullable=True),
        sa.Column("found", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("reason", JSONB(), server_default=sa.text("'\"\"'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["activation_id"],
            ["activation.id"],
            name=op.f("fk_stock_preview_activation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["dealer.id"], name=op.f("fk_stock_preview_dealer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_preview")),
    )
    op.create_index("uq_stock_preview_one_open", "stock_preview", ["dealer_id", "key"], unique=True, **OPEN)
    op.create_index("ix_stock_preview_key", "stock_preview", ["dealer_id", "key", "id"])
    op.create_index("ix_stock_preview_open", "stock_preview", ["id"], **OPEN)
    op.create_index(op.f("ix_stock_preview_activation_id"), "stock_preview", ["activation_id"])


def downgrade() -> None:
    op.drop_table("stock_preview")
