"""A page of the history is read by the index of its facets and by no other

Revision ID: facets_alone
Revises: missed_once
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "facets_alone"
down_revision = "missed_once"
branch_labels = None
depends_on = None

FACET = ["activation_id", "location_id", "state", "held", "action", "trigger"]


def upgrade() -> None:
    op.drop_index("ix_transfer_facets", table_name="transfer")
    op.create_index("ix_transfer_facets", "transfer", [*FACET, sa.text("id NULLS FIRST")])


def downgrade() -> None:
    op.drop_index("ix_transfer_facets", table_name="transfer")
    op.create_index("ix_transfer_facets", "transfer", [*FACET, "id"])
