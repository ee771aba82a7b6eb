"""Whether a number was here before is looked up at its location

Revision ID: withdrawn_numbers
Revises: kept_records
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "withdrawn_numbers"
down_revision = "kept_records"
branch_labels = None
depends_on = None


def upgrade() -> None:
    gone = sa.text("withdrawn_at IS NOT NULL")
    op.create_index(
        "ix_vehicle_withdrawn_number", "vehicle", ["location_id", "offer_number"], postgresql_where=gone
    )


def downgrade() -> None:
    op.drop_index("ix_vehicle_withdrawn_number", table_name="vehicle")
