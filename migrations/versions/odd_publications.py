"""Find the vehicles about which something is odd by an index

Revision ID: odd_publications
Revises: stock_previews
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "odd_publications"
down_revision = "stock_previews"
branch_labels = None
depends_on = None

IS_ODD = """released AND hints @> '[{"odd": true}]'::jsonb"""


def upgrade() -> None:
    op.create_index(
        "ix_publication_odd",
        "publication",
        ["activation_id", "vehicle_id"],
        postgresql_where=sa.text(IS_ODD),
    )


def downgrade() -> None:
    op.drop_index("ix_publication_odd", table_name="publication")
