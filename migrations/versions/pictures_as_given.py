"""A picture remembers the digest of the bytes that it was made from

Revision ID: pictures_as_given
Revises: 0007_moments
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "pictures_as_given"
down_revision = "0007_moments"
branch_labels = None
depends_on = None

INDEX = "ix_vehicle_image_given"


def upgrade() -> None:
    digest = sa.Column("given_sha256", sa.String(64), server_default=sa.text("''"), nullable=False)
    op.add_column("vehicle_image", digest)
    known = sa.text("given_sha256 <> ''")
    op.create_index(INDEX, "vehicle_image", ["given_sha256"], postgresql_where=known)


def downgrade() -> None:
    op.drop_index(INDEX, table_name="vehicle_image")
    op.drop_column("vehicle_image", "given_sha256")
