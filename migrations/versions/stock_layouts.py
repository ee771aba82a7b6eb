"""Layouts of foreign files, and files that wait for one

Revision ID: stock_layouts
Revises: incoming_pictures
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "stock_layouts"
down_revision = "incoming_pictures"
branch_labels = None
depends_on = None


def _key() -> sa.Column[sa.Uuid]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "stock_layout",
        _key(),
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("signature", sa.String(64), nullable=False),
        sa.Column("definition", JSONB(), nullable=False),
        sa.Column("survey", JSONB(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["dealer.id"], name=op.f("fk_stock_layout_dealer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_layout")),
        sa.UniqueConstraint("dealer_id", "signature", name=op.f("uq_stock_layout_dealer_id_signature")),
        sa.UniqueConstraint("dealer_id", "name", name=op.f("uq_stock_layout_dealer_id_name")),
    )
    op.create_table(
        "stock_upload",
        _key(),
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("survey", JSONB(), nullable=False),
        _moment("created_at"),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["dealer.id"], name=op.f("fk_stock_upload_dealer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_stock_upload_location_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_upload")),
        sa.UniqueConstraint("location_id", name=op.f("uq_stock_upload_location_id")),
    )
    op.create_index("ix_stock_upload_dealer", "stock_upload", ["dealer_id"])
    op.create_table(
        "stock_upload_part",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["stock_upload.id"], name=op.f("fk_stock_upload_part_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "position", name=op.f("pk_stock_upload_part")),
    )


def downgrade() -> None:
    for name in ("stock_upload_part", "stock_upload", "stock_layout"):
        op.drop_table(name)
