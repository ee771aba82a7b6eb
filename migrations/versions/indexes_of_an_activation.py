"""What is looked up of an activation is found by an index that carries the vehicle, or the time, as well

Revision ID: indexes_of_an_activation
Revises: cost_events
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "indexes_of_an_activation"
down_revision = "cost_events"
branch_labels = None
depends_on = None

POLLED = {"postgresql_where": sa.text("poll_at IS NOT NULL")}


def upgrade() -> None:
    op.drop_index("ix_publication_activation", table_name="publication")
    op.create_index("ix_publication_activation", "publication", ["activation_id", "vehicle_id"])
    op.drop_index("ix_transfer_poll", table_name="transfer")
    op.create_index("ix_transfer_poll", "transfer", ["activation_id", "poll_at"], **POLLED)


def downgrade() -> None:
    op.drop_index("ix_transfer_poll", table_name="transfer")
    op.create_index("ix_transfer_poll", "transfer", ["poll_at"], **POLLED)
    op.drop_index("ix_publication_activation", table_name="publication")
    op.create_index("ix_publication_activation", "publication", ["activation_id"])
