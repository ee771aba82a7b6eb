"""Sources that stock files are fetched from, and their pick-ups

Revision ID: stock_sources
Revises: activation_day
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "stock_sources"
down_revision = "activation_day"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment, empty = sa.DateTime(timezone=True), sa.text("'{}'")
    now, key = sa.text("now()"), sa.text("uuidv7()")
    op.create_table(
        "stock_source",
        sa.Column("id", sa.Uuid(), server_default=key, nullable=False),
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("settings", JSONB(), server_default=empty, nullable=False),
        sa.Column("secrets", sa.String(), server_default="", nullable=False),
        sa.Column("host_key", sa.String(200), server_default="", nullable=False),
        sa.Column("next_at", moment, nullable=True),
        sa.Column("taken_at", moment, nullable=True),
        sa.Column("taken_file", JSONB(), server_default=empty, nullable=False),
        sa.Column("taken_sha256", sa.String(64), server_default="", nullable=False),
        sa.Column("gaps", ARRAY(sa.BigInteger()), server_default=empty, nullable=False),
        sa.Column("trouble", sa.String(12), server_default="", nullable=False),
        sa.Column("trouble_since", moment, nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", moment, nullable=True),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["dealer.id"], name=op.f("fk_stock_source_dealer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_stock_source_location_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_source")),
    )
    op.create_index("ix_stock_source_dealer", "stock_source", ["dealer_id"])
    op.create_index(
        "ix_stock_source_next", "stock_source", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.create_table(
        "stock_pickup",
        sa.Column("id", sa.Uuid(), server_default=key, nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(12), server_default="open", nullable=False),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_before", moment, server_default=now, nullable=False),
        sa.Column("seen", JSONB(), server_default=empty, nullable=False),
        sa.Column("reason", JSONB(), server_default=sa.text("'\"\"'"), nullable=False),
        sa.Column("file_name", sa.String(200), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("upload_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["stock_source.id"], name=op.f("fk_stock_pickup_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["vehicle_import.id"], name=op.f("fk_stock_pickup_import_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["stock_upload.id"], name=op.f("fk_stock_pickup_upload_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_pickup")),
    )
    op.create_index("ix_stock_pickup_source", "stock_pickup", ["source_id", "id"])
    op.create_index(
        "uq_stock_pickup_one_open",
        "stock_pickup",
        ["source_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index(op.f("ix_stock_pickup_import_id"), "stock_pickup", ["import_id"])
    op.create_index(op.f("ix_stock_pickup_upload_id"), "stock_pickup", ["upload_id"])


def downgrade() -> None:
    for name in ("stock_pickup", "stock_source"):
        op.drop_table(name)
