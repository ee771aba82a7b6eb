"""Drop folders: who may log in at the portal's own SFTP server

Revision ID: drop_folders
Revises: listing_days
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "drop_folders"
down_revision = "listing_days"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drop_access",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(40), nullable=False),
        sa.Column("password_hash", sa.String(200), server_default="", nullable=False),
        sa.Column("public_keys", ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["stock_source.id"], name=op.f("fk_drop_access_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_drop_access_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_drop_access")),
        sa.UniqueConstraint("login", name=op.f("uq_drop_access_login")),
    )
    op.create_index(op.f("ix_drop_access_user_id"), "drop_access", ["user_id"])


def downgrade() -> None:
    op.drop_table("drop_access")
